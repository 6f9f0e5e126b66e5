"""Supervised children, framed messages, shared-memory slots."""

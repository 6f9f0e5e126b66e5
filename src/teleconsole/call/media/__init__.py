"""Devices, capture, processing, playout."""

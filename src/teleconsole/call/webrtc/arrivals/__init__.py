"""Tells the other side when its packets arrived, so that it can find out what the link takes."""

"""The session pane."""

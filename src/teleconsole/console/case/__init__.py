"""The case pane."""

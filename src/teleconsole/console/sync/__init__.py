"""The sync pane."""

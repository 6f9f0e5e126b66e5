"""The call pane."""

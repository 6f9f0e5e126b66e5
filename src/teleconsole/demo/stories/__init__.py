"""What the made-up patients write: hand-written stories, one file for each case type."""

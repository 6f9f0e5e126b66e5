"""The windows: everything that a clinician sees."""

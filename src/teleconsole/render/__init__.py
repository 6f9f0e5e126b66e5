"""The process that opens one untrusted attachment at a time."""

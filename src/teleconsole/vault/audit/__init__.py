"""The audit log: a hash chain inside the store."""

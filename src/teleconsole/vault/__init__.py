"""The process that holds keys, store, outbox, audit and sync."""

"""The typed messages between processes and on the signalling socket."""

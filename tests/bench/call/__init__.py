"""The rig of the call: a bad network between two ends, and what a person would see and hear at each (`make bench-call`)."""

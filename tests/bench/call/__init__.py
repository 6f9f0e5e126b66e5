"""The rig of the call: a bad network between two ends, what a person sees and hears at each (`make bench-call`)."""

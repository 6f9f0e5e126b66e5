"""A long call between two devices whose clocks differ, and a console that stands still (`make soak-call`)."""

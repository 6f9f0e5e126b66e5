"""This computer: paths, policy, settings, logs, limits, clock."""

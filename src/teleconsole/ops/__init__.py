"""What IT runs: doctor and diagnostics."""

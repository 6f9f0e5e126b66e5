"""The data key, the slots that wrap it, the keyring."""

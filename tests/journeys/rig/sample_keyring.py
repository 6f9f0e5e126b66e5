"""Use the keyring as the vault does: `python sample_keyring.py set|get`; prints the outcome in one word."""

from __future__ import annotations

import sys

import keyring.errors
from keyring.core import load_keyring

SERVICE, ACCOUNT, VALUE = "rig-sample", "rig", "a value for the rig"


def main() -> int:
    """Set or get one value and print what came of it."""
    try:
        ring = load_keyring("keyring.backends.SecretService.Keyring")
        if sys.argv[1] == "set":
            ring.set_password(SERVICE, ACCOUNT, VALUE)
            outcome = "stored"
        else:
            value = ring.get_password(SERVICE, ACCOUNT)
            outcome = {VALUE: "found", None: "missing"}.get(value, "other")
    except keyring.errors.KeyringLocked:
        outcome = "locked"
    except (keyring.errors.KeyringError, RuntimeError) as error:  # RuntimeError: nobody owns the bus name
        outcome = f"unavailable: {type(error).__name__}"
    sys.stdout.write(outcome + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

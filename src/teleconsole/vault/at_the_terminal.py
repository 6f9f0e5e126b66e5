"""Opens a profile's store for a command of a person: takes the lock, asks for the passphrase where it is needed."""

import argparse
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from teleconsole.domain.errors import KeyringError, WrongKey
from teleconsole.host.clock import SystemClock
from teleconsole.host.limits import VAULT_PASSPHRASE_CHARS
from teleconsole.host.paths import Profile, default_profile
from teleconsole.vault.keys.keeper import DataKeys, KeyKeeper
from teleconsole.vault.keys.keyring_access import SystemKeyring
from teleconsole.vault.store.profile_lock import ProfileLock
from teleconsole.vault.store.store import Store

LOCK_HELD = 2
"""Exit status when the app has this profile open."""


def add_profile_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which profile, and where the passphrase comes from."""
    parser.add_argument("--profile", type=Path, metavar="DIR", help="the folder of the cases")
    parser.add_argument("--passphrase-stdin", action="store_true", help="read the passphrase from standard input")


def chosen_profile(options: argparse.Namespace) -> Profile:
    """Return the profile that the options name, else that of the environment."""
    return default_profile() if options.profile is None else Profile(options.profile.expanduser().absolute())


async def open_keys(profile: Profile, *, passphrase_stdin: bool) -> DataKeys:
    """Return the keys: by standard input, by the keyring, or by asking at the terminal.

    Raises:
        WrongKey, KeyringError, StoreError: nothing was opened.
    """
    keeper = KeyKeeper(profile, SystemKeyring(), SystemClock())
    if passphrase_stdin:
        return await keeper.unlock_by_passphrase(sys.stdin.readline(VAULT_PASSPHRASE_CHARS + 2).rstrip("\r\n"))
    try:
        return await keeper.unlock_by_keyring()
    except (KeyringError, WrongKey):
        if not sys.stdin.isatty():
            raise
    return await keeper.unlock_by_passphrase(getpass.getpass("Passphrase: "))


@asynccontextmanager
async def opened_store(profile: Profile, *, passphrase_stdin: bool) -> AsyncIterator[tuple[Store, DataKeys]]:
    """Hold the profile's lock and give its open store.

    Raises:
        ProfileInUse: the app has it open.
        WrongKey, KeyringError, StoreError.
    """
    with ProfileLock(profile.lock):
        keys = await open_keys(profile, passphrase_stdin=passphrase_stdin)
        store = await Store.open(profile, keys, SystemClock())
        try:
            yield store, keys
        finally:
            await store.close()

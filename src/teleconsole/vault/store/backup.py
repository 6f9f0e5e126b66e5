"""Copies a profile, as encrypted as it is, into a folder and back. The caller holds the profile's lock."""

import os
import shutil
from pathlib import Path

from teleconsole.domain.errors import StoreError
from teleconsole.host.paths import Profile
from teleconsole.vault.door import at_the_door
from teleconsole.vault.keys.header import previous_generation, sync_folder


def copy_profile(source: Profile, target: Path) -> int:
    """Copy database, key file, evidence and drop-boxes, durably, and return how many files those were.

    The folder appears whole or not at all. The WAL was written back before.

    Args:
        source: nobody else works with it.
        target: does not exist yet.

    Raises:
        StoreError: the target is there already, or there is nothing to copy.
        DiskFull: nothing is left of the copy.
    """
    if target.exists():
        raise StoreError(f"{target} is there already. Name a folder that does not exist yet; nothing was copied.")
    if not source.database.exists() or not source.header.exists():
        raise StoreError("There are no cases in this profile, so nothing was copied.")
    partial = target.with_name(target.name + ".partial")
    with at_the_door():
        shutil.rmtree(partial, ignore_errors=True)
        try:
            return _copy(source, Profile(partial), target)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def restore_profile(source: Path, target: Profile) -> int:
    """Put a copy into a profile that has no cases, and return how many files those were.

    Raises:
        StoreError: the profile has cases, or the folder is no copy; nothing was changed.
    """
    copy = Profile(source)
    if not copy.database.is_file() or not copy.header.is_file():
        raise StoreError(f"{source} is no copy of a profile. Nothing was changed.")
    taken = (target.database, target.header, previous_generation(target.header))
    if any(file.exists() for file in taken):
        raise StoreError("This profile has cases. Name a profile folder without any; nothing was changed.")
    with at_the_door():
        target.make()
        count = 0
        for name in (copy.evidence, copy.spool):
            count += _copy_tree(name, target.folder / name.name)
        for file in (previous_generation(copy.header), copy.header, copy.database):
            # The database comes last: a profile that was half restored says that its key file has no cases.
            count += _copy_file(file, target.folder / file.name)
        sync_folder(target.folder)
        return count


def _copy(source: Profile, partial: Profile, target: Path) -> int:
    partial.make()
    count = sum(
        _copy_file(file, partial.folder / file.name)
        for file in (source.database, source.header, previous_generation(source.header))
    )
    count += sum(_copy_tree(folder, partial.folder / folder.name) for folder in (source.evidence, source.spool))
    sync_folder(partial.folder)
    partial.folder.replace(target)
    sync_folder(target.parent)
    return count


def _copy_tree(source: Path, target: Path) -> int:
    if not source.is_dir():
        return 0
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    count = 0
    for entry in source.iterdir():
        copy = target / entry.name
        count += _copy_tree(entry, copy) if entry.is_dir() else _copy_file(entry, copy)
    sync_folder(target)
    return count


def _copy_file(source: Path, target: Path) -> int:
    if not source.is_file():
        return 0
    shutil.copyfile(source, target)
    target.chmod(0o600)
    with target.open("rb") as handle:
        os.fsync(handle.fileno())
    return 1

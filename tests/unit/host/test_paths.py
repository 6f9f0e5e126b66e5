"""Paths: the profile is private and never in a roaming folder."""

import stat
from pathlib import Path

import pytest

from teleconsole.host.paths import Profile, default_profile, resources


def test_the_profile_is_readable_by_this_user_alone(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "p")
    profile.make()
    for folder in (profile.folder, profile.evidence, profile.spool, profile.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_variable_chooses_the_profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELECONSOLE_PROFILE", str(tmp_path / "kiosk"))
    assert default_profile().folder == tmp_path / "kiosk"


def test_the_resources_are_found() -> None:
    assert (resources() / "patient").is_dir()

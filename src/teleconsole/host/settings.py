"""The choices of the person on this profile: no PHI, no secret; a damaged file is set aside."""

import contextlib
import os
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teleconsole.host.limits import SETTINGS_MAX_BYTES

ThemeChoice = Literal["system", "light", "dark", "high-contrast"]
DeviceId = Annotated[str, Meta(max_length=512)]


class Settings(msgspec.Struct, frozen=True, rename="camel"):
    """What the person chose.

    Attributes:
        camera, microphone, speaker: device ids as in `contracts.call`; empty = the system's default, "none" = none.
        text_scale_percent: of the interface font.
        idle_lock_minutes: 0 = as the policy says; never longer than the policy.
    """

    theme: ThemeChoice = "system"
    text_scale_percent: Annotated[int, Meta(ge=80, le=200)] = 100
    camera: DeviceId = ""
    microphone: DeviceId = ""
    speaker: DeviceId = ""
    idle_lock_minutes: Annotated[int, Meta(ge=0, le=60)] = 0
    arrival_sound: bool = True
    gateway_url: Annotated[str, Meta(max_length=512)] = ""


def load_settings(file: Path) -> Settings:
    """Return the settings of a file, the defaults when there is none; a damaged one is set aside with `.damaged`."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return Settings()
    if len(data) <= SETTINGS_MAX_BYTES:
        with contextlib.suppress(msgspec.DecodeError, UnicodeDecodeError):
            return msgspec.json.decode(data, type=Settings)
    file.replace(file.with_suffix(".damaged"))
    return Settings()


def save_settings(file: Path, settings: Settings) -> None:
    """Write the settings so that a crash leaves the old or the new ones, never half.

    Raises:
        OSError: the place cannot be written.
    """
    partial = file.with_suffix(".tmp")
    with partial.open("wb") as handle:
        handle.write(msgspec.json.format(msgspec.json.encode(settings)))
        handle.flush()
        os.fsync(handle.fileno())
    partial.replace(file)

"""A headset that is plugged into the sound server and pulled out of it, as a second null sink."""

from __future__ import annotations

import subprocess

from tests.journeys.rig.sound import Sound

HEADSET = "headset"


def pactl(sound: Sound, *arguments: str) -> str:
    """Tell the sound server something, as a plug does."""
    asked = sound.net.popen(["pactl", *arguments], env=sound.env, stdout=subprocess.PIPE)
    out, _ = asked.communicate(timeout=10)
    assert asked.returncode == 0
    return out.decode().strip()


def plug(sound: Sound) -> str:
    """Plug the headset in; return the module for `pull`."""
    return pactl(
        sound, "load-module", "module-null-sink", f"sink_name={HEADSET}", "rate=48000",
        "sink_properties=device.description=Headset",
    )  # fmt: skip


def pull(sound: Sound, module: str) -> None:
    """Pull it out."""
    pactl(sound, "unload-module", module)

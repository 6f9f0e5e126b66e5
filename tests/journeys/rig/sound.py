"""A PulseAudio daemon of the tests' own, with null sinks as loudspeakers and microphone."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.journeys.rig.net import Net, end
from tests.journeys.rig.waiting import wait_until

RATE_HZ = 48_000
SPEAKER = "speaker"
"""Sink: the console's loudspeaker (the default). What it played: record `monitor(SPEAKER)`."""
MIC = "mic"
"""Sink: what is played into it, the console's microphone (source `microphone`, the default) hears."""
PATIENT_SPEAKER = "patient"
"""Sink: the browser's loudspeaker, so that it is never mixed into the console's."""

SCRIPT = """.fail
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=speaker rate=48000 sink_properties=device.description=Speaker
load-module module-null-sink sink_name=mic rate=48000 sink_properties=device.description=MicFeed
load-module module-null-sink sink_name=patient rate=48000 sink_properties=device.description=PatientSpeaker
load-module module-remap-source source_name=microphone master=mic.monitor source_properties={shown}
set-default-sink speaker
set-default-source microphone
"""

# PortAudio on Linux reaches PulseAudio through ALSA's plugin.
ASOUNDRC = """pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.pulse { type pulse }
ctl.pulse { type pulse }
"""


def monitor(sink: str) -> str:
    """The source that hears all that is played into `sink`."""
    return f"{sink}.monitor"


class Sound:
    """PulseAudio at `$XDG_RUNTIME_DIR/pulse/native`, where programs look without being told."""

    def __init__(self, net: Net, folder: Path, home: Path, runtime_dir: Path, env: Mapping[str, str]) -> None:
        self.net = net
        pulse_dir = runtime_dir / "pulse"
        pulse_dir.mkdir(mode=0o700)
        socket = pulse_dir / "native"
        self.env = {**env, "PULSE_SERVER": f"unix:{socket}", "PULSE_RUNTIME_PATH": str(pulse_dir)}
        (home / ".asoundrc").write_text(ASOUNDRC)
        script = folder / "pulse.pa"
        script.write_text(SCRIPT.format(socket=socket, shown="device.description=Microphone"))
        self._log_path = folder / "pulse.log"
        with self._log_path.open("wb") as log:
            self._daemon = net.popen(
                ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "-F", script],
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(self._is_ready, "PulseAudio has its microphone", seen=self._log_path.read_text, poll_s=0.1)

    def _is_ready(self) -> bool:
        assert self._daemon.poll() is None, f"PulseAudio ended: {self._log_path.read_text()[-1000:]}"
        asked = self.net.popen(
            ["pactl", "list", "short", "sources"], env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        out, _ = asked.communicate(timeout=10)
        return b"\tmicrophone\t" in out

    def close(self) -> None:
        """End the daemon."""
        end(self._daemon)

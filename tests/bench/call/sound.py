"""Loudspeakers and microphones of both sides on one clock: what each said and heard, to the sample.

One PulseAudio with one null sink of four channels. Each loudspeaker and each microphone's feed is one channel of it,
so that one recording of its monitor has all four aligned: mouth to ear is a difference of samples, the same for each
pair.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tests.bench.call.speech import RATE_HZ, speech, turns, write_wav
from tests.journeys.rig.net import Net, end
from tests.journeys.rig.sound import ASOUNDRC
from tests.journeys.rig.waiting import wait_until

CHANNELS = ("clinic-speaker", "patient-speaker", "clinic-mouth", "patient-mouth")
_POSITIONS = ("front-left", "front-right", "rear-left", "rear-right")
_SAMPLE_BYTES = 2
_FRAME_BYTES = _SAMPLE_BYTES * len(CHANNELS)
_CHUNK_FRAMES = RATE_HZ // 100
SPOKEN_S = 40.0
REPEATS = 4
_LATENCY_MS = "10"
URGENT = ("nice", "-n", "-15")
"""Loudspeaker, mouth and ear keep time whatever the machine does, as hardware would."""
SEEDS = {"clinic-mouth": 11, "patient-mouth": 23}

Heard = npt.NDArray[np.float32]


def environment_of(side: str, env: dict[str, str]) -> dict[str, str]:
    """What a program of a side ("clinic", "patient") is told, to find its own loudspeaker and microphone."""
    return {**env, "PULSE_SINK": f"{side}-speaker", "PULSE_SOURCE": f"{side}-microphone"}


class Sound:
    """The daemon, both mouths talking all the time, and the recorder.

    Attributes:
        env: with the way to the daemon; `HOME` has ALSA's way to it.
    """

    def __init__(self, net: Net, folder: Path) -> None:
        self._net = net
        self._folder = folder
        runtime = folder / "run"
        runtime.mkdir(mode=0o700)
        pulse = runtime / "pulse"
        pulse.mkdir(mode=0o700)
        home = folder / "home"
        home.mkdir()
        (home / ".asoundrc").write_text(ASOUNDRC)
        socket = pulse / "native"
        self.env = {
            **os.environ,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_RUNTIME_PATH": str(pulse),
            "PULSE_SERVER": f"unix:{socket}",
        }
        script = folder / "pulse.pa"
        script.write_text("\n".join(_script(socket)) + "\n")
        self._log = folder / "pulse.log"
        options = ("-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "-F", script)
        with self._log.open("wb") as log:
            self._processes = [
                net.popen([*URGENT, "pulseaudio", *options], env=self.env, stdout=log, stderr=subprocess.STDOUT)
            ]
        wait_until(self._is_ready, "PulseAudio has its microphones", seen=self._log.read_text, poll_s=0.1)
        self._recorder: Recorder | None = None

    def _is_ready(self) -> bool:
        assert self._processes[0].poll() is None, f"PulseAudio ended: {self._log.read_text()[-1000:]}"
        listing = ["pactl", "list", "short", "sources"]
        asked = self._net.popen(listing, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        out, _ = asked.communicate(timeout=10)
        return b"patient-microphone" in out

    def talk(self) -> None:
        """Both mouths begin to talk in turns: `SPOKEN_S` again and again, longer than any run."""
        for mouth, seed in SEEDS.items():
            spoken = turns(speech(SPOKEN_S, seed), first=mouth == CHANNELS[2])
            path = write_wav(self._folder / f"{mouth}.wav", np.tile(spoken, REPEATS))
            self._processes.append(
                self._net.popen([*URGENT, "paplay", "--latency-msec", "50", f"--device={mouth}", path], env=self.env)
            )

    def record(self) -> Recorder:
        """Begin to record all four channels."""
        self._recorder = Recorder(self._net, self.env)
        return self._recorder

    def close(self) -> None:
        """End all."""
        if self._recorder is not None:
            self._recorder.stop()
        for process in reversed(self._processes):
            end(process)


def _script(socket: Path) -> list[str]:
    lines = [
        ".fail",
        f"load-module module-native-protocol-unix auth-anonymous=1 socket={socket}",
        f"load-module module-null-sink sink_name=all rate={RATE_HZ} channels=4 channel_map={','.join(_POSITIONS)}",
    ]
    for name, position in zip(CHANNELS, _POSITIONS, strict=True):
        lines.append(
            f"load-module module-remap-sink sink_name={name} master=all channels=1 channel_map=mono "
            f"master_channel_map={position} remix=no"
        )
    for side, position in (("clinic", "rear-left"), ("patient", "rear-right")):
        lines.append(
            f"load-module module-remap-source source_name={side}-microphone master=all.monitor channels=1 "
            f"channel_map=mono master_channel_map={position} remix=no"
        )
    return [*lines, "set-default-sink clinic-speaker", "set-default-source clinic-microphone"]


class Recorder:
    """Takes the monitor of all, in a thread; `heard` is what came so far."""

    def __init__(self, net: Net, env: dict[str, str]) -> None:
        self._process = net.popen(
            [
                *(*URGENT, "parec", "--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=4"),
                *(f"--channel-map={','.join(_POSITIONS)}", f"--latency-msec={_LATENCY_MS}", "--device=all.monitor"),
            ],
            env=env,
            stdout=subprocess.PIPE,
        )
        self._chunks: list[bytes] = []
        self._frames = 0
        self._begun_s = float("inf")
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        assert self._process.stdout is not None
        while chunk := self._process.stdout.read(_CHUNK_FRAMES * _FRAME_BYTES):
            self._chunks.append(chunk)
            self._frames += len(chunk) // _FRAME_BYTES
            # The earliest that the first sample can have been: late chunks say nothing, the promptest one is the clock.
            self._begun_s = min(self._begun_s, time.time() - self._frames / RATE_HZ)

    def stop(self) -> None:
        """End the recording; what came stays."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait(5)
        self._thread.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def heard(self) -> tuple[float, dict[str, Heard]]:
        """The moment of the first sample (Unix time, s), and each channel."""
        raw = np.frombuffer(b"".join(self._chunks), "<i2")
        frames = raw[: len(raw) // len(CHANNELS) * len(CHANNELS)].reshape(-1, len(CHANNELS)).astype(np.float32) / 32768
        return self._begun_s, {name: np.ascontiguousarray(frames[:, at]) for at, name in enumerate(CHANNELS)}

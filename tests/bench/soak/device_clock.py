"""The loudspeaker and the microphone of one side on a clock of their own, which may run too fast as a real card's does.

A PulseAudio of each side has one null sink of two channels: what its loudspeaker plays and what its microphone hears.
The sink's pace is the daemon's monotonic clock, and that one is skewed (`skewed_clock.c`, preloaded): so the call
process and its client library see a device that asks for and gives 100 ppm more sound than their own clock says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tests.bench.call.sound import SEEDS, SPOKEN_S, URGENT
from tests.bench.call.speech import RATE_HZ, speech, turns, write_wav
from tests.journeys.rig.net import Net, NetUnavailableError, end
from tests.journeys.rig.sound import ASOUNDRC
from tests.journeys.rig.waiting import wait_until

KEPT_S = 20.0
_CHUNK_FRAMES = RATE_HZ // 100
_FRAME_BYTES = 4
_TALK = 'while cat "$1"; do :; done | exec pacat --raw --format=s16le --rate=48000 --channels=1 --device=mouth'
_WAV_HEADER_BYTES = 44

Sound = npt.NDArray[np.float32]


def build_clock(folder: Path) -> Path:
    """Compile the skewed clock; return the library.

    Raises:
        NetUnavailableError: there is no C compiler, or it refused.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise NetUnavailableError("A skewed sound device needs a C compiler: apt-get install gcc libc6-dev.")
    library = folder / "skewed_clock.so"
    source = Path(__file__).with_name("skewed_clock.c")
    command = [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NetUnavailableError(f"The skewed clock was not compiled: {done.stderr.strip()[:300]}")
    return library


class DeviceClock:
    """One side's daemon, its mouth that talks in turns for ever, and what is heard and said, of the last `KEPT_S`.

    Attributes:
        env: for programs of this side: their default loudspeaker and microphone.
        rate_hz: frames a true second.

    Args:
        net: where the programs run.
        folder: takes sockets and files; its own.
        side: "clinic" or "patient".
        skew_ppm: by how much its clock is too fast.
        clock: of `build_clock`.
    """

    def __init__(self, net: Net, folder: Path, side: str, skew_ppm: float, clock: Path) -> None:
        self.rate_hz = RATE_HZ * (1 + skew_ppm * 1e-6)
        self._net = net
        self._side = side
        self._folder = folder
        runtime = folder / "run"
        home = folder / "home"
        for place in (runtime, runtime / "pulse", home):
            place.mkdir(mode=0o700, parents=True)
        (home / ".asoundrc").write_text(ASOUNDRC)
        socket = runtime / "pulse" / "native"
        self.env: dict[str, str] = {
            **os.environ,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "PULSE_RUNTIME_PATH": str(runtime / "pulse"),
            "PULSE_SERVER": f"unix:{socket}",
        }
        script = folder / "pulse.pa"
        script.write_text(_SCRIPT.format(socket=socket))
        self._log = folder / "pulse.log"
        options = ("-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "-F", script)
        skewed: Mapping[str, str] = {**self.env, "LD_PRELOAD": str(clock), "SKEW_PPM": str(skew_ppm)}
        with self._log.open("wb") as log:
            self._processes = [
                net.popen([*URGENT, "pulseaudio", *options], env=skewed, stdout=log, stderr=subprocess.STDOUT)
            ]
        wait_until(self._is_ready, "PulseAudio has its microphone", seen=self._log.read_text, poll_s=0.1)
        self._lock = threading.Lock()
        self._chunks: deque[tuple[float, bytes]] = deque(maxlen=int(KEPT_S * RATE_HZ) // _CHUNK_FRAMES)
        self._frames = 0
        self._recorder: subprocess.Popen[bytes] | None = None

    def _is_ready(self) -> bool:
        assert self._processes[0].poll() is None, f"PulseAudio ended: {self._log.read_text()[-1000:]}"
        listing = ["pactl", "list", "short", "sources"]
        asked = self._net.popen(listing, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        out, _ = asked.communicate(timeout=10)
        return b"\tmicrophone\t" in out

    def begin(self) -> None:
        """The mouth talks, and both channels are recorded."""
        spoken = turns(speech(SPOKEN_S, SEEDS[f"{self._side}-mouth"]), first=self._side == "clinic")
        wav = write_wav(self._folder / "mouth.wav", spoken)
        raw = self._folder / "mouth.raw"
        raw.write_bytes(wav.read_bytes()[_WAV_HEADER_BYTES:])
        self._processes.append(self._net.popen([*URGENT, "sh", "-c", _TALK, "talk", raw], env=self.env))
        options = ("--raw", "--format=s16le", f"--rate={RATE_HZ}", "--channels=2", "--latency-msec=10")
        self._recorder = self._net.popen(
            [*URGENT, "parec", *options, "--device=all.monitor"], env=self.env, stdout=subprocess.PIPE
        )
        self._processes.append(self._recorder)
        threading.Thread(target=self._record, name=f"recorder-{self._side}", daemon=True).start()

    def _record(self) -> None:
        assert self._recorder is not None
        assert self._recorder.stdout is not None
        while len(chunk := self._recorder.stdout.read(_CHUNK_FRAMES * _FRAME_BYTES)) == _CHUNK_FRAMES * _FRAME_BYTES:
            with self._lock:
                self._frames += _CHUNK_FRAMES
                self._chunks.append((time.monotonic(), chunk))

    def take(self, from_s: float, to_s: float) -> tuple[Sound, Sound]:
        """What the loudspeaker played and the mouth said between two moments of `time.monotonic`, full scale 1.0.

        The moment of a frame is by the promptest of the chunks that are kept: a late one says nothing of the clock.

        Raises:
            LookupError: that time is not kept (any more).
        """
        with self._lock:
            chunks, frames = list(self._chunks), self._frames
        first = frames - len(chunks) * _CHUNK_FRAMES
        ends = [first + (at + 1) * _CHUNK_FRAMES for at in range(len(chunks))]
        begun_s = min((at_s - end_ / self.rate_hz for (at_s, _), end_ in zip(chunks, ends, strict=True)), default=0.0)
        low, high = (round((moment - begun_s) * self.rate_hz) - first for moment in (from_s, to_s))
        if low < 0 or high > frames - first:
            raise LookupError(f"{self._side}: {low} to {high} of {frames - first} frames")
        samples = np.frombuffer(b"".join(chunk for _, chunk in chunks), "<i2").reshape(-1, 2)[low:high]
        both = samples.astype(np.float32) / 32768
        return np.ascontiguousarray(both[:, 0]), np.ascontiguousarray(both[:, 1])

    def frames_so_far(self) -> tuple[float, int]:
        """The moment of the newest chunk (monotonic) and how many frames came until then: the clock itself."""
        with self._lock:
            return (self._chunks[-1][0] if self._chunks else 0.0), self._frames

    def close(self) -> None:
        """End all."""
        for process in reversed(self._processes):
            end(process)


_SCRIPT = """.fail
load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=all rate=48000 channels=2 channel_map=front-left,front-right
load-module module-remap-sink sink_name=speaker master=all channels=1 channel_map=mono master_channel_map=front-left \
remix=no
load-module module-remap-sink sink_name=mouth master=all channels=1 channel_map=mono master_channel_map=front-right \
remix=no
load-module module-remap-source source_name=microphone master=all.monitor channels=1 channel_map=mono \
master_channel_map=front-right remix=no
set-default-sink speaker
set-default-source microphone
"""

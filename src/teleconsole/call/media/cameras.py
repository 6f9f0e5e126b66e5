"""Cameras: which there are, and one that is open, as a stream of the newest picture.

Real ones are read by FFmpeg's device inputs (v4l2, dshow, avfoundation). "test:bars" (also "test:counter",
"test:bars:640x360@15") draws numbered pictures; "file:PATH" loops a video.
"""

import asyncio
import contextlib
import fractions
import logging
import re
import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import av
from av import VideoFrame
from av.container import InputContainer
from av.video.reformatter import VideoReformatter

from teleconsole.call.media.latest import Latest
from teleconsole.call.media.numbered_picture import NumberedPicture
from teleconsole.contracts.call import Device
from teleconsole.domain.errors import DeviceUnavailable
from teleconsole.host.limits import (
    CALL_CLOSE_S,
    CALL_DEVICE_OPEN_S,
    CALL_DEVICE_READ_S,
    CALL_DEVICES,
    CALL_FILE_VIDEO_PX,
    CALL_FRAMES_PER_S,
    CALL_HEIGHT_PX,
    CALL_WIDTH_PX,
)

_TEST = re.compile(r"^test:(?:bars|counter)(?::(\d{2,4})x(\d{2,4})@(\d{1,2}))?$")
_CLOCK_HZ = 90_000
_INPUTS = {"linux": "v4l2", "win32": "dshow", "darwin": "avfoundation"}

_log = logging.getLogger(__name__)


def list_cameras() -> tuple[Device, ...]:
    """Return the cameras that the system shows, none when it can't tell."""
    if sys.platform == "linux":
        return tuple(_linux_cameras())[:CALL_DEVICES]
    with contextlib.suppress(av.FFmpegError, ValueError):
        found = av.enumerate_input_devices(_INPUTS.get(sys.platform, ""))
        return tuple(Device(device.name, device.description) for device in found if "video" in device.media_types)[
            :CALL_DEVICES
        ]
    return ()


def _linux_cameras() -> Iterator[Device]:
    for folder in sorted(Path("/sys/class/video4linux").glob("video*")):
        # A webcam has a second node for its metadata; only index 0 gives pictures.
        with contextlib.suppress(OSError):
            if (folder / "index").read_text().strip() == "0":
                yield Device(f"/dev/{folder.name}", (folder / "name").read_text().strip() or folder.name)


class Camera:
    """An open camera: a thread puts each picture, at most 1280x720 yuv420p with a 90 kHz clock, into `frames`.

    Args:
        device_id: as in `contracts.call.Device`; empty is not allowed here.
        loop: of the coroutines that wait for pictures.

    Attributes:
        frames: the newest picture; ends when the camera is closed or fails.

    Raises:
        DeviceUnavailable: it cannot be opened.
    """

    def __init__(self, device_id: str, loop: asyncio.AbstractEventLoop) -> None:
        self.device_id = device_id
        self.frames: Latest[VideoFrame] = Latest(loop)
        self._stopping = threading.Event()
        self._source = _open_source(device_id, self._stopping)
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    @property
    def failed(self) -> bool:
        """Whether it ended by itself."""
        return not self._thread.is_alive() and not self._stopping.is_set()

    def wait_until_runs(self) -> None:
        """Nothing to wait for: the last picture stays until the first comes."""

    def take_over(self) -> None:
        """Nothing: who wants a picture takes it."""

    def close(self) -> None:
        """Give the device back; blocks for the time of one picture."""
        self._stopping.set()
        self._thread.join(CALL_CLOSE_S)

    def _run(self) -> None:
        reformatter = VideoReformatter()
        try:
            for frame in self._source:
                if self._stopping.is_set():
                    break
                width, height = fitting(frame.width, frame.height, CALL_WIDTH_PX, CALL_HEIGHT_PX)
                picture = reformatter.reformat(frame, width, height, "yuv420p")
                picture.pts = int(time.monotonic() * _CLOCK_HZ)
                picture.time_base = fractions.Fraction(1, _CLOCK_HZ)
                self.frames.put(picture)
        except (av.FFmpegError, OSError, ValueError) as error:
            _log.warning("the camera failed: %s", type(error).__name__)
        finally:
            self._source.close()
            self.frames.end()


def fitting(width: int, height: int, max_width: int, max_height: int) -> tuple[int, int]:
    """Return the largest even size of the same shape inside the bounds; never larger than it was."""
    scale = min(1.0, max_width / width, max_height / height)
    return max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)


def _open_source(device_id: str, stopping: threading.Event) -> Generator[VideoFrame, None, None]:
    if match := _TEST.match(device_id):
        width, height, frames_per_s = (int(value) if value else 0 for value in match.groups())
        size = (width or CALL_WIDTH_PX) // 2 * 2, (height or CALL_HEIGHT_PX) // 2 * 2
        return _numbered(*size, frames_per_s or CALL_FRAMES_PER_S, stopping)
    if device_id.startswith("test:"):
        raise DeviceUnavailable
    try:
        if device_id.startswith("file:"):
            return _looped(_open_file(device_id.removeprefix("file:")), stopping)
        return _decoded(_open_device(device_id))
    except (av.FFmpegError, OSError, ValueError) as error:
        raise DeviceUnavailable from error


def _open_file(path: str) -> InputContainer:
    container = av.open(path, timeout=(CALL_DEVICE_OPEN_S, CALL_DEVICE_READ_S))
    if not container.streams.video or _pixels(container) > CALL_FILE_VIDEO_PX:
        container.close()
        raise DeviceUnavailable("This file has no picture that can be used as a camera. Choose another one.")
    return container


def _pixels(container: InputContainer) -> int:
    stream = container.streams.video[0]
    return stream.width * stream.height


def _open_device(device_id: str) -> InputContainer:
    options = {"framerate": str(CALL_FRAMES_PER_S), "video_size": f"{CALL_WIDTH_PX}x{CALL_HEIGHT_PX}"}
    kind = _INPUTS.get(sys.platform, "v4l2")
    name = {"dshow": f"video={device_id}", "avfoundation": f"{device_id}:none"}.get(kind, device_id)
    timeout = (CALL_DEVICE_OPEN_S, CALL_DEVICE_READ_S)
    try:
        return av.open(name, format=kind, options=options, timeout=timeout)
    except (av.FFmpegError, OSError):
        return av.open(name, format=kind, timeout=timeout)  # a camera without this size: whatever it likes best


def _decoded(container: InputContainer) -> Generator[VideoFrame, None, None]:
    with container:
        yield from container.decode(video=0)


def _looped(container: InputContainer, stopping: threading.Event) -> Generator[VideoFrame, None, None]:
    with container:
        while not stopping.is_set():
            pace = _Pace(stopping)
            shown = 0
            frames_per_s = float(container.streams.video[0].average_rate or CALL_FRAMES_PER_S)
            for frame in container.decode(video=0):
                pace.wait_until(shown / frames_per_s)
                shown += 1
                yield frame
            if not shown:
                raise ValueError("no picture could be decoded")
            pace.wait_until(shown / frames_per_s)
            container.seek(0)


def _numbered(
    width: int, height: int, frames_per_s: int, stopping: threading.Event
) -> Generator[VideoFrame, None, None]:
    picture = NumberedPicture(width, height)
    pace = _Pace(stopping)
    number = 0
    while not stopping.is_set():
        yield picture.draw(number)
        number += 1
        pace.wait_until(number / frames_per_s)


class _Pace:
    """Waits for moments since its making; what is late is not caught up with in a burst."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._start_s = time.monotonic()

    def wait_until(self, at_s: float) -> None:
        late_s = time.monotonic() - self._start_s - at_s
        if late_s < 0:
            self._stopping.wait(-late_s)
        elif late_s > 0.2:
            self._start_s += late_s

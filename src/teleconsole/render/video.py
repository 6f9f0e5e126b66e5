"""Recorded messages: WebM, MP4 and WAV with a short list of decoders, from memory, never by a name of a file."""

import io
from collections.abc import Iterator
from typing import NamedTuple

import av
import av.error
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from av.frame import Frame

from teleconsole.contracts.render import Opened
from teleconsole.domain.errors import EvidenceRefused
from teleconsole.host.limits import RENDER_DURATION_S, RENDER_VIDEO_PIXELS
from teleconsole.render.document import Pixels, fit
from teleconsole.render.sniff import Kind

_FORMATS = {"video/webm": "matroska", "video/mp4": "mp4", "audio/wav": "wav"}
_CODECS = {"vp8", "vp9", "libdav1d", "av1", "h264", "hevc", "opus", "libopus", "vorbis", "aac", "mp3", "mp3float"} | {
    "pcm_s16le",
    "pcm_f32le",
}
SOUND_HZ = 48_000
_SOUND_SLICE = SOUND_HZ // 10
_DAMAGED = "This recording is damaged or cut off. The original is kept."


class Sound(NamedTuple):
    """A tenth of a second of sound: mono, 48 kHz, signed 16-bit."""

    at_ms: int
    samples: bytes


class Picture(NamedTuple):
    """A decoded frame and when it is due, from the start of the recording."""

    at_ms: int
    frame: av.VideoFrame


class VideoDocument:
    """A video or sound recording.

    Args:
        data: the whole file.
        kind: as its bytes show.

    Raises:
        EvidenceRefused: damaged, without its index, of a codec that is not on the list, or out of bounds.
    """

    def __init__(self, data: bytes, kind: Kind) -> None:
        self._data = data
        self._kind = kind
        with self._container() as container:
            streams = [*container.streams.video[:1], *container.streams.audio[:1]]
            if not streams:
                raise EvidenceRefused(_DAMAGED)
            if any(stream.codec_context.name not in _CODECS for stream in streams):
                raise EvidenceRefused("This recording is of a kind that cannot be played here. The original is kept.")
            self._width = self._height = 0
            if container.streams.video:
                context = container.streams.video[0].codec_context
                self._width, self._height = context.width, context.height
                if not 0 < self._width * self._height <= RENDER_VIDEO_PIXELS:
                    raise EvidenceRefused(
                        "The picture of this video is too large to open safely. The original is kept."
                    )
            self._has_sound = bool(container.streams.audio)
            self._duration_ms = _duration_ms(container)
        if self._width:
            self.draw(0, 64, 64)  # a damaged file is told when it is opened

    @property
    def opened(self) -> Opened:
        """What the file is."""
        return Opened(
            "video" if self._width else "audio",
            self._kind.content_type,
            self._width,
            self._height,
            page_count=1 if self._width else 0,
            duration_ms=self._duration_ms,
            has_sound=self._has_sound,
        )

    def draw(self, page: int, max_width_px: int, max_height_px: int) -> Pixels:
        """Return the first frame, not larger than the box.

        Raises:
            EvidenceRefused: there is no picture that can be decoded.
        """
        del page
        for picture in self.pictures(0):
            return to_pixels(picture.frame, *fit(self._width, self._height, max_width_px, max_height_px))
        raise EvidenceRefused(_DAMAGED)

    def text(self, page: int) -> str:
        """Return nothing: recordings have no text."""
        del page
        return ""

    def pictures(self, from_ms: int) -> Iterator[Picture]:
        """Yield frames from a position on, as they are decoded; ends early where the rest is damaged."""
        with self._container() as container:
            if not container.streams.video:
                return
            stream = container.streams.video[0]
            stream.thread_count = 1
            _seek(container, from_ms)
            for frame in _frames(container.decode(stream)):
                at_ms = round((frame.time or 0.0) * 1000)
                if at_ms >= from_ms and isinstance(frame, av.VideoFrame):
                    yield Picture(at_ms, frame)

    def sound(self, from_ms: int) -> Iterator[Sound]:
        """Yield sound from a position on, in tenths of a second; ends early where the rest is damaged."""
        with self._container() as container:
            if not container.streams.audio:
                return
            resampler = AudioResampler(format="s16", layout="mono", rate=SOUND_HZ, frame_size=_SOUND_SLICE)
            _seek(container, from_ms)
            at_ms: int | None = None
            for frame in _frames(container.decode(container.streams.audio[0])):
                if not isinstance(frame, av.AudioFrame) or (frame.time or 0.0) * 1000 < from_ms - 20:
                    continue
                if at_ms is None:
                    at_ms = round((frame.time or 0.0) * 1000)
                for piece in resampler.resample(frame):
                    yield Sound(at_ms, piece.to_ndarray().tobytes())
                    at_ms += round(1000 * piece.samples / SOUND_HZ)
            for piece in resampler.resample(None):
                yield Sound(at_ms or 0, piece.to_ndarray().tobytes())

    def close(self) -> None:
        """Let go of memory."""
        self._data = b""

    def _container(self) -> InputContainer:
        try:
            return av.open(io.BytesIO(self._data), mode="r", format=_FORMATS[self._kind.content_type])
        except (av.error.FFmpegError, ValueError) as error:
            raise EvidenceRefused(_DAMAGED) from error


def to_pixels(frame: av.VideoFrame, width_px: int, height_px: int) -> Pixels:
    """Return a frame as opaque BGRA of that size."""
    return np.ascontiguousarray(frame.reformat(width_px, height_px, "bgra").to_ndarray())


def _frames(decoded: Iterator[Frame]) -> Iterator[Frame]:
    """Yield what can be decoded; a recording that breaks off is shown as far as it goes."""
    while True:
        try:
            yield next(decoded)
        except (StopIteration, av.error.FFmpegError):
            return


def _seek(container: InputContainer, from_ms: int) -> None:
    if from_ms > 0:
        try:
            container.seek(from_ms * 1000)
        except av.error.FFmpegError as error:
            raise EvidenceRefused(_DAMAGED) from error


def _duration_ms(container: InputContainer) -> int:
    """Return the length; recordings made in a browser do not state it, so the last packet tells."""
    if container.duration:
        length_ms = container.duration // 1000
    else:
        end_s = 0.0
        try:
            for packet in container.demux():
                if packet.pts is not None and packet.time_base is not None:
                    end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        except av.error.FFmpegError as error:
            raise EvidenceRefused(_DAMAGED) from error
        length_ms = round(end_s * 1000)
    if not 0 <= length_ms <= RENDER_DURATION_S * 1000:
        raise EvidenceRefused("This recording is too long to open. The original is kept.")
    return length_ms

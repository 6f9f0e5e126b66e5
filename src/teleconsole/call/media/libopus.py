"""libopus for what PyAV cannot ask of it: forward error correction, concealment, silence without packets.

The library that came with PyAV is taken, the system's when there is none (docs/adr/0010-libopus.md). The interpreter's
lock is kept while libopus works: a tenth of a millisecond, where to give it up would mean to wait for it again, up to
a whole switch interval, in the loudspeaker's callback.
"""

import ctypes
import ctypes.util
import functools
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_AUDIO_HZ
from teleconsole.host.media_limits import OPUS_FRAME_MAX_SAMPLES

MISSING = (
    "The Opus sound library was not found, so calls have no sound. Install the program again, or libopus 1.3 or newer."
)
_NEEDED = ("opus_decoder_create", "opus_decoder_destroy", "opus_decode", "opus_packet_get_nb_samples")
_SILK_CONFIGURATIONS = 16
"""RFC 6716 section 3.1: configurations below this one have a SILK layer, the only one with redundancy."""


class LibopusMissingError(RuntimeError):
    """There is no usable libopus; the message is a sentence for people."""


class OpusError(ValueError):
    """A packet that libopus does not take."""


@functools.cache
def load_libopus() -> ctypes.PyDLL:
    """Return the library, the same one for everybody.

    Raises:
        LibopusMissingError: there is none with the functions that are needed.
    """
    for path in _candidates():
        try:
            library = ctypes.PyDLL(path)
        except OSError:
            continue
        if all(hasattr(library, name) for name in _NEEDED):
            return _declared(library)
    raise LibopusMissingError(MISSING)


def libopus_problem() -> str:
    """Return why calls have no sound, empty when all is well; load the library before the process walls itself in."""
    try:
        load_libopus()
    except LibopusMissingError as error:
        return str(error)
    return ""


def _candidates() -> Iterator[str]:
    spec = importlib.util.find_spec("av")
    package = Path(spec.origin).parent if spec is not None and spec.origin else None
    if package is not None:
        for folder in (package.parent / "av.libs", package / ".dylibs", package):
            yield from (str(path) for path in sorted(folder.glob("*opus*")) if path.is_file())
    system = ctypes.util.find_library("opus")
    if system:
        yield system


def _declared(library: ctypes.PyDLL) -> ctypes.PyDLL:
    number, pointer = ctypes.c_int32, ctypes.c_void_p
    library.opus_decoder_create.argtypes = [number, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
    library.opus_decoder_create.restype = pointer
    library.opus_decoder_destroy.argtypes = [pointer]
    library.opus_decoder_destroy.restype = None
    library.opus_decode.argtypes = [pointer, ctypes.c_char_p, number, pointer, ctypes.c_int, ctypes.c_int]
    library.opus_decode.restype = ctypes.c_int
    library.opus_packet_get_nb_samples.argtypes = [ctypes.c_char_p, number, number]
    library.opus_packet_get_nb_samples.restype = ctypes.c_int
    if hasattr(library, "opus_packet_has_lbrr"):
        library.opus_packet_has_lbrr.argtypes = [ctypes.c_char_p, number]
        library.opus_packet_has_lbrr.restype = ctypes.c_int
    return library


def packet_samples(data: bytes) -> int:
    """Return how long the sound of a packet is, in samples at 48 kHz.

    Raises:
        OpusError: it is not an Opus packet.
    """
    count: int = load_libopus().opus_packet_get_nb_samples(data, len(data), CALL_AUDIO_HZ)
    if not 0 < count <= OPUS_FRAME_MAX_SAMPLES:
        raise OpusError(count)
    return count


def carries_previous(data: bytes) -> bool:
    """Tell whether a packet repeats the sound before it in low quality (RFC 6716 section 2.1.7)."""
    if len(data) <= 2 or data[0] >> 3 >= _SILK_CONFIGURATIONS:
        return False
    library = load_libopus()
    if not hasattr(library, "opus_packet_has_lbrr"):  # before 1.5: libopus conceals when there is nothing
        return True
    return bool(library.opus_packet_has_lbrr(data, len(data)) > 0)


class OpusDecoder:
    """Decodes one stream to mono at 48 kHz, in order.

    Raises:
        LibopusMissingError: there is no library.

    Thread: one at a time.
    """

    def __init__(self) -> None:
        self._library = load_libopus()
        error = ctypes.c_int(0)
        self._handle: int | None = self._library.opus_decoder_create(CALL_AUDIO_HZ, 1, ctypes.byref(error))
        if not self._handle:
            raise LibopusMissingError(MISSING)
        self._out: Samples = np.zeros(OPUS_FRAME_MAX_SAMPLES, np.int16)

    def __del__(self) -> None:
        """Give libopus' memory back."""
        handle, self._handle = getattr(self, "_handle", None), None
        if handle:
            self._library.opus_decoder_destroy(handle)

    def decode(self, data: bytes) -> Samples:
        """Return the sound of a packet.

        Raises:
            OpusError: it cannot be decoded; the decoder can be used further.
        """
        return self._decode(data, OPUS_FRAME_MAX_SAMPLES, from_next=False)

    def recover(self, following: bytes, count: int) -> Samples:
        """Return `count` samples of a lost packet out of the one that follows it.

        Raises:
            OpusError: `following` cannot be decoded.
        """
        return self._decode(following, count, from_next=True)

    def conceal(self, count: int) -> Samples:
        """Return `count` samples, a multiple of 2.5 ms, that go on like the last ones and fade."""
        return self._decode(None, count, from_next=False)

    def _decode(self, data: bytes | None, count: int, *, from_next: bool) -> Samples:
        size = 0 if data is None else len(data)
        made: int = self._library.opus_decode(self._handle, data, size, self._out.ctypes.data, count, int(from_next))
        if made <= 0:
            raise OpusError(made)
        return self._out[:made].copy()

"""Opus by libopus itself, so that rate, packet length and protection change while a voice is sent."""

import ctypes
from dataclasses import dataclass

from teleconsole.call.media.libopus import MISSING, LibopusMissingError, load_libopus
from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_AUDIO_HZ

_VOIP, _AUDIO, _VOICE, _MUSIC = 2048, 2049, 3001, 3002
_SET_APPLICATION, _SET_BITRATE, _SET_MAX_BANDWIDTH, _SET_BANDWIDTH, _SET_COMPLEXITY = 4000, 4002, 4004, 4008, 4010
_RESET = 4028
_SET_FEC, _SET_LOSS, _SET_DTX, _SET_SIGNAL = 4012, 4014, 4016, 4024
_WIDE_BAND, _FULL_BAND, _AUTO = 1103, 1105, -1000
_PACKET_ROOM_BYTES = 1500
_NOTHING_BYTES = 2
_COMPLEXITY = 8


@dataclass(frozen=True)
class VoiceSettings:
    """How a voice is encoded and packed.

    Attributes:
        bitrate_bps: of Opus.
        packet_ms: 20, 40 or 60.
        expected_loss_percent: how much protection is built in (RFC 6716 section 2.1.7), 0 = none.
        is_silence_left_out: discontinuous transmission: a silent voice sends nearly nothing.
        is_full_band: 20 kHz, else 8 kHz.
        redundancy: how many earlier packets each one repeats (RFC 2198), 0 to 2.
        is_whole: as it is, without Opus' high-pass and without its model of a voice: for heart and lung sounds.
    """

    bitrate_bps: int
    packet_ms: int
    expected_loss_percent: int
    is_silence_left_out: bool
    is_full_band: bool
    redundancy: int
    is_whole: bool = False


class OpusVoice:
    """One encoder for a mono voice at 48 kHz.

    Raises:
        LibopusMissingError: there is no library.

    Thread: one at a time.
    """

    def __init__(self) -> None:
        self._library = load_libopus()
        if not hasattr(self._library, "opus_encoder_create"):
            raise LibopusMissingError(MISSING)
        _declare(self._library)
        error = ctypes.c_int(0)
        self._handle = self._library.opus_encoder_create(CALL_AUDIO_HZ, 1, _VOIP, ctypes.byref(error))
        if not self._handle:
            raise LibopusMissingError(MISSING)
        self._room = ctypes.create_string_buffer(_PACKET_ROOM_BYTES)
        self._settings: VoiceSettings | None = None
        self._is_silent = self._is_whole = False
        self._control(_SET_SIGNAL, _VOICE)
        self._control(_SET_COMPLEXITY, _COMPLEXITY)

    def encode(self, samples: Samples, settings: VoiceSettings) -> bytes:
        """Return the packet of `settings.packet_ms` of sound; nothing for a silence that is left out.

        Raises:
            ValueError: libopus does not take it.
        """
        if not self._handle:
            return b""
        if settings != self._settings:
            self._set(settings)
        made = self._library.opus_encode(
            self._handle, samples.ctypes.data, len(samples), self._room, _PACKET_ROOM_BYTES
        )
        if made < 0:
            raise ValueError(f"libopus error {made}")
        # the first packet of a silence tells the other side that it is one, else it would take the pause for a loss
        was_silent, self._is_silent = self._is_silent, made <= _NOTHING_BYTES
        return b"" if self._is_silent and was_silent else ctypes.string_at(self._room, made)

    def close(self) -> None:
        """Give its memory back; again does nothing."""
        handle, self._handle = self._handle, None
        if handle:
            self._library.opus_encoder_destroy(handle)

    def __del__(self) -> None:
        """Give libopus' memory back."""
        if getattr(self, "_handle", None):
            self.close()

    def _set(self, settings: VoiceSettings) -> None:
        self._settings = settings
        if settings.is_whole is not self._is_whole:
            self._become(whole=settings.is_whole)
        self._control(_SET_BITRATE, settings.bitrate_bps)
        self._control(_SET_MAX_BANDWIDTH, _FULL_BAND if settings.is_full_band else _WIDE_BAND)
        self._control(_SET_FEC, int(settings.expected_loss_percent > 0 and not settings.is_whole))
        self._control(_SET_LOSS, settings.expected_loss_percent)
        self._control(_SET_DTX, int(settings.is_silence_left_out))

    def _become(self, *, whole: bool) -> None:
        """Encode sound as it is, or a voice again; libopus changes that only at a beginning.

        In-band FEC is left to the voice: libopus has it in the voice's model alone, and would fall back to that.
        """
        self._is_whole, self._is_silent = whole, False
        self._control(_RESET, 0)
        self._control(_SET_APPLICATION, _AUDIO if whole else _VOIP)
        self._control(_SET_SIGNAL, _MUSIC if whole else _VOICE)
        self._control(_SET_BANDWIDTH, _FULL_BAND if whole else _AUTO)

    def _control(self, request: int, value: int) -> None:
        self._library.opus_encoder_ctl(self._handle, request, ctypes.c_int(value))


def _declare(library: ctypes.CDLL) -> None:
    pointer, number = ctypes.c_void_p, ctypes.c_int
    library.opus_encoder_create.argtypes = [ctypes.c_int32, number, number, ctypes.POINTER(number)]
    library.opus_encoder_create.restype = pointer
    library.opus_encoder_destroy.argtypes = [pointer]
    library.opus_encoder_destroy.restype = None
    library.opus_encode.argtypes = [pointer, pointer, number, pointer, ctypes.c_int32]
    library.opus_encode.restype = ctypes.c_int32
    library.opus_encoder_ctl.argtypes = [pointer, number]  # what follows is variadic

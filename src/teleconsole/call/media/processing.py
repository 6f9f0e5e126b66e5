"""What happens to the microphone's sound before it is sent: echo cancelling, noise suppression, gain."""

from collections.abc import Callable

import numpy as np
from pywebrtc_audio import AudioProcessor, GainController

from teleconsole.call.media.echo_watch import EchoWatch
from teleconsole.call.media.far_end import FarEnd
from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES

NOISE_LEVEL = 1
MAX_GAIN_DB = 24.0
HEADROOM_DB = 10.0
"""Below full scale; a voice is then as loud as a browser's."""
_HUSH = np.random.default_rng(0).integers(-1, 2, CALL_BLOCK_SAMPLES).astype(np.int16)
"""For silence: what is exactly nothing makes the canceller count in the smallest of numbers, five times as slowly."""


class VoiceProcessing:
    """WebRTC's echo canceller (AEC3), noise suppressor and gain control over blocks of 10 ms.

    The gain control listens with a detector of speech of its own (a recurrent network, as in browsers). With the noise
    suppressor's guess it hardly ever takes anything for speech, stays at what it began with, and a voice leaves 8 to
    10 dB louder than a browser's: clipped here, and so loud there that the other side's canceller cuts syllables.

    The far end is exactly what is handed to the loudspeaker, in its order; the canceller finds the delay itself.

    Attributes:
        bypassed: the microphone's sound stays as it is. To all that is done here, heart and lung sounds are noise.

    Args:
        make_processor: the canceller and suppressor.

    Thread: `played` from the loudspeaker's, `process` from the microphone's, `bypassed` from any.
    """

    def __init__(self, make_processor: Callable[..., AudioProcessor] = AudioProcessor) -> None:
        self.bypassed = False
        self._far = FarEnd()
        self._watch = EchoWatch()
        self._processor = make_processor(
            sample_rate=CALL_AUDIO_HZ,
            echo_cancellation=True,
            noise_suppression=True,
            high_pass_filter=True,
            ns_level=NOISE_LEVEL,
        )
        self._gain = GainController(sample_rate=CALL_AUDIO_HZ, max_gain_db=MAX_GAIN_DB, headroom_db=HEADROOM_DB)

    @property
    def speech_probability(self) -> float:
        """How sure the noise suppressor is that the last block was speech, 0 to 1; 0 while bypassed."""
        return 0.0 if self.bypassed else float(self._processor.speech_probability)

    @property
    def gain_db(self) -> float:
        """What the gain control does now."""
        return float(self._gain.gain_db)

    def begin_anew(self) -> None:
        """Another microphone or loudspeaker: whether there is an echo is not known any more."""
        self._watch.begin_anew()

    def played(self, block: Samples) -> None:
        """Take what the loudspeaker was given now."""
        self._far.played(block)

    def process(self, near: Samples) -> Samples:
        """Return the microphone's 10 ms without the loudspeaker's sound in it, or as they are while bypassed."""
        far = self._far.beside()
        if self.bypassed:
            return near
        self._watch.hear(near, far)
        cleaned = self._processor.process(_heard(near), _heard(far) if self._watch.is_needed else _HUSH)
        return np.asarray(self._gain.process(cleaned), np.int16)


def _heard(block: Samples) -> Samples:
    return block if block.any() else _HUSH

"""What happens to the microphone's sound before it is sent: echo cancelling, noise suppression, gain."""

import numpy as np
from pywebrtc_audio import AudioProcessor

from teleconsole.call.media.ring import SampleRing, Samples, padded
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_BLOCK_SAMPLES, CALL_FAR_RING_SAMPLES

NOISE_LEVEL = 1
MAX_GAIN_DB = 24.0


class VoiceProcessing:
    """WebRTC's echo canceller (AEC3), noise suppressor and gain control over blocks of 10 ms.

    The far end is exactly what is handed to the loudspeaker, in its order; the canceller finds the delay itself.

    Attributes:
        bypassed: the microphone's sound stays as it is. To all that is done here, heart and lung sounds are noise.

    Thread: `played` from the loudspeaker's, `process` from the microphone's, `bypassed` from any.
    """

    def __init__(self) -> None:
        self.bypassed = False
        self._far = SampleRing(CALL_FAR_RING_SAMPLES)
        self._processor = AudioProcessor(
            sample_rate=CALL_AUDIO_HZ,
            echo_cancellation=True,
            noise_suppression=True,
            high_pass_filter=True,
            auto_gain_control=True,
            ns_level=NOISE_LEVEL,
            agc_max_gain_db=MAX_GAIN_DB,
        )

    @property
    def speech_probability(self) -> float:
        """How sure the noise suppressor is that the last block was speech, 0 to 1; 0 while bypassed."""
        return 0.0 if self.bypassed else float(self._processor.speech_probability)

    @property
    def gain_db(self) -> float:
        """What the gain control does now."""
        return float(self._processor.gain_db)

    def played(self, block: Samples) -> None:
        """Take what the loudspeaker was given now."""
        self._far.write(block)

    def process(self, near: Samples) -> Samples:
        """Return the microphone's 10 ms without the loudspeaker's sound in it, or as they are while bypassed."""
        far = padded(self._far.read(CALL_BLOCK_SAMPLES), CALL_BLOCK_SAMPLES)
        if self.bypassed:
            return near
        return np.asarray(self._processor.process(near, far), np.int16)

"""What a connection told, kept for asserting."""

import numpy as np
from av import VideoFrame
from PIL import Image
from tests.journeys.rig import counter

from teleconsole.call.media.libopus import OpusDecoder
from teleconsole.call.media.neteq.packet import SoundPacket, opus_pieces
from teleconsole.call.media.ring import Samples
from teleconsole.call.webrtc.peer import Peer


class Listener:
    """Keeps the numbers read in pictures, the sound, and everything else that a peer tells."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.sounds: list[Samples] = []
        self.redundant = 0
        self._decoder = OpusDecoder()
        self.messages: list[str | bytes] = []
        self.states: list[str] = []
        self.channel_open = 0
        self.sizes: set[tuple[int, int]] = set()
        self.sent_level = 0.0

    def on_picture(self, peer: Peer, frame: VideoFrame) -> None:
        self.sizes.add((frame.width, frame.height))
        number = counter.read(Image.fromarray(frame.to_ndarray(format="rgb24")))
        if number is not None and number not in self.numbers:
            self.numbers.append(number)

    def on_sound(self, peer: Peer, packet: SoundPacket) -> None:
        self.redundant += packet.redundant
        self.sounds.append(self._decoder.decode(opus_pieces(packet, packet.sequence, packet.timestamp)[-1].data))

    def on_channel_open(self, peer: Peer) -> None:
        self.channel_open += 1

    def on_channel_message(self, peer: Peer, message: str | bytes) -> None:
        self.messages.append(message)

    def on_state(self, peer: Peer, state: str) -> None:
        self.states.append(state)

    def on_candidate(self, peer: Peer, candidate: str) -> None:
        pass

    def on_narrow(self, peer: Peer, width_bps: float) -> None:
        pass

    def on_sent_level(self, level: float) -> None:
        self.sent_level = max(self.sent_level, level)

    @property
    def sound(self) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        """All sound so far, full scale 1.0."""
        if not self.sounds:
            return np.zeros(0, np.float32)
        return (np.concatenate(self.sounds) / 32768).astype(np.float32)

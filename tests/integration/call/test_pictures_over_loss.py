"""A real Chromium's pictures over a link that loses 5 %: parities repair them, byte for byte."""

from pathlib import Path

from tests.bench.call.impairment import Impairment
from tests.bench.call.link import Link
from tests.integration.call.behind_link import patient_behind
from tests.integration.call.listening import Listener
from tests.integration.call.waiting import until

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.aiortc_receive import VideoBuffer
from teleconsole.call.webrtc.ice.agent import IcePlan
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.video_in.assembly import Packet
from teleconsole.call.webrtc.video_in.red_fec import RedFec, Taken

BUFFER = "_RTCRtpReceiver__jitter_buffer"


class Recorder(RedFec):
    """Takes the place of a receiver's own, and keeps the packets as they came."""

    def __init__(self, peer: Peer) -> None:
        receiver = next(one.receiver for one in peer.connection.getTransceivers() if one.kind == "video")
        buffer: VideoBuffer = getattr(receiver, BUFFER)
        assert buffer.red_fec is not None
        super().__init__(buffer.red_fec.types, buffer.red_fec.mutable)
        self.packets: list[tuple[Packet, bytes]] = []
        buffer.red_fec = self

    def take(self, packet: Packet, raw: bytes | None) -> Taken:
        if raw is not None:
            self.packets.append((packet, raw))
        return super().take(packet, raw)

    def again(self) -> RedFec:
        """Return another one that was told the same, and nothing yet."""
        return RedFec(self.types, self.mutable)


def told(packet: Packet) -> tuple[int, int, int, bytes]:
    """What two packets are compared by."""
    return packet.sequence_number, packet.timestamp, packet.marker, packet.payload


async def test_pictures_over_5_percent_loss_are_repaired_by_parities_byte_for_byte(link: Link, tmp_path: Path) -> None:
    adapt_aiortc()
    link.set(Impairment(loss_percent=5, delay_ms=50))
    devices = OpenDevices(allow_test=True, on_change=lambda: None)
    await devices.select("test:bars:320x180@15", "test:tone:880", "none")
    listener = Listener()
    async with patient_behind(link, tmp_path) as page:
        await devices.open_for_call()
        peer = Peer(1, IcePlan(), devices, listener)
        try:
            offer = await peer.make_offer()
            answer = await page.evaluate("sdp => patient.answer(sdp, 640, 360, 30, 440)", offer)
            video = answer[answer.index("m=video") :]
            for line in ("red/90000", "ulpfec/90000", "fmtp:98 apt=97", "fmtp:118 apt=116"):
                assert line in video
            await peer.take_answer(answer)
            await until(lambda: len(listener.numbers) >= 10, "pictures", within_s=20)
            record = Recorder(peer)
            await until(lambda: record.repaired >= 10, "ten packets repaired", within_s=30)
            before = len(listener.numbers)
            await until(lambda: len(listener.numbers) > before + 60, "pictures go on", within_s=20)
        finally:
            await peer.close()
            await devices.close_after_call()
    assert listener.numbers == sorted(listener.numbers)
    assert_repairs_are_exact(record)


def assert_repairs_are_exact(record: Recorder) -> None:
    """Withhold packets that came, and compare what is computed with them."""
    first, second = record.again(), record.again()
    withheld: dict[int, tuple[int, int, int, bytes]] = {}
    repaired: dict[int, tuple[int, int, int, bytes]] = {}
    for index, (packet, raw) in enumerate(record.packets):
        plain = first.take(packet, raw)
        if plain.packet is not None and not plain.is_parity and index % 7 == 0:
            withheld[packet.sequence_number] = told(plain.packet)
            continue
        for one in second.take(packet, raw).repaired:
            repaired[one.sequence_number] = told(one)
    both = withheld.keys() & repaired.keys()
    assert len(both) >= 10
    assert [repaired[number] for number in both] == [withheld[number] for number in both]

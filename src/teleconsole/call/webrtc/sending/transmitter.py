"""The task in which every packet of a connection leaves: the voice at once, pictures at the pace of the estimate.

Pacing happens here and nowhere else: whoever reads what comes in must never wait for what goes out.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from aiortc.clock import current_ntp_time

from teleconsole.call.webrtc.arrivals.narrowing import Width
from teleconsole.call.webrtc.sending.feedback import parse_feedback
from teleconsole.call.webrtc.sending.gcc import Gcc
from teleconsole.call.webrtc.sending.pacer import Pacer, Priority
from teleconsole.call.webrtc.sending.rtp_stream import Parcel, RtpStream
from teleconsole.call.webrtc.sending.sent import SentPacket, SentPackets
from teleconsole.host.media_limits import (
    NARROW_PICTURE_PAUSE_MS,
    SEND_ESTIMATE_START_BPS,
    SEND_FILLER_BYTES,
    SEND_NARROW_BPS,
    SEND_NARROW_PACING_FACTOR,
    SEND_PACING_FACTOR,
    SEND_QUEUE_FLUSH_MS,
    SEND_REPEAT_QUEUE_MS,
    SEND_REPEAT_QUEUE_PACKETS,
    SEND_SLOW_PACE_QUEUE_MS,
    SEND_SLOW_PACING_FACTOR,
)

_TICK_S = 0.05
_LEAST_SLEEP_S = 0.001
_MOST_SLEEP_S = 0.05


class Transmitter:
    """Sends packets and listens to what the other side says about them.

    Attributes:
        gcc: the estimate.
        on_flush: called when pictures that waited too long were thrown away.
        pictures_from_ms: no picture before this, or it would be lost in a queue that is still full.

    Args:
        start_bps: of the estimate.
        clock_ms: monotonic.

    Thread: the event loop's.
    """

    def __init__(
        self,
        start_bps: float = SEND_ESTIMATE_START_BPS,
        clock_ms: Callable[[], float] = lambda: time.monotonic() * 1000,
    ) -> None:
        self.gcc = Gcc(start_bps)
        self.on_flush: Callable[[], None] = lambda: None
        self.pictures_from_ms = 0.0
        self._clock_ms = clock_ms
        self._pacer: Pacer[Parcel] = Pacer(self.gcc.estimate_bps * SEND_PACING_FACTOR)
        self._sent = SentPackets()
        self._streams: dict[int, RtpStream] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._probed = False
        self._repeats_waiting = 0

    def add_stream(self, stream: RtpStream) -> None:
        """Repeat this stream's packets when they are missed; the first one starts the task."""
        self._streams[stream.port.ssrc] = stream
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def remove_stream(self, stream: RtpStream) -> None:
        """Forget it; the last one ends the task."""
        self._streams.pop(stream.port.ssrc, None)
        if not self._streams and self._task is not None:
            self._task.cancel()
            self._task = None

    @property
    def queue_ms(self) -> float:
        """How long what waits here needs at the pace of now."""
        return self._pacer.queue_ms

    async def send_now(self, parcel: Parcel) -> None:
        """Send the voice: it waits for nothing, and pictures wait for it.

        Raises:
            ConnectionError: there is no connection any more.
        """
        now_ms = self._clock_ms()
        self._pacer.charge(parcel.size_bytes, now_ms)
        await self._transmit(parcel, now_ms)

    def put(self, parcels: list[Parcel]) -> None:
        """Let the packets of a picture leave at the pace."""
        for parcel in parcels:
            self._pacer.put(parcel, parcel.size_bytes, Priority.PICTURE)
        if not self._probed and parcels and parcels[0].stream.port.has_transport_cc:
            self._probed = True
            self.gcc.probes.begin(self.gcc.estimate_bps, self._clock_ms())
        self._wake.set()

    def drop_pictures(self) -> None:
        """Throw away all packets of pictures that still wait."""
        self._pacer.flush(Priority.REPEATED)
        self._pacer.flush(Priority.PICTURE)
        self._repeats_waiting = 0

    def on_width(self, width: Width, width_bps: float) -> None:
        """Take what was noticed of the link (`arrivals.narrowing`): what waits is of another time."""
        now_ms = self._clock_ms()
        if width == "narrowed":
            self.gcc.narrowed(width_bps, now_ms)
        if self.gcc.overrun(now_ms):
            self.pictures_from_ms = now_ms + NARROW_PICTURE_PAUSE_MS
            self.drop_pictures()
            self.on_flush()
            self._wake.set()

    def on_feedback(self, fci: bytes) -> None:
        """Take transport-wide feedback; what is malformed is ignored."""
        with suppress(ValueError):
            self.gcc.on_results(self._sent.results(parse_feedback(fci)), self._clock_ms())
            self._wake.set()

    def on_missing(self, ssrc: int, sequences: list[int]) -> None:
        """Repeat what the other side misses, before new pictures."""
        stream = self._streams.get(ssrc)
        if stream is None:
            return
        now_ms = self._clock_ms()
        for sequence in sequences:
            if self._repeats_waiting >= SEND_REPEAT_QUEUE_PACKETS or self._pacer.queue_ms > SEND_REPEAT_QUEUE_MS:
                return  # asked again when it is still of use
            parcel = stream.repeat(sequence & 0xFFFF, now_ms, self.gcc.round_trip_ms)
            if parcel is not None:
                self._repeats_waiting += 1
                self._pacer.put(parcel, parcel.size_bytes, Priority.REPEATED)
        self._wake.set()

    async def _run(self) -> None:
        with suppress(ConnectionError):
            ticked_ms = self._clock_ms()
            while True:
                now_ms = self._clock_ms()
                if now_ms - ticked_ms >= _TICK_S * 1000:
                    ticked_ms = now_ms
                    self.gcc.on_time(now_ms, self._sent.in_flight_bytes)
                self._set_pace()
                await self._send_due()
                await self._sleep(self._pacer.wait_ms(self._clock_ms()))

    def _set_pace(self) -> None:
        # while a queue on the way has to empty, a faster pace would only fill it again
        factor = SEND_PACING_FACTOR if self.gcc.estimate_bps > SEND_NARROW_BPS else SEND_NARROW_PACING_FACTOR
        if self.gcc.queue_ms > SEND_SLOW_PACE_QUEUE_MS:
            factor = SEND_SLOW_PACING_FACTOR
        self._pacer.rate_bps = max(self.gcc.target_bps * factor, self.gcc.probes.rate_bps or 0.0)
        if self._pacer.queue_ms > SEND_QUEUE_FLUSH_MS:
            self.drop_pictures()
            self.on_flush()

    async def _send_due(self) -> None:
        now_ms = self._clock_ms()
        while (waiting := self._pacer.take(now_ms)) is not None:
            if waiting.packet.repeats is not None:
                self._repeats_waiting -= 1
            await self._transmit(waiting.packet, now_ms)
            now_ms = self._clock_ms()
        while self.gcc.probes.rate_bps and self._pacer.has_room(now_ms):
            filler = self._filler()
            if filler is None:
                return
            self._pacer.charge(filler.size_bytes, now_ms)
            await self._transmit(filler, now_ms)
            now_ms = self._clock_ms()

    def _filler(self) -> Parcel | None:
        estimate_bps = self.gcc.estimate_bps
        padding_bytes = next((size for below, size in SEND_FILLER_BYTES if estimate_bps < below), 0)
        return next((found for stream in self._streams.values() if (found := stream.filler(padding_bytes))), None)

    async def _transmit(self, parcel: Parcel, now_ms: float) -> None:
        transport_sequence: int | None = None
        port = parcel.stream.port
        if port.has_transport_cc:
            cluster = self.gcc.on_sent(parcel.size_bytes, now_ms)
            transport_sequence = self._sent.add(SentPacket(now_ms, parcel.size_bytes, cluster))
        data = parcel.stream.seal(parcel, transport_sequence, current_ntp_time())
        await port.transmit(data)

    async def _sleep(self, wait_ms: float | None) -> None:
        if wait_ms is not None:
            await asyncio.sleep(min(_MOST_SLEEP_S, max(_LEAST_SLEEP_S, wait_ms / 1000)))
            return
        if self.gcc.probes.rate_bps:
            await asyncio.sleep(max(_LEAST_SLEEP_S, self._pacer.room_in_ms(self._clock_ms()) / 1000))
            return
        self._wake.clear()
        timer = asyncio.get_running_loop().call_later(_TICK_S, self._wake.set)
        try:
            await self._wake.wait()
        finally:
            timer.cancel()

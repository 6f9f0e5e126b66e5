"""A link of a given capacity with a queue, a sender that obeys `Gcc`, and feedback every 50 ms: all in made-up time."""

import random
from collections import deque
from dataclasses import dataclass, field

from teleconsole.call.webrtc.sending.gcc import Gcc
from teleconsole.call.webrtc.sending.pacer import Pacer, Priority
from teleconsole.call.webrtc.sending.sent import PacketResult, SentPacket
from teleconsole.host.media_limits import SEND_FILLER_BYTES, SEND_PACING_FACTOR, SEND_QUEUE_SKIP_MS

PACKET_BYTES, HEADERS_BYTES = 1200, 76
STEP_MS = 1.0
FEEDBACK_MS = 50.0
PROBE_AT_MS = 100.0


@dataclass
class FakeLink:
    """Drops what its queue does not hold, and at random."""

    capacity_bps: float
    queue_limit_ms: float = 300.0
    one_way_ms: float = 20.0
    loss: float = 0.0
    seed: int = 1
    is_down: bool = False
    free_ms: float = 0.0
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311 -- a loss pattern that is the same each time

    def carry(self, size_bytes: int, now_ms: float) -> float | None:
        """When the packet arrives, None = never."""
        waits_ms = max(0.0, self.free_ms - now_ms)
        if self.is_down or waits_ms > self.queue_limit_ms or self.dice.random() < self.loss:
            return None
        self.free_ms = now_ms + waits_ms + size_bytes * 8000 / self.capacity_bps
        return self.free_ms + self.one_way_ms


class FakeCall:
    """Sends pictures at the rate of the estimate over a link."""

    def __init__(self, link: FakeLink, *, start_bps: float = 600_000, most_bps: float = 3_000_000) -> None:
        self.link = link
        self.gcc = Gcc(start_bps, most_bps)
        self.gcc.set_round_trip(2 * link.one_way_ms)
        self.pacer: Pacer[None] = Pacer(start_bps * SEND_PACING_FACTOR)
        self.now_ms = 0.0
        self.estimates: list[float] = []
        self.latencies: list[tuple[float, float]] = []
        self.flying: deque[tuple[float, PacketResult]] = deque()
        self._reports: deque[tuple[float, list[PacketResult]]] = deque()
        self._frame_ms = 0.0
        self._report_ms = 0.0
        self.in_flight_bytes = 0

    def run(self, seconds: float) -> None:
        """Let time pass."""
        end_ms = self.now_ms + seconds * 1000
        while self.now_ms < end_ms:
            self._step()
            self.now_ms += STEP_MS

    def mean_estimate_bps(self, seconds: float) -> float:
        """The mean of the estimate over the last seconds."""
        last = self.estimates[-int(seconds * 1000 / STEP_MS) :]
        return sum(last) / len(last)

    def worst_queue_ms(self, since_ms: float) -> float:
        """The longest that a packet which left since then has waited in the link."""
        return max((wait for at, wait in self.latencies if at >= since_ms), default=0.0)

    def _step(self) -> None:
        now = self.now_ms
        if now == PROBE_AT_MS:
            self.gcc.probes.begin(self.gcc.estimate_bps, now)
        self.estimates.append(self.gcc.estimate_bps)
        self.pacer.rate_bps = max(self.gcc.target_bps * SEND_PACING_FACTOR, self.gcc.probes.rate_bps or 0.0)
        if now >= self._frame_ms:
            self._frame_ms += 1000 / 30
            if self.pacer.queue_ms < SEND_QUEUE_SKIP_MS and not self.gcc.is_silent:
                left = int(self.gcc.target_bps / 30 / 8)
                while left > 0:
                    self.pacer.put(None, min(left, PACKET_BYTES), Priority.PICTURE)
                    left -= PACKET_BYTES
        while waiting := self.pacer.take(now):
            self._send(waiting.size_bytes)
        while self.gcc.probes.rate_bps and self.pacer.has_room(now):
            small = (size for below, size in SEND_FILLER_BYTES if self.gcc.estimate_bps < below)
            filler_bytes = next((size + HEADERS_BYTES for size in small), PACKET_BYTES)
            self.pacer.charge(filler_bytes, now)
            self._send(filler_bytes)
        if now >= self._report_ms:
            self._report_ms += FEEDBACK_MS
            self._report()
        while self._reports and self._reports[0][0] <= now:
            results = self._reports.popleft()[1]
            self.in_flight_bytes -= sum(result.sent.size_bytes for result in results)
            self.gcc.on_results(results, now)
        self.gcc.on_time(now, self.in_flight_bytes)

    def _send(self, size_bytes: int) -> None:
        cluster = self.gcc.on_sent(size_bytes, self.now_ms)
        arrives = self.link.carry(size_bytes, self.now_ms)
        self.in_flight_bytes += size_bytes
        result = PacketResult(SentPacket(self.now_ms, size_bytes, cluster), arrives)
        self.flying.append((arrives if arrives is not None else self.now_ms + self.link.one_way_ms, result))
        if arrives is not None:
            self.latencies.append((self.now_ms, arrives - self.now_ms - self.link.one_way_ms))

    def _report(self) -> None:
        if self.link.is_down:
            return
        done: list[PacketResult] = []
        while self.flying and self.flying[0][0] <= self.now_ms:
            done.append(self.flying.popleft()[1])
        if any(result.arrived_ms is not None for result in done):
            self._reports.append((self.now_ms + self.link.one_way_ms, done))
        else:
            self.flying.extendleft(reversed([(self.now_ms, result) for result in done]))

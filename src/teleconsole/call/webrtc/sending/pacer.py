"""Spreads packets over time, so that a picture is no burst: the voice at once, then repeated packets, then pictures.

Pure: a leaky bucket that is asked what may leave now; the task that asks is in `transmitter`.
"""

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeVar

from teleconsole.host.media_limits import SEND_WIDE_BPS, SEND_WIDE_BURST_MS

P = TypeVar("P")

_BURST_MS = 4.0
_LEAST_WAIT_MS = 1.0


class Priority(IntEnum):
    """What leaves first; the voice does not wait at all."""

    REPEATED = 0
    PICTURE = 1


@dataclass(frozen=True)
class Waiting(Generic[P]):
    """A packet in the queue."""

    packet: P
    size_bytes: int


class Pacer(Generic[P]):
    """A queue for each priority and one budget for all.

    Args:
        rate_bps: how fast packets may leave.
    """

    def __init__(self, rate_bps: float) -> None:
        self.rate_bps = rate_bps
        self._queues: tuple[deque[Waiting[P]], ...] = tuple(deque() for _ in Priority)
        self._queued_bytes = 0
        self._debt_bytes = 0.0
        self._counted_ms: float | None = None

    def put(self, packet: P, size_bytes: int, priority: Priority) -> None:
        """Let a packet wait for its turn."""
        self._queues[priority].append(Waiting(packet, size_bytes))
        self._queued_bytes += size_bytes

    def charge(self, size_bytes: int, now_ms: float) -> None:
        """Count what left without waiting: the voice comes out of the same budget, before the picture."""
        self._settle(now_ms)
        self._debt_bytes += size_bytes

    def take(self, now_ms: float) -> Waiting[P] | None:
        """Return the next packet if it may leave now; it is charged."""
        self._settle(now_ms)
        if self._debt_bytes > self._burst_bytes:
            return None
        for queue in self._queues:
            if queue:
                waiting = queue.popleft()
                self._queued_bytes -= waiting.size_bytes
                self._debt_bytes += waiting.size_bytes
                return waiting
        return None

    def has_room(self, now_ms: float) -> bool:
        """Whether anything may leave now: asked by who fills up a probe."""
        self._settle(now_ms)
        return self._debt_bytes <= self._burst_bytes

    def wait_ms(self, now_ms: float) -> float | None:
        """Return how long until the next packet may leave, None when none waits."""
        if not self._queued_bytes:
            return None
        return self.room_in_ms(now_ms)

    def room_in_ms(self, now_ms: float) -> float:
        """Return how long until anything may leave."""
        self._settle(now_ms)
        over = self._debt_bytes - self._burst_bytes
        return max(_LEAST_WAIT_MS, over * 8000 / self.rate_bps) if over > 0 else 0.0

    @property
    def queue_ms(self) -> float:
        """How long what waits needs at this pace."""
        return self._queued_bytes * 8000 / self.rate_bps

    def flush(self, priority: Priority) -> list[P]:
        """Throw away what waits at a priority; return it."""
        queue = self._queues[priority]
        thrown = [waiting.packet for waiting in queue]
        self._queued_bytes -= sum(waiting.size_bytes for waiting in queue)
        queue.clear()
        return thrown

    @property
    def _burst_bytes(self) -> float:
        return self.rate_bps * (_BURST_MS if self.rate_bps < SEND_WIDE_BPS else SEND_WIDE_BURST_MS) / 8000

    def _settle(self, now_ms: float) -> None:
        if self._counted_ms is not None:
            paid = (now_ms - self._counted_ms) * self.rate_bps / 8000
            self._debt_bytes = max(0.0, self._debt_bytes - paid)
        self._counted_ms = now_ms

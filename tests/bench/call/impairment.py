"""What a bad link does to packets, as a calculation: no sockets, no clock of its own, seeded.

One `Direction` is one way of the link. Random loss is independent; burst loss is the two-state model of Gilbert and
Elliott whose bad state loses everything (RFC 3611 section 4.7.2 speaks of the same gaps and bursts). The rate cap is a
link with a queue: a packet that would wait longer than the queue's bound is dropped (drop-tail).
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass

NEVER_S = -1.0
_BITS_PER_BYTE = 8


@dataclass(frozen=True)
class Impairment:
    """One direction's faults.

    Attributes:
        loss_percent: of packets, lost on average.
        burst_packets: mean length of a burst of losses; 1 = independent losses.
        delay_ms: one way.
        jitter_ms: each packet waits 0 to this much more, uniformly.
        reorder: whether jitter lets packets overtake each other.
        rate_kbps: of the link; 0 = no cap.
        queue_ms: how long a packet may wait for the capped link before it is dropped.
        outage: nothing passes.
    """

    loss_percent: float = 0.0
    burst_packets: float = 1.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    reorder: bool = False
    rate_kbps: float = 0.0
    queue_ms: float = 300.0
    outage: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.loss_percent < 100:
            raise ValueError("loss is 0 to below 100 percent; a dead link is an outage")
        if self.burst_packets < 1 or min(self.delay_ms, self.jitter_ms, self.rate_kbps, self.queue_ms) < 0:
            raise ValueError("bursts have at least one packet, and times and rates are not negative")

    def as_json(self) -> dict[str, float | bool]:
        """All of it, for the record."""
        return asdict(self)


@dataclass
class Counts:
    """What became of the packets of one direction."""

    packets: int = 0
    bytes: int = 0
    lost: int = 0
    dropped: int = 0
    longest_burst: int = 0


class Direction:
    """Decides for each packet when it arrives, or that it does not.

    Args:
        seed: of the chance; the same seed and packets meet the same fate.
    """

    def __init__(self, seed: int) -> None:
        self.counts = Counts()
        self._random = random.Random(seed)  # noqa: S311 -- losses have to be repeatable, not secret
        self._faults = Impairment()
        self._bad = False
        self._burst = 0
        self._free_at_s = 0.0
        self._last_due_s = 0.0

    @property
    def faults(self) -> Impairment:
        """What holds now."""
        return self._faults

    def set(self, faults: Impairment) -> None:
        """From the next packet on; those on their way are not called back."""
        self._faults = faults
        self._bad = False

    def due_s(self, now_s: float, size_bytes: int) -> float:
        """Return the moment of arrival of a packet that was sent now, `NEVER_S` when it is lost or dropped."""
        faults = self._faults
        self.counts.packets += 1
        if faults.outage or self._is_lost(faults):
            self.counts.lost += 1
            self._burst += 1
            self.counts.longest_burst = max(self.counts.longest_burst, self._burst)
            return NEVER_S
        self._burst = 0
        leaves_s = now_s
        if faults.rate_kbps:
            begins_s = max(now_s, self._free_at_s)
            if (begins_s - now_s) * 1e3 > faults.queue_ms:
                self.counts.dropped += 1
                return NEVER_S
            leaves_s = begins_s + size_bytes * _BITS_PER_BYTE / (faults.rate_kbps * 1e3)
            self._free_at_s = leaves_s
        self.counts.bytes += size_bytes
        due_s = leaves_s + (faults.delay_ms + self._random.random() * faults.jitter_ms) / 1e3
        if not faults.reorder:
            due_s = max(due_s, self._last_due_s)
        self._last_due_s = max(due_s, self._last_due_s)
        return due_s

    def _is_lost(self, faults: Impairment) -> bool:
        if not faults.loss_percent:
            return False
        share = faults.loss_percent / 100
        if faults.burst_packets == 1:
            return self._random.random() < share
        leave = 1 / faults.burst_packets
        enter = share * leave / (1 - share)
        self._bad = self._random.random() >= leave if self._bad else self._random.random() < enter
        return self._bad

"""Asks the link with a short burst how much it takes: at the start, after a cut, and now and then.

A cluster is some packets (media, filled up with repeated ones) sent at a higher rate for 15 ms or more; the rate at
which they arrive is what the link takes. The same figures as libwebrtc's probe controller and estimator.
"""

from dataclasses import dataclass

from teleconsole.call.webrtc.sending.sent import PacketResult

_LEAST_PACKETS, _LEAST_MS = 5, 15.0
_LEAST_ARRIVED = 0.8
_MOST_SPREAD = 2.0
_TAKEN, _SAFE = 0.9, 0.95
_FORGET = 16
_FIRST_FACTOR = 3.0
_GO_ON_AT, _GO_ON_BY = 0.7, 2.0
_AGAIN_MS, _RARELY_MS, _AGAIN_FACTOR = 5000.0, 8000.0, 1.5
_LEAST_RATE_BPS = 180_000.0
_ANSWER_MS = 1000.0
_DEEP_CUT, _RECOVER_PART = 0.67, 0.85
_RECOVER_AFTER_MS, _RECOVER_UNTIL_MS = 1000.0, 6000.0


@dataclass
class Cluster:
    """A burst: `sent` and `packets` count what left so far."""

    number: int
    rate_bps: float
    sent_bytes: int = 0
    packets: int = 0
    begun_ms: float | None = None

    @property
    def is_done(self) -> bool:
        """Whether enough was sent."""
        return self.packets >= _LEAST_PACKETS and self.sent_bytes * 8000 >= _LEAST_MS * self.rate_bps


class Probes:
    """When to probe, and how high.

    Attributes:
        current: the cluster that is being sent.
    """

    def __init__(self, most_bps: float) -> None:
        self.current: Cluster | None = None
        self.most_bps = most_bps
        self._waiting: list[float] = []
        self._number = 0
        self._asked_ms: float | None = None
        self._highest_bps = 0.0
        self._goes_on = False
        self._fell_from_bps = 0.0
        self._fell_ms = 0.0

    def begin(self, start_bps: float, now_ms: float) -> None:
        """Ask at the start of a connection."""
        self._ask([start_bps * _FIRST_FACTOR], now_ms)

    def consider(self, estimate_bps: float, now_ms: float, *, is_calm: bool, is_idle: bool) -> None:
        """Ask again when it is time.

        Args:
            estimate_bps: of the link.
            now_ms: our clock.
            is_calm: no queue and no cut lately.
            is_idle: much less is sent than the link takes, so that only a probe can find more. On a narrow link
                that is in full use a probe costs the voice something, so there it is rare.
        """
        is_rare = not is_idle and estimate_bps < _LEAST_RATE_BPS
        quiet_ms = now_ms - self._asked_ms if self._asked_ms is not None else _AGAIN_MS
        if is_calm and quiet_ms >= (_RARELY_MS if is_rare else _AGAIN_MS) and estimate_bps < 0.95 * self.most_bps:
            self._ask([estimate_bps * _AGAIN_FACTOR], now_ms)

    def cut(self, before_bps: float, after_bps: float, now_ms: float) -> None:
        """The rate was cut; after a deep cut it is asked soon whether the link is back (`recover`)."""
        self.stop()
        if after_bps < _DEEP_CUT * before_bps:
            self._fell_from_bps = max(before_bps, self._fell_from_bps)
            self._fell_ms = now_ms
        elif self._fell_from_bps:
            self._fell_ms = now_ms

    def recover(self, estimate_bps: float, now_ms: float, *, is_calm: bool) -> None:
        """Ask a while after a deep cut whether there is as much as before; a good answer is asked further."""
        if not self._fell_from_bps:
            return
        quiet_ms = now_ms - self._fell_ms
        if quiet_ms > _RECOVER_UNTIL_MS:
            self._fell_from_bps = 0.0
        elif is_calm and quiet_ms > _RECOVER_AFTER_MS:
            self._goes_on = False
            self._ask([min(_RECOVER_PART * self._fell_from_bps, _FIRST_FACTOR * estimate_bps)], now_ms)
            self._fell_from_bps = 0.0

    def stop(self) -> None:
        """A queue grows: no more bursts now."""
        self.current = None
        self._waiting.clear()
        self._goes_on = False

    def sent(self, size_bytes: int, now_ms: float) -> int:
        """Count a packet that leaves; return the number of the cluster that it belongs to, 0 = none."""
        cluster = self._running()
        if cluster is None:
            return 0
        if cluster.begun_ms is None:
            cluster.begun_ms = now_ms
        cluster.packets += 1
        cluster.sent_bytes += size_bytes
        if cluster.is_done:
            self.current = None
        return cluster.number

    @property
    def rate_bps(self) -> float | None:
        """At which rate to send now, None = no cluster is being sent."""
        cluster = self._running()
        return None if cluster is None else cluster.rate_bps

    def found(self, bps: float, now_ms: float) -> None:
        """A cluster's answer: go on higher where it was good."""
        fresh = self._asked_ms is not None and now_ms - self._asked_ms < _ANSWER_MS
        if self._goes_on and fresh and not self._waiting and bps > _GO_ON_AT * self._highest_bps:
            self._ask([bps * _GO_ON_BY], now_ms)

    def _running(self) -> Cluster | None:
        if self.current is None and self._waiting:
            self._number += 1
            self.current = Cluster(self._number, self._waiting.pop(0))
        return self.current

    def _ask(self, rates_bps: list[float], now_ms: float) -> None:
        rates = [min(rate, self.most_bps) for rate in rates_bps]
        if self._asked_ms is not None and rates[-1] <= self._highest_bps and self._goes_on:
            return
        self._waiting = [rate for at, rate in enumerate(rates) if at == 0 or rate > rates[at - 1]]
        self._asked_ms = now_ms
        self._highest_bps = rates[-1]
        self._goes_on = rates[-1] < self.most_bps


@dataclass
class _Heard:
    sent_bytes: int = 0
    packets: int = 0
    first_sent_ms: float = 0.0
    last_sent_ms: float = 0.0
    last_sent_bytes: int = 0
    first_arrived_ms: float = 0.0
    last_arrived_ms: float = 0.0
    first_arrived_bytes: int = 0


class ProbeEstimator:
    """Makes a rate out of the arrivals of a cluster's packets."""

    def __init__(self) -> None:
        self._heard: dict[int, _Heard] = {}

    def add(self, result: PacketResult, cluster_rate_bps: float) -> float | None:
        """Take an arrived packet of a cluster; return the rate once enough of it arrived."""
        sent, arrived_ms = result.sent, result.arrived_ms
        if arrived_ms is None or not sent.cluster:
            return None
        heard = self._heard.setdefault(sent.cluster, _Heard())
        while len(self._heard) > _FORGET:
            self._heard.pop(next(iter(self._heard)))
        if not heard.packets:
            heard.first_sent_ms = heard.last_sent_ms = sent.sent_ms
            heard.first_arrived_ms = heard.last_arrived_ms = arrived_ms
            heard.first_arrived_bytes = heard.last_sent_bytes = sent.size_bytes
        heard.packets += 1
        heard.sent_bytes += sent.size_bytes
        heard.first_sent_ms = min(heard.first_sent_ms, sent.sent_ms)
        if arrived_ms < heard.first_arrived_ms:
            heard.first_arrived_ms, heard.first_arrived_bytes = arrived_ms, sent.size_bytes
        if sent.sent_ms >= heard.last_sent_ms:
            heard.last_sent_ms, heard.last_sent_bytes = sent.sent_ms, sent.size_bytes
        heard.last_arrived_ms = max(heard.last_arrived_ms, arrived_ms)
        return _rate(heard, cluster_rate_bps)


def _rate(heard: _Heard, cluster_rate_bps: float) -> float | None:
    least_bytes = max(1, _LEAST_MS * cluster_rate_bps / 8000)
    if heard.packets < _LEAST_PACKETS * _LEAST_ARRIVED or heard.sent_bytes < least_bytes * _LEAST_ARRIVED:
        return None
    sending_ms = heard.last_sent_ms - heard.first_sent_ms
    arriving_ms = heard.last_arrived_ms - heard.first_arrived_ms
    if sending_ms <= 0 or arriving_ms <= 0:
        return None
    send_bps = (heard.sent_bytes - heard.last_sent_bytes) * 8000 / sending_ms
    arrive_bps = (heard.sent_bytes - heard.first_arrived_bytes) * 8000 / arriving_ms
    if arrive_bps > _MOST_SPREAD * send_bps:
        return None
    if arrive_bps < _TAKEN * send_bps:
        return _SAFE * arrive_bps  # the link was full: a little less than what it took
    return min(send_bps, arrive_bps)

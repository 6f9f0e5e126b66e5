"""Google congestion control: one estimate out of delay, loss, probes, and the other side's own limit.

Pure: every call gets the time; the packets' fate comes from `SentPackets`. Source: draft-ietf-rmcat-gcc-02.
"""

import math

from teleconsole.call.webrtc.sending.aimd import BETA, RateControl
from teleconsole.call.webrtc.sending.loss_control import FLOOD, LossControl
from teleconsole.call.webrtc.sending.probing import ProbeEstimator, Probes
from teleconsole.call.webrtc.sending.sent import PacketResult
from teleconsole.call.webrtc.sending.throughput import Throughput
from teleconsole.call.webrtc.sending.trendline import GroupDeltas, Trendline, Usage
from teleconsole.host.media_limits import (
    NARROW_BELIEVED_MS,
    NARROW_BELIEVED_PART,
    NARROW_DEAF_MS,
    SEND_ESTIMATE_LEAST_BPS,
    SEND_ESTIMATE_MOST_BPS,
    SEND_ESTIMATE_START_BPS,
    SEND_FEEDBACK_LOST_MS,
)

_CALM_QUEUE_MS = 30.0
_CALM_AFTER_CUT_MS = 3000.0
_IDLE_PART = 0.65
_SILENCE_BETA, _SILENCE_LEAST = 0.6, 0.13
"""A link that became thin drops the feedback too: soon far down, yet an outage must not cost what was known of it."""
_PROBE_QUEUE_MS, _PROBE_GRACE_MS = 60.0, 200.0
_LEAST_QUEUE_MS = 20.0
_MILD_CUTS = ((60.0, 0.85), (120.0, 0.7))
"""Up to so much queue the rate falls to no less than this part of itself at once."""
_DRAIN_FROM_MS, _DRAIN_OVER_MS, _DRAIN_MOST = 60.0, 300.0, 0.6
_ROUND_TRIP_SMOOTHING = 0.8


class Gcc:
    """The estimate of what the link takes, sound and picture together.

    Attributes:
        probes: bursts that are wanted now.
        round_trip_ms: to the other side, 0 = not known yet.
        is_silent: packets are on the way and no feedback has come for long: the link is down or full.

    Args:
        start_bps: believed at first.
        most_bps: never more.
    """

    def __init__(self, start_bps: float = SEND_ESTIMATE_START_BPS, most_bps: float = SEND_ESTIMATE_MOST_BPS) -> None:
        self.probes = Probes(most_bps)
        self.round_trip_ms = 0.0
        self.is_silent = False
        self._delay = RateControl(start_bps, SEND_ESTIMATE_LEAST_BPS, most_bps)
        self._loss = LossControl(start_bps, SEND_ESTIMATE_LEAST_BPS, most_bps)
        self._throughput = Throughput()
        self._groups = GroupDeltas()
        self._trend = Trendline()
        self._heard_clusters = ProbeEstimator()
        self._cluster_rates: dict[int, float] = {}
        self._remote_limit_bps: float | None = None
        self._has_feedback = False
        self._feedback_ms: float | None = None
        self._backed_off_ms = 0.0
        self._silence_cut = False
        self._before_silence_bps = 0.0
        self._probed_ms = -math.inf
        self._believed_until_ms: float | None = None

    @property
    def estimate_bps(self) -> float:
        """What the link takes now."""
        if not self._has_feedback and self._remote_limit_bps is not None:
            return min(self._remote_limit_bps, self._delay.most_bps)
        return min(self._delay.bps, self._loss.bps, self._remote_limit_bps or self._delay.most_bps)

    @property
    def target_bps(self) -> float:
        """What to send now: the estimate, less while a queue on the way has to empty."""
        if self._believed_until_ms is not None:
            return self.estimate_bps  # which leaves room for the queue to empty
        over_ms = self._trend.queue_ms - _DRAIN_FROM_MS
        drain = min(_DRAIN_MOST, over_ms / _DRAIN_OVER_MS) if over_ms > 0 and self._has_feedback else 0.0
        return self.estimate_bps * (1 - drain)

    @property
    def loss(self) -> float:
        """Part of our packets that is lost, 0 to 1."""
        return self._loss.loss

    @property
    def queue_ms(self) -> float:
        """How long packets wait somewhere on the way, about."""
        return self._trend.queue_ms

    @property
    def throughput_bps(self) -> float | None:
        """What arrives at the other side."""
        return self._throughput.bps

    @property
    def has_feedback(self) -> bool:
        """Whether the other side ever sent transport-wide feedback."""
        return self._has_feedback

    def set_most(self, most_bps: float) -> None:
        """Never estimate more than this: nothing of it would be used."""
        self._delay.most_bps = self._loss.most_bps = self.probes.most_bps = most_bps
        self._delay.bps = min(self._delay.bps, most_bps)
        self._loss.bps = min(self._loss.bps, most_bps)

    def set_remote_limit(self, bps: float) -> None:
        """Take the other side's own estimate (REMB): all there is without transport-wide feedback, else a cap."""
        self._remote_limit_bps = max(bps, SEND_ESTIMATE_LEAST_BPS)

    def narrowed(self, width_bps: float, now_ms: float) -> None:
        """Take what arrives from the other side as what the link carries: for a while no less than a part is sent.

        What is told of our own packets is little then, and seems as if little had arrived.

        Args:
            width_bps: bits per second that arrive from there.
            now_ms: our clock.
        """
        believed_bps = max(SEND_ESTIMATE_LEAST_BPS, NARROW_BELIEVED_PART * width_bps)
        self._believed_until_ms = now_ms + NARROW_BELIEVED_MS
        self._delay.least_bps = self._loss.least_bps = believed_bps

    def overrun(self, now_ms: float) -> bool:
        """Fall to that part at once, if our own packets are lost too or nobody tells. Return whether it was done."""
        is_deaf = self._feedback_ms is None or now_ms - self._feedback_ms > NARROW_DEAF_MS
        least_bps = self._delay.least_bps
        if self._believed_until_ms is None or self.estimate_bps <= least_bps or not (is_deaf or self.loss > FLOOD):
            return False
        self._delay.set_rate(least_bps, now_ms)
        self._loss.follow(least_bps)
        self.probes.stop()
        return True

    def set_round_trip(self, round_trip_ms: float) -> None:
        """Take a measured round trip."""
        if not self.round_trip_ms:
            self.round_trip_ms = round_trip_ms
        keep = _ROUND_TRIP_SMOOTHING
        self.round_trip_ms = keep * self.round_trip_ms + (1 - keep) * round_trip_ms

    def on_sent(self, size_bytes: int, now_ms: float) -> int:
        """Count a packet that leaves; return the number of its probe cluster, 0 = none."""
        rate_bps = self.probes.rate_bps
        cluster = self.probes.sent(size_bytes, now_ms)
        if cluster and rate_bps:
            self._cluster_rates[cluster] = rate_bps
        return cluster

    def on_results(self, results: list[PacketResult], now_ms: float) -> None:
        """Take the fate of packets, in the order they were sent."""
        if not results:
            return
        self._note_feedback(now_ms)
        self._disbelieve(now_ms)
        self._measure_round_trip(results, now_ms)
        probed_bps: float | None = None
        is_over = False
        for result in sorted(results, key=lambda one: one.arrived_ms or 0.0):
            if result.arrived_ms is None:
                continue
            self._throughput.add(result.arrived_ms, result.sent.size_bytes)
            deltas = self._groups.add(result.sent.sent_ms, result.arrived_ms)
            if deltas is not None:
                self._trend.add(*deltas)
                is_over = is_over or self._trend.usage == "over"
            if result.sent.cluster:
                rate = self._cluster_rates.get(result.sent.cluster, 0.0)
                probed_bps = self._heard_clusters.add(result, rate) or probed_bps
        self._take_delay(probed_bps, now_ms, is_over=is_over)
        self._take_loss(results, now_ms)
        self.probes.recover(self.estimate_bps, now_ms, is_calm=self._is_flat)
        is_calm = self._is_flat and self._delay.since_cut_ms(now_ms) > _CALM_AFTER_CUT_MS
        self.probes.consider(self.estimate_bps, now_ms, is_calm=is_calm, is_idle=self._is_idle)

    def on_time(self, now_ms: float, in_flight_bytes: int) -> None:
        """Notice that feedback stays away; call it some times a second."""
        if self._feedback_ms is None or not self._has_feedback:
            return
        self._disbelieve(now_ms)
        quiet_ms = now_ms - self._feedback_ms
        is_quiet = in_flight_bytes > 0 and quiet_ms > SEND_FEEDBACK_LOST_MS + self.round_trip_ms
        self.is_silent = is_quiet and self._believed_until_ms is None
        if self.is_silent and now_ms - self._backed_off_ms > SEND_FEEDBACK_LOST_MS:
            self._backed_off_ms = now_ms
            self._silence_cut = True
            self._before_silence_bps = self._before_silence_bps or self._delay.bps
            least_bps = self._before_silence_bps * _SILENCE_LEAST
            self._delay.set_rate(max(least_bps, self._delay.bps * _SILENCE_BETA), now_ms)
            self.probes.stop()

    def _disbelieve(self, now_ms: float) -> None:
        if self._believed_until_ms is not None and self._believed_until_ms < now_ms:
            self._believed_until_ms = None
            self._delay.least_bps = self._loss.least_bps = SEND_ESTIMATE_LEAST_BPS

    def _note_feedback(self, now_ms: float) -> None:
        self._has_feedback = True
        self.is_silent = False
        self._before_silence_bps = 0.0
        self._feedback_ms = now_ms

    def _measure_round_trip(self, results: list[PacketResult], now_ms: float) -> None:
        newest_ms = max((result.sent.sent_ms for result in results if result.arrived_ms is not None), default=None)
        if newest_ms is not None:
            self.set_round_trip(now_ms - newest_ms)  # the newest was told of soonest: least of the teller's own wait

    @property
    def _is_flat(self) -> bool:
        return self._trend.usage == "normal" and self._trend.queue_ms < _CALM_QUEUE_MS

    @property
    def _is_idle(self) -> bool:
        return (self._throughput.bps or 0.0) < _IDLE_PART * self.estimate_bps

    def _take_delay(self, probed_bps: float | None, now_ms: float, *, is_over: bool) -> None:
        usage = "over" if is_over else self._trend.usage
        if usage == "over" and self._trend.queue_ms < _LEAST_QUEUE_MS:
            usage = "normal"  # a slope without a queue is the noise of a computer that was busy
        is_short = self._trend.queue_ms < _PROBE_QUEUE_MS
        if is_short and probed_bps is not None:
            self._probed_ms = now_ms
            if probed_bps > self._delay.bps:
                self._delay.set_rate(probed_bps, now_ms)
                self._loss.follow(max(self._loss.bps, self._delay.bps))
            self.probes.found(probed_bps, now_ms)
            return
        if usage == "over" and is_short and now_ms - self._probed_ms < _PROBE_GRACE_MS:
            return  # the probe's own little queue
        before_bps = self._delay.bps
        if self._delay.update(usage, self._arriving_bps(usage), now_ms, self.round_trip_ms):
            self.probes.cut(before_bps, self._delay.bps, now_ms)

    def _arriving_bps(self, usage: Usage) -> float | None:
        smooth, recent = self._throughput.bps, self._throughput.recent_bps
        if usage != "over" or smooth is None:
            return smooth
        least = next((part for most_ms, part in _MILD_CUTS if self._trend.queue_ms < most_ms), 0.0)
        if least:  # one late group, or pictures that were small just now, are no reason to fall far
            return max(smooth, least * self._delay.bps / BETA)
        return min(smooth, recent) if recent is not None else smooth

    def _take_loss(self, results: list[PacketResult], now_ms: float) -> None:
        lost = sum(1 for result in results if result.arrived_ms is None)
        if self._silence_cut:
            # lost with the link itself, not by our rate
            self._silence_cut = lost == len(results)
            self.probes.consider(self.estimate_bps, now_ms, is_calm=not self._silence_cut, is_idle=True)
            return
        arriving_bps = self._throughput.recent_bps or self._throughput.bps
        if self._loss.add(lost, len(results), now_ms, self.round_trip_ms, self._trend.queue_ms, arriving_bps):
            self.probes.stop()

"""The networks that a call is put into.

A scenario holds from before the call begins; its phases change the link while it is measured. Delays are one way, so
that 50 ms are a round trip of 100 ms. The first impairment of a pair is that towards the patient.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.bench.call.impairment import Impairment

STALL_SPAN_S = 5
"""So long the console runs, and so long it stands still now and then: both in one call, to be compared."""
STALL_S = 0.3

Both = tuple[Impairment, Impairment]


@dataclass(frozen=True)
class Phase:
    """From `at_s` of the measured time on, the link is so."""

    at_s: float
    link: Both


@dataclass(frozen=True)
class Scenario:
    """One row of the figures.

    Attributes:
        name: for the command line.
        link: from before the call begins.
        seconds: measured time.
        warm_s: from admitting to the begin of the measured time.
        clip: what the cameras show.
        phases: changes in the measured time.
        outage: (from, to) in the measured time when nothing passes.
        drop_at_s: when the link becomes thin in the measured time, None if it does not.
        shown: pictures are measured on the screen, see `pairs.Setting`.
        stalls: the console stands still for 0.3 s of each second, in every other span of `STALL_SPAN_S`.
    """

    name: str
    link: Both
    seconds: float = 15.0
    warm_s: float = 6.0
    clip: str = "head"
    phases: tuple[Phase, ...] = ()
    outage: tuple[float, float] | None = None
    drop_at_s: float | None = None
    shown: bool = False
    stalls: bool = False

    def lasting(self, seconds: float) -> Scenario:
        """The same with another measured time."""
        return replace(self, seconds=seconds)


def _both(**faults: float | bool) -> Both:
    impairment = Impairment(**faults)  # type: ignore[arg-type]  # mypy takes each field to be of any of the types
    return impairment, impairment


def _lossy(percent: float, burst: float = 1.0) -> Both:
    return _both(loss_percent=percent, burst_packets=burst, delay_ms=50)


def _outage(seconds: float) -> Scenario:
    open_, dead = _both(delay_ms=25), _both(delay_ms=25, outage=True)
    phases = Phase(3, dead), Phase(3 + seconds, open_)
    return Scenario(f"outage{seconds:g}", open_, 3 + seconds + 9, phases=phases, outage=(3, 3 + seconds))


def _drop(kbps: float) -> Scenario:
    thin = _both(delay_ms=20, rate_kbps=kbps, queue_ms=300)
    return Scenario(f"drop{kbps:g}", _both(delay_ms=20), 24, warm_s=10, phases=(Phase(2, thin),), drop_at_s=2)


_ALL = (
    Scenario("clean", _both(), warm_s=10),
    Scenario("painted", _both(), warm_s=10, shown=True),
    Scenario("stalled", _both(), 40, warm_s=10, stalls=True),
    Scenario("rtt100", _both(delay_ms=50), warm_s=10),
    Scenario("skin", _both(), warm_s=10, clip="skin"),
    Scenario("hand", _both(), warm_s=10, clip="hand"),
    Scenario("loss2", _lossy(2)),
    Scenario("loss5", _lossy(5)),
    Scenario("loss10", _lossy(10)),
    Scenario("burst5", _lossy(5, 4)),
    Scenario("burst10", _lossy(10, 8)),
    Scenario("jitter", _both(delay_ms=30, jitter_ms=60, reorder=True)),
    Scenario(
        "asymmetric",
        (Impairment(delay_ms=30, rate_kbps=4_000), Impairment(delay_ms=60, rate_kbps=800, loss_percent=1)),
    ),
    Scenario("cap500", _both(delay_ms=20, rate_kbps=500, queue_ms=300), warm_s=10),
    _drop(500),
    _drop(200),
    _drop(60),
    _outage(3),
    _outage(5),
)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}

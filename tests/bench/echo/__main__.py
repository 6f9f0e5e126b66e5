"""`python -m tests.bench.echo`: four scenes, into docs/figures/echo.md."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.bench.echo.measure import EchoFigures, measure
from tests.bench.echo.room import scene

PAGE = Path("docs/figures/echo.md")
GOAL_ERLE_DB, GOAL_NEAR_DB, GOAL_CPU_PERCENT = 35.0, 6.0, 2.0

_HEAD = """# Echo

`make bench-echo` measures this anew: synthetic speech of two people through the call's own voice processing (echo
canceller, noise suppressor, high pass, gain control) in blocks of 10 ms. The room is a 120 ms random impulse response
with a loudspeaker that clips softly and noise at -62 dB. 15 s far voice, 5 s near voice, 10 s both, 15 s far voice. The
gain control's own gain is taken off again: it lifts voice and residue alike.

| scene | ERLE after 2 s | again after double talk | near voice lost in double talk | added delay | of one core |
|---|---|---|---|---|---|
"""
_FOOT = f"""
Goals: ERLE at least {GOAL_ERLE_DB:.0f} dB, near voice at most {GOAL_NEAR_DB:.0f} dB lost, at most \
{GOAL_CPU_PERCENT:.0f} % of a core. Processor time is of a shared machine with two busy cores; on a quiet one
the canceller and the suppressor alone took 1.0 %.
"""


def page(figures: list[EchoFigures]) -> str:
    """Return the page with these figures."""
    rows = [
        f"| {each.name} | {_db(each.erle_db)} | {_db(each.erle_again_db)} | {each.near_loss_db:.1f} dB "
        f"| {each.delay_ms:.0f} ms | {each.cpu_percent:.1f} % |\n"
        for each in figures
    ]
    return f"{_HEAD}{''.join(rows)}{_FOOT}{_verdict(figures)}"


def _db(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} dB"


def _verdict(figures: list[EchoFigures]) -> str:
    missed = [
        f"{each.name}: {what}"
        for each in figures
        for what, holds in (
            ("ERLE", each.erle_db is None or each.erle_db >= GOAL_ERLE_DB),
            ("near voice", each.near_loss_db <= GOAL_NEAR_DB),
            ("processor", each.cpu_percent <= GOAL_CPU_PERCENT),
        )
        if not holds
    ]
    return "All are met.\n" if not missed else f"Not met: {'; '.join(missed)}.\n"


def main() -> int:
    """Measure, write the page, and return 1 when a goal is missed."""
    scenes = (
        scene("delay 60 ms", delay_ms=60),
        scene("delay 200 ms", delay_ms=200),
        scene("delay 60 ms, clocks 100 ppm apart", delay_ms=60, drift_ppm=100),
        scene("headset", delay_ms=60, echo=0.0),
    )
    figures = [measure(each) for each in scenes]
    text = page(figures)
    PAGE.write_text(text)
    sys.stdout.write(text)
    return 0 if "All are met." in text else 1


if __name__ == "__main__":
    sys.exit(main())

"""Plots as small SVG files, drawn by hand: no library, the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

Figures = dict[str, Any]
Series = Sequence[float | None]

WIDTH, HEIGHT = 420, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 26, 22
_COLORS = {"console": "#0b7a75", "chromium": "#b8552c"}
_NAMES = {"console": "ours", "chromium": "Chromium"}
_METERS = (("video_ms", "picture's delay, ms"), ("fps", "pictures a second"), ("sound_ms", "mouth to ear, ms"))
_ENDS = (("to_clinic", "seen and heard at the console"), ("to_patient", "at the patient"))
_STYLE = (
    "text{font:11px Inter,sans-serif;fill:#333}.t{font-weight:600}.g{stroke:#ddd;stroke-width:1}"
    "polyline{fill:none;stroke-width:1.6}@media(prefers-color-scheme:dark){text{fill:#ddd}.g{stroke:#444}}"
)


def write_plots(results: Sequence[Figures], folder: Path) -> list[Path]:
    """One file for each scenario: three meters over time, at both ends; return the files."""
    paths = []
    for scenario in dict.fromkeys(each["scenario"] for each in results):
        runs = {each["pair"]: each for each in results if each["scenario"] == scenario}
        path = folder / f"{scenario}.svg"
        path.write_text(_page(scenario, runs))
        paths.append(path)
    return paths


def _page(scenario: str, runs: dict[str, Figures]) -> str:
    parts = []
    for column, (direction, end) in enumerate(_ENDS):
        for row, (meter, words) in enumerate(_METERS):
            series = {pair: [second[meter] for second in run[direction]["timeline"]] for pair, run in runs.items()}
            title = f"{scenario}: {words}, {end}"
            parts.append(f'<g transform="translate({column * WIDTH},{row * HEIGHT})">{_plot(title, series)}</g>')
    width, height = WIDTH * len(_ENDS), HEIGHT * len(_METERS)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(scenario)}"><style>{_STYLE}</style>{"".join(parts)}</svg>\n'
    )


def _plot(title: str, series: dict[str, list[float | None]]) -> str:
    most = max((value for values in series.values() for value in values if value is not None), default=1.0)
    top = _round_up(most)
    seconds = max(1, *(len(values) for values in series.values())) - 1 or 1
    inner_w, inner_h = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    parts = [f'<text class="t" x="{_LEFT}" y="12">{escape(title)}</text>']
    for part in (0, 0.5, 1):
        y = _TOP + inner_h * (1 - part)
        parts.append(f'<line class="g" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:g}" y2="{y:g}"/>')
        parts.append(f'<text x="{_LEFT - 5}" y="{y + 4:g}" text-anchor="end">{top * part:g}</text>')
    for part in (0, 0.5, 1):
        x = _LEFT + inner_w * part
        anchor = "end" if part == 1 else "middle"
        parts.append(f'<text x="{x:g}" y="{HEIGHT - 7}" text-anchor="{anchor}">{seconds * part:g} s</text>')
    for at, (pair, values) in enumerate(series.items()):
        color = _COLORS[pair]
        for piece in _pieces(values):
            points = " ".join(
                f"{_LEFT + inner_w * second / seconds:.1f},{_TOP + inner_h * (1 - value / top):.1f}"
                for second, value in piece
            )
            if len(piece) > 1:
                parts.append(f'<polyline stroke="{color}" points="{points}"/>')
            else:
                cx, cy = points.split(",")
                parts.append(f'<circle fill="{color}" r="1.8" cx="{cx}" cy="{cy}"/>')
        legend = WIDTH - _RIGHT - 70 * (len(series) - at) + 6
        parts.append(f'<text x="{legend}" y="24" style="fill:{color}">{_NAMES[pair]}</text>')
    return "".join(parts)


def _pieces(values: Series) -> list[list[tuple[int, float]]]:
    """Runs of seconds without a hole: a line is not drawn over what was not measured."""
    pieces: list[list[tuple[int, float]]] = [[]]
    for second, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((second, value))
    return [piece for piece in pieces if piece]


def _round_up(value: float) -> float:
    for step in (1, 2, 5, 10, 20, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 5000):
        if value <= step:
            return step
    return float(-(-value // 1000) * 1000)

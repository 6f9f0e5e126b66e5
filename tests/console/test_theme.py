"""The themes keep what they promise: contrast of text, borders and icons, on every ground they stand on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from teleconsole.console.actions import SPECS
from teleconsole.console.theme.stylesheet import style_sheet
from teleconsole.console.theme.theme import Theme
from teleconsole.console.theme.tokens import THEMES, contrast

ROOT = Path(__file__).parents[2]
TEXT, MARK = 4.5, 3.0
ON_GROUNDS = [
    (ink, ground, TEXT)
    for ink in ("text", "secondary", "good", "warn", "danger", "accent")
    for ground in ("background", "surface")
] + [
    ("text", "selection", TEXT), ("secondary", "selection", TEXT), ("danger", "selection", TEXT),
    ("warn", "selection", TEXT), ("text", "hover", TEXT), ("secondary", "hover", TEXT), ("on_accent", "accent", TEXT),
    ("on_accent", "danger", TEXT), ("warn", "warn_fill", TEXT), ("text", "warn_fill", TEXT),
    ("danger", "danger_fill", TEXT), ("text", "danger_fill", TEXT), ("well_text", "well", TEXT),
    ("well_secondary", "well", TEXT), ("badge_text", "badge", TEXT), ("border", "surface", MARK),
    ("border", "background", MARK),
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(THEMES))
@pytest.mark.parametrize(("ink", "ground", "least"), ON_GROUNDS)
def test_contrast(name: str, ink: str, ground: str, least: float) -> None:
    tokens = THEMES[name]
    assert contrast(tokens.color(ink), tokens.color(ground)) >= least


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", sorted(THEMES))
def test_the_style_sheet_has_no_hole(name: str) -> None:
    sheet = style_sheet(THEMES[name], 100, "check.svg", "arrow.svg")
    assert "{text}" not in sheet
    assert THEMES[name].accent in sheet


def test_every_icon_that_is_named_is_there() -> None:
    """Also those that are only drawn in a rare state."""
    named = re.compile(r'(?:IconLabel|EmptyState)\(\s*(?:self\._)?theme,\s*"([^"]+)"|icon="([^"]+)"')
    icons = {file.stem for file in (ROOT / "resources" / "icons").glob("*.svg")}
    assert {spec.icon for spec in SPECS if spec.icon} <= icons
    for source in (ROOT / "src" / "teleconsole" / "console").rglob("*.py"):
        for first, second in named.findall(source.read_text(encoding="utf-8")):
            assert (first or second) in icons, (source.name, first or second)


def test_text_grows_with_the_scale(qapp: QApplication) -> None:
    theme = Theme(qapp)
    theme.choose("dark", 150)
    assert theme.font("base").pixelSize() == 20
    assert theme.tokens.name == "dark"
    theme.choose("high-contrast", 100)
    assert theme.reduced_motion
    theme.choose("light")
    theme.deleteLater()

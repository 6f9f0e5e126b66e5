"""What a screen reader finds: no control without a name, no patient in a title, names as they are published."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from teleconsole.console.actions import SPECS
from tests.console.conftest import Desk, until

ACTIONABLE = (QAbstractButton, QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSlider, QAbstractItemView)
ROOT = Path(__file__).parents[2]
PANES = ("today", "cases", "call", "to-send", "settings")


def nameless(desk: Desk) -> list[str]:
    return [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in desk.console.window.findChildren(QWidget)
        if isinstance(widget, ACTIONABLE) and not isinstance(widget, QScrollBar) and is_ours(widget)
        and not widget.accessibleName()
    ]  # fmt: skip


def is_ours(widget: QWidget) -> bool:
    """Qt makes buttons and lists inside of its own fields and tables."""
    above = widget.parentWidget()
    while above is not None:
        if isinstance(above, QComboBox | QLineEdit | QAbstractItemView):
            return False
        above = above.parentWidget()
    return True


async def test_no_control_of_any_pane_is_without_a_name(desk: Desk) -> None:
    await desk.open_case()
    desk.press("Reply")
    for name in PANES:
        desk.console.window.show_pane(name)
        await desk.console.window.panes[name].scope.settle()
    assert nameless(desk) == []


async def test_no_field_is_without_a_name_on_the_locked_screen(desk: Desk) -> None:
    desk.console.actions["lock"].trigger()
    await until(lambda: desk.console.screen.page_name == "locked", "it is locked")
    assert nameless(desk) == []


async def test_the_published_table_names_what_is_there(desk: Desk) -> None:
    """Names of docs/accessibility.md in the column "Pane: Cases" are on the screen, word for word."""
    table = (ROOT / "docs" / "accessibility.md").read_text(encoding="utf-8")
    published = set(re.findall(r"^\| Cases \| `([^`]+)` \| (?:button|field|table|list)", table, re.MULTILINE))
    await desk.open_case()
    seen: set[str] = set()
    for button in ("Reply", "Decide", "Note"):
        desk.press(button)
        seen |= desk.names()
    assert len(published) >= 10
    assert published <= seen | {"Send"}


async def test_the_window_is_named_without_a_patient(desk: Desk) -> None:
    await desk.open_case()
    assert desk.console.window.windowTitle() == "teleconsole"


def test_no_two_actions_of_a_pane_share_a_key() -> None:
    everywhere = [keys for spec in SPECS if spec.group == "Everywhere" for keys in spec.keys]
    for group in {spec.group for spec in SPECS} - {"Everywhere"}:
        keys = everywhere + [keys for spec in SPECS if spec.group == group for keys in spec.keys]
        assert len(keys) == len(set(keys)), group

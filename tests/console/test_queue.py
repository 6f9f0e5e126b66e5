"""The queue: pages by key, search, views, keys, what is kept over a reload."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from teleconsole.console.queue.model import Head, QueueModel
from teleconsole.console.widgets.case_row import initials
from teleconsole.contracts.cases import CasePage, ListCases
from teleconsole.contracts.vault import CasesChanged
from teleconsole.ipc.errors import RemoteFailure
from tests.console import made_up
from tests.console.conftest import Desk, close, make_desk, until
from tests.console.fakes import FakeVault


def model_of(rows: int, next_key: str = "", total: int = 0) -> QueueModel:
    model = QueueModel(lambda: made_up.NOW_MS)
    model.set_pages([CasePage(tuple(made_up.rows(rows)), next_key, total or rows)], "due")
    return model


def test_heads_stand_before_their_groups_with_counts() -> None:
    model = model_of(20)
    heads = [model.data(model.index(row, 0), int(Qt.ItemDataRole.DisplayRole)) for row in model.head_rows()]
    assert heads == ["Overdue · 1", "Due today · 6", "Later · 13"]
    assert model.rowCount() == 23


def test_the_last_group_counts_what_is_not_fetched_yet() -> None:
    model = model_of(20, next_key="20", total=500)
    heads = [model.data(model.index(row, 0), int(Qt.ItemDataRole.DisplayRole)) for row in model.head_rows()]
    assert heads[-1] == "Later · 493"


def test_rows_are_said_in_words() -> None:
    model = model_of(5)
    words = model.data(model.index(model.row_of("case-1"), 0), int(Qt.ItemDataRole.AccessibleTextRole))
    assert words == (
        "Ines Okafor-Lund, 58, Swollen ankles, rash since a tablet, urgent, due 16:08, 2 new, 3 photos, 1 video, "
        "measurements, claimed by you"
    )


def test_heads_cannot_be_selected() -> None:
    model = model_of(5)
    assert model.flags(model.index(0, 0)) == Qt.ItemFlag.NoItemFlags
    assert model.flags(model.index(1, 0)) & Qt.ItemFlag.ItemIsSelectable


def test_a_page_that_failed_can_be_asked_for_again() -> None:
    model = model_of(20, next_key="20", total=40)
    model.fetchMore(QModelIndex())
    assert not model.canFetchMore(QModelIndex())
    model.fetch_failed()
    assert model.canFetchMore(QModelIndex())


def test_a_head_is_not_repeated_by_the_next_page() -> None:
    rows = made_up.rows(60)
    model = QueueModel(lambda: made_up.NOW_MS)
    model.set_pages([CasePage(tuple(rows[:30]), "30", 60)], "due")
    model.add_page(CasePage(tuple(rows[30:]), "", 60))
    assert model.case_count == 60
    assert len(model.head_rows()) == 3
    assert not model.canFetchMore(QModelIndex())


def test_other_orders_have_no_heads() -> None:
    model = QueueModel(lambda: made_up.NOW_MS)
    model.set_pages([CasePage(tuple(made_up.rows(9)), "", 9)], "priority")
    assert model.head_rows() == []
    assert Head("Later", 0).words == "Later"


async def test_scrolling_fetches_the_next_page_by_its_key(qapp: QApplication) -> None:
    desk = make_desk(qapp, FakeVault(count=500))
    desk.console.window.show()
    desk.vault.restart()
    queue = desk.console.cases.queue
    await until(lambda: queue.model.case_count == 200, "the first page is here")
    queue.list.scrollToBottom()
    await until(lambda: queue.model.case_count == 400, "the second page is here")
    assert [ask.after_key for ask in desk.vault.of(ListCases)] == ["", "200"]
    await close(desk)


async def test_search_narrows_as_one_types_and_esc_leaves_it(desk: Desk) -> None:
    field = desk.named("Search cases", QLineEdit)
    queue = desk.console.cases.queue
    desk.console.actions["search"].trigger()
    await until(field.hasFocus, "the search has the focus")
    QTest.keyClicks(field, "haddad")
    await until(lambda: queue.model.case_count == 1, "one case matches")
    QTest.keyClicks(field, " zzz")
    await until(lambda: queue.state == "empty", "nothing matches")
    assert "haddad zzz" in queue.empty_words
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await until(lambda: queue.model.case_count == 200, "everything is here again")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    await until(queue.list.hasFocus, "the list has the focus")


async def test_a_view_is_asked_for_and_counted(desk: Desk) -> None:
    queue = desk.console.cases.queue
    desk.press("Mine: 4")
    await until(lambda: queue.model.case_count == 4, "my cases are shown")
    assert desk.vault.of(ListCases)[-1].view == "mine"
    desk.press("Awaiting results: 0")
    await until(lambda: queue.state == "empty", "the view is empty")
    assert "Nothing here" in queue.empty_words


async def test_j_and_k_move_over_heads_and_open_the_case(desk: Desk) -> None:
    queue, case = desk.console.cases.queue, desk.console.cases.case
    queue.list.setFocus()
    desk.console.actions["queue.next"].trigger()
    desk.console.actions["queue.next"].trigger()
    await until(lambda: case.case_id == "case-1", "the second case is open")
    desk.console.actions["queue.previous"].trigger()
    await until(lambda: case.case_id == "case-0", "the first case is open")


async def test_selection_and_scroll_stay_over_a_reload(desk: Desk) -> None:
    queue = desk.console.cases.queue
    queue.list.select("case-40")
    queue.list.verticalScrollBar().setValue(700)
    asked = len(desk.vault.of(ListCases))
    desk.vault.rows[50] = msgspec.structs.replace(desk.vault.rows[50], unread_count=7)
    desk.vault.tell(CasesChanged(("case-50",)))
    await until(lambda: len(desk.vault.of(ListCases)) > asked, "it is read again")

    def unread() -> int:
        row = queue.model.case_at(queue.model.row_of("case-50"))
        return row.unread_count if row is not None else 0

    await until(lambda: unread() == 7, "the change is shown")
    assert queue.list.case_id == "case-40"
    assert queue.list.verticalScrollBar().value() == 700


async def test_a_failure_is_told_in_the_banner(desk: Desk) -> None:
    desk.vault.failures[ListCases] = RemoteFailure("store", "The case store did not answer. Nothing was deleted.")
    desk.console.cases.queue.reload()
    await until(lambda: desk.console.cases.queue.banner.sentence, "the banner speaks")
    assert desk.console.cases.queue.banner.sentence == "The case store did not answer. Nothing was deleted."


def test_a_colleague_is_shown_by_initials() -> None:
    shown = [initials(name) for name in ("Dr Tomasz Wilk", "JR", "", "Prof. Anna Maria Berg")]
    assert shown == ["TW", "JR", "Taken", "AB"]

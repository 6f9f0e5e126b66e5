"""The queue as a table model: pages are fetched by keyset as the list is scrolled, group heads stand between rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from teleconsole.console.words import local, row_in_words
from teleconsole.contracts.cases import CasePage, CaseRow, CaseType, CaseView, Priority

PAGE_ROWS = 200
CASE_ROLE = Qt.ItemDataRole.UserRole
HEAD_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex
Order = Literal["due", "newest", "priority"]


@dataclass(frozen=True)
class Query:
    """What the list shows: a view, narrowed by search and filters, in an order."""

    view: CaseView = "open"
    search: str = ""
    case_types: tuple[CaseType, ...] = ()
    priorities: tuple[Priority, ...] = ()
    order: Order = "due"

    def searching(self, text: str) -> "Query":
        """Return the same with another search."""
        return replace(self, search=text.strip())


@dataclass(frozen=True)
class Head:
    """A group head between rows."""

    title: str
    count: int

    @property
    def words(self) -> str:
        """As it is shown."""
        return f"{self.title} · {self.count}" if self.count else self.title


class QueueModel(QAbstractTableModel):
    """Rows of one query, as far as they were fetched.

    Args:
        now_ms: the server's time now.

    Signals:
        more_wanted: the list was scrolled to its end and `next_key` says that there is more.
    """

    more_wanted = Signal()

    def __init__(self, now_ms: Callable[[], int]) -> None:
        super().__init__()
        self._now_ms = now_ms
        self._rows: list[CaseRow] = []
        self._items: list[CaseRow | Head] = []
        self._next_key = ""
        self._fetching = False
        self._by_due = True
        self.total = 0

    @property
    def next_key(self) -> str:
        """Where the next page begins; empty = everything is here."""
        return self._next_key

    @property
    def case_count(self) -> int:
        """How many cases are here."""
        return len(self._rows)

    def now_ms(self) -> int:
        """Return the time that "late" is measured by."""
        return self._now_ms()

    def set_pages(self, pages: list[CasePage], order: Order) -> None:
        """Show these pages instead of what was here."""
        self.beginResetModel()
        self._by_due = order == "due"
        self._rows = [row for page in pages for row in page.rows]
        self._next_key = pages[-1].next_key if pages else ""
        self.total = pages[0].total if pages else 0
        self._fetching = False
        self._items = self._grouped(self._rows, [])
        self.endResetModel()

    def add_page(self, page: CasePage) -> None:
        """Add the next page at the end."""
        items = self._grouped(page.rows, self._items)
        self._rows.extend(page.rows)
        self._next_key = page.next_key
        self._fetching = False
        if not items:
            return
        first = len(self._items)
        self.beginInsertRows(QModelIndex(), first, first + len(items) - 1)
        self._items.extend(items)
        self.endInsertRows()

    def fetch_failed(self) -> None:
        """The next page did not come; scrolling asks again."""
        self._fetching = False

    def row_of(self, case_id: str) -> int:
        """Return the row of a case, -1 when it is not here."""
        for number, item in enumerate(self._items):
            if isinstance(item, CaseRow) and item.case_id == case_id:
                return number
        return -1

    def case_at(self, row: int) -> CaseRow | None:
        """Return the case of a row, None for a head or outside."""
        item = self._items[row] if 0 <= row < len(self._items) else None
        return item if isinstance(item, CaseRow) else None

    def head_rows(self) -> list[int]:
        """Return the rows that are group heads."""
        return [number for number, item in enumerate(self._items) if isinstance(item, Head)]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's own signature
        """Rows and heads that are here."""
        return 0 if parent.isValid() else len(self._items)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's own signature
        """One: a row is drawn as a whole."""
        return 0 if parent.isValid() else 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Cases can be selected, heads cannot."""
        if index.isValid() and isinstance(self._items[index.row()], CaseRow):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        return Qt.ItemFlag.NoItemFlags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A row in words for the screen reader, as a value for the delegate."""
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return item.words if isinstance(item, Head) else row_in_words(item, self._now_ms())
        if role == CASE_ROLE and isinstance(item, CaseRow):
            return item
        if role == HEAD_ROLE and isinstance(item, Head):
            return item
        return None

    def canFetchMore(self, parent: Index) -> bool:
        """Whether another page is to be had."""
        return not parent.isValid() and bool(self._next_key) and not self._fetching

    def fetchMore(self, parent: Index) -> None:
        """Ask for the next page; it comes by `add_page`."""
        if self.canFetchMore(parent):
            self._fetching = True
            self.more_wanted.emit()

    def _group(self, row: CaseRow) -> str:
        now_ms = self._now_ms()
        if row.due_ms and row.due_ms < now_ms:
            return "Overdue"
        if row.due_ms and local(row.due_ms).date() == local(now_ms).date():
            return "Due today"
        return "Later"

    def _grouped(
        self, rows: "list[CaseRow] | tuple[CaseRow, ...]", before: "list[CaseRow | Head]"
    ) -> list[CaseRow | Head]:
        """Return the rows with a head before each group that begins among them."""
        if not self._by_due:
            return list(rows)
        last = next((item.title for item in reversed(before) if isinstance(item, Head)), "")
        items: list[CaseRow | Head] = []
        for row in rows:
            group = self._group(row)
            if group != last:
                items.append(Head(group, self._count(group, rows)))
                last = group
            items.append(row)
        return items

    def _count(self, group: str, rows: "list[CaseRow] | tuple[CaseRow, ...]") -> int:
        """Return how many cases a group has: those here, or for the last one what is left of the total."""
        here = sum(self._group(row) == group for row in rows)
        if group != "Later" or not self._next_key:
            return here
        return self.total - (len(rows) - here)

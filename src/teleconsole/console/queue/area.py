"""The queue: views, search, filters and the list of cases, kept true by news."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from teleconsole.console.actions import Actions
from teleconsole.console.pane import Pane
from teleconsole.console.pauses import single_shot
from teleconsole.console.ports import VaultPort
from teleconsole.console.queue.case_list import CaseList
from teleconsole.console.queue.model import PAGE_ROWS, Query, QueueModel
from teleconsole.console.queue.tools import QueueTools
from teleconsole.console.queue.views import ViewChoice, Views
from teleconsole.console.theme.measures import LIST_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.label import Hairline
from teleconsole.console.widgets.placeholder import EmptyState, Skeleton
from teleconsole.contracts.cases import CasePage, CountCases, ListCases
from teleconsole.contracts.vault import CasesChanged, ChangesChanged, EvidenceArrived

_SEARCH_PAUSE_MS = 120
_NEWS_PAUSE_MS = 50
_RELOAD_ROWS = 1_000
_CASE_LEAST_PX = 614
_LIST_FROM_PX = 1340
_LIST_NARROW_PX = 340


class QueueArea(Pane):
    """Views and list of the cases.

    Signals:
        case_chosen: id of the case to show; bool: it was opened on purpose, so the focus goes there.
        pane_wanted: name of another pane.
    """

    case_chosen = Signal(str, bool)
    pane_wanted = Signal(str)

    def __init__(self, theme: Theme, actions: Actions, vault: VaultPort, now_ms: Callable[[], int]) -> None:
        super().__init__(theme, "Queue")
        self._vault = vault
        self._query = Query()
        self._loaded_query: Query | None = None
        self._kept_rows = self._kept_scroll = 0
        self.views = Views(theme, self)
        self.tools = QueueTools(theme, self)
        self.model = QueueModel(now_ms)
        self.list = CaseList(theme, self.model, self)
        self._skeleton = Skeleton(theme, self)
        self._empty = EmptyState(theme, "inbox", "No cases", parent=self)
        self._stack = QStackedWidget(self)
        for page in (self._skeleton, self._empty, self.list):
            self._stack.addWidget(page)
        self._stack.setCurrentWidget(self._skeleton)
        self._lay_out()
        self._search_pause = single_shot(self, _SEARCH_PAUSE_MS)
        self._news_pause = single_shot(self, _NEWS_PAUSE_MS)
        self._connect(actions)

    @property
    def query(self) -> Query:
        """What is shown now."""
        return self._query

    @property
    def state(self) -> str:
        """Which of its states is on the screen: "list", "empty" or "loading"."""
        names = {id(self.list): "list", id(self._empty): "empty", id(self._skeleton): "loading"}
        return names[id(self._stack.currentWidget())]

    @property
    def empty_words(self) -> str:
        """What the empty state says."""
        return self._empty.words

    def shown(self) -> None:
        """Read everything again."""
        self.reload()

    def clear(self) -> None:
        """Forget the cases; view, filters and scroll stay, the search (it may be a name) does not."""
        super().clear()
        if self.model.case_count and not self._query.search:
            self._kept_rows, self._kept_scroll = self.model.case_count, self.list.verticalScrollBar().value()
        self._search_pause.stop()
        self._news_pause.stop()
        self.tools.clear_search()
        self._query = self._query.searching("")
        self.model.set_pages([], self._query.order)
        self._stack.setCurrentWidget(self._skeleton)

    def reload(self) -> None:
        """Read the list and the counts again; selection and scroll stay."""
        if self.model.case_count == 0:
            self._skeleton.begin()
        self.scope.latest("list", self._load())
        self.scope.latest("counts", self._load_counts())

    def fit(self, width_px: int) -> None:
        """Take the room that a pane of this width has for the queue: the views fold away first, then the list."""
        list_px = LIST_PX if width_px >= _LIST_FROM_PX else _LIST_NARROW_PX
        beside = width_px - self.views.width() - list_px >= self.theme.scaled_px(_CASE_LEAST_PX)
        self.views.setVisible(beside)
        self.tools.views.setVisible(not beside)
        self._middle.setFixedWidth(list_px)

    def next_unclaimed(self) -> None:
        """Show what nobody works on and select its first case."""
        self.views.choose("unclaimed")
        self.list.setFocus()

    def _lay_out(self) -> None:
        middle = QWidget(self)
        middle.setFixedWidth(LIST_PX)
        self._middle = middle
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tools)
        column.addWidget(Hairline())
        column.addWidget(self._stack, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.views)
        row.addWidget(Hairline(Qt.Orientation.Vertical))
        row.addWidget(middle, 1)
        self.body.addLayout(row)

    def _connect(self, actions: Actions) -> None:
        self.views.chosen.connect(self._on_view_chosen)
        self.tools.views_wanted.connect(self.views.fill)
        self.tools.search_changed.connect(self._search_pause.start)
        self.tools.search_left.connect(self.list.setFocus)
        self.tools.choice_changed.connect(self._on_tools_changed)
        self._search_pause.timeout.connect(self._on_tools_changed)
        self._news_pause.timeout.connect(self.reload)
        self.model.more_wanted.connect(lambda: self.scope.latest("more", self._load_more()))
        self.list.case_selected.connect(lambda case_id: self.case_chosen.emit(case_id, False))
        self.list.case_opened.connect(lambda case_id: self.case_chosen.emit(case_id, True))
        actions["queue.next"].triggered.connect(lambda: self.list.step(1))
        actions["queue.previous"].triggered.connect(lambda: self.list.step(-1))
        actions["queue.open"].triggered.connect(self._on_open)
        actions["queue.next-due"].triggered.connect(self.next_unclaimed)
        self._vault.on_news(CasesChanged, self._on_news)
        self._vault.on_news(ChangesChanged, self._on_news)
        self._vault.on_news(EvidenceArrived, self._on_evidence_arrived)

    def _on_evidence_arrived(self, news: EvidenceArrived) -> None:
        if news.here_bytes >= news.size_bytes:  # a case may be whole now
            self._on_news(news)

    def _on_news(self, news: object) -> None:
        if not self._news_pause.isActive():
            self._news_pause.start()

    def _on_open(self) -> None:
        if self.list.case_id:
            self.case_chosen.emit(self.list.case_id, True)

    def _on_view_chosen(self, choice: ViewChoice) -> None:
        if choice.pane:
            self.pane_wanted.emit(choice.pane)
            return
        types = (choice.case_type,) if choice.case_type is not None else ()
        self.tools.set_case_types(types)
        self._ask_for(Query(choice.view, self.tools.search, types, self.tools.priorities, self.tools.order))

    def _on_tools_changed(self) -> None:
        tools = self.tools
        self._ask_for(Query(self._query.view, tools.search.strip(), tools.case_types, tools.priorities, tools.order))

    def _ask_for(self, query: Query) -> None:
        if query != self._query:
            self._query = query
            self._kept_rows = self._kept_scroll = 0
            self.list.verticalScrollBar().setValue(0)
            self.reload()

    async def _load(self) -> None:
        query = self._query
        rows = max(self._kept_rows, self.model.case_count if query == self._shown_query() else 0)
        wanted = max(PAGE_ROWS, min(rows, _RELOAD_ROWS))
        pages = [await self._page("")]
        while pages[-1].next_key and sum(len(page.rows) for page in pages) < wanted:
            pages.append(await self._page(pages[-1].next_key))
        self._show(pages)

    def _shown_query(self) -> Query | None:
        return self._loaded_query if self.model.case_count else None

    def _show(self, pages: list[CasePage]) -> None:
        selected, scroll = self.list.case_id, self.list.verticalScrollBar().value()
        self.list.blockSignals(True)
        self.model.set_pages(pages, self._query.order)
        self.list.select(selected)
        self.list.blockSignals(False)
        self.list.verticalScrollBar().setValue(scroll)
        self._loaded_query = self._query
        self._skeleton.end()
        if self.model.case_count:
            self._stack.setCurrentWidget(self.list)
            self._return_to_scroll()
        else:
            self._say_empty()
            self._stack.setCurrentWidget(self._empty)

    def _return_to_scroll(self) -> None:
        """Scroll to where the list was before it was forgotten."""
        if self._kept_rows:
            self.list.doItemsLayout()
            self.list.verticalScrollBar().setValue(self._kept_scroll)
            self._kept_rows = self._kept_scroll = 0

    def _say_empty(self) -> None:
        if self._query.search:
            hint = "Names, MRN, reasons and messages were searched. Esc leaves the search."
            self._empty.say(f"No case matches “{self._query.search}”", hint, "search")
        elif self._query.view == "open" and not self._query.case_types and not self._query.priorities:
            self._empty.say("No open cases", "New ones appear here as soon as they are synced.", "inbox")
        else:
            self._empty.say("Nothing here", "No case fits this view and these filters.", "list-filter")

    async def _page(self, after_key: str) -> CasePage:
        query = self._query
        return await self._vault.ask(
            ListCases(
                query.view, query.search, query.case_types, query.priorities, query.order, after_key, PAGE_ROWS
            )
        )  # fmt: skip

    async def _load_more(self) -> None:
        try:
            page = await self._page(self.model.next_key)
        except Exception:
            self.model.fetch_failed()
            raise
        self.model.add_page(page)

    async def _load_counts(self) -> None:
        self.views.show_counts(await self._vault.ask(CountCases()))

"""The console over its ports: window, panes and session wired together. Tests build it over fakes."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from teleconsole.console.actions import Actions
from teleconsole.console.call.mini import MiniCall
from teleconsole.console.call.pane import CallPane
from teleconsole.console.call_link import CallLink
from teleconsole.console.case.area import CaseArea
from teleconsole.console.case.beside import CaseBesideView
from teleconsole.console.case.render_turn import RenderTurn
from teleconsole.console.case.viewer import Viewer
from teleconsole.console.cases_pane import CasesPane
from teleconsole.console.main_window import MainWindow
from teleconsole.console.place import BACK, Place
from teleconsole.console.ports import CallPort, RenderPort
from teleconsole.console.queue.area import QueueArea
from teleconsole.console.server_clock import ServerClock
from teleconsole.console.session.call_bar import IN_CALL, QUALITY_WORDS, CallBar
from teleconsole.console.session.idle import IdleWatch, lock_minutes
from teleconsole.console.session.screen import SessionScreen
from teleconsole.console.session.session import Session, VaultLife
from teleconsole.console.settings.pane import SettingsPane, SettingsParts
from teleconsole.console.shortcut_sheet import ShortcutSheet
from teleconsole.console.sync.pane import ToSendPane
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.theme import Theme
from teleconsole.console.today.pane import TodayPane
from teleconsole.console.visits import Visits
from teleconsole.console.words import duration
from teleconsole.contracts.call import CallChanged, StatsChanged
from teleconsole.contracts.cases import CaseDetail, CountCases
from teleconsole.contracts.vault import (
    CasesChanged,
    GetSyncStatus,
    SignedIn,
    SyncNow,
    SyncStatus,
    SyncStatusChanged,
)
from teleconsole.host.clock import Clock
from teleconsole.host.policy import LoadedPolicy
from teleconsole.host.settings import Settings


@dataclass(frozen=True)
class Ports:
    """The other processes."""

    vault: VaultLife
    call: CallPort
    render: RenderPort


@dataclass(frozen=True)
class Surroundings:
    """What the console is told about this computer."""

    clock: Clock
    policy: LoadedPolicy
    settings: Settings
    version: str
    save_settings: Callable[[Settings], None]


class Console(QObject):
    """Everything on the screen.

    Signals:
        quit_wanted: the person wants to end the program.
    """

    quit_wanted = Signal()

    def __init__(self, app: QApplication, ports: Ports, around: Surroundings) -> None:
        super().__init__(app)
        self._ports = ports
        self._around = around
        self._place: Place | None = None
        self._locked_ms = 0
        self._stopped: set[str] = set()
        self._status = SyncStatus("idle", 0, 0, 0, 0, 0)
        self.clock = ServerClock(around.clock)
        self.theme = Theme(app)
        self.theme.choose(around.settings.theme, around.settings.text_scale_percent)
        self.actions = Actions(self.theme, self)
        self.session = Session(ports.vault, self, self.save)
        self.call_bar = CallBar(self.theme, ports.call, self.clock.now_ms)
        self.screen = SessionScreen(
            self.theme,
            self.call_bar,
            create=self.session.create,
            unlock=self.session.unlock,
            sign_in=self.session.sign_in,
        )
        self.window = MainWindow(self.theme, self.actions, self.screen)
        self.scope = TaskScope(self, self.window.banner.warn)
        self.link = CallLink(ports.vault, ports.call, around.policy.policy, self.scope, lambda: self.session.is_open)
        self.visits = Visits(ports.vault, ports.call, self.scope, self.clock.now_ms, lambda: self.session.is_open)
        self._make_panes()
        minutes = lock_minutes(around.settings.idle_lock_minutes, around.policy.policy.idle_lock_minutes)
        self.idle = IdleWatch(app, minutes)
        self._connect()
        self.starting()

    # --- what the session shows -------------------------------------------------------------------------------------

    def starting(self) -> None:
        """The vault is being asked."""
        self.screen.show_starting()
        self.window.show_session()

    def first_run(self) -> None:
        """There is no store yet."""
        self.screen.show_first_run()
        self.window.show_session()

    def locked(self, sentence: str) -> None:
        """A passphrase is wanted."""
        who = self.session.who
        name = " · ".join(part for part in (who.name, who.clinic) if part)
        self.screen.show_locked(name, self._locked_ms, self._facts(), sentence)
        self.window.show_session()
        self.window.status.show_locked(self._locked_ms or self.clock.now_ms())

    def refused(self, sentence: str) -> None:
        """The store must not be opened."""
        self.screen.show_refused(sentence)
        self.window.show_session()

    def sign_in_wanted(self, sentence: str) -> None:
        """Nobody is signed in."""
        fixed = self._around.policy.policy.gateway_url
        self.screen.show_sign_in(fixed or self.settings.settings.gateway_url, fixed=bool(fixed), sentence=sentence)
        self.window.show_session()

    def opened(self, who: SignedIn) -> None:
        """Work begins, or goes on where it was."""
        self._locked_ms = 0
        self.screen.clear()
        self._tell_back("vault")
        self.window.status.show_session(" · ".join(part for part in (who.name, who.clinic) if part), self._minutes())
        self.settings.show_session(who)
        if who.gateway_url and who.gateway_url != self.settings.settings.gateway_url:
            self._remember_gateway(who.gateway_url)
        self.window.show_work()
        place, self._place = self._place, None
        self.window.show_pane(place.pane if place is not None else self.window.pane_name or "cases")
        if place is not None and place.case_id:
            self.scope.start(self._return_to(place))
        self.scope.latest("status", self._load_status())
        self.link.open()
        self.visits.opened()

    def covered(self) -> None:
        """The screen is covered at once; where the person was is kept, by ids alone."""
        case = self.cases.case
        writing = case.composer.kind if not case.composer.isHidden() else None
        self._place = Place(self.window.pane_name, case.case_id, writing)
        self._locked_ms = self.clock.now_ms()
        self.mini.cover()
        self.screen.show_starting()
        self.window.show_session()
        self.window.status.show_locked(self._locked_ms)

    def forgotten(self) -> None:
        """Drop everything of patients."""
        for pane in self.window.panes.values():
            pane.clear()
        self.visits.clear()

    # --- what the processes tell ------------------------------------------------------------------------------------

    def vault_lost(self, sentence: str) -> None:
        """The vault ended by itself and is being started again."""
        self.session.lost()
        self._stopped.add("vault")
        self.window.banner.danger(f"{sentence} It is being started again; what was saved is safe.")
        self.window.status.show_vault_away(sentence)

    def call_lost(self, sentence: str) -> None:
        """The call process ended by itself and is being started again."""
        self._stopped.add("call")
        self.window.banner.danger(f"{sentence} It is being started again; chat, notes and stills are kept.")
        self.window.status.show_call("")

    def render_lost(self, sentence: str) -> None:
        """The render process ended by itself; the next file starts it again."""
        self.cases.banner.warn(f"{sentence} The original is kept; open it again.")

    def _tell_back(self, part: str) -> None:
        """Say that a part which had stopped works again: it was back before anybody could read that it was gone."""
        if part in self._stopped:
            self._stopped.discard(part)
            self.window.banner.warn(BACK[part])
        else:
            self.window.banner.hide()

    def vault_ready(self) -> None:
        """The vault answers: open it, or ask for the passphrase."""
        self.scope.latest("begin", self.session.begin())

    def lock(self) -> None:
        """Lock now."""
        self.scope.start(self.session.lock())

    @property
    def in_call(self) -> bool:
        """Whether a call goes on."""
        snapshot = self.call_bar.snapshot
        return snapshot is not None and snapshot.phase in IN_CALL

    def _make_panes(self) -> None:
        theme, actions, ports, around = self.theme, self.actions, self._ports, self._around
        now_ms = self.clock.now_ms
        queue = QueueArea(theme, actions, ports.vault, now_ms)
        turn = RenderTurn(ports.render)
        case = CaseArea(theme, actions, ports.vault, ports.render, turn, now_ms)
        viewer = Viewer(theme, actions, ports.vault, ports.render, ports.call, case.thumbnails, turn, now_ms)
        self.cases = CasesPane(theme, actions, queue, case, viewer)
        self.to_send = ToSendPane(theme, ports.vault, now_ms)
        parts = SettingsParts(around.settings, around.policy, around.version, around.save_settings)
        self.settings = SettingsPane(theme, ports.call, parts)
        self.today = TodayPane(
            theme, actions, ports.vault, ports.call, self.visits, now_ms,
            sounds=lambda: self.settings.settings.arrival_sound,
        )  # fmt: skip
        self.beside = CaseBesideView(
            theme, ports.vault, ports.render, turn, now_ms, self.window.banner.warn
        )  # fmt: skip
        self.call = CallPane(
            theme, actions, ports.vault, ports.call, self.visits, self.beside, self.beside, now_ms
        )  # fmt: skip
        self.mini = MiniCall(
            theme, self.window, self.visits, ports.call, actions["call.microphone"], lambda: self.session.is_open
        )  # fmt: skip
        self.mini.end_wanted.connect(self.call.controls.end_wanted)
        self.window.add_pane("cases", self.cases)
        self.window.add_pane("today", self.today)
        self.window.add_pane("call", self.call)
        self.window.add_pane("to-send", self.to_send)
        self.window.add_pane("settings", self.settings)

    def _connect(self) -> None:
        actions, window, vault = self.actions, self.window, self._ports.vault
        actions["lock"].triggered.connect(self.lock)
        actions["search"].triggered.connect(self._on_search)
        actions["sync"].triggered.connect(lambda: self.scope.latest("sync", self._sync_now()))
        actions["shortcuts"].triggered.connect(self._on_shortcuts)
        actions["quit"].triggered.connect(self.quit_wanted)
        window.close_wanted.connect(self.quit_wanted)
        window.status.wanted.connect(self._on_status_clicked)
        self.cases.pane_wanted.connect(window.show_pane)
        self.cases.case.call_requested.connect(self.visits.call_case)
        self.beside.evidence_opened.connect(self._on_evidence_beside)
        self.today.case_wanted.connect(self.open_case)
        self.visits.begun.connect(lambda: window.show_pane("call"))
        self.visits.ended.connect(self._on_visit_ended)
        self.visits.waiting_changed.connect(self._on_waiting_changed)
        self.to_send.case_wanted.connect(self.open_case)
        self.settings.changed.connect(self._on_settings_changed)
        self.settings.trial_wanted.connect(actions["call.devices"].trigger)
        self.call.devices_chosen.connect(self.settings.remember_devices)
        self.idle.idle.connect(self.lock)
        vault.on_news(SyncStatusChanged, lambda news: self._show_status(news.status))
        vault.on_news(CasesChanged, self._on_cases_changed)
        vault.on_restarted(self.vault_ready)
        self._ports.call.on_news(CallChanged, lambda news: self._show_call())
        self._ports.call.on_news(StatsChanged, lambda news: self._show_call())
        self._ports.call.on_restarted(self._on_call_ready)

    def open_case(self, case_id: str) -> None:
        """Show a case in the pane Cases."""
        self.window.show_pane("cases")
        self.cases.open_case(case_id)

    def _on_visit_ended(self, case_id: str) -> None:
        """Show the record of the visit, unless the person has gone elsewhere."""
        if case_id and self.session.is_open and self.window.pane_name == "call":
            self.open_case(case_id)

    def _minutes(self) -> int:
        return lock_minutes(self.settings.settings.idle_lock_minutes, self._around.policy.policy.idle_lock_minutes)

    def _facts(self) -> list[tuple[str, str, str]]:
        facts = []
        if self._place is not None and self._place.writing is not None:
            facts.append(("circle-check", "good", "What you were writing was saved as a draft."))
        if self.in_call:
            words = (
                "Chat lines and stills of this call are sealed on this computer. They join the case when you unlock."
            )
            facts.append(("shield-check", "good", words))
        if self._status.to_send:
            many = self._status.to_send
            words = f"{many} {'text waits' if many == 1 else 'texts wait'}. They go out after you unlock."
            facts.append(("upload", "secondary", words))
        return facts

    async def save(self) -> None:
        """Keep what was begun in the panes."""
        for pane in self.window.panes.values():
            await pane.save()

    async def _return_to(self, place: Place) -> None:
        case = self.cases.case
        case.open(place.case_id)
        await case.opened()
        if place.writing is not None:
            case.write(place.writing)

    async def _load_status(self) -> None:
        self._show_status(await self._ports.vault.ask(GetSyncStatus()))
        await self._load_counts()

    async def _load_counts(self) -> None:
        counts = await self._ports.vault.ask(CountCases())
        self.window.rail.items["cases"].set_count(counts.unread, "with something new")
        self.window.rail.items["to-send"].set_count(counts.to_send + counts.could_not_send, "to send")

    async def _sync_now(self) -> None:
        await self._ports.vault.ask(SyncNow())

    def _show_status(self, status: SyncStatus) -> None:
        self._status = status
        self.clock.offset_ms = status.offset_ms
        if not self.session.is_open:
            return
        self.window.status.show_sync(status, self.clock.now_ms())
        self.cases.case.show_sync(status)
        self.to_send.show_sync(status)
        self.window.rail.items["to-send"].set_count(status.to_send + status.could_not_send, "to send")

    def _on_cases_changed(self, news: CasesChanged) -> None:
        if self.session.is_open:
            self.scope.latest("counts", self._load_counts())

    def _show_call(self) -> None:
        """Show the call in the status line; once a second while it lasts."""
        snapshot = self.visits.snapshot
        if snapshot.phase not in IN_CALL:
            self.window.status.show_call("")
            return
        words, tone = QUALITY_WORDS[snapshot.quality]
        seconds = max(0, self.clock.now_ms() - snapshot.started_ms) // 1000 if snapshot.started_ms else 0
        self.window.status.show_call(f"Call {duration(seconds)} {words.lower()}".strip(), tone or "text")

    def _on_waiting_changed(self) -> None:
        self.window.rail.items["today"].set_count(self.visits.here_count, "waiting")

    def _on_call_ready(self) -> None:
        """The call process answers: it takes the devices that the person chose."""
        if "call" in self._stopped:
            self._tell_back("call")
        self.settings.choose_devices()

    def _on_evidence_beside(self, detail: CaseDetail, evidence_id: str) -> None:
        """Show a file of the case beside the video; leaving it goes back to the call."""
        self.window.show_pane("cases")
        self.cases.look(detail, evidence_id, back_to="call")

    def _on_search(self) -> None:
        self.window.show_pane("cases")
        self.cases.close_viewer()
        self.cases.queue.tools.focus_search()

    def _on_shortcuts(self) -> None:
        ShortcutSheet(self.theme, self.window).open()

    def _on_status_clicked(self, target: str) -> None:
        if target == "sync":
            self.scope.latest("sync", self._sync_now())
        elif target in self.window.panes and self.session.is_open:
            self.window.show_pane(target)

    def _on_settings_changed(self, settings: Settings) -> None:
        self.theme.choose(settings.theme, settings.text_scale_percent)
        self.idle.set_minutes(self._minutes())
        self.window.status.lock.say(f"Locks after {self._minutes()} min")

    def _remember_gateway(self, gateway_url: str) -> None:
        settings = msgspec.structs.replace(self.settings.settings, gateway_url=gateway_url)
        self.settings.keep(settings)

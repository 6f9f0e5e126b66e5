"""Settings: how it looks, when it locks, which camera and microphone, and which clinic this is."""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from teleconsole.console.errors import sentence_of
from teleconsole.console.pane import Pane
from teleconsole.console.ports import CallPort
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Hairline, Label
from teleconsole.contracts.call import Device, Devices, DevicesChanged, ListDevices, SelectDevices
from teleconsole.contracts.vault import SignedIn
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.policy import LoadedPolicy
from teleconsole.host.settings import Settings, ThemeChoice

_THEMES: tuple[tuple[ThemeChoice, str], ...] = (
    ("system", "As this computer"),
    ("light", "Light"),
    ("dark", "Dark"),
    ("high-contrast", "High contrast"),
)
_SCALES = (90, 100, 115, 130, 150, 200)
_MINUTES = (1, 2, 5, 10, 15, 20, 30, 60)


@dataclass(frozen=True)
class SettingsParts:
    """What the pane works with: the settings now, and whoever keeps them."""

    settings: Settings
    policy: LoadedPolicy
    version: str
    save: Callable[[Settings], None]


class SettingsPane(Pane):
    """One column of choices; each takes effect at once and is saved.

    Signals:
        changed: the `Settings` that hold now.
        trial_wanted: camera and sound are to be tried out.
    """

    changed = Signal(object)
    trial_wanted = Signal()

    def __init__(self, theme: Theme, call: CallPort, parts: SettingsParts) -> None:
        super().__init__(theme, "Settings pane")
        self._call = call
        self._parts = parts
        self.settings = parts.settings
        self._filling = False
        self._devices: Devices | None = None
        self._theme_box = self._box("Theme", [words for _, words in _THEMES])
        self._scale_box = self._box("Text size", [f"{scale} %" for scale in _SCALES])
        self._minutes_box = self._box("Lock after", [f"{minutes} min" for minutes in self._minutes()])
        self._camera = self._box("Camera", [])
        self._microphone = self._box("Microphone", [])
        self._speaker = self._box("Loudspeaker", [])
        self._try = Button(theme, "Try camera and sound", icon="headphones")
        self._try.clicked.connect(self.trial_wanted)
        self._sound = QCheckBox("Play a sound when a patient arrives")
        self._sound.setAccessibleName("Arrival sound")
        self._sound.toggled.connect(self._on_chosen)
        self._device_problem = Label(tone="warn", wrap=True)
        self._server = Label(title="Clinic address")
        self._who = Label(title="Signed in")
        self._lay_out()
        self._fill()
        call.on_news(DevicesChanged, lambda news: self._show_devices(news.devices))

    def shown(self) -> None:
        """Ask for the devices."""
        self.scope.latest("devices", self._load_devices())

    def choose_devices(self) -> None:
        """Tell the call process which devices were chosen, when any were."""
        settings = self.settings
        if settings.camera or settings.microphone or settings.speaker:
            self.scope.latest("select", self._select(settings.camera, settings.microphone, settings.speaker))

    def show_session(self, who: SignedIn) -> None:
        """Show who works here."""
        self._server.setText(who.gateway_url or "not known yet")
        self._who.setText(f"{who.name}, {who.clinic}" if who.name else "nobody")

    def _minutes(self) -> list[int]:
        policy = self._parts.policy.policy.idle_lock_minutes
        return sorted({minutes for minutes in _MINUTES if minutes < policy} | {policy})

    def _box(self, name: str, words: list[str]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItems(words)
        box.setMinimumWidth(280)
        box.activated.connect(self._on_chosen)
        return box

    def _lay_out(self) -> None:
        policy = self._parts.policy
        page = QFrame()
        page.setProperty("kind", "surface")
        column = QVBoxLayout(page)
        column.setContentsMargins(SPACE_XL_PX, SPACE_L_PX, SPACE_XL_PX, SPACE_XL_PX)
        column.setSpacing(SPACE_L_PX)
        column.addWidget(Label("Settings", step="name"))
        longest = f"Your clinic allows at most {policy.policy.idle_lock_minutes} minutes."
        self._section(column, "Screen", [
            ("Theme", self._theme_box, ""), ("Text size", self._scale_box, ""),
            ("Lock after", self._minutes_box, longest),
        ])  # fmt: skip
        self._section(column, "Camera and sound", [
            ("Camera", self._camera, ""), ("Microphone", self._microphone, ""), ("Loudspeaker", self._speaker, ""),
            ("", self._try, "Picture, level, a tone and an echo test."), ("Waiting room", self._sound, ""),
        ])  # fmt: skip
        column.addWidget(self._device_problem)
        managed = "Set by your IT department." if policy.managed else ""
        self._section(column, "Clinic", [
            ("Clinic address", self._server, managed), ("Signed in", self._who, ""),
            ("Policy", Label(policy.source or "none, the defaults hold", title="Policy"), ""),
            ("Version", Label(self._parts.version, title="Version"), ""),
        ])  # fmt: skip
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setAccessibleName("Settings")
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        self.body.addWidget(scroll)

    def _section(self, column: QVBoxLayout, title: str, rows: list[tuple[str, QWidget, str]]) -> None:
        column.addWidget(Hairline())
        column.addWidget(Label(title, step="title", weight=600))
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE_XL_PX)
        grid.setVerticalSpacing(SPACE_M_PX)
        for row, (name, widget, note) in enumerate(rows):
            grid.addWidget(Label(name, tone="secondary"), row, 0)
            grid.addWidget(widget, row, 1)
            grid.addWidget(Label(note, step="small", tone="secondary"), row, 2)
        grid.setColumnMinimumWidth(0, 140)
        grid.setColumnStretch(2, 1)
        column.addLayout(grid)

    def _fill(self) -> None:
        self._filling = True
        settings = self.settings
        self._theme_box.setCurrentIndex([theme for theme, _ in _THEMES].index(settings.theme))
        scale = min(_SCALES, key=lambda scale: abs(scale - settings.text_scale_percent))
        self._scale_box.setCurrentIndex(_SCALES.index(scale))
        minutes = self._minutes()
        chosen = settings.idle_lock_minutes if settings.idle_lock_minutes in minutes else minutes[-1]
        self._minutes_box.setCurrentIndex(minutes.index(chosen))
        self._sound.setChecked(settings.arrival_sound)
        self._filling = False

    def _on_chosen(self) -> None:
        if self._filling:
            return
        devices = (self._chosen(self._camera), self._chosen(self._microphone), self._chosen(self._speaker))
        before = (self.settings.camera, self.settings.microphone, self.settings.speaker)
        settings = msgspec.structs.replace(
            self.settings,
            theme=_THEMES[self._theme_box.currentIndex()][0],
            text_scale_percent=_SCALES[self._scale_box.currentIndex()],
            idle_lock_minutes=self._minutes()[self._minutes_box.currentIndex()],
            arrival_sound=self._sound.isChecked(),
        )
        if self._devices is not None:
            settings = msgspec.structs.replace(settings, camera=devices[0], microphone=devices[1], speaker=devices[2])
            if devices != before:
                self.scope.latest("select", self._select(*devices))
        if settings != self.settings:
            self.keep(settings)

    def keep(self, settings: Settings) -> None:
        """Let these settings hold and save them."""
        self.settings = settings
        self.changed.emit(settings)
        try:
            self._parts.save(settings)
        except OSError:
            self.banner.warn("The settings hold now but could not be saved: the profile folder cannot be written.")

    def remember_devices(self, camera: str, microphone: str, speaker: str) -> None:
        """Keep devices that were chosen elsewhere and work already."""
        settings = msgspec.structs.replace(self.settings, camera=camera, microphone=microphone, speaker=speaker)
        if settings != self.settings:
            self.keep(settings)

    def _chosen(self, box: QComboBox) -> str:
        return str(box.currentData() or "")

    async def _load_devices(self) -> None:
        try:
            self._show_devices(await self._call.ask(ListDevices()))
        except TeleconsoleError as error:
            self._device_problem.setText(sentence_of(error))

    async def _select(self, camera: str, microphone: str, speaker: str) -> None:
        self._show_devices(await self._call.ask(SelectDevices(camera, microphone, speaker)))

    def _show_devices(self, devices: Devices) -> None:
        self._devices = devices
        self._device_problem.setText(devices.problem)
        for box, listed, chosen in (
            (self._camera, devices.cameras, devices.camera),
            (self._microphone, devices.microphones, devices.microphone),
            (self._speaker, devices.speakers, devices.speaker),
        ):
            _fill_devices(box, listed, chosen)


def _fill_devices(box: QComboBox, listed: tuple[Device, ...], chosen: str) -> None:
    box.blockSignals(True)
    box.clear()
    box.addItem("This computer's default", "")
    for device in listed:
        box.addItem(device.name, device.device_id)
    box.addItem("None", "none")
    if box.findData(chosen) < 0:
        box.addItem(chosen, chosen)
    box.setCurrentIndex(box.findData(chosen))
    box.blockSignals(False)

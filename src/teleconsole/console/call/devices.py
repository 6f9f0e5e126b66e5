"""Camera, microphone and loudspeaker, chosen and tried out: in the call, and before it."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLayout, QWidget

from teleconsole.console.call.stethoscope import StethoscopeChoice
from teleconsole.console.call.video_view import VideoView
from teleconsole.console.errors import sentence_of
from teleconsole.console.ports import CallPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.measures import SPACE_L_PX, SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.button import Button
from teleconsole.console.widgets.label import Label
from teleconsole.console.widgets.level_meter import LevelMeter
from teleconsole.contracts.call import (
    CallChanged,
    Device,
    Devices,
    DevicesChanged,
    GetCallSnapshot,
    ListDevices,
    SelectDevices,
)
from teleconsole.contracts.sound import (
    EchoTestChanged,
    EchoTestPhase,
    LevelsChanged,
    PlayTestTone,
    RunEchoTest,
    SetStethoscope,
    StethoscopeSide,
    TryDevices,
)
from teleconsole.domain.errors import TeleconsoleError

_PREVIEW_PX = (320, 180)
_ECHO_WORDS: dict[EchoTestPhase, str] = {
    "idle": "Say something and hear it again after three seconds. Nothing is kept.",
    "recording": "Speak now. It is recorded for three seconds.",
    "playing": "Now you hear what the other side would hear.",
}


class DevicesBox(QDialog):
    """A small window that does not block the call.

    Before a call it opens the devices to try them out: the camera's picture, the microphone's level, an echo test. In a
    call it has the stethoscope mode.

    Args:
        in_visit: whether a visit goes on; the box belongs to one or the other, and is closed when that changes.

    Signals:
        chosen: camera, microphone and loudspeaker that work from now on.
    """

    chosen = Signal(str, str, str)

    def __init__(self, theme: Theme, call: CallPort, parent: QWidget, *, in_visit: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle("teleconsole")
        self.setAccessibleName("Devices")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self._call = call
        self._in_visit = in_visit
        self._problem = Label(tone="warn", wrap=True)
        self.camera = _list("Camera of the call")
        self.microphone = _list("Microphone of the call")
        self.speaker = _list("Loudspeaker of the call")
        self.microphone_level = LevelMeter("Microphone level")
        self.speaker_level = LevelMeter("Loudspeaker level")
        self.tone = Button(theme, "Play a tone", icon="volume-2")
        self.echo = Button(theme, "Echo test", icon="mic")
        self.stethoscope = StethoscopeChoice(theme, self)
        self.leave = Button(theme, "Close", name="Close devices")
        self.echo_words = Label(_ECHO_WORDS["idle"], title="Echo test", step="small", tone="secondary", wrap=True)
        self.preview = VideoView(theme, call, "self", "Your camera", "Starting your camera")
        self._scope = TaskScope(self, self._problem.setText)
        self._lay_out()
        for box in (self.camera, self.microphone, self.speaker):
            box.activated.connect(lambda index: self._scope.latest("choose", self._choose()))
        self.tone.clicked.connect(lambda: self._scope.start(self._play_tone()))
        self.stethoscope.chosen.connect(lambda side: self._scope.latest("stethoscope", self._listen_to(side)))
        self.leave.clicked.connect(self.close)
        self.echo.clicked.connect(lambda: self._scope.start(self._run_echo_test()))
        for stop in self._listen():
            self.finished.connect(lambda result, stop=stop: stop())
        self._scope.start(self._load())

    def _listen(self) -> tuple[Callable[[], None], ...]:
        return (
            self._call.on_news(DevicesChanged, lambda news: self._show(news.devices)),
            self._call.on_news(CallChanged, lambda news: self.stethoscope.show_call(news.snapshot)),
            self._call.on_news(LevelsChanged, self._show_levels),
            self._call.on_news(EchoTestChanged, lambda news: self._show_echo(news.phase)),
            self._call.on_restarted(lambda: self._scope.latest("load", self._load())),
        )

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(SPACE_XL_PX, SPACE_XL_PX, SPACE_XL_PX, SPACE_XL_PX)
        form.setSpacing(SPACE_M_PX)
        form.addRow("Camera", self.camera)
        self.preview.setFixedSize(*_PREVIEW_PX)
        form.addRow("", self.preview)
        form.addRow("Microphone", self.microphone)
        form.addRow("", self.microphone_level)
        form.addRow("Loudspeaker", self.speaker)
        form.addRow("", self.speaker_level)
        form.addRow("", self._tests())
        form.addRow("", self.echo_words)
        if self._in_visit:
            form.addRow(Label("Stethoscope"), self.stethoscope)
        form.addRow(self._problem)
        form.addRow("", self.leave)
        self.stethoscope.setVisible(self._in_visit)
        for before_a_call in (self.preview, self.echo, self.echo_words):
            before_a_call.setVisible(not self._in_visit)

    def _tests(self) -> QLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE_L_PX)
        row.addWidget(self.tone)
        row.addWidget(self.echo)
        row.addStretch(1)
        return row

    async def _load(self) -> None:
        if not self._in_visit:
            await self._call.ask(TryDevices(on=True))
        else:
            snapshot = await self._call.ask(GetCallSnapshot())
            self.stethoscope.show_call(snapshot)
        self._show(await self._call.ask(ListDevices()))

    async def _listen_to(self, side: StethoscopeSide) -> None:
        self._problem.setText("")
        await self._call.ask(SetStethoscope(side))

    async def _choose(self) -> None:
        camera, microphone, speaker = (
            str(box.currentData() or "") for box in (self.camera, self.microphone, self.speaker)
        )
        try:
            devices = await self._call.ask(SelectDevices(camera, microphone, speaker))
        except TeleconsoleError as error:
            devices = await self._call.ask(ListDevices())  # what holds, not what was wanted
            self._show(devices)
            self._problem.setText(sentence_of(error))
        else:
            self._show(devices)
        self.chosen.emit(devices.camera, devices.microphone, devices.speaker)

    async def _play_tone(self) -> None:
        await self._call.ask(PlayTestTone())

    async def _run_echo_test(self) -> None:
        await self._call.ask(RunEchoTest())

    def _show_levels(self, news: LevelsChanged) -> None:
        self.microphone_level.show_level(news.microphone)
        self.speaker_level.show_level(news.speaker)

    def _show_echo(self, phase: EchoTestPhase) -> None:
        self.echo_words.setText(_ECHO_WORDS[phase])
        if phase != "idle" and self.echo.hasFocus():
            self.tone.setFocus()  # else the keyboard would leave with the button that is disabled
        self.echo.setEnabled(phase == "idle")

    def _show(self, devices: Devices) -> None:
        self._problem.setText(devices.problem)
        self.preview.say("Starting your camera" if devices.cameras or devices.camera else "No camera")
        if devices.camera == "none":
            self.preview.clear()
            self.preview.say("No camera")
        for box, found, chosen in (
            (self.camera, devices.cameras, devices.camera),
            (self.microphone, devices.microphones, devices.microphone),
            (self.speaker, devices.speakers, devices.speaker),
        ):
            _fill(box, found, chosen)


def _list(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setMinimumWidth(280)
    return box


def _fill(box: QComboBox, found: tuple[Device, ...], chosen: str) -> None:
    """Show what is there now; a list that is open keeps still until something of it changes."""
    entries = [("As this computer says", ""), *((device.name, device.device_id) for device in found), ("None", "none")]
    if all(device_id != chosen for _, device_id in entries):
        entries.append((chosen, chosen))
    if entries != [(box.itemText(row), box.itemData(row)) for row in range(box.count())]:
        box.clear()
        for name, device_id in entries:
            box.addItem(name, device_id)
    box.setCurrentIndex(box.findData(chosen))

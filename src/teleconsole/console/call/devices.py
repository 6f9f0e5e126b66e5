"""Camera, microphone and loudspeaker in the call: a choice takes effect at once."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QWidget

from teleconsole.console.errors import sentence_of
from teleconsole.console.ports import CallPort
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.measures import SPACE_M_PX, SPACE_XL_PX
from teleconsole.console.widgets.label import Label
from teleconsole.contracts.call import Device, Devices, DevicesChanged, ListDevices, SelectDevices
from teleconsole.domain.errors import TeleconsoleError


class DevicesBox(QDialog):
    """A small window that does not block the call."""

    def __init__(self, call: CallPort, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("teleconsole")
        self.setAccessibleName("Devices")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self._call = call
        self._problem = Label(tone="warn", wrap=True)
        self.camera = _list("Camera of the call")
        self.microphone = _list("Microphone of the call")
        self.speaker = _list("Loudspeaker of the call")
        self._scope = TaskScope(self, self._problem.setText)
        form = QFormLayout(self)
        form.setContentsMargins(SPACE_XL_PX, SPACE_XL_PX, SPACE_XL_PX, SPACE_XL_PX)
        form.setSpacing(SPACE_M_PX)
        form.addRow("Camera", self.camera)
        form.addRow("Microphone", self.microphone)
        form.addRow("Loudspeaker", self.speaker)
        form.addRow(self._problem)
        for box in (self.camera, self.microphone, self.speaker):
            box.activated.connect(lambda index: self._scope.latest("choose", self._choose()))
        stop = call.on_news(DevicesChanged, lambda news: self._show(news.devices))
        self.finished.connect(lambda result: stop())
        self._scope.start(self._load())

    async def _load(self) -> None:
        self._show(await self._call.ask(ListDevices()))

    async def _choose(self) -> None:
        chosen = (str(box.currentData() or "") for box in (self.camera, self.microphone, self.speaker))
        try:
            self._show(await self._call.ask(SelectDevices(*chosen)))
        except TeleconsoleError as error:
            self._show(await self._call.ask(ListDevices()))  # what holds, not what was wanted
            self._problem.setText(sentence_of(error))

    def _show(self, devices: Devices) -> None:
        self._problem.setText(devices.problem)
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
    box.clear()
    box.addItem("As this computer says", "")
    for device in found:
        box.addItem(device.name, device.device_id)
    box.addItem("None", "none")
    index = box.findData(chosen)
    if index < 0:
        box.addItem(chosen, chosen)
        index = box.count() - 1
    box.setCurrentIndex(index)

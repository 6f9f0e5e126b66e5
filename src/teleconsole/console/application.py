"""The console process: one Qt application, one event loop, three children. Here everything is put together."""

import asyncio
import os
import signal
import sys
from importlib import metadata

import qasync
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QMessageBox

from teleconsole.console.console import Console, Ports, Surroundings
from teleconsole.console.garbage import GarbageCollector
from teleconsole.console.lag import lag_recorder
from teleconsole.console.remote import RemotePort
from teleconsole.contracts.call import CALL, HangUp
from teleconsole.contracts.render import RENDER
from teleconsole.contracts.vault import VAULT
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.clock import SystemClock
from teleconsole.host.limits import PICTURE_SLOT_BYTES, VISIT_SLOT_BYTES
from teleconsole.host.paths import PROFILE_VARIABLE, Profile
from teleconsole.host.policy import POLICY_VARIABLE, LoadedPolicy
from teleconsole.host.session_bus import session_bus
from teleconsole.host.settings import Settings, load_settings, save_settings

_KEYRING = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP", "XDG_DATA_HOME")
_TEST_DEVICES = "TELECONSOLE_ALLOW_TEST_DEVICES"
_CALL_READS, _CALL_HIDES = "TELECONSOLE_CALL_READS", "TELECONSOLE_CALL_HIDES"
_SOUND = ("XDG_RUNTIME_DIR", "PULSE_SERVER", "PULSE_COOKIE", "PIPEWIRE_REMOTE", "ALSA_CONFIG_PATH", _TEST_DEVICES)


def main(profile: Profile, policy: LoadedPolicy) -> int:
    """Run the app until the person quits; return the exit status.

    Args:
        profile: its folders exist.
        policy: that holds.
    """
    os.environ[_TEST_DEVICES] = "1" if policy.policy.allow_test_devices else "0"
    os.environ[PROFILE_VARIABLE] = str(profile.folder)  # the children find both as the tests and kiosks do
    if policy.source and not policy.managed:
        os.environ[POLICY_VARIABLE] = policy.source
    os.environ[_CALL_READS] = os.pathsep.join(_read_by_call(profile, policy))
    os.environ[_CALL_HIDES] = session_bus(os.environ)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("teleconsole")
    app.setQuitOnLastWindowClosed(False)
    loop = qasync.QEventLoop(app)
    with loop:
        loop.run_until_complete(_run(app, profile, policy))
    return 0


def _read_by_call(profile: Profile, policy: LoadedPolicy) -> list[str]:
    """Return the files outside of its walls that the call process has to read: IT's certificates, played devices."""
    chosen = load_settings(profile.settings)
    played = [device.removeprefix("file:") for device in (chosen.camera, chosen.microphone) if device[:5] == "file:"]
    return [path for path in (policy.policy.extra_ca_file, *played, os.environ.get(_CALL_READS, "")) if path]


async def _run(app: QApplication, profile: Profile, policy: LoadedPolicy) -> None:
    application = Application(app, profile, policy)
    await application.run()


class Application(QObject):
    """Owns the children and the console."""

    def __init__(self, app: QApplication, profile: Profile, policy: LoadedPolicy) -> None:
        super().__init__(app)
        self._done = asyncio.Event()
        self._quitting = False
        self._vault = RemotePort(VAULT, title="The case store", on_lost=self._vault_lost, environment=_KEYRING)
        self._call = RemotePort(
            CALL,
            title="The part that makes calls",
            on_lost=self._call_lost,
            environment=(*_SOUND, _CALL_READS, _CALL_HIDES),
            slots={"remote": VISIT_SLOT_BYTES, "self": VISIT_SLOT_BYTES},
        )
        self._render = RemotePort(
            RENDER,
            title="The part that shows files",
            on_lost=self._render_lost,
            slots={"picture": PICTURE_SLOT_BYTES},
            lazy=True,
        )

        def save(settings: Settings) -> None:
            save_settings(profile.settings, settings)

        around = Surroundings(
            SystemClock(), policy, load_settings(profile.settings), metadata.version("teleconsole"), save
        )  # fmt: skip
        self.console = Console(app, Ports(self._vault, self._call, self._render), around)
        self.console.quit_wanted.connect(self._on_quit_wanted)
        self._garbage = GarbageCollector(self)
        self._lag = None if policy.managed else lag_recorder(self)

    async def run(self) -> None:
        """Show the window, start the children, and return when the person has quit."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._quit)
        if self._lag is not None:
            loop.add_signal_handler(signal.SIGUSR1, self._lag.write)
            self._lag.start()
        self._garbage.start()
        self._vault.start()
        self.console.window.show()
        loop.call_soon(self._call.start)
        await self._done.wait()
        if self._lag is not None:
            self._lag.write()
        self.console.window.hide()
        await asyncio.gather(self._vault.stop(), self._call.stop(), self._render.stop())

    def _vault_lost(self, sentence: str) -> None:
        self.console.vault_lost(sentence)

    def _call_lost(self, sentence: str) -> None:
        self.console.call_lost(sentence)

    def _render_lost(self, sentence: str) -> None:
        self.console.render_lost(sentence)

    def _on_quit_wanted(self) -> None:
        if not self.console.in_call:
            self._quit()
            return
        question = QMessageBox(self.console.window)
        question.setWindowTitle("teleconsole")
        question.setText("A call goes on. End it and quit?")
        end = question.addButton("End the call and quit", QMessageBox.ButtonRole.DestructiveRole)
        question.addButton("Go on", QMessageBox.ButtonRole.RejectRole)
        question.finished.connect(lambda: self._quit() if question.clickedButton() is end else None)
        question.open()

    def _quit(self) -> None:
        if not self._quitting:
            self._quitting = True
            self.console.scope.start(self._save_and_end())

    async def _save_and_end(self) -> None:
        try:
            if self.console.in_call:
                await self._call.ask(HangUp())
            await self.console.save()
        except TeleconsoleError:
            # The program ends in any case; what was committed is safe, and what a vault that does not answer
            # cannot take would not be taken a second later either.
            return
        finally:
            self._done.set()

"""One person's desktop: screen, session bus, accessibility, keyring and sound, all private to one test."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from PIL import Image
from tests.journeys.rig.display import Display
from tests.journeys.rig.keyring_daemon import KeyringDaemon
from tests.journeys.rig.net import Net, owned_prefix
from tests.journeys.rig.session_bus import SessionBus
from tests.journeys.rig.sound import Sound

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Desktop:
    """All that the app expects of a desktop; `env` is the environment to start it with.

    Nothing of the machine's own session leaks in: home, XDG folders, bus, display and sound are new. The keyring
    is unlocked; `keyring.lock()`, `.stop()` and `.start()` change that.
    """

    def __init__(self, net: Net, *, width: int = 1600, height: int = 1000) -> None:
        self.net = net
        # Unix sockets' paths are limited to 107 bytes, so a short name, not pytest's tmp_path.
        self.folder = Path(tempfile.mkdtemp(prefix=owned_prefix()))
        self._closing = contextlib.ExitStack()
        self._closing.callback(shutil.rmtree, self.folder, ignore_errors=True)
        try:
            self._start(width, height)
        except BaseException:
            self._closing.close()
            raise

    def _start(self, width: int, height: int) -> None:
        self.home = self.folder / "home"
        self.runtime_dir = self.folder / "run"
        env = _private_env(self.home, self.runtime_dir)
        self.display = Display(self.net, self.folder, env, width=width, height=height)
        self._closing.callback(self.display.close)
        env["DISPLAY"] = self.display.name
        bus = SessionBus(self.net, self.folder, self.runtime_dir, env)
        self._closing.callback(bus.close)
        self.bus_address = env["DBUS_SESSION_BUS_ADDRESS"] = bus.address
        self.keyring = KeyringDaemon(self.net, self.folder, bus.address, env)
        self._closing.callback(self.keyring.stop)
        self.keyring.start()
        self.sound = Sound(self.net, self.folder, self.home, self.runtime_dir, env)
        self._closing.callback(self.sound.close)
        self.env: dict[str, str] = {**env, "PULSE_SERVER": self.sound.env["PULSE_SERVER"]}

    def image(self) -> Image.Image:
        """The whole screen as it is now, RGB."""
        return self.display.image()

    def screenshot(self, path: Path) -> Path:
        """Write the whole screen to `path` as PNG and return `path`."""
        return self.display.screenshot(path)

    def close(self) -> None:
        """End every part in reverse order and remove the private folders."""
        self._closing.close()

    def __enter__(self) -> Desktop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _private_env(home: Path, runtime_dir: Path) -> dict[str, str]:
    folders = {
        "HOME": home,
        "XDG_RUNTIME_DIR": runtime_dir,
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_STATE_HOME": home / ".local" / "state",
        "TMPDIR": home / "tmp",
    }
    for folder in folders.values():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", SYSTEM_PATH),
        "LANG": "C.UTF-8",
        "GSETTINGS_BACKEND": "memory",
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        **{name: str(folder) for name, folder in folders.items()},
    }

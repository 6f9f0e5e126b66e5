"""A real gnome-keyring on the private bus, which a journey can lock, unlock and take away."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, MessageType, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from tests.journeys.rig.net import Net, end
from tests.journeys.rig.waiting import wait_until

COMMAND = ("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
LOGIN_PHRASE = "journey"
"""Unlocks the login collection of a desktop."""
SERVICE = "org.freedesktop.secrets"
SECRETS = DBusAddress("/org/freedesktop/secrets", SERVICE, "org.freedesktop.Secret.Service")
REPLY_WITHIN_S = 10.0


class KeyringDaemon:
    """The Secret Service of one desktop. Its states: unlocked (after `start`), locked, absent (before and after)."""

    def __init__(self, net: Net, folder: Path, bus_address: str, env: Mapping[str, str]) -> None:
        self._net = net
        self._bus_address = bus_address
        self._env = dict(env)
        self._log_path = folder / "keyring.log"
        self._control_dir = folder / "keyring-control"
        self._daemon: subprocess.Popen[bytes] | None = None

    def start(self, password: str = LOGIN_PHRASE) -> None:
        """Start the daemon and unlock the login collection, which is made on first use.

        A password other than that of the first time leaves it locked.
        """
        assert self._daemon is None, "the keyring runs already"
        self._control_dir.mkdir(mode=0o700, exist_ok=True)
        with self._log_path.open("ab") as log:
            self._daemon = self._net.popen(
                [*COMMAND, f"--control-directory={self._control_dir}"],
                env=self._env,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        assert self._daemon.stdin is not None
        self._daemon.stdin.write(password.encode())
        self._daemon.stdin.close()
        with open_dbus_connection(self._bus_address) as bus:
            wait_until(
                lambda: _login_collection(bus) is not None,
                "the keyring has its login collection",
                seen=self._log_path.read_text,
            )

    def lock(self) -> None:
        """Lock the login collection; programs get "locked" until `unlock`. No prompt can appear here."""
        with open_dbus_connection(self._bus_address) as bus:
            path = _login_collection(bus)
            assert path is not None, "the keyring has no login collection to lock"
            _call(bus, SECRETS, "Lock", "ao", ([path],))
        wait_until(self.is_locked, "the keyring is locked")

    def unlock(self, password: str = LOGIN_PHRASE) -> None:
        """Unlock the login collection, as logging in again does (the daemon is restarted)."""
        self.stop()
        self.start(password)

    def is_locked(self) -> bool:
        """Tell whether the login collection is locked."""
        with open_dbus_connection(self._bus_address) as bus:
            path = _login_collection(bus)
            if path is None:
                return True
            properties = DBusAddress(path, SERVICE, "org.freedesktop.DBus.Properties")
            answer = _call(bus, properties, "Get", "ss", ("org.freedesktop.Secret.Collection", "Locked"))
            return bool(answer[0][1])

    def stop(self) -> None:
        """Take the keyring away: its bus name has no owner from now on."""
        if self._daemon is not None:
            end(self._daemon)
            self._daemon = None


def _login_collection(bus: DBusConnection) -> str | None:
    """The object path behind the alias "default", or None while there is no service or no collection."""
    message = new_method_call(SECRETS, "ReadAlias", "s", ("default",))
    reply = bus.send_and_get_reply(message, timeout=REPLY_WITHIN_S)
    if reply.header.message_type == MessageType.error:
        return None
    path = str(reply.body[0])
    return None if path == "/" else path


def _call(bus: DBusConnection, to: DBusAddress, method: str, signature: str, arguments: tuple[object, ...]) -> Any:
    reply = bus.send_and_get_reply(new_method_call(to, method, signature, arguments), timeout=REPLY_WITHIN_S)
    assert reply.header.message_type != MessageType.error, f"{method}: {reply.body}"
    return reply.body

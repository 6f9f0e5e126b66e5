"""A private D-Bus session with an accessibility bus and nothing else that could be activated."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.journeys.rig.net import Net, end
from tests.journeys.rig.waiting import wait_until

# Only the accessibility bus may be activated: no portal, no prompt, and no keyring that starts by itself, so that
# "keyring absent" is a state that a journey can have.
ACTIVATABLE = ("org.a11y.Bus.service",)
SERVICES_DIR = Path("/usr/share/dbus-1/services")

CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class SessionBus:
    """dbus-daemon at `$XDG_RUNTIME_DIR/bus`; a socket with a path, so that it is reached from everywhere."""

    def __init__(self, net: Net, folder: Path, runtime_dir: Path, env: Mapping[str, str]) -> None:
        services = folder / "dbus-services"
        services.mkdir()
        for name in ACTIVATABLE:
            (services / name).write_text((SERVICES_DIR / name).read_text())
        socket = runtime_dir / "bus"
        config = folder / "dbus.conf"
        config.write_text(CONFIG.format(socket=socket, services=services))
        self.address = f"unix:path={socket}"
        self._log_path = folder / "dbus.log"
        with self._log_path.open("wb") as log:
            self._daemon = net.popen(
                ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--nosyslog"],
                env={**env, "DBUS_SESSION_BUS_ADDRESS": self.address},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(socket.exists, "the session bus listens", seen=self._log_path.read_text)

    def close(self) -> None:
        """End the bus; what it had activated loses its connection and ends too."""
        end(self._daemon)

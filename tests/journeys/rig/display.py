"""A screen in memory (Xvfb) with a window manager (openbox) and a way to look at it."""

from __future__ import annotations

import os
import struct
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from tests.journeys.rig.net import Net, end
from tests.journeys.rig.waiting import wait_until

# No key bindings: Alt+F4, Alt+Tab and others must reach the program under test.
OPENBOX_CONFIG = """<?xml version="1.0"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <focus><focusNew>yes</focusNew><followMouse>no</followMouse></focus>
  <placement><policy>Smart</policy><center>yes</center></placement>
  <keyboard/>
  <mouse>
    <context name="Client">
      <mousebind button="Left" action="Press"><action name="Focus"/><action name="Raise"/></mousebind>
    </context>
  </mouse>
</openbox_config>
"""


class Display:
    """Xvfb with a free number and openbox; `screenshot` reads the frame buffer's file, no program is started."""

    def __init__(self, net: Net, folder: Path, env: Mapping[str, str], *, width: int, height: int) -> None:
        self._frame_buffer = Path(tempfile.mkdtemp(prefix="fb-", dir=folder))
        self._log = (folder / "display.log").open("wb")
        read_fd, write_fd = os.pipe()
        try:
            screen = ("-screen", "0", f"{width}x{height}x24", "-dpi", "96", "-fbdir", self._frame_buffer)
            self._xvfb = net.popen(
                ["Xvfb", "-displayfd", str(write_fd), *screen, "-nolisten", "tcp", "-noreset"],
                env=env,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                pass_fds=(write_fd,),
            )
        finally:
            os.close(write_fd)
        with os.fdopen(read_fd) as numbers:  # Xvfb writes it when it accepts clients; EOF if it dies
            number = numbers.readline().strip()
        if not number:
            self._log.close()
            raise RuntimeError(f"Xvfb did not start: {(folder / 'display.log').read_text()[-1000:]}")
        self.name = f":{number}"
        self._window_manager = self._start_window_manager(net, folder, {**env, "DISPLAY": self.name})

    def _start_window_manager(self, net: Net, folder: Path, env: Mapping[str, str]) -> subprocess.Popen[bytes]:
        config = folder / "openbox.xml"
        config.write_text(OPENBOX_CONFIG)
        process = net.popen(
            ["openbox", "--sm-disable", "--config-file", config], env=env, stdout=self._log, stderr=subprocess.STDOUT
        )
        check = ["xprop", "-root", "_NET_SUPPORTING_WM_CHECK"]
        wait_until(lambda: "window id" in net.run(check, env=env), "openbox manages the screen")
        return process

    def image(self) -> Image.Image:
        """The whole screen as it is now, RGB."""
        return _read_xwd(self._frame_buffer / "Xvfb_screen0")

    def screenshot(self, path: Path) -> Path:
        """Write the whole screen to `path` as PNG and return `path`."""
        self.image().save(path, format="PNG")
        return path

    def close(self) -> None:
        """End the window manager and the X server."""
        end(self._window_manager)
        end(self._xvfb)
        self._log.close()


def _read_xwd(path: Path) -> Image.Image:
    """Decode the X window dump that Xvfb keeps up to date (XWDFile.h: 25 big-endian words, colours, pixels)."""
    raw = path.read_bytes()
    header = struct.unpack(">25I", raw[:100])
    header_bytes, _, _, depth, width, height = header[:6]
    bits_per_pixel, stride_bytes, colours = header[11], header[12], header[19]
    assert (depth, bits_per_pixel) == (24, 32), f"unexpected screen format: {header}"
    start = header_bytes + 12 * colours
    return Image.frombuffer("RGB", (width, height), raw[start:], "raw", "BGRX", stride_bytes, 1).copy()

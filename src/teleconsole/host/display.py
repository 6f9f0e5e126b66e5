"""Whether there is a screen to show windows on."""

import os
import sys


def has_display() -> bool:
    """Return whether windows can be shown: on Linux an X or Wayland display, or Qt's platform for tests."""
    if sys.platform != "linux" or os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal", "vnc"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))

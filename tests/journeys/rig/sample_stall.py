"""A window's loop whose one step works for as many milliseconds of processor time as the argument says."""

from __future__ import annotations

import os
import sys
import time

from PySide6.QtCore import QCoreApplication, QTimer

from teleconsole.console.lag import lag_recorder

SETTLE_MS = 100


def main() -> None:
    """Count, work once, count on, and write."""
    app = QCoreApplication(sys.argv)
    recorder = lag_recorder(app)
    assert recorder is not None, os.environ
    recorder.start()

    def work() -> None:
        until_s = time.thread_time() + int(sys.argv[1]) / 1000
        while time.thread_time() < until_s:
            continue
        QTimer.singleShot(SETTLE_MS, app.quit)

    QTimer.singleShot(SETTLE_MS, work)
    app.exec()
    recorder.write()


if __name__ == "__main__":
    main()

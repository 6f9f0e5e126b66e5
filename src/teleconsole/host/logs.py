"""Logs by the platform's convention, rotated, without PHI: what is written are our own fixed words, ids and numbers."""

import logging
import logging.handlers
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from teleconsole.host.limits import LOG_FILE_BYTES, LOG_FILES, LOG_REPEATS, LOG_REPEATS_S

_LONG = re.compile(r"[^\s]{120,}")
_QUERY = re.compile(r"(https?://[^\s?#]+)[?#]\S*")


class WithoutContent(logging.Formatter):
    """One line a record: time, level, place, our words; an exception is its type and the line, never its text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; queries and fragments of addresses and very long words are cut off (the second net)."""
        where = f"{record.name}:{record.lineno}"
        text = f"{self.formatTime(record)} {record.levelname} {where} {record.getMessage()}"
        if record.exc_info and record.exc_info[0] is not None:
            text += f" [{where_it_broke(record.exc_info[0], record.exc_info[2])}]"
        return _LONG.sub("…", _QUERY.sub(r"\1", text)).replace("\n", " ")


class AgainstFloods(logging.Filter):
    """Lets the same line of code speak a few times a minute: a stranger who repeats himself must not fill a disk.

    Args:
        now_s: a clock that never goes back, in seconds.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now_s = now_s
        self._since_s = now_s()
        self._counts: Counter[tuple[str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is written; the last one before the silence says so."""
        if self._now_s() - self._since_s >= LOG_REPEATS_S:
            self._since_s = self._now_s()
            self._counts.clear()
        self._counts[record.name, record.lineno] += 1
        count = self._counts[record.name, record.lineno]
        if count == LOG_REPEATS:
            record.msg = f"{record.msg} (and more of the same)"
        return count <= LOG_REPEATS


def where_it_broke(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Return the type of an exception and the innermost place in our code, without its text."""
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        place = f" at {Path(code.co_filename).name}:{trace.tb_lineno} in {code.co_name}"
        trace = trace.tb_next
    return kind.__name__ + place


def set_up_logging(folder: Path, process: str, *, level: int = logging.INFO) -> None:
    """Write this process's log to `<folder>/<process>.log`; libraries speak from WARNING up.

    An exception that nobody caught is logged by type and place and ends with status 1.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / f"{process}.log", maxBytes=LOG_FILE_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8", delay=True
    )
    handler.setFormatter(WithoutContent())
    handler.addFilter(AgainstFloods())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("teleconsole").setLevel(level)
    sys.excepthook = _log_uncaught


def log_to_stderr(*, level: int = logging.INFO) -> None:
    """Write this process's log to the standard error that it was given: for a process that may open no file."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutContent())
    handler.addFilter(AgainstFloods())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("teleconsole").setLevel(level)
    sys.excepthook = _log_uncaught


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("teleconsole").critical("not caught", exc_info=(kind, error, trace))

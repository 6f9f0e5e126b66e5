"""Logs: rotated, private, and without the text of exceptions."""

import logging
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from teleconsole.host.limits import LOG_REPEATS, LOG_REPEATS_S
from teleconsole.host.logs import AgainstFloods, set_up_logging

CANARY = "Ines-Okafor-Lund"


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, sys.excepthook
    yield
    for handler in list(root.handlers):
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    for handler in handlers:
        if handler not in root.handlers:
            root.addHandler(handler)
    root.setLevel(level)
    logging.getLogger("teleconsole").setLevel(logging.NOTSET)
    sys.excepthook = hook


def test_an_exception_is_logged_by_type_and_place_not_by_its_text(tmp_path: Path) -> None:
    set_up_logging(tmp_path / "logs", "vault")
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger("teleconsole.vault").exception("a change could not be read")
    text = (tmp_path / "logs" / "vault.log").read_text()
    assert "a change could not be read" in text
    assert "ValueError at test_logs.py:" in text
    assert CANARY not in text


def test_a_line_that_comes_again_and_again_falls_silent_for_a_while_and_hides_no_other() -> None:
    now_s = 10.0
    floods = AgainstFloods(lambda: now_s)

    def passes(line: int) -> bool:
        record = logging.LogRecord("teleconsole.call", logging.WARNING, "x.py", line, "too fast", (), None)
        return floods.filter(record) and "more" not in record.getMessage()

    assert [passes(1) for _ in range(LOG_REPEATS + 50)].count(True) == LOG_REPEATS - 1
    assert passes(2)
    now_s += LOG_REPEATS_S
    assert passes(1)


def test_queries_and_fragments_of_addresses_are_cut_off(tmp_path: Path) -> None:
    set_up_logging(tmp_path / "logs", "call")
    logging.getLogger("teleconsole.call").warning("lost %s", f"https://clinic.example/v?name={CANARY}#token")
    text = (tmp_path / "logs" / "call.log").read_text()
    assert "https://clinic.example/v" in text
    assert CANARY not in text
    assert "token" not in text


def test_the_folder_is_private(tmp_path: Path) -> None:
    set_up_logging(tmp_path / "logs", "call")
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700

"""IT's copy of the calls: one line each in a file of its own."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from teleconsole.host.call_log import FILE, log_call, set_up_call_log


@pytest.fixture(autouse=True)
def none_is_left() -> object:
    """The file is closed after each test."""
    yield
    logger = logging.getLogger("teleconsole-calls")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()


def test_each_call_is_a_line(tmp_path: Path) -> None:
    set_up_call_log(tmp_path / "logs")
    set_up_call_log(tmp_path / "logs")
    log_call('{"day": "2026-03-02"}')
    log_call('{"day":\n "2026-03-03"}')
    lines = (tmp_path / "logs" / FILE).read_text().splitlines()
    assert [json.loads(line)["day"] for line in lines] == ["2026-03-02", "2026-03-03"]


def test_without_a_folder_nothing_is_written_and_nothing_fails(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log_call('{"day": "2026-03-02"}')
    assert caplog.records == []
    assert list(tmp_path.iterdir()) == []

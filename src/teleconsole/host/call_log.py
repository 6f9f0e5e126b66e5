"""IT's copy of how calls went: JSON lines in the logs folder, rotated, without anything of a person."""

import logging
import logging.handlers
from pathlib import Path

from teleconsole.host.limits import LOG_FILE_BYTES, LOG_FILES

FILE = "calls.jsonl"
_LOGGER = "teleconsole-calls"


def set_up_call_log(folder: Path) -> None:
    """Write the lines of `log_call` to `<folder>/calls.jsonl` from now on.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / FILE, maxBytes=LOG_FILE_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger(_LOGGER)
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False  # a line belongs into its file alone


def log_call(line: str) -> None:
    """Write one call as a line of JSON; where `set_up_call_log` was not called, nothing is written."""
    logger = logging.getLogger(_LOGGER)
    if any(isinstance(handler, logging.handlers.RotatingFileHandler) for handler in logger.handlers):
        logger.info("%s", line.replace("\n", " "))

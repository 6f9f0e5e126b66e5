"""The only place that turns what went wrong into words for the screen."""

import logging

from teleconsole.domain.errors import TeleconsoleError
from teleconsole.ipc.errors import RemoteFailure

_UNKNOWN = "Something in the program went wrong. What was saved is safe; please try that again."

_log = logging.getLogger(__name__)


def sentence_of(error: BaseException) -> str:
    """Return one sentence: what happened, what is safe, what the person can do."""
    if isinstance(error, RemoteFailure):
        return _UNKNOWN if error.code == "bug" or not error.text else error.text
    if isinstance(error, TeleconsoleError):
        return error.sentence
    return _UNKNOWN


def code_of(error: BaseException) -> str:
    """Return the stable name of a failure, "bug" for what is no outcome but a fault of the program."""
    return error.code if isinstance(error, TeleconsoleError) else "bug"


def report(error: BaseException) -> str:
    """Log a fault of the program (its type and place, never its words, which may hold PHI); return the sentence."""
    if not isinstance(error, TeleconsoleError):
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_name}:{place.tb_lineno}" if place is not None else "an unknown place"
        _log.error("%s at %s", type(error).__name__, where)
    return sentence_of(error)

"""When something that failed is tried again: full jitter, so that a clinic's consoles do not come back all at once."""

import random

from teleconsole.host import limits
from teleconsole.vault.fhir.problems import Unavailable

_CHANCE = random.SystemRandom()


def retry_in_s(attempts: int, error: BaseException | None = None) -> float:
    """Return the seconds until the next try.

    Args:
        attempts: how often it was tried.
        error: a server that asked for a pause gets it.
    """
    longest_s = min(limits.SYNC_RETRY_LONGEST_S, limits.SYNC_RETRY_FIRST_S * 2 ** min(attempts, 20))
    asked_s = error.retry_after_s if isinstance(error, Unavailable) else 0.0
    return max(asked_s, _CHANCE.uniform(0.0, longest_s))


def offline_retry_in_s() -> float:
    """Return the seconds until the network is looked for again."""
    return _CHANCE.uniform(limits.SYNC_OFFLINE_POLL_S / 2, limits.SYNC_OFFLINE_POLL_S)


def file_retry_in_s(attempts: int) -> float:
    """Return the seconds until a file is tried again."""
    pauses = limits.SYNC_FILE_RETRY_S
    return pauses[min(attempts, len(pauses) - 1)]

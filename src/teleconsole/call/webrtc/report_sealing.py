"""Hands over the report of a call: sealed for the case, and to the console, which keeps IT's copy."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable

from teleconsole.call.dropbox import DropBoxWriter
from teleconsole.call.webrtc.report import CallReport
from teleconsole.contracts.call import CallReported, ItemSealed
from teleconsole.contracts.dropbox import ReportItem
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import CallError

_log = logging.getLogger(__name__)


async def hand_over(report: CallReport, visit_id: str, drop_box: DropBoxWriter, tell: Callable[[News], None]) -> None:
    """Seal and tell a report; one of a call in which nobody was connected is not made.

    A full disk costs the report and not the end of the visit.
    """
    if report.is_empty:
        return
    item_id = str(uuid.uuid4())
    tell(CallReported(report.without_names().decode()))
    try:
        await asyncio.to_thread(drop_box.seal, item_id, ReportItem(report.words(), time.time_ns() // 1_000_000))
    except CallError:
        _log.warning("the report of a call could not be sealed")
        return
    tell(ItemSealed(visit_id, item_id, "report"))

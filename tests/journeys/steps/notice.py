"""The line under the head of the call, asked directly: what it says may stand for two seconds only."""

from __future__ import annotations

from tests.journeys.rig.atspi import Control
from tests.journeys.rig.waiting import wait_until
from tests.journeys.steps.console import Console

WITHIN_S = 30.0


class Notice:
    """What the call says of itself; the call pane must be there."""

    def __init__(self, console: Console) -> None:
        self._control: Control = console.window.find("Call pane").wait_for(
            "the notice", lambda each: each.name.startswith("Notice: "), showing=False
        )

    def wait(self, words: str, *, within_s: float = WITHIN_S) -> None:
        """Wait until it is shown and says this."""
        wait_until(
            lambda: words in self._control.name and self._control.is_("showing"),
            f"the notice {words!r}",
            within_s=within_s,
            seen=self._control.name_or_empty,
        )

    def wait_without(self, *words: str) -> None:
        """Wait until it says none of this any more."""
        wait_until(
            lambda: not any(each in self._control.name for each in words),
            f"no notice of {words}",
            within_s=WITHIN_S,
            seen=self._control.name_or_empty,
        )

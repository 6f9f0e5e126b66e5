"""A place for one device of a kind: the new one runs before the old one is closed; what went away is replaced."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from teleconsole.domain.errors import DeviceUnavailable


class Openable(Protocol):
    """An open device."""

    device_id: str

    @property
    def failed(self) -> bool:
        """Whether it went away."""
        ...

    def wait_until_runs(self) -> None:
        """Return when it does what it is there for, or after a moment."""
        ...

    def take_over(self) -> None:
        """Do the work from now, and no other."""
        ...

    def close(self) -> None:
        """Give it back; may wait a moment."""
        ...


D = TypeVar("D", bound=Openable)


@dataclass(frozen=True)
class SlotWords:
    """Sentences for the screen.

    Attributes:
        none: there is no device at all.
        gone: the chosen one is not there, the default is used.
    """

    none: str
    gone: str


def is_system_device(device_id: str) -> bool:
    """Whether this is one that the system can lose: not its default, none, or one for tests."""
    return bool(device_id) and device_id != "none" and not device_id.startswith(("test:", "file:"))


class Slot(Generic[D]):
    """One chosen device, open while it is needed.

    Attributes:
        device: the open one, None when there is none.
        chosen: its id, empty = the system's default, "none" = none.
        problem: one sentence, empty when what is chosen works.

    Args:
        opener: opens an id.
        words: what to say when it cannot.
        stand_in: works where there is no device, None = nothing does.
        can_share: whether a device can be opened twice for a moment.

    Thread: the event loop's; opening and closing happen in others.
    """

    def __init__(
        self,
        opener: Callable[[str], Awaitable[D]],
        words: SlotWords,
        *,
        stand_in: Callable[[], D] | None = None,
        can_share: bool = True,
    ) -> None:
        self.device: D | None = None
        self.chosen = ""
        self.problem = ""
        self._opener = opener
        self._words = words
        self._stand_in = stand_in
        self._can_share = can_share
        self._is_open = False
        self._is_away = False

    @property
    def is_open(self) -> bool:
        """Whether a device is wanted now."""
        return self._is_open

    @property
    def is_lacking(self) -> bool:
        """Whether another device, or none, stands in for the chosen one."""
        return self._is_open and self.chosen != "none" and (self._is_away or self._needs_new())

    async def choose(self, device_id: str) -> None:
        """Choose; while open the change is made now, and the old device works on until the new one does.

        Raises:
            DeviceUnavailable: it cannot be opened; the old one works on and stays chosen.
        """
        if device_id == self.chosen and not self._is_away:
            return
        if self._is_open:
            await self._change_to(device_id)
            self.problem = "" if self.device is not None or device_id == "none" else self._words.none
        self.chosen = device_id
        self._is_away = False

    async def open(self) -> None:
        """Open what is chosen, else the default, else the stand-in; `problem` tells which."""
        self._is_open = True
        if self.device is None:
            await self._open_best()

    async def close(self) -> None:
        """Give the device back."""
        self._is_open = False
        self._is_away = False
        self.problem = ""
        device, self.device = self.device, None
        await _close(device)

    async def follow(self, there: Collection[str]) -> bool:
        """Look after what came and went: replace what is gone, go back to what returned.

        Args:
            there: ids of the devices that the system shows now.

        Returns:
            Whether anything changed.
        """
        if not self._is_open or self.chosen == "none":
            return False
        before = (self.device, self.problem)
        is_gone = is_system_device(self.chosen) and self.chosen not in there
        if self._needs_new():
            await self._open_best()
        elif is_gone and not self._is_away:
            self._is_away, self.problem = True, self._words.gone  # the server moved the stream by itself
        elif self._is_away and not is_gone:
            await self._return()
        return before != (self.device, self.problem)

    def _needs_new(self) -> bool:
        if self.device is None or self.device.failed:
            return True
        return self.device.device_id == "none" and bool(self._stand_in)

    async def _return(self) -> None:
        try:
            await self._change_to(self.chosen)
        except DeviceUnavailable:
            return
        self._is_away, self.problem = False, ""

    async def _open_best(self) -> None:
        """Open the first that works: chosen, default, stand-in."""
        wanted = [self.chosen, ""] if is_system_device(self.chosen) else [self.chosen]
        for device_id in wanted:
            try:
                await self._change_to(device_id)
            except DeviceUnavailable:
                continue
            self._is_away = device_id != self.chosen
            self.problem = self._words.gone if self._is_away else ""
            return
        self._is_away, self.problem = is_system_device(self.chosen), self._words.none
        if self._stand_in is not None and (self.device is None or self.device.failed):
            await self._put(self._stand_in())
        elif self.device is not None and self.device.failed:
            device, self.device = self.device, None
            await _close(device)

    async def _change_to(self, device_id: str) -> None:
        if device_id == "none" and self._stand_in is None:
            device, self.device = self.device, None
            await _close(device)
            return
        try:
            new = await self._opener(device_id)
        except DeviceUnavailable:
            if self._can_share or self.device is None:
                raise
            new = await self._open_alone(device_id, self.device)
        await self._put(new)

    async def _open_alone(self, device_id: str, old: D) -> D:
        """Some can be opened once only, and the old one may be the same: give it back first, and take it again."""
        self.device = None
        await _close(old)
        try:
            return await self._opener(device_id)
        except DeviceUnavailable:
            with contextlib.suppress(DeviceUnavailable):
                await self._put(await self._opener(old.device_id))
            raise

    async def _put(self, new: D) -> None:
        if self.device is not None and not self.device.failed:
            await asyncio.to_thread(new.wait_until_runs)
        new.take_over()
        old, self.device = self.device, new
        await _close(old)


async def _close(device: Openable | None) -> None:
    if device is not None:
        await asyncio.to_thread(device.close)

"""What a person sees on the screen: the picture of one control, and the counter in a video view."""

from __future__ import annotations

from PIL import Image
from tests.journeys.rig import counter
from tests.journeys.rig.atspi import Control
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.waiting import wait_until


def picture_of(desktop: Desktop, control: Control) -> Image.Image:
    """The part of the screen where a control is, with whatever lies over it."""
    left, top, width, height = control.extents()
    return desktop.image().crop((left, top, left + width, top + height))


def read_counter(desktop: Desktop, control: Control, *, mirrored: bool = False) -> int | None:
    """The number that a video view shows now, or None; `mirrored` for a self view (see counter.py)."""
    picture = picture_of(desktop, control)
    if not (picture.width and picture.height):  # hidden just now
        return None
    return counter.read(picture, mirrored=mirrored)


def wait_moving(
    desktop: Desktop, control: Control, *, numbers: int = 5, mirrored: bool = False, within_s: float = 15.0
) -> list[int]:
    """Wait until so many different numbers were read from a video view, and return them in order of arrival."""
    seen: list[int] = []

    def enough() -> bool:
        number = read_counter(desktop, control, mirrored=mirrored)
        if number is not None and number not in seen:
            seen.append(number)
        return len(seen) >= numbers

    what = f"{numbers} different numbers in the picture {control.name!r}"
    wait_until(enough, what, within_s=within_s, seen=lambda: f"Read were: {seen}")
    return seen

"""All stories, in the order in which the cases tell them: the kinds take turns."""

from itertools import chain, zip_longest

from teleconsole.demo.stories import (
    blood_pressure,
    everyday,
    general,
    mood,
    mood_life,
    pressure_life,
    skin,
    skin_slow,
    wound,
    wound_slow,
)
from teleconsole.demo.stories.story import Story


def _in_turns(*kinds: tuple[Story, ...]) -> tuple[Story, ...]:
    return tuple(story for story in chain.from_iterable(zip_longest(*kinds)) if story is not None)


STORIES = _in_turns(
    skin.STORIES + skin_slow.STORIES,
    blood_pressure.STORIES + pressure_life.STORIES,
    wound.STORIES + wound_slow.STORIES,
    general.STORIES + everyday.STORIES,
    mood.STORIES + mood_life.STORIES,
)
"""Sixty, one for each case of the demo; a bench with more cases tells them again with other patients."""

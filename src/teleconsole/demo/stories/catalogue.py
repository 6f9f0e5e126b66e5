"""All stories, in the order in which the cases tell them: the kinds take turns."""

from itertools import chain, zip_longest

from teleconsole.demo.stories import blood_pressure, general, mood, skin, wound
from teleconsole.demo.stories.story import Story


def _in_turns(*kinds: tuple[Story, ...]) -> tuple[Story, ...]:
    return tuple(story for story in chain.from_iterable(zip_longest(*kinds)) if story is not None)


STORIES = _in_turns(skin.STORIES, blood_pressure.STORIES, wound.STORIES, general.STORIES, mood.STORIES)

"""The attacks by name. Each runs until it is cancelled, and connects anew when the other side has given it up."""

import asyncio
import random
from collections.abc import Awaitable, Callable

from tests.integration.call.hostile.descriptions import mutated_answer
from tests.integration.call.hostile.frames import hostile_frame
from tests.integration.call.hostile.line import Line
from tests.integration.call.hostile.media import MediaAttack
from tests.integration.call.hostile.messages import channel_attack, sctp_attack
from tests.integration.call.hostile.packets import rtcp, rtp
from tests.integration.call.hostile.payloads import payload, picture

Attack = Callable[[Line, random.Random], Awaitable[None]]


async def _frames(line: Line, rng: random.Random) -> None:
    """Frames of signalling that are malformed, unknown, stale, too large, out of order or too many."""
    generation = (await line.offer())["generation"]
    while True:
        for _ in range(rng.choice((1, 10, 100))):
            await hostile_frame(line, rng, generation)
        while not line.frames.empty():
            generation = line.frames.get_nowait().get("generation", generation)
        await asyncio.sleep(0.01)


async def _descriptions(line: Line, rng: random.Random) -> None:
    """Answers that are nearly good, bombs, and nonsense."""
    while True:
        offer = await line.offer()
        kind, sdp = mutated_answer(await line.describe(offer), rng)
        await line.answer(offer, sdp, kind)
        await asyncio.sleep(rng.choice((0.0, 0.0, 0.5)))


ATTACKS: dict[str, Attack] = {
    "frames": _frames,
    "descriptions": _descriptions,
    "rtp": MediaAttack(rtp),
    "rtcp": MediaAttack(rtcp),
    "payloads": MediaAttack(payload),
    "pictures": MediaAttack(picture),
    "channel": channel_attack,
    "sctp": sctp_attack,
}

"""The decoder's thread: one frame after the other, the newest picture wins, and nothing that comes in ends it."""

import asyncio
import logging
import queue
import threading
import time
from typing import Any

import av
from aiortc.codecs import get_decoder
from aiortc.codecs.base import Decoder

_SHOWN_AT_LEAST_EVERY_S = 0.1
"""When the decoder cannot follow, one picture in so long is shown all the same."""

_log = logging.getLogger(__name__)


def offer_newest(pictures: "asyncio.Queue[Any]", picture: object) -> None:
    """Put a decoded picture in; one that nobody took yet is replaced. On the loop's thread."""
    while not pictures.empty():
        pictures.get_nowait()
    pictures.put_nowait(picture)


def decode_pictures(
    loop: asyncio.AbstractEventLoop,
    frames: "queue.Queue[Any]",
    pictures: "asyncio.Queue[Any]",
    failed: threading.Event,
) -> None:
    """Decode until None comes. Body of a thread.

    Args:
        loop: where `pictures` is read.
        frames: pairs of aiortc's codec and an encoded frame; the owner bounds it.
        pictures: the track's queue; None ends the track.
        failed: set when a frame could not be decoded: a key frame is to be asked for.
    """
    decoder: Decoder | None = None
    name = ""
    shown_s = 0.0
    while (task := frames.get()) is not None:
        codec, frame = task
        try:
            if decoder is None or codec.name != name:
                decoder, name = get_decoder(codec), codec.name
            decoded = decoder.decode(frame)
        except (av.FFmpegError, ValueError, RuntimeError, MemoryError) as error:
            # The decoder is kept: a new one would fail at every frame until the next key frame.
            _log.warning("a picture could not be decoded: %s", type(error).__name__)
            failed.set()
            continue
        is_behind = not frame.is_shown or not frames.empty()
        if decoded and (not is_behind or time.monotonic() - shown_s > _SHOWN_AT_LEAST_EVERY_S):
            shown_s = time.monotonic()
            loop.call_soon_threadsafe(offer_newest, pictures, decoded[-1])
    loop.call_soon_threadsafe(pictures.put_nowait, None)

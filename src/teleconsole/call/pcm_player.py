"""Plays the sound of a recording through the call's own loudspeaker, so that the echo canceller hears it."""

import asyncio
import time

import numpy as np

from teleconsole.call.media.devices import OpenDevices
from teleconsole.contracts.call import PlayPcm
from teleconsole.domain.errors import CallError
from teleconsole.host.limits import CALL_AUDIO_HZ, CALL_PCM_BYTES, CALL_SPEAKER_IDLE_S

_POLL_S = 0.02
TOO_MUCH = "This sound cannot be played: it comes in pieces that are too large or not whole."


class PcmPlayer:
    """Takes pieces in order; a piece is answered when it has room, which is what slows the sender down.

    Thread: the event loop's.
    """

    def __init__(self, devices: OpenDevices) -> None:
        self._devices = devices
        self._order = asyncio.Lock()
        self._idle: asyncio.Task[None] | None = None

    async def play(self, ask: PlayPcm) -> None:
        """Take a piece.

        Raises:
            CallError: it is too large.
            DeviceUnavailable: there is no loudspeaker.
        """
        if len(ask.samples) > CALL_PCM_BYTES or len(ask.samples) % 2:
            raise CallError(TOO_MUCH)
        samples = np.frombuffer(ask.samples, "<i2").astype(np.int16)
        playout = self._devices.playout
        if ask.begin:
            playout.stop_pcm()
        async with self._order:
            await self._devices.open_speaker_alone()
            self._close_when_idle()
            await self._wait_for_room(len(samples))
            playout.play_pcm(samples)

    async def _wait_for_room(self, count: int) -> None:
        playout = self._devices.playout
        missing = count - playout.pcm_room
        if missing > 0:
            await asyncio.sleep(max(_POLL_S, missing / CALL_AUDIO_HZ))
            await self._wait_for_room(count)

    async def close(self) -> None:
        """Stop."""
        self._devices.playout.stop_pcm()
        if self._idle is not None:
            self._idle.cancel()
            await asyncio.gather(self._idle, return_exceptions=True)

    def _close_when_idle(self) -> None:
        if self._idle is None or self._idle.done():
            self._idle = asyncio.get_running_loop().create_task(self._give_back())

    async def _give_back(self) -> None:
        heard_s = time.monotonic()
        while time.monotonic() - heard_s < CALL_SPEAKER_IDLE_S:
            waiting = self._devices.playout.pcm_waiting
            if waiting:
                heard_s = time.monotonic() + waiting / CALL_AUDIO_HZ
            await asyncio.sleep(_POLL_S * 5)
        await self._devices.close_idle_speaker()

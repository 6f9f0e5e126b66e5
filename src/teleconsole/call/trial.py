"""Devices tried out before a call, and their levels told, before it and in it."""

import asyncio
import contextlib
from collections.abc import Callable

import numpy as np

from teleconsole.call.media.chime import chime
from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.media.ring import Samples
from teleconsole.call.pcm_player import PcmPlayer
from teleconsole.contracts.call import PlayPcm
from teleconsole.contracts.sound import (
    EchoTestChanged,
    EchoTestPhase,
    LevelsChanged,
    PlayTestTone,
    RunEchoTest,
    TryDevices,
)
from teleconsole.contracts.wire import News
from teleconsole.domain.errors import CallError, DeviceUnavailable
from teleconsole.host.limits import CALL_AUDIO_HZ
from teleconsole.host.media_limits import ECHO_TEST_PAUSE_S, ECHO_TEST_S, LEVELS_EVERY_S
from teleconsole.ipc.peer import Handlers

IN_A_CALL = "The echo test is for before a call. In a call the other side tells you whether they hear you."
NO_MICROPHONE_NOW = "There is no microphone to try. Plug one in, or choose another one."
_PIECE_S = 0.04


class DeviceTrial:
    """Opens devices to try them, tells levels, plays the chime and runs the echo test.

    Args:
        devices: of this computer.
        player: plays through the call's own loudspeaker.
        in_visit: whether a visit goes on.
        tell: tells the console.

    Thread: the event loop's.
    """

    def __init__(
        self, devices: OpenDevices, player: PcmPlayer, in_visit: Callable[[], bool], tell: Callable[[News], None]
    ) -> None:
        self._devices = devices
        self._player = player
        self._in_visit = in_visit
        self._tell = tell
        self._tries = False
        self._levels: asyncio.Task[None] | None = None
        self._echo: asyncio.Task[None] | None = None

    def handlers(self) -> Handlers:
        """Return what answers each ask."""
        return {TryDevices: self._try, PlayTestTone: self._play_tone, RunEchoTest: self._run_echo_test}

    def tell_levels(self) -> None:
        """Tell levels from now until neither a visit nor a trial needs them."""
        if self._levels is None or self._levels.done():
            self._levels = asyncio.get_running_loop().create_task(self._keep_telling())

    async def close(self) -> None:
        """Stop everything."""
        tasks = [task for task in (self._levels, self._echo) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _try(self, ask: TryDevices) -> None:
        self._tries = ask.on
        if ask.on:
            await self._devices.open_for_trial()
            self.tell_levels()
            return
        if self._echo is not None:
            self._echo.cancel()
        await self._devices.close_after_trial()

    async def _play_tone(self, _: PlayTestTone) -> None:
        await self._play(chime())

    async def _run_echo_test(self, _: RunEchoTest) -> None:
        if self._in_visit():
            raise CallError(IN_A_CALL)
        if self._echo is not None and not self._echo.done():
            return
        await self._devices.open_for_trial()
        if not self._devices.has_microphone:
            await self._end_trial()
            raise DeviceUnavailable(NO_MICROPHONE_NOW)
        self._echo = asyncio.get_running_loop().create_task(self._record_and_play())

    async def _record_and_play(self) -> None:
        try:
            self._tell_echo("recording")
            recorded = await self._record()
            self._tell_echo("playing")
            await asyncio.sleep(ECHO_TEST_PAUSE_S)
            await self._play(recorded)
            await asyncio.sleep(len(recorded) / CALL_AUDIO_HZ)
        finally:
            self._tell_echo("idle")
            await self._end_trial()

    async def _record(self) -> Samples:
        """Return three seconds of the microphone, at its own pace; a visit that begins ends them."""
        pieces: list[Samples] = []
        with contextlib.closing(self._devices.microphone_reader()) as reader:
            for _ in range(round(ECHO_TEST_S / _PIECE_S)):
                pieces.append((await reader.next(round(_PIECE_S * CALL_AUDIO_HZ))).samples)
                if self._in_visit():
                    raise asyncio.CancelledError
        return np.concatenate(pieces)

    async def _play(self, samples: Samples) -> None:
        step = CALL_AUDIO_HZ
        for at in range(0, len(samples), step):
            piece = samples[at : at + step].astype("<i2").tobytes()
            await self._player.play(PlayPcm(piece, begin=at == 0, end=at + step >= len(samples)))

    async def _end_trial(self) -> None:
        if not self._tries:
            await self._devices.close_after_trial()

    def _tell_echo(self, phase: EchoTestPhase) -> None:
        self._tell(EchoTestChanged(phase))

    async def _keep_telling(self) -> None:
        devices = self._devices
        while self._tries or self._in_visit():
            await asyncio.sleep(LEVELS_EVERY_S)
            microphone, speaker = devices.hearer.meter.take(), devices.speaker_meter.take()
            speaks = self._in_visit() and not devices.microphone_on and devices.hearer.muted_speech.told
            self._tell(LevelsChanged(round(microphone, 4), round(speaker, 4), speaks))
            if self._tries and not self._in_visit():
                await devices.replace_failed()

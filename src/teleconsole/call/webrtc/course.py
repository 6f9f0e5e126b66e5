"""The course of a visit: its step on the ladder, stethoscope mode, stills in place of video, spans and gaps, report."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Literal, Protocol

import msgspec
from av import VideoFrame

from teleconsole.call.dropbox import DropBoxWriter
from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.state import CallState
from teleconsole.call.webrtc.ladder.driver import CallLadder
from teleconsole.call.webrtc.ladder.steps import has_picture
from teleconsole.call.webrtc.ladder.stills import LinkStills
from teleconsole.call.webrtc.peer import Peer
from teleconsole.call.webrtc.report import CallReport
from teleconsole.call.webrtc.report_sealing import hand_over
from teleconsole.call.webrtc.spans import Spans, Why
from teleconsole.call.webrtc.stethoscope import StethoscopeMode
from teleconsole.contracts.call import CallStats
from teleconsole.contracts.channel import LinkReport, LinkStill, MediaState
from teleconsole.contracts.signal import LadderStep
from teleconsole.contracts.wire import News


class Around(Protocol):
    """What it needs of the process around it; every call returns at once."""

    def tell(self, news: News) -> None:
        """Tell the console."""

    def changed(self) -> None:
        """The state changed."""


class Course:
    """Joins the parts that follow a visit.

    Attributes:
        stethoscope: the mode for heart and lung sounds.

    Args:
        visit_id: of the visit.
        drop_box: seals spans and report.
        devices: what is sent and heard.
        state: of the call.
        around: the process around.
        current: returns the connection that carries the call.
        send: a frame on the data channel.
        show: takes a still of the patient's.

    Thread: the event loop's.
    """

    def __init__(
        self,
        visit_id: str,
        drop_box: DropBoxWriter,
        devices: OpenDevices,
        state: CallState,
        around: Around,
        current: Callable[[], Peer | None],
        send: Callable[[msgspec.Struct], bool],
        show: Callable[[VideoFrame], None],
    ) -> None:
        self._visit_id = visit_id
        self._drop_box = drop_box
        self._devices = devices
        self._state = state
        self._around = around
        self._send = send
        self._current = current
        self._report = CallReport()
        self._spans = Spans(visit_id, drop_box, around.tell, self._say)
        self._ladder = CallLadder(state, current, send, around.changed, self._on_case, self._report)
        self._stills = LinkStills(state, devices, send, self._unsent_bytes, show, around.changed)
        self.stethoscope = StethoscopeMode(devices, state, current, send, self.devices_changed)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def has_new_picture(self) -> bool:
        """Whether the newest picture of the patient is one of now, and not of the time before the voice alone."""
        return has_picture(self._state.step) or self._state.still_ms > 0

    def start(self) -> None:
        """Begin to follow the visit."""
        self._own(self._ladder.run())
        self._own(self._stills.run())

    def connected(self) -> None:
        """People can talk for the first time."""
        self._own(self._spans.begin())

    async def stop(self) -> None:
        """Follow it no more; what is being sealed is sealed first."""
        self.stethoscope.end()
        following, sealing = self._tasks[:2], self._tasks[2:]
        for task in following:
            task.cancel()
        await asyncio.gather(*following, *sealing, return_exceptions=True)

    async def end(self, why: Why) -> None:
        """The visit is over: seal its end and its report."""
        await self._spans.end(why)
        await hand_over(self._report, self._visit_id, self._drop_box, self._around.tell)

    def prepare(self, peer: Peer) -> None:
        """Let a connection that is being made send no more than the step of now."""
        self._ladder.prepare(peer)
        self.stethoscope.prepare(peer)

    def channel_opened(self) -> None:
        """Tell the page what we send, which step holds, and whether its microphone is wanted as it is."""
        self._tell_media()
        self._ladder.channel_opened()
        self.stethoscope.channel_opened()

    def devices_changed(self) -> None:
        """Microphone or camera was switched: tell both sides."""
        self._tell_media()
        self._around.changed()

    def choose(self, step: LadderStep | Literal[""]) -> None:
        """Go no higher than this step; "" = as the link allows."""
        self._ladder.choose(step)

    def take_stats(self, stats: CallStats) -> None:
        """Take the numbers of the last second."""
        self._ladder.take_stats(stats, time.monotonic())
        self.stethoscope.look()

    def narrow(self, width_bps: float) -> None:
        """The link has become narrow all at once: fall to the step that it carries."""
        self._ladder.narrow(width_bps)

    def take_report(self, report: LinkReport) -> None:
        """Take what the page measured."""
        self._ladder.take_report(report)
        self.stethoscope.take_report(report)

    async def take_still(self, still: LinkStill) -> None:
        """Take a picture in place of the video."""
        await self._stills.take(still)

    def moving(self) -> None:
        """A picture of the patient's video was decoded."""
        self._stills.forget()

    def _tell_media(self) -> None:
        devices = self._devices
        microphone, camera = devices.has_microphone, devices.camera is not None
        self._send(MediaState(microphone=devices.microphone_on and microphone, camera=devices.camera_on and camera))

    def _on_case(self, is_case: bool) -> None:
        self._own(self._spans.interrupt() if is_case else self._spans.begin())

    def _unsent_bytes(self) -> int:
        peer = self._current()
        return peer.unsent_bytes if peer is not None else 0

    def _say(self, sentence: str) -> None:
        self._state.sentence = sentence
        self._around.changed()

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(work))

"""The stethoscope mode: asked, on, plain, refused, ended; muted meanwhile and restored exactly."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import msgspec
import pytest
from tests.unit.call.devices.fake_sound import FakeSound

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.state import CallState
from teleconsole.call.webrtc import stethoscope as words
from teleconsole.call.webrtc.stethoscope import StethoscopeMode
from teleconsole.contracts.channel import LinkReport, Stethoscope, StethoscopeState
from teleconsole.domain.errors import ConnectionLost, DeviceUnavailable
from teleconsole.host.media_limits import STETHOSCOPE_ANSWER_S, STETHOSCOPE_TOLD_S

ASK = Stethoscope(on=True, bits_per_s=96_000)
PLAIN = Stethoscope(on=True, bits_per_s=0)
OFF = Stethoscope(on=False)


@dataclass
class Line:
    """A connection; `affords` is what its link takes."""

    generation: int = 1
    affords: bool = True
    wanted: bool = False

    def send_whole(self, *, on: bool) -> None:
        self.wanted = on

    @property
    def sends_whole(self) -> bool:
        return self.wanted and self.affords


@dataclass
class Visit:
    """A visit around the mode."""

    devices: OpenDevices
    state: CallState = field(default_factory=CallState)
    line: Line | None = field(default_factory=Line)
    sent: list[msgspec.Struct] = field(default_factory=list)
    changes: int = 0
    now_s: float = 0.0

    def __post_init__(self) -> None:
        self.state.enter("connected")
        self.mode = StethoscopeMode(
            self.devices, self.state, lambda: self.line, self._send, self._changed, lambda: self.now_s
        )

    @property
    def shown(self) -> tuple[str, str, bool]:
        """Side, phase, and whether our microphone is on."""
        assert self.state.microphone_on is self.devices.microphone_on
        return self.state.stethoscope, self.state.stethoscope_phase, self.state.microphone_on

    def press_microphone(self, *, on: bool) -> None:
        """As the clinician does."""
        self.devices.microphone_on = self.state.microphone_on = on
        self.mode.microphone_chosen()

    def _send(self, frame: msgspec.Struct) -> bool:
        self.sent.append(frame)
        return True

    def _changed(self) -> None:
        self.changes += 1


@pytest.fixture
async def visit() -> AsyncIterator[Visit]:
    devices = OpenDevices(allow_test=True, on_change=lambda: None, sound=FakeSound())
    await devices.select("none", "test:tone:440", "none")
    await devices.open_for_call()
    yield Visit(devices)
    await devices.close_after_call()


async def test_the_patients_side_is_asked_heard_and_given_back(visit: Visit) -> None:
    visit.mode.choose("patient")
    assert visit.sent == [ASK]
    assert visit.shown == ("patient", "asked", False)
    assert visit.devices.playout.holds
    assert not visit.devices.microphone_on
    visit.mode.take(StethoscopeState("on"))
    assert visit.shown == ("patient", "on", False)
    assert visit.state.stethoscope_words == f"{words.HEARD} {words.MUTED}"
    visit.mode.choose("")
    assert visit.sent == [ASK, OFF]
    assert visit.shown == ("", "off", True)
    assert not visit.devices.playout.holds
    assert visit.state.stethoscope_words == ""
    assert visit.changes == 3


async def test_who_was_muted_before_is_muted_after(visit: Visit) -> None:
    visit.press_microphone(on=False)
    visit.mode.choose("patient")
    visit.mode.choose("")
    assert visit.shown == ("", "off", False)


async def test_who_speaks_in_the_mode_keeps_what_they_pressed(visit: Visit) -> None:
    visit.mode.choose("patient")
    visit.mode.take(StethoscopeState("on"))
    visit.press_microphone(on=True)
    assert visit.state.stethoscope_words == f"{words.HEARD} {words.NOT_MUTED}"
    visit.press_microphone(on=False)
    visit.mode.choose("")
    assert visit.shown == ("", "off", False)


@pytest.mark.parametrize(("answer", "sentence"), [("refused", words.REFUSED), ("off", words.STOPPED)])
async def test_a_page_that_refuses_or_stops_ends_the_mode_with_one_sentence(
    visit: Visit, answer: str, sentence: str
) -> None:
    visit.mode.choose("patient")
    visit.mode.take(msgspec.convert({"type": "stethoscope-state", "state": answer}, StethoscopeState))
    assert visit.shown == ("", "off", True)
    assert visit.state.stethoscope_words == sentence
    visit.now_s += STETHOSCOPE_TOLD_S - 1
    visit.mode.look()
    assert visit.state.stethoscope_words == sentence
    visit.now_s += 2
    visit.mode.look()
    assert visit.state.stethoscope_words == ""


async def test_a_page_that_does_not_answer_ends_it_but_not_while_the_link_is_gone(visit: Visit) -> None:
    visit.mode.choose("patient")
    visit.state.enter("reconnecting")
    visit.now_s += STETHOSCOPE_ANSWER_S + 1
    visit.mode.look()
    assert visit.shown == ("patient", "asked", False)
    visit.state.enter("connected")
    visit.mode.channel_opened()
    assert visit.sent == [ASK, ASK]
    visit.mode.look()
    assert visit.shown == ("patient", "asked", False)
    visit.now_s += STETHOSCOPE_ANSWER_S + 1
    visit.mode.look()
    assert visit.shown == ("", "off", True)
    assert visit.state.stethoscope_words == words.NO_ANSWER
    assert visit.sent[-1] == OFF


async def test_the_patients_link_decides_how_much_its_page_sends(visit: Visit) -> None:
    visit.mode.choose("patient")
    for estimate_bps in (0, 800_000, 160_000, 140_000, 190_000, 0, 210_000):
        visit.mode.take_report(LinkReport(estimate_bps=estimate_bps))
    assert visit.sent == [ASK, PLAIN, ASK]
    visit.mode.take(StethoscopeState("plain"))
    assert visit.state.stethoscope_words == f"{words.WEAK} {words.MUTED}"
    visit.mode.choose("")
    visit.mode.take_report(LinkReport(estimate_bps=10_000))
    visit.mode.take(StethoscopeState("on"))
    assert visit.shown == ("", "off", True)


async def test_our_own_microphone_is_raw_only_while_it_is_sent_whole(visit: Visit) -> None:
    assert visit.line is not None
    visit.mode.choose("own")
    assert visit.sent == []
    assert visit.shown == ("own", "on", True)
    assert visit.devices.microphone_raw
    assert visit.state.stethoscope_words == words.SENT
    visit.line.affords = False
    visit.mode.look()
    assert visit.shown == ("own", "plain", True)
    assert not visit.devices.microphone_raw
    assert visit.state.stethoscope_words == words.WEAK
    visit.line.affords = True
    visit.mode.look()
    assert visit.shown == ("own", "on", True)
    visit.press_microphone(on=False)
    assert visit.state.stethoscope_words == f"{words.SENT} {words.NOTHING_SENT}"
    visit.mode.choose("")
    assert (visit.line.wanted, visit.devices.microphone_raw) == (False, False)


async def test_a_new_connection_goes_on_in_the_mode(visit: Visit) -> None:
    visit.mode.choose("own")
    following = Line(generation=2)
    visit.mode.prepare(following)
    assert following.wanted
    prepared_before = Line(generation=3)
    visit.line = prepared_before
    visit.mode.channel_opened()
    assert prepared_before.wanted
    assert visit.shown == ("own", "on", True)


async def test_one_side_at_a_time(visit: Visit) -> None:
    assert visit.line is not None
    visit.mode.choose("own")
    visit.mode.choose("patient")
    assert (visit.line.wanted, visit.devices.microphone_raw) == (False, False)
    assert visit.shown == ("patient", "asked", False)
    visit.mode.choose("own")
    assert visit.sent == [ASK, OFF]
    assert visit.shown == ("own", "on", True)
    assert not visit.devices.playout.holds


async def test_a_page_that_comes_again_without_the_mode_is_told_so(visit: Visit) -> None:
    visit.mode.channel_opened()
    assert visit.sent == [OFF]


async def test_it_ends_with_the_visit_and_the_next_one_begins_without_it(visit: Visit) -> None:
    visit.mode.choose("patient")
    visit.mode.end()
    assert visit.shown == ("", "off", True)
    visit.mode.choose("own")
    visit.mode.end()
    assert not visit.devices.microphone_raw
    visit.state.begin("visit-00000002")
    assert visit.state.snapshot().stethoscope == ""
    visit.devices.microphone_raw = visit.devices.playout.holds = True
    await visit.devices.open_for_call()
    assert (visit.devices.microphone_raw, visit.devices.playout.holds) == (False, False)


async def test_it_does_not_begin_without_a_connection_or_without_a_microphone(visit: Visit) -> None:
    visit.state.enter("reconnecting")
    with pytest.raises(ConnectionLost, match=words.NOT_CONNECTED):
        visit.mode.choose("patient")
    visit.mode.choose("")
    visit.state.enter("connected")
    await visit.devices.select("none", "none", "none")
    with pytest.raises(DeviceUnavailable, match=words.NO_MICROPHONE):
        visit.mode.choose("own")
    assert (visit.changes, visit.sent) == (0, [])

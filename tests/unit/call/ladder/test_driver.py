"""The ladder at work: a made-up connection, the real state, the real report."""

from __future__ import annotations

import asyncio
import time

import msgspec
import pytest

from teleconsole.call.state import CallState
from teleconsole.call.webrtc.ladder.driver import CallLadder
from teleconsole.call.webrtc.profile import SendProfile, SendReport
from teleconsole.call.webrtc.report import CallReport
from teleconsole.contracts.call import CallStats
from teleconsole.contracts.channel import Step
from teleconsole.host.media_limits import LADDER_GONE_S, LADDER_STATS_OLD_S, NARROW_TOLD_AGAIN_S

THIN = SendReport(30_000, 0, 0.5, 400.0, 5.0, 0.0, "network")


class FakeCarrier:
    """A connection of which the test says how sending goes."""

    generation = 1

    def __init__(self) -> None:
        self.report = SendReport(3_000_000, 2_500_000, 0.0, 40.0, 5.0, 0.0, "none")
        self.applied: list[SendProfile] = []
        self.is_acknowledged = True
        self.hurried = 0

    def apply(self, profile: SendProfile) -> None:
        self.applied.append(profile)

    def send_report(self) -> SendReport:
        return self.report

    def hurry(self) -> None:
        self.hurried += 1
        self.is_acknowledged = self.hurried >= 2


class Visit:
    """A visit whose seconds pass when the test says so."""

    def __init__(self) -> None:
        self.state = CallState()
        self.state.begin("visit")
        self.state.enter("connecting")
        self.state.enter("connected")
        self.state.patient_microphone_on = True
        self.carrier = FakeCarrier()
        self.sent: list[msgspec.Struct] = []
        self.ladder = CallLadder(
            self.state, lambda: self.carrier, self._send, lambda: None, lambda _: None, CallReport()
        )
        self.now_s = time.monotonic()

    def _send(self, frame: msgspec.Struct) -> bool:
        self.sent.append(frame)
        return True

    def seconds(self, count: int, received_kbps: float, *, stats: bool = True, like: CallStats | None = None) -> None:
        for _ in range(count):
            self.now_s += 1.0
            if stats:
                self.ladder.take_stats(like or CallStats(received_kbps=received_kbps), self.now_s)
            self.ladder.look(self.now_s)


@pytest.fixture
def visit() -> Visit:
    return Visit()


def test_a_link_too_thin_for_the_pings_goes_down_the_ladder_and_not_into_an_outage(visit: Visit) -> None:
    visit.seconds(10, 2_500)
    visit.carrier.report = THIN
    visit.state.enter("reconnecting")
    visit.seconds(3, 55)
    assert (visit.state.step, visit.state.step_cause) == ("voice-and-stills", "slow")
    assert visit.carrier.applied[-1].audio == "thin"


def test_a_link_on_which_nothing_arrives_keeps_its_step_until_it_is_gone(visit: Visit) -> None:
    visit.seconds(10, 2_500)
    visit.carrier.report = THIN
    visit.state.enter("reconnecting")
    visit.seconds(int(LADDER_GONE_S) - 2, 0)
    assert visit.state.step == "720p"
    visit.seconds(5, 0)
    assert (visit.state.step, visit.state.step_cause) == ("case", "gone")


def test_old_numbers_prove_nothing(visit: Visit) -> None:
    visit.seconds(10, 2_500)
    visit.state.enter("reconnecting")
    visit.seconds(int(LADDER_GONE_S + LADDER_STATS_OLD_S) + 3, 0, stats=False)
    assert visit.state.step == "case"


def test_what_arrives_is_all_that_a_breaking_link_takes(visit: Visit) -> None:
    visit.seconds(10, 2_500)
    broken = CallStats(received_kbps=58, loss_percent=80, audio_concealed_percent=70)
    visit.seconds(2, 58, like=broken)
    assert (visit.state.step, visit.state.step_cause) == ("voice-and-stills", "slow")


def test_random_loss_that_is_repaired_says_nothing_about_what_the_link_takes(visit: Visit) -> None:
    visit.seconds(3, 300, like=CallStats(received_kbps=300, loss_percent=20, audio_concealed_percent=1))
    assert visit.state.step in ("720p", "360p")


def test_our_own_estimate_is_not_believed_while_nobody_can_tell_us_what_arrives(visit: Visit) -> None:
    visit.seconds(10, 2_500)
    visit.carrier.report = THIN
    visit.seconds(3, 190, like=CallStats(received_kbps=190, loss_percent=80, audio_concealed_percent=60))
    assert (visit.state.step, visit.state.step_cause) == ("180p", "slow")


async def test_a_link_that_becomes_narrow_is_followed_at_once_and_the_page_told_until_it_knows(visit: Visit) -> None:
    visit.seconds(10, 2_500)
    visit.sent.clear()
    visit.carrier.is_acknowledged = False
    visit.ladder.narrow(190_000)
    assert (visit.state.step, visit.state.step_cause) == ("180p", "slow")
    assert visit.carrier.applied[-1].height_px == 180
    assert [frame.step for frame in visit.sent if isinstance(frame, Step)] == ["180p"]
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + NARROW_TOLD_AGAIN_S[-1] + 5
    while not visit.carrier.is_acknowledged:
        assert loop.time() < deadline_s, "what the page has not is not sent again"
        await asyncio.sleep(0.01)
    assert visit.carrier.hurried == 2


async def test_a_narrow_link_that_carries_the_step_changes_nothing(visit: Visit) -> None:
    visit.seconds(10, 2_500)
    visit.ladder.narrow(480_000)
    assert visit.state.step == "720p"
    visit.state.enter("reconnecting")
    visit.ladder.narrow(60_000)
    assert visit.state.step == "720p"

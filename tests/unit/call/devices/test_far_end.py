"""What the loudspeaker plays stays near to what the microphone hears, whichever thread was late."""

from __future__ import annotations

import numpy as np

from teleconsole.call.media.far_end import FarEnd
from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_BLOCK_SAMPLES
from teleconsole.host.media_limits import FAR_END_LOOK_READS, FAR_END_PAUSE_S, FAR_END_SLACK_SAMPLES


class TwoThreads:
    """A loudspeaker and a microphone that a test lets run; each block of the loudspeaker has its number in it."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.far = FarEnd(lambda: self.now_s)
        self.played = 0
        self.heard: list[int] = []

    def play(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self.played += 1
            self.far.played(np.full(CALL_BLOCK_SAMPLES, self.played, np.int16))

    def hear(self) -> Samples:
        self.now_s += 0.01
        block = self.far.beside()
        self.heard.append(int(block[-1]))
        return block

    def run(self, blocks: int) -> None:
        for _ in range(blocks):
            self.play()
            self.hear()

    @property
    def behind(self) -> int:
        """Blocks of 10 ms by which the microphone's side is behind."""
        return self.played - self.heard[-1]


def test_threads_in_step_are_beside_each_other() -> None:
    both = TwoThreads()
    both.run(500)
    assert both.heard == list(range(1, 501))


def test_a_loudspeaker_that_ran_before_the_microphone_is_not_behind() -> None:
    both = TwoThreads()
    both.play(100)
    both.run(1)
    assert both.behind == 0


def test_after_a_change_of_microphone_it_is_not_behind() -> None:
    both = TwoThreads()
    both.run(200)
    both.play(30)
    both.now_s += FAR_END_PAUSE_S + 0.2
    both.run(1)
    assert both.behind == 0


def test_what_late_threads_leave_waiting_is_let_go() -> None:
    both = TwoThreads()
    both.run(100)
    for _ in range(10):  # each time the loudspeaker is late by 20 ms, and makes up for it
        both.hear()
        both.hear()
        both.play(2)
        both.run(20)
    both.run(2 * FAR_END_LOOK_READS)
    assert both.behind <= FAR_END_SLACK_SAMPLES // CALL_BLOCK_SAMPLES
    assert both.heard[-FAR_END_LOOK_READS:] == list(range(both.heard[-FAR_END_LOOK_READS], both.heard[-1] + 1))


def test_a_late_loudspeaker_is_silence_meanwhile() -> None:
    both = TwoThreads()
    both.run(10)
    assert not both.hear().any()

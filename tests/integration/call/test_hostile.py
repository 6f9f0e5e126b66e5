"""Hostile gateways and peers against the real call process: it goes on or ends the visit, and serves the next patient.

A short slice with fixed seeds; `make fuzz-call` goes on for as long as one likes.
"""

from pathlib import Path

import pytest
from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.hostile.attacks import ATTACKS
from tests.integration.call.hostile.campaign import campaign, faults_in
from tests.journeys.rig.net import Net

SECONDS_EACH = 2.0
FROM_WAITING = ("frames", "rtp", "sctp")
MOST_MIB = 150.0
"""How much larger the process may be after all attacks than before them."""
PEAK_MIB = 350.0
"""And in the midst of them: pictures of 4K are decoded."""
HANG_UP_S = 10.0
ANSWER_S = 10.0
"""How long the process may be silent; a busy machine is allowed for."""
BUSY_FRACTION = 0.5


async def test_hostile_peers_harm_neither_the_process_nor_the_next_visit(
    net: Net, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    async with clinic_call(tmp_path) as call, campaign(call) as attacks:
        pid, before_mib = call.child.pid, attacks.resident_mib()
        outcomes = [await attacks.run(name, 1_000 + number, SECONDS_EACH) for number, name in enumerate(ATTACKS)]
        outcomes += [await attacks.run_waiting(name, 2_000, SECONDS_EACH) for name in FROM_WAITING]
        for outcome in outcomes:
            assert not outcome.failure, outcome
            assert outcome.packets, outcome
            assert not outcome.died, outcome
            assert outcome.hang_up_s < HANG_UP_S, outcome
            assert outcome.slowest_s < ANSWER_S, outcome
            assert outcome.busy_fraction < BUSY_FRACTION, outcome
            assert outcome.peak_mib - before_mib < PEAK_MIB, outcome
        assert call.child.pid == pid
        await attacks.honest()
        assert attacks.resident_mib() - before_mib < MOST_MIB
    assert faults_in(capfd.readouterr().err) == []

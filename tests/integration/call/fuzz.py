"""`python -m tests.integration.call.fuzz --minutes N`: every attack again and again with other seeds, and what it cost.

Prints one line for each attack, and counts at the end. Exit status 1: something was harmed.
Needs root: it makes a network of its own.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.integration.call.clinic_call import clinic_call
from tests.integration.call.hostile.attacks import ATTACKS
from tests.integration.call.hostile.campaign import Campaign, Outcome, campaign, faults_in
from tests.integration.call.network import entered_network

ROUNDS_TO_HONEST = 2
HANG_UP_S = 10.0
GROWTH_MIB = 250.0
"""Over the whole run, at rest."""


def main() -> int:
    """Run for as long as told; return 1 when something was harmed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each attack")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--attacks", default=",".join(ATTACKS))
    arguments = parser.parse_args()
    for _ in entered_network():
        with tempfile.TemporaryDirectory(prefix="fuzz-call-") as folder:
            errors = Path(folder) / "errors.txt"
            kept = os.dup(2)
            with errors.open("wb") as file:
                os.dup2(file.fileno(), 2)  # what the call process says of its mistakes
            try:
                harmed = asyncio.run(_run(Path(folder), arguments))
            finally:
                os.dup2(kept, 2)
                os.close(kept)
            faults = faults_in(errors.read_text(errors="replace"))
            for fault, times in Counter(each[24:] for each in faults).most_common():
                _say(f"FAULT {times} times: {fault}")
            return 1 if harmed or faults else 0
    return 1


async def _run(folder: Path, arguments: argparse.Namespace) -> bool:
    end_s = time.monotonic() + arguments.minutes * 60
    outcomes: list[Outcome] = []
    seed, honest = arguments.seed, 0
    async with clinic_call(folder) as call, campaign(call) as attacks:
        before_mib = attacks.resident_mib()
        while time.monotonic() < end_s:
            for name in arguments.attacks.split(","):
                for run in (attacks.run, attacks.run_waiting):
                    outcome = await run(name, seed, arguments.seconds)
                    outcomes.append(outcome)
                    _say(_line(outcome))
            seed += 1
            if (seed - arguments.seed) % ROUNDS_TO_HONEST == 0:
                honest += await _honest(attacks)
        if (seed - arguments.seed) % ROUNDS_TO_HONEST:
            honest += await _honest(attacks)
        return _summary(outcomes, honest, attacks.resident_mib() - before_mib)


async def _honest(attacks: Campaign) -> int:
    await attacks.honest()
    _say(f"an honest patient was seen; {attacks.resident_mib():.0f} MiB")
    return 1


def _line(outcome: Outcome) -> str:
    what = f"{outcome.attack} {outcome.seed}: {outcome.packets} sent"
    memory = f"{outcome.peak_mib:.0f}, then {outcome.rest_mib:.0f} MiB"
    times = f"slowest answer {outcome.slowest_s:.2f} s, hung up in {outcome.hang_up_s:.2f} s"
    end = " DIED" if outcome.died else ""
    end += f" FAILED {outcome.failure}" if outcome.failure else ""
    return f"{what}, {memory}, {times}, busy {outcome.busy_fraction:.2f}{end}"


def _summary(outcomes: list[Outcome], honest: int, growth_mib: float) -> bool:
    """Print the counts. Returns: whether something was harmed."""
    sent: Counter[str] = Counter()
    for outcome in outcomes:
        sent[outcome.attack] += outcome.packets
    kinds = len({kind for outcome in outcomes for kind in outcome.sent})
    _say(f"{len(outcomes)} attacks, {sum(sent.values())} hostile frames and packets of {kinds} kinds: {dict(sent)}")
    _say(f"{honest} honest visits held in between; memory grew by {growth_mib:.0f} MiB")
    died = [f"{each.attack} {each.seed}" for each in outcomes if each.died]
    late = [f"{each.attack} {each.seed}" for each in outcomes if each.hang_up_s > HANG_UP_S]
    _say(f"call process ended by: {died or 'none'}; hung up late: {late or 'none'}")
    failed = [f"{each.attack} {each.seed}: {each.failure}" for each in outcomes if each.failure]
    for each in failed:
        _say(f"FAILED {each}")
    return bool(died or late or failed or growth_mib > GROWTH_MIB)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

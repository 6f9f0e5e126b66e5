"""The checks of `teleconsole doctor`: each is asked of the process that holds the thing, and ends in one sentence."""

import msgspec

from teleconsole.contracts.call import CALL, Devices, GetCallSnapshot, ListDevices
from teleconsole.contracts.vault import VAULT, CheckVault
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.paths import default_profile
from teleconsole.host.policy import LoadedPolicy
from teleconsole.host.settings import load_settings
from teleconsole.ops.children import child, sound_environment, vault_environment

_CHECK_S = 30.0
_NAMES = ("vault", "keyring", "devices", "walls", "server", "clock", "policy")
_WALLS = ("namespace", "landlock", "seccomp")


class Check(msgspec.Struct, frozen=True):
    """One finding.

    Attributes:
        name: of what was checked: vault, keyring, devices, walls, server, clock, policy.
        ok: whether it is as it should be.
        sentence: what was found, and what to do when it is not well.
    """

    name: str
    ok: bool
    sentence: str


async def examine(policy: LoadedPolicy | None, policy_problem: str) -> list[Check]:
    """Return all findings; a child that does not answer is a finding too.

    Args:
        policy: as loaded, None when it could not be.
        policy_problem: why not.
    """
    gateway_url = policy.policy.gateway_url if policy is not None else ""
    gateway_url = gateway_url or load_settings(default_profile().settings).gateway_url
    found = [
        *await _ask_vault(gateway_url),
        *await _ask_call(),
        _judge_policy(policy, policy_problem),
    ]
    return [_of(name, found) for name in _NAMES]


def _of(name: str, found: list[Check]) -> Check:
    """Return the finding of that name; what nobody could look at is said to be so, never taken for well."""
    for check in found:
        if check.name == name:
            return check
    words = {
        "server": "No clinic's address is known on this computer yet; it is asked at sign-in, or set by the policy.",
        "clock": "The clock could not be compared: the clinic's gateway did not tell its time.",
    }
    return Check(name, ok=False, sentence=words.get(name, "This could not be looked at."))


async def _ask_vault(gateway_url: str) -> list[Check]:
    try:
        async with child(VAULT, vault_environment()) as peer:
            reports = await peer.ask(CheckVault(gateway_url), deadline_s=_CHECK_S)
    except TeleconsoleError as error:
        return [Check("vault", ok=False, sentence=f"The process that holds the cases does not work: {error.sentence}")]
    return [Check(report.name, report.ok, report.sentence) for report in reports]


async def _ask_call() -> list[Check]:
    try:
        async with child(CALL, sound_environment()) as peer:
            devices = await peer.ask(ListDevices(), deadline_s=_CHECK_S)
            snapshot = await peer.ask(GetCallSnapshot(), deadline_s=_CHECK_S)
    except TeleconsoleError as error:
        return [Check("devices", ok=False, sentence=f"The process of calls does not work: {error.sentence}")]
    return [_judge_devices(devices), judge_walls(snapshot.sandbox)]


def judge_walls(sandbox: str) -> Check:
    """Return the finding about the walls around the process that meets strangers' packets.

    Args:
        sandbox: names of those that stand, joined by "+".
    """
    missing = [wall for wall in _WALLS if wall not in sandbox.split("+")]
    if not missing:
        return Check("walls", ok=True, sentence=f"The process of calls is walled in: {sandbox}.")
    sentence = (
        f"The process of calls is not fully walled in: {', '.join(missing)} cannot be had from this system "
        f"({sandbox} stands)."
    )
    return Check("walls", ok=False, sentence=sentence)


def _judge_devices(devices: Devices) -> Check:
    found = (
        f"{len(devices.cameras)} cameras, {len(devices.microphones)} microphones, {len(devices.speakers)} loudspeakers"
    )
    if not devices.microphones or not devices.speakers:
        return Check("devices", ok=False, sentence=f"Calls need a microphone and a loudspeaker; found: {found}.")
    if not devices.cameras:
        return Check("devices", ok=False, sentence=f"Patients will not see the clinician; found: {found}.")
    if devices.problem:
        return Check("devices", ok=False, sentence=devices.problem)
    return Check("devices", ok=True, sentence=f"Found: {found}.")


def _judge_policy(policy: LoadedPolicy | None, problem: str) -> Check:
    if policy is None:
        return Check("policy", ok=False, sentence=problem)
    if not policy.source:
        return Check("policy", ok=True, sentence="No policy is installed; the defaults hold.")
    who = "IT's managed policy" if policy.managed else "A chosen policy"
    ways = ["over the clinic's relay only"] if policy.policy.relay_only else []
    if policy.policy.udp_port_range:
        ways.append(f"by UDP ports {policy.policy.udp_port_range}")
    calls = f" Calls go {' and '.join(ways)}." if ways else ""
    return Check("policy", ok=True, sentence=f"{who} holds: {policy.source}.{calls}")

"""What IT has decided: one JSON file, checked strictly, so that a slip is told and not ignored."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from teleconsole.domain.errors import PolicyError
from teleconsole.host.limits import POLICY_MAX_BYTES
from teleconsole.host.media_limits import CALL_UDP_PORTS
from teleconsole.host.paths import managed_policy

POLICY_VARIABLE = "TELECONSOLE_POLICY"


class Policy(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """The settings that IT may fix; every field has the value that is safe without a policy.

    Attributes:
        gateway_url: of the clinic's gateway; https, or http to loopback.
        proxy_url: for the gateway and the FHIR server; empty = the system's.
        extra_ca_file: PEM file of certificates to trust besides the system's.
        idle_lock_minutes: the screen locks after so many minutes without a key or a click.
        allow_test_devices: `test:` and `file:` as camera and microphone.
        relay_only: calls go over the clinic's relay only; patients never learn this computer's address.
        udp_port_range: local ports of calls, such as "50000-50099"; empty = any.
    """

    gateway_url: Annotated[str, Meta(max_length=512)] = ""
    proxy_url: Annotated[str, Meta(max_length=512)] = ""
    extra_ca_file: Annotated[str, Meta(max_length=4096)] = ""
    idle_lock_minutes: Annotated[int, Meta(ge=1, le=60)] = 10
    allow_test_devices: bool = True
    relay_only: bool = False
    udp_port_range: Annotated[str, Meta(pattern=r"^([1-9][0-9]{3,4}-[1-9][0-9]{3,4})?$")] = ""

    @property
    def udp_ports(self) -> tuple[int, int]:
        """First and last local port of calls; 0 and 0 = any."""
        first, _, last = self.udp_port_range.partition("-")
        return (int(first), int(last)) if last else (0, 0)


class LoadedPolicy(msgspec.Struct, frozen=True):
    """A policy with where it comes from; `source` empty = no file, the defaults hold."""

    policy: Policy
    source: str = ""
    managed: bool = False


def read_policy(file: Path) -> Policy:
    """Return the policy in a file.

    Raises:
        PolicyError: it cannot be read, or says something that is not a policy; the sentence names the place.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise PolicyError(f"The policy file {file} cannot be read ({reason}). Ask IT to look at it.") from error
    if len(data) > POLICY_MAX_BYTES:
        raise PolicyError(f"The policy file {file} is too large to be a policy. Ask IT to look at it.")
    try:
        policy = msgspec.json.decode(data, type=Policy)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"The policy file {file} is not valid: {error}. Ask IT to correct it.") from error
    _check_urls(policy, file)
    _check_ports(policy, file)
    return policy


def load_policy(chosen: Path | None = None, *, managed: Path | None = None) -> LoadedPolicy:
    """Return the policy that holds: the managed one if IT installed it, else the chosen file, else the variable's.

    Args:
        chosen: from `--policy`; ignored when there is a managed policy.
        managed: where a managed policy lies; the platform's place when None.

    Raises:
        PolicyError: the file that holds is not valid; nothing else is used in its place.
    """
    place = managed_policy() if managed is None else managed
    if place.exists():
        policy = read_policy(place)
        return LoadedPolicy(msgspec.structs.replace(policy, allow_test_devices=False), str(place), managed=True)
    variable = os.environ.get(POLICY_VARIABLE, "")
    file = chosen or (Path(variable) if variable else None)
    if file is None:
        return LoadedPolicy(Policy())
    return LoadedPolicy(read_policy(file), str(file))


def _check_urls(policy: Policy, file: Path) -> None:
    for name, url in (("gatewayUrl", policy.gateway_url),):
        if url and not is_allowed_url(url):
            raise PolicyError(
                f"The policy file {file} is not valid: {name} has to begin with https:// "
                "(http:// only to this computer). Ask IT to correct it."
            )


def _check_ports(policy: Policy, file: Path) -> None:
    first, last = policy.udp_ports
    if (first, last) == (0, 0):
        return
    if not first >= 1_024 or last - first + 1 < CALL_UDP_PORTS or last > 65_535:
        raise PolicyError(
            f"The policy file {file} is not valid: udpPortRange has to lie between 1024 and 65535 and hold at least "
            f"{CALL_UDP_PORTS} ports. Ask IT to correct it."
        )


def is_allowed_url(url: str) -> bool:
    """Return whether a server may be reached so: https anywhere, http to loopback alone."""
    if url.startswith("https://"):
        return len(url) > len("https://")
    host = url.removeprefix("http://").partition("/")[0].rpartition("@")[2]
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return url.startswith("http://") and name in {"127.0.0.1", "localhost", "[::1]"}

"""Console and patient in a network each, joined by IPv6 alone or by both families, each of which can be cut."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from tests.integration.call.network import entered_network
from tests.journeys.rig.net import Net

Family = Literal[4, 6]
CONSOLE: dict[Family, str] = {4: "10.89.0.1", 6: "fd89::1"}
PATIENT: dict[Family, str] = {4: "10.89.0.2", 6: "fd89::2"}
_BITS: dict[Family, int] = {4: 24, 6: 64}


class Families:
    """The link between two networks.

    Attributes:
        console: network of the console and the gateway.
        patient: network of the browser.

    Args:
        console: network of the console and the gateway.
        patient: network of the browser.
        families: whose addresses both ends have.
    """

    def __init__(self, console: Net, patient: Net, families: tuple[Family, ...]) -> None:
        self.console = console
        self.patient = patient
        self._nets = (console, patient)
        console.configure("link delete v0")
        for net in self._nets:
            for which in ("all", "default"):
                order = f"echo 0 > /proc/sys/net/ipv6/conf/{which}/disable_ipv6"
                net.run(["sh", "-c", order], env=dict(os.environ))
        console.configure(f"link add c0 type veth peer name p0 netns {patient.name}")
        for net, device, addresses in ((console, "c0", CONSOLE), (patient, "p0", PATIENT)):
            for family in families:
                # nodad: the address can be used at once
                nodad = " nodad" if family == 6 else ""
                net.configure(f"address add {addresses[family]}/{_BITS[family]} dev {device}{nodad}")
                net.configure(f"-{family} rule add pref 100 lookup local")  # so that ours come first
                net.configure(f"-{family} rule delete pref 0")
            net.configure(f"link set {device} up")

    def cut(self, family: Family) -> None:
        """Nothing of this family arrives any more, at either end; whoever sends is not told."""
        self._rule("add", family)

    def mend(self, family: Family) -> None:
        """It arrives again."""
        self._rule("delete", family)

    def _rule(self, act: str, family: Family) -> None:
        for net, other in zip(self._nets, (PATIENT, CONSOLE), strict=True):
            net.configure(f"-{family} rule {act} from {other[family]} pref 10 blackhole")


@contextmanager
def two_families(*families: Family) -> Iterator[Families]:
    """Two networks, joined; this thread is in the console's."""
    patient = Net(("link set lo up",))
    inside = contextmanager(entered_network)()
    try:
        with inside as console:
            yield Families(console, patient, families)
    finally:
        left = patient.close()
        assert not left, f"left running: {left}"

"""Console and patient in a network each, and between them a third one, which routes and holds the relay.

What goes to the relay ends in the network between; what goes from one side to the other is forwarded there. The kernel
counts both apart, so that "everything goes over the relay" is a number and not a belief.
"""

from __future__ import annotations

import os
from types import TracebackType

from tests.journeys.rig.coturn import PORT
from tests.journeys.rig.net import Net

CONSOLE, PATIENT, RELAY = "10.79.1.1", "10.79.2.1", "10.79.3.1"
_ROUTERS = {CONSOLE: "10.79.1.254", PATIENT: "10.79.2.254"}
_EVERYWHERE = "10.79.0.0/16"
_NO_UDP = (f"to {RELAY} ipproto udp dport {PORT} blackhole", f"from {RELAY} ipproto udp sport {PORT} blackhole")
_NOTHING = f"to {RELAY} blackhole"


class ByRelay:
    """The three networks; the console's is given, the others are made.

    Attributes:
        patient: network of the browser.
        relay: network of the relay, whose address is `RELAY`; it forwards between the two sides, too.

    Args:
        console: network of the console and the gateway; a device is added, and taken away again by `close`.
    """

    def __init__(self, console: Net) -> None:
        self._console = console
        self.patient = Net(("link set lo up",))
        self.relay = Net(("link set lo up", f"address add {RELAY}/32 dev lo"))
        self._join(console, "c0", CONSOLE)
        self._join(self.patient, "p0", PATIENT)
        self.patient.configure(f"route add default via {_ROUTERS[PATIENT]}")
        console.configure(f"route add {_EVERYWHERE} via {_ROUTERS[CONSOLE]}")
        self._in_between("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
        self.relay.configure("rule add pref 100 lookup local")  # so that ours come first
        self.relay.configure("rule delete pref 0")

    def _join(self, side: Net, device: str, address: str) -> None:
        router = f"{device}r"
        side.configure(f"link add {device} type veth peer name {router} netns {self.relay.name}")
        side.configure(f"address add {address}/24 dev {device}")
        side.configure(f"link set {device} up")
        self.relay.configure(f"address add {_ROUTERS[address]}/24 dev {router}")
        self.relay.configure(f"link set {router} up")

    def direct_packets(self) -> int:
        """How many packets went from one side to the other and not by way of the relay, ever since."""
        head, values = [line.split() for line in self._in_between("cat", "/proc/net/snmp").splitlines()[:2]]
        return int(values[head.index("ForwDatagrams")])

    def close_udp(self) -> None:
        """From now on a firewall drops what goes to and from the relay's port by UDP, without a word."""
        for rule in _NO_UDP:
            self.relay.configure(f"rule add pref 10 {rule}")

    def cut_off(self) -> None:
        """From now on nothing comes to the relay."""
        self.relay.configure(f"rule add pref 11 {_NOTHING}")

    def let_through(self) -> None:
        """Everything comes to the relay again; UDP stays as it is."""
        self.relay.configure("rule delete pref 11")

    def _in_between(self, *argv: str) -> str:
        return self.relay.run(argv, env=dict(os.environ))

    def close(self) -> list[str]:
        """End all that is inside of the two networks; return what had been left running."""
        self._console.configure("link delete c0")
        return [*self.patient.close(), *self.relay.close()]

    def __enter__(self) -> ByRelay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        left = self.close()
        assert not left or error is not None, f"left running: {left}"

"""Where the session bus of the desktop is: for whoever must reach it, and for whoever must not."""

from collections.abc import Mapping

_BUS_VARIABLE = "DBUS_SESSION_BUS_ADDRESS"


def session_bus(environment: Mapping[str, str]) -> str:
    """Return the path of the session bus that an environment names, empty when it names none with a path.

    See: D-Bus specification, "Server addresses".
    """
    for address in environment.get(_BUS_VARIABLE, "").split(";"):
        transport, _, keys = address.partition(":")
        for key in keys.split(",") if transport == "unix" else ():
            name, _, value = key.partition("=")
            if name == "path":
                return value
    return ""

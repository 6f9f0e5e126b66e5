"""The base of the snapshots that one process shows another."""

import msgspec


class Snapshot(msgspec.Struct, frozen=True):
    """An immutable value of a contract; `repr` shows no content, so that no PHI reaches a log."""

    def __repr__(self) -> str:
        """Show the type alone."""
        return f"<{type(self).__name__}>"

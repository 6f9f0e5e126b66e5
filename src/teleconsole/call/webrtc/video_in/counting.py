"""Numbers of RTP that wrap, counted on."""


class Unwrapper:
    """Makes numbers of a few bits into numbers that grow for ever (RFC 3550 appendix A.1).

    Args:
        bits: of the number on the wire: 16 for sequence numbers, 32 for timestamps.
    """

    def __init__(self, bits: int) -> None:
        self._modulo = 1 << bits
        self._last: int | None = None

    def unwrap(self, number: int) -> int:
        """Return the number that is nearest to the last one; the first one is moved up once, so none is negative."""
        if self._last is None:
            self._last = self._modulo + number
            return self._last
        ahead = (number - self._last) % self._modulo
        if ahead >= self._modulo // 2:
            ahead -= self._modulo
        whole = self._last + ahead
        self._last = max(self._last, whole)
        return whole

"""Chance that is the same everywhere: every throw depends on the seed and its own key, never on the order."""

import hashlib
import uuid
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_NAMESPACE = uuid.UUID("6f0c9a3e-52b1-5d0e-9a44-7f1d2c6b8e10")


class Dice:
    """Throws and ids from one seed.

    Args:
        seed: two dice of the same seed agree on every throw, on every computer and Python.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def id(self, *key: object) -> str:
        """A UUID in lower case for the key."""
        return str(uuid.uuid5(_NAMESPACE, self._name(key)))

    def fraction(self, *key: object) -> float:
        """A number from 0 up to, not including, 1."""
        digest = hashlib.sha256(self._name(key).encode()).digest()
        return int.from_bytes(digest[:6], "big") / (1 << 48)

    def between(self, low: int, high: int, *key: object) -> int:
        """A whole number, both bounds included."""
        return low + int(self.fraction(*key) * (high - low + 1))

    def pick(self, options: Sequence[T], *key: object) -> T:
        """One of the options, each as likely.

        Raises:
            IndexError: there are none.
        """
        return options[int(self.fraction(*key) * len(options))]

    def shuffled(self, items: Sequence[T], *key: object) -> list[T]:
        """The same items in another order."""
        order = sorted(range(len(items)), key=lambda index: self.fraction(*key, index))
        return [items[index] for index in order]

    def _name(self, key: tuple[object, ...]) -> str:
        return "/".join(str(part) for part in (self._seed, *key))

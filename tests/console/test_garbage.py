"""What is Qt's is destroyed in Qt's thread, whoever allocates."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from teleconsole.console.garbage import GarbageCollector
from tests.console.conftest import until


@pytest.fixture
def collector(_garbage: None) -> Iterator[GarbageCollector]:
    made = GarbageCollector()
    made.start()
    yield made
    made.stop()
    gc.disable()  # the collector of the session goes on


class _Knot(QObject):
    """In a cycle with itself, as a widget with a bound callback is."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def _knot(gone_in: list[int]) -> None:
    knot = _Knot()
    weakref.finalize(knot, lambda: gone_in.append(threading.get_ident()))


def _allocate_in_a_thread() -> list[list[int]]:
    """Much more than the threshold of Python's own collection; what is freed again would not be counted."""
    kept: list[list[int]] = []

    def work() -> None:
        kept.extend([n] for n in range(200_000))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return kept


async def test_another_threads_allocations_destroy_nothing_of_qt(collector: GarbageCollector) -> None:
    gone_in: list[int] = []
    _knot(gone_in)
    kept = _allocate_in_a_thread()
    assert gone_in == []
    await until(lambda: gone_in, "the cycle was collected")
    assert gone_in == [threading.get_ident()]
    assert kept


def test_python_would_have_collected_there(collector: GarbageCollector) -> None:
    """The same without the collector: what this module is for."""
    collector.stop()
    gone_in: list[int] = []
    _knot(gone_in)
    _allocate_in_a_thread()
    gc.disable()
    assert gone_in
    assert gone_in[0] != threading.get_ident()


def test_the_oldest_generation_is_collected_too(collector: GarbageCollector) -> None:
    gone_in: list[int] = []
    _knot(gone_in)
    gc.collect(1)  # nothing refers to it: gone at once, whatever the generation
    assert gone_in == [threading.get_ident()]
    for _ in range(gc.get_threshold()[2] + 2):
        gc.collect(1)
    before = gc.get_stats()[2]["collections"]
    collector.check()
    assert gc.get_stats()[2]["collections"] == before + 1

"""Threads that own the connections: one that writes, a few that read."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from teleconsole.domain.errors import StoreCorrupt, StoreError, WrongKey
from teleconsole.vault.door import at_the_door
from teleconsole.vault.sqlcipher import Connection

T = TypeVar("T")
Job = tuple[Callable[[Connection], Any], "Future[Any]"]


class ConnectionThreads:
    """Runs functions with a connection in threads that own one each.

    Args:
        name: of the threads.
        count: how many.
        connect: opens a connection; called in each thread.

    Thread: `run` from an event loop, `submit` and `close` from anywhere.
    """

    def __init__(self, name: str, count: int, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._closed = False
        self._lock = threading.Lock()
        self._ready: list[Future[None]] = [Future() for _ in range(count)]
        self._threads = [
            threading.Thread(target=self._main, args=(ready,), name=f"{name}-{number}", daemon=True)
            for number, ready in enumerate(self._ready)
        ]
        for thread in self._threads:
            thread.start()

    def wait_ready(self) -> None:
        """Return when every connection is open.

        Raises:
            StoreError: one could not be opened; all are closed again.
        """
        try:
            for ready in self._ready:
                ready.result()
        except BaseException:
            self.close()
            raise

    def submit(self, job: Callable[[Connection], T]) -> "Future[T]":
        """Run the job in one of the threads.

        Raises:
            StoreError: it is closed.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise StoreError("The case store is locked. Unlock it and try again; nothing is lost.")
            self._jobs.put((job, future))
        return future

    async def run(self, job: Callable[[Connection], T]) -> T:
        """Return the job's result. A caller that is cancelled does not stop a job that runs.

        Raises:
            StoreError: translated; or whatever else the job raises.
        """
        return await asyncio.wrap_future(self.submit(job))

    def close(self) -> None:
        """Finish what was submitted, close the connections, end the threads. Returns when that is done."""
        with self._lock:
            if not self._closed:
                self._closed = True
                for _ in self._threads:
                    self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _main(self, ready: "Future[None]") -> None:
        try:
            connection = self._connect()
        except BaseException as error:  # noqa: BLE001 -- carried to the thread that waits for us
            ready.set_exception(error)
            return
        ready.set_result(None)
        try:
            while (job := self._jobs.get()) is not None:
                if not _run(connection, *job):
                    connection = self._another(connection)
        finally:
            connection.close()

    def _another(self, spoiled: Connection) -> Connection:
        """Return a new connection for one that saw damage, which spoils all that it reads afterwards.

        Where none can be opened the old one stays: it answers each job with its error.
        See: github.com/sqlcipher/sqlcipher issue 617.
        """
        try:
            connection = self._connect()
        except StoreError:
            return spoiled
        spoiled.close()
        return connection


def _run(connection: Connection, job: Callable[[Connection], Any], future: "Future[Any]") -> bool:
    """Run one job and return whether the connection can be used any further."""
    if not future.set_running_or_notify_cancel():
        return True
    try:
        with at_the_door():
            result = job(connection)
    except BaseException as error:  # noqa: BLE001 -- carried to the caller
        future.set_exception(error)
        return not isinstance(error, StoreCorrupt | WrongKey)
    future.set_result(result)
    return True

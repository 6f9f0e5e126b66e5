"""The embedded FHIR server of the demo and the tests, as a child process that can be stopped and started.

Use `async with FhirServer(folder) as server: ... server.base_url`. By hand:
`python -m teleconsole.demo.fhir_server --folder DIR --port 8090`.
"""

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from teleconsole.host import limits


class FhirServerFailed(Exception):
    """The embedded FHIR server did not start; the sentence says where its log is."""


class FhirServer:
    """One embedded FHIR R4 server on 127.0.0.1, persistent in a folder.

    Data and port survive `stop()` and `start()`. The child ends with this process, however that ends.
    Belongs to one event loop.

    Attributes:
        folder: database and log (`fhir-server.log`).
        port: 0 until the first start when none was given.
    """

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.port = port
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """The FHIR base, without a slash at its end.

        Raises:
            FhirServerFailed: it was never started.
        """
        if not self.port:
            raise FhirServerFailed("The embedded FHIR server has no address before its first start.")
        return f"http://127.0.0.1:{self.port}/fhir"

    @property
    def running(self) -> bool:
        """Whether the child lives."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int | None:
        """The child's process id while it lives."""
        return self._process.pid if self._process is not None and self.running else None

    async def start(self) -> None:
        """Starts the child and returns when it answers; nothing to do when it runs.

        Raises:
            FhirServerFailed: it ended or stayed silent for `limits.DEMO_FHIR_START_S` seconds.
        """
        if self.running:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        errors = self.folder / "fhir-server.stderr"
        with errors.open("wb") as stderr:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "teleconsole.demo.fhir_child"),
                *("--folder", str(self.folder), "--port", str(self.port)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,  # Ctrl+C goes to the starter alone, which ends the app before its clinic
            )
        try:
            async with asyncio.timeout(limits.DEMO_FHIR_START_S):
                self.port = await self._announced_port(self._process)
        except BaseException as failure:
            await self.stop()
            if isinstance(failure, TimeoutError | ValueError):
                raise FhirServerFailed(
                    f"The embedded FHIR server did not start. Its reasons are in {errors.name} in its folder."
                ) from failure
            raise

    async def stop(self) -> None:
        """Ends the child: asks first, kills after `limits.DEMO_FHIR_STOP_S` seconds."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await process.stdin.wait_closed()
        try:
            await asyncio.wait_for(process.wait(), limits.DEMO_FHIR_STOP_S)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def kill(self) -> None:
        """Ends the child at once, as a power cut would."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()

    @staticmethod
    async def _announced_port(process: asyncio.subprocess.Process) -> int:
        if process.stdout is None:
            raise ValueError("no standard output")
        announced = json.loads(await process.stdout.readline())  # an empty line raises: the child has ended
        port = announced["port"]
        if not isinstance(port, int):
            raise ValueError("no port")
        return port


async def serve(folder: Path, port: int) -> None:
    """Runs a server until SIGINT or SIGTERM; prints its address as one line of JSON."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stopped.set)
    async with FhirServer(folder, port) as server:
        sys.stdout.write(json.dumps({"fhir": server.base_url}) + "\n")
        sys.stdout.flush()
        await stopped.wait()


def main(arguments: list[str] | None = None) -> int:
    """The command line; exit status 1 with one sentence when the server does not start."""
    parser = argparse.ArgumentParser(
        prog="python -m teleconsole.demo.fhir_server",
        description="The demo's FHIR server on 127.0.0.1.",
        epilog="Example: python -m teleconsole.demo.fhir_server --folder clinic --port 8090",
    )
    parser.add_argument("--folder", type=Path, required=True, help="where data and log live")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes any free port")
    options = parser.parse_args(arguments)
    try:
        asyncio.run(serve(options.folder, options.port))
    except FhirServerFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

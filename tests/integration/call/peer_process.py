"""`teleconsole peer` as a process of its own."""

import asyncio
import json
import os
import re
import sys
from typing import Any

STARTED: list[asyncio.subprocess.Process] = []
SLOW_STEP = re.compile(r"Executing <.* took \d+\.\d+ seconds$")


class PeerProcess:
    """`teleconsole peer` and the lines it wrote."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.lines: list[dict[str, Any]] = []
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, link: str, *arguments: str) -> "PeerProcess":
        """Start it with a link."""
        command = (sys.executable, "-X", "dev", "-m", "teleconsole", "peer", link, *arguments)
        env = {**os.environ, "PYTHONWARNINGS": "error"}
        process = await asyncio.create_subprocess_exec(
            *command, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        STARTED.append(process)
        return cls(process)

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(json.loads(line))

    def of(self, event: str) -> list[dict[str, Any]]:
        """All lines of an event."""
        return [line for line in self.lines if line["event"] == event]

    def stat(self, name: str) -> Any:
        """The newest value of a statistic, None before the first."""
        told = self.of("stats")
        return told[-1][name] if told else None

    async def end(self) -> tuple[int, str]:
        """Wait for its end; its exit status and what it wrote to standard error.

        asyncio's notes of slow steps are left out: a busy machine and a stopped process are slow, without a mistake.
        """
        assert self.process.stderr is not None
        errors = await asyncio.wait_for(self.process.stderr.read(), 15)
        await self._reading
        # under -X dev asyncio remarks on every step that took over 0.1 s, which only says that this machine is busy
        told = [line for line in errors.decode().splitlines() if not line.startswith("Executing <")]
        return await self.process.wait(), "\n".join(told)

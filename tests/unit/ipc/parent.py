"""A parent process for tests: starts the service, prints its pid, waits to be killed."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.unit.ipc.service import CONTRACT, Echo

from teleconsole.ipc.child import Child

SERVICE = [sys.executable, str(Path(__file__).with_name("service.py"))]


async def main(kind: str, how: str) -> None:
    child = Child("test", transport="socket" if kind == "socket" else "pipes", command=SERVICE)
    peer = await child.start({}, CONTRACT)
    await peer.ask(Echo("it lives"))
    if how == "stopped":
        os.kill(child.pid, signal.SIGSTOP)
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    await peer.closed


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))

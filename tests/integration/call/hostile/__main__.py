"""`python -m tests.integration.call.hostile`: a hostile gateway with hostile peers, for a call process to join.

Prints its address as one JSON object, then one object for each attack that ended: what was sent, how often.
"""

import asyncio
import json
import sys
from typing import Any

from tests.integration.call.hostile.gateway import HostileGateway
from tests.integration.call.hostile.payloads import encode_all


async def _serve() -> None:
    gateway = HostileGateway(_tell)
    await gateway.start()
    await asyncio.to_thread(encode_all)
    _tell({"address": gateway.address})
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)  # until whoever started us goes
    await gateway.close()


def _tell(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_serve())

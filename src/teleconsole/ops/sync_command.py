"""`teleconsole sync --once`: one round of sync without the window, opened by the keyring."""

import argparse
import asyncio
import sys

import msgspec

from teleconsole.contracts.vault import VAULT, GetSyncStatus, SyncNow, SyncStatus, SyncStatusChanged, Unlock
from teleconsole.ops.children import child, vault_environment

_BUSY = ("pushing", "pulling", "fetching-files")
_ROUND_S = 3600.0
_UNLOCK_S = 60.0


def main(argv: list[str]) -> int:
    """Run one round; return 0 when everything is here and everything is sent, else 1.

    Raises:
        TeleconsoleError: the store does not open by the keyring, or the round could not begin.
    """
    parser = argparse.ArgumentParser(
        prog="teleconsole sync",
        description="One round of sync without the window; the keyring opens the store.",
        epilog="example:\n  teleconsole sync --once --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--once", action="store_true", required=True, help="one round, then end")
    parser.add_argument("--json", action="store_true", help="the result as one JSON object")
    try:
        options = parser.parse_args(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    status = asyncio.run(_round())
    well = status.phase == "idle" and status.to_send == 0 and status.could_not_send == 0
    if options.json:
        sys.stdout.write(msgspec.json.encode(status).decode() + "\n")
    else:
        said = status.sentence or f"Up to date. To send: {status.to_send}, not accepted: {status.could_not_send}."
        sys.stdout.write(said + "\n")
    return 0 if well else 1


async def _round() -> SyncStatus:
    async with child(VAULT, vault_environment()) as peer:
        await peer.ask(Unlock(), deadline_s=_UNLOCK_S)
        ended: asyncio.Future[SyncStatus] = asyncio.get_running_loop().create_future()
        began = False

        def look(news: SyncStatusChanged) -> None:
            nonlocal began
            began = began or news.status.phase in _BUSY
            if began and news.status.phase not in _BUSY and not ended.done():
                ended.set_result(news.status)

        peer.on_news(SyncStatusChanged, look)
        await peer.ask(SyncNow(), deadline_s=_UNLOCK_S)
        try:
            return await asyncio.wait_for(ended, _ROUND_S)
        except TimeoutError:
            return await peer.ask(GetSyncStatus())

"""`teleconsole gateway`: starts the clinic's gateway from its configuration file."""

import argparse
import asyncio
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec

from teleconsole.gateway.config import ConfigError, GatewayConfig, read_config
from teleconsole.gateway.service import Gateway
from teleconsole.host.logs import set_up_logging

EXAMPLE = """example:
  teleconsole gateway --config gateway.json

gateway.json (only its user may read it: chmod 600 gateway.json):
  {"dataFolder": "gateway-data", "fhirBase": "https://fhir.example.org/r4", "clinic": "Hollow Lane Clinic",
   "practitioner": {"id": "dr-moss", "name": "Dr Ada Moss"}, "host": "127.0.0.1", "port": 8470,
   "publicBaseUrl": "https://visits.example.org", "stunUrls": ["stun:turn.example.org:3478"],
   "turn": {"urls": ["turn:turn.example.org:3478"], "secret": "the static-auth-secret of coturn"}}
"""


def main(argv: list[str]) -> int:
    """Run the gateway until SIGINT or SIGTERM; return the exit status (0 fine, 1 failed, 2 wrong use)."""
    parser = argparse.ArgumentParser(
        prog="teleconsole gateway",
        description="The clinic's gateway: patient pages, links, signalling and waiting room.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="configuration as JSON, mode 600")
    parser.add_argument("--host", help="listen on this address instead of the configured one")
    parser.add_argument("--port", type=int, help="listen on this port instead of the configured one; 0 takes any")
    parser.add_argument("--json", action="store_true", help="print address and codes as one JSON object")
    parser.add_argument("--codes", type=int, default=1, metavar="N", help="print N one-time codes (1 to 9)")
    parser.add_argument("--until-stdin-ends", action="store_true", help="stop when standard input is closed")
    parser.add_argument("--check", action="store_true", help="only check the configuration")
    try:
        options = parser.parse_args(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    try:
        config = read_config(options.config)
        if options.host is not None:
            config = msgspec.structs.replace(config, host=options.host)
        if options.port is not None:
            config = msgspec.structs.replace(config, port=options.port)
        if options.check:
            return 0
        set_up_logging(config.data_folder / "logs", "gateway")
        codes = min(9, max(1, options.codes))
        asyncio.run(serve(config, codes=codes, as_json=options.json, until_stdin_ends=options.until_stdin_ends))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"The gateway's data folder cannot be used: {error.strerror}.\n")
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


async def serve(
    config: GatewayConfig, *, codes: int = 1, as_json: bool = False, until_stdin_ends: bool = False
) -> None:
    """Run a gateway until SIGINT or SIGTERM; print its address and the clinician's one-time codes.

    Args:
        config: checked.
        codes: how many one-time codes to print.
        as_json: print one line `{"gateway": ..., "codes": [...]}` instead of words.
        until_stdin_ends: also stop at the end of standard input, so that a starter that dies leaves nothing behind.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stopped.set)
    if until_stdin_ends:
        threading.Thread(target=_wait_for_stdin, args=(loop, stopped), daemon=True).start()
    async with Gateway(config) as gateway:
        given = [gateway.clinician_code, *(gateway.new_code() for _ in range(codes - 1))]
        if as_json:
            sys.stdout.write(msgspec.json.encode({"gateway": gateway.base_url, "codes": given}).decode() + "\n")
        else:
            sys.stdout.write(f"Gateway: {gateway.base_url}\n")
            for code in given:
                sys.stdout.write(f"One-time code for {config.practitioner.name}: {code}\n")
        sys.stdout.flush()
        await stopped.wait()


def _wait_for_stdin(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):  # not the buffered reader: its lock would spoil an end by a signal
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(stopped.set)

"""The process of the embedded FHIR server: sekmet-fhir on the loopback, quiet, until its parent is gone.

Started by `teleconsole.demo.fhir_server`, never by a person. It says `{"port": N}` on standard output when
it answers requests, and ends when its standard input does, so that it cannot outlive its parent.
"""

import argparse
import json
import logging
import logging.handlers
import os
import socket
import sys
import threading
import time
from pathlib import Path

import uvicorn
from sekmet.config import Settings, SimulatorSettings
from sekmet.main import create_app

from teleconsole.host import limits

HOST = "127.0.0.1"


class AnnouncingServer(uvicorn.Server):
    """A uvicorn server that tells its parent when it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen, then writes one line of JSON to standard output."""
        await super().startup(sockets=sockets)
        if sockets and not self.should_exit:
            sys.stdout.write(json.dumps({"port": sockets[0].getsockname()[1]}) + "\n")
            sys.stdout.flush()


def server_settings(folder: Path, port: int) -> Settings:
    """Settings for a plain store of FHIR R4 resources.

    The server's simulator answers Tasks and Appointments by itself after two seconds, and its traffic log keeps
    every body: both are off. `host` is not its default, which is every interface.

    Args:
        folder: where the database lives.
        port: the port that links and locations name.
    """
    return Settings(
        base_url=f"http://{HOST}:{port}/fhir",
        host=HOST,
        port=port,
        data_dir=str(folder),
        facility_name="Hollow Lane Clinic",
        log_inbound=False,
        simulator=SimulatorSettings(enabled=False, auto=[]),
        own_private_key_path=str(folder / "server-key.pem"),
    )


def bind(port: int) -> socket.socket:
    """A bound loopback socket; waits for a port that a server just killed may still hold.

    Args:
        port: 0 for any.

    Raises:
        OSError: the port stayed taken for `limits.DEMO_FHIR_BIND_S` seconds.
    """
    deadline = time.monotonic() + limits.DEMO_FHIR_BIND_S
    while True:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":  # on Windows the option would let two servers share the port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError:
            listener.close()
            if port == 0 or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return listener


def log_to_file(folder: Path) -> None:
    """Sends warnings and worse to `fhir-server.log` in the folder, two files of bounded size."""
    handler = logging.handlers.RotatingFileHandler(
        folder / "fhir-server.log", maxBytes=limits.DEMO_FHIR_LOG_BYTES, backupCount=1, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)


def end_with_parent(server: uvicorn.Server) -> None:
    """Waits in its own thread until standard input ends, then ends the server, by force if it lingers."""
    while os.read(sys.stdin.fileno(), 4096):  # not the buffered reader: its lock would spoil an end by a signal
        pass
    server.should_exit = True
    time.sleep(limits.DEMO_FHIR_STOP_S / 2)
    os._exit(0)  # every answered write is committed by then; a hung request must not keep the process


def main() -> None:
    """Runs the server until the parent ends."""
    parser = argparse.ArgumentParser(prog="teleconsole.demo.fhir_child")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    folder: Path = options.folder
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True)
    log_to_file(folder)
    listener = bind(options.port)
    app = create_app(server_settings(folder, listener.getsockname()[1]))
    server = AnnouncingServer(
        uvicorn.Config(
            app, log_config=None, access_log=False, log_level="warning", timeout_graceful_shutdown=1, ws="none"
        )
    )
    threading.Thread(target=end_with_parent, args=(server,), name="parent-watch", daemon=True).start()
    server.run(sockets=[listener])
    app.state.ctx.store.conn.close()


if __name__ == "__main__":
    main()

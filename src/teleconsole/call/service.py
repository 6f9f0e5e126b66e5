"""The call process: `teleconsole --child=call`."""

import logging
import os
import sys

from teleconsole.call.frames import FrameView
from teleconsole.call.handlers import CallService
from teleconsole.call.media.libopus import libopus_problem
from teleconsole.call.sandbox import enter_sandbox
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.leftovers import share_few_arenas
from teleconsole.call.webrtc.sending.picture_encoder import libvpx_problem
from teleconsole.contracts.call import CALL
from teleconsole.host.limits import (
    CALL_HEIGHT_PX,
    CALL_SELF_HEIGHT_PX,
    CALL_SELF_WIDTH_PX,
    CALL_WIDTH_PX,
)
from teleconsole.host.logs import log_to_stderr
from teleconsole.host.media_limits import CALL_SWITCH_S
from teleconsole.host.paths import default_profile
from teleconsole.host.priority import go_first
from teleconsole.ipc.child_args import ChildArgs
from teleconsole.ipc.peer import Handlers, Peer
from teleconsole.ipc.serve import serve
from teleconsole.ipc.slot import FrameWriter

ALLOW_TEST_DEVICES = "TELECONSOLE_ALLOW_TEST_DEVICES"
"""Variable that the console sets for this process: "0" where IT does not allow them."""


def main(args: ChildArgs) -> int:
    """Serve the console until it closes the connection; return the exit status."""
    log_to_stderr(level=logging.WARNING)  # behind the walls no file can be opened
    go_first()
    share_few_arenas()
    sys.setswitchinterval(CALL_SWITCH_S)
    adapt_aiortc()
    libopus_problem()  # loaded before the walls; without it the devices say so
    libvpx_problem()  # likewise; without it FFmpeg's wrapper encodes
    sandbox = enter_sandbox(default_profile())
    services: list[CallService] = []

    def make_handlers(peer: Peer) -> Handlers:
        service = CallService(
            peer,
            allow_test_devices=os.environ.get(ALLOW_TEST_DEVICES, "1") != "0",
            remote_view=_view(args, "remote", CALL_WIDTH_PX, CALL_HEIGHT_PX),
            self_view=_view(args, "self", CALL_SELF_WIDTH_PX, CALL_SELF_HEIGHT_PX),
            sandbox=sandbox,
        )
        services.append(service)
        return service.handlers()

    async def closing() -> None:
        for service in services:
            await service.close()

    return serve(CALL, make_handlers, argv=args, closing=closing)


def _view(args: ChildArgs, name: str, max_width: int, max_height: int) -> FrameView | None:
    slot = args.slots.get(name)
    if slot is None:
        return None
    return FrameView(FrameWriter(slot.fd, slot.capacity_bytes), max_width, max_height)

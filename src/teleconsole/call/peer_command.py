"""`teleconsole peer LINK`: a visit without a screen, from test pictures or files, for tests and support."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from typing import Any

import msgspec

from teleconsole.call.media.devices import OpenDevices
from teleconsole.call.patient import Event, PatientVisit
from teleconsole.call.patient_session import exchange, split_link
from teleconsole.call.signalling import trust
from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.ice.ports import PortRange
from teleconsole.call.webrtc.ice.relay import Reach
from teleconsole.domain.errors import TeleconsoleError
from teleconsole.host.limits import CALL_CHAT_CHARS
from teleconsole.host.policy import load_policy

if sys.platform == "win32":
    _new_event_loop = asyncio.new_event_loop
else:
    from uvloop import new_event_loop as _new_event_loop

_EXAMPLE = "example:\n  teleconsole peer 'https://clinic.example/v#TOKEN' --camera test:bars --seconds 60"
NEVER_CONNECTED = "The visit did not begin: the patient was not admitted, or no connection came about."
_SECONDS = 86_400


def main(argv: Sequence[str] | None = None) -> int:
    """Play the patient of a link; return 0 when the visit was held, 1 when not, 2 for wrong arguments."""
    arguments = _parser().parse_args(argv)
    try:
        url, token = split_link(arguments.link)
    except ValueError as error:
        return _fail(str(error), 2)
    if len(arguments.say) > 20 or any(not 0 < len(text) <= CALL_CHAT_CHARS for text in arguments.say):
        return _fail(f"A line to say has 1 to {CALL_CHAT_CHARS} characters, and there are at most 20.", 2)
    try:
        adapt_aiortc()
        with asyncio.Runner(loop_factory=_new_event_loop) as runner:
            return runner.run(_visit(url, token, arguments))
    except TeleconsoleError as error:
        return _fail(error.sentence, 1)
    except KeyboardInterrupt:
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="teleconsole peer",
        description="Joins a visit as its patient, without a screen. Writes what happens and statistics to standard "
        "output, one JSON object a line. Saves nothing.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("link", help="the patient's link, https://…/v#…")
    parser.add_argument("--camera", default="test:bars", help='"test:bars[:WxH@FPS]", "file:PATH", a device or "none"')
    parser.add_argument("--microphone", default="test:tone:440", help='"test:tone:HZ", "file:PATH", a device or "none"')
    parser.add_argument("--speaker", default="none", help='a device; "" = the system\'s default (default: none)')
    parser.add_argument("--birth-date", default="", metavar="YYYY-MM-DD", help="when the gateway asks for it")
    parser.add_argument("--seconds", type=_seconds, default=0, help="leave after so long (default: when it ends)")
    parser.add_argument("--say", action="append", default=[], metavar="TEXT", help="a line of chat; may be repeated")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--json", action="store_true", help="JSON lines (the default)")
    output.add_argument("--text", action="store_true", help="sentences for a person")
    return parser


def _seconds(text: str) -> int:
    value = int(text)
    if not 0 <= value <= _SECONDS:
        raise argparse.ArgumentTypeError(f"0 to {_SECONDS}")
    return value


def _fail(sentence: str, status: int) -> int:
    sys.stderr.write(f"teleconsole peer: {sentence}\n")
    return status


async def _visit(url: str, token: str, arguments: argparse.Namespace) -> int:
    policy = load_policy().policy
    extra_ca, proxy = policy.extra_ca_file, policy.proxy_url
    session = await exchange(url, token, birth_date=arguments.birth_date, extra_ca=extra_ca, proxy=proxy)
    devices = OpenDevices(allow_test=policy.allow_test_devices, on_change=lambda: None)
    await devices.select(arguments.camera, arguments.microphone, arguments.speaker)
    report = _tell_person if arguments.text else _tell_program
    visit = PatientVisit(
        session.url,
        session.visit_id,
        session.cookies,
        devices,
        report,
        say=tuple(arguments.say),
        extra_ca=extra_ca,
        proxy=proxy,
        reach=Reach(policy.relay_only, PortRange(*policy.udp_ports), proxy, trust(extra_ca)),
    )
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
    visit.ended.add_done_callback(lambda _: stopping.set())
    try:
        await visit.begin()
        try:
            async with asyncio.timeout(arguments.seconds or None):
                await stopping.wait()
        except TimeoutError:
            pass
    finally:
        await visit.leave()
    return 0 if visit.connected else _fail(NEVER_CONNECTED, 1)


def _tell_program(event: Event, values: dict[str, Any]) -> None:
    sys.stdout.write(msgspec.json.encode({"event": event, **values}).decode() + "\n")
    sys.stdout.flush()


def _tell_person(event: Event, values: dict[str, Any]) -> None:
    if event == "stats":
        shown = f"{values['received_fps']:.0f} pictures a second in, {values['sent_fps']:.0f} out"
    else:
        shown = ", ".join(str(value) for value in values.values())
    sys.stdout.write(f"{event}: {shown}\n" if shown else f"{event}\n")
    sys.stdout.flush()

"""`teleconsole demo`: a made-up clinic on this machine, the app, and a patient who is ready to join."""

import argparse
import asyncio
import contextlib
import os
import shlex
import shutil
import signal
import sys
import webbrowser
from pathlib import Path

import msgspec
import platformdirs

from teleconsole.demo.clinic_side import ClinicAddress, ClinicFailed, ClinicSide
from teleconsole.demo.fhir_server import FhirServerFailed
from teleconsole.demo.ports import Ports, remembered_ports
from teleconsole.demo.seed import SeedFailed
from teleconsole.host.display import has_display

_EXAMPLE = """example:
  teleconsole demo                      the clinic and the app
  teleconsole demo --headless-clinic    the clinic alone; prints one JSON object with its addresses and links
"""


def main(argv: list[str]) -> int:
    """Run the demo until the app is closed (or until Ctrl+C); return the exit status."""
    parser = argparse.ArgumentParser(
        prog="teleconsole demo",
        description="A made-up clinic on this machine: FHIR server, gateway, patients, and the app.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--headless-clinic", action="store_true", help="the clinic's side alone, as JSON")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="where the made-up clinic lies")
    parser.add_argument("--gateway-port", type=int, default=0, metavar="N", help="the same as the last time, else any")
    parser.add_argument("--fhir-port", type=int, default=0, metavar="N", help="the same as the last time, else any")
    parser.add_argument("--cases", type=int, default=60, metavar="N", help="how many cases (60)")
    parser.add_argument("--gateway-config", type=Path, metavar="FILE", help='more of gateway.json, such as "turn"')
    parser.add_argument("--no-browser", action="store_true", help="do not open the patient's page")
    try:
        options = parser.parse_args(argv)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 2
    if not options.headless_clinic and not has_display():
        sys.stderr.write(
            f"teleconsole demo: there is no display here for the app; '{_this_program()} demo --headless-clinic' "
            "starts the clinic alone.\n"
        )
        return 1
    folder = options.folder or Path(platformdirs.user_data_dir("teleconsole-demo", appauthor=False))
    try:
        ports = remembered_ports(folder, Ports(options.gateway_port, options.fhir_port))
        clinic = ClinicSide(
            folder,
            gateway_port=ports.gateway,
            fhir_port=ports.fhir,
            cases=options.cases,
            gateway_config=_read_config(options.gateway_config),
        )
        if options.headless_clinic:
            asyncio.run(_run_headless(clinic))
            return 0
        return asyncio.run(_run_with_app(clinic, folder, open_browser=not options.no_browser))
    except (ClinicFailed, FhirServerFailed, SeedFailed) as failure:
        sys.stderr.write(f"teleconsole demo: {failure}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"teleconsole demo: the folder {folder} cannot be used ({error.strerror}).\n")
        return 1
    except KeyboardInterrupt:
        return 0


def _read_config(file: Path | None) -> dict[str, object]:
    """Return what is to be added to the gateway's configuration; the gateway checks it.

    Raises:
        ClinicFailed: it cannot be read, or is no JSON object.
    """
    if file is None:
        return {}
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError) as error:
        raise ClinicFailed(f"The file {file} with more of the gateway's configuration cannot be used.") from error


async def _run_headless(clinic: ClinicSide) -> None:
    stopped = _stopped_by_signal()
    async with clinic:
        sys.stdout.write(msgspec.json.encode(clinic.address).decode() + "\n")
        sys.stdout.flush()
        await stopped.wait()


async def _run_with_app(clinic: ClinicSide, folder: Path, *, open_browser: bool) -> int:
    stopped = _stopped_by_signal()
    sys.stdout.write("Starting the made-up clinic…\n")
    sys.stdout.flush()
    async with clinic:
        sys.stdout.write(_welcome(clinic.address))
        sys.stdout.flush()
        if open_browser and clinic.address.visit_links:
            await asyncio.to_thread(_open_quietly, clinic.address.visit_links[0].link)
        policy = folder / "policy.json"
        policy.write_bytes(msgspec.json.encode({"gatewayUrl": clinic.address.gateway}))
        app = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "teleconsole"),
            *("--profile", str(folder / "profile"), "--policy", str(policy)),
        )
        ended = asyncio.create_task(app.wait())
        waiting = asyncio.create_task(stopped.wait())
        await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not ended.done():
            with contextlib.suppress(ProcessLookupError):
                app.terminate()
        return await ended


def _stopped_by_signal() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C arrives as KeyboardInterrupt
            loop.add_signal_handler(number, stopped.set)
    return stopped


def _open_quietly(link: str) -> None:
    """Open the page; a machine without a browser loses nothing, the link is printed too."""
    with contextlib.suppress(webbrowser.Error):
        webbrowser.open(link)


def _this_program() -> str:
    """What to type in a terminal to start this installation, which need not be on the search path."""
    program = Path(sys.executable).with_name("teleconsole")
    if not program.exists() or shutil.which("teleconsole", path=os.defpath) == str(program):
        return "teleconsole"
    with contextlib.suppress(ValueError):  # it lies elsewhere
        program = program.relative_to(Path.cwd())
    return shlex.quote(str(program))


def _welcome(address: ClinicAddress) -> str:
    lines = [
        "",
        "The made-up clinic runs. Everybody in it is invented.",
        f"  One-time code for Dr Ruth Calder:  {address.clinician_code}   (type it into the window)",
    ]
    if address.visit_links:
        link = address.visit_links[0].link
        lines += [
            f"  A patient is ready to join:        {link}",
            "  No browser at hand? In another terminal:",
            f"    {_this_program()} peer '{link}'",
        ]
    lines += [f"  Send a case ({item.questionnaire}):".ljust(37) + item.link for item in address.submit_links]
    return "\n".join([*lines, "", ""])

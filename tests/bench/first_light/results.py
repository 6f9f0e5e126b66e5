"""What was measured, by name; written as one JSON object, and as a table for people."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class Lag(msgspec.Struct, frozen=True):
    """How late the console's event loop was, in milliseconds, while something went on.

    Percentiles are those of an event that may arrive at any moment: a stall counts with its whole length.
    `longest_busy_ms` is the longest that our own thread computed without a pause; a stall beyond it is waiting for a
    processor.
    """

    seconds: float
    ticks: int
    p50_ms: int
    p99_ms: int
    max_ms: int
    longest_busy_ms: int
    stalls_over_100_ms: int
    stalls_over_250_ms: int


class Start(msgspec.Struct, frozen=True):
    """From the command to a window that answers a screen reader and can be used, in seconds."""

    page_cache: str
    first_run_s: list[float]


class Reopen(msgspec.Struct, frozen=True):
    """From the command to the list of a store that the keyring opens, in seconds."""

    cases: int
    cases_shown_s: float


class FirstSync(msgspec.Struct, frozen=True):
    """From the press of Sign in, in seconds; `files_s` is null when files were still on their way at the end."""

    cases: int
    records_s: float
    files_s: float | None
    lag: Lag


class FirstFrame(msgspec.Struct, frozen=True):
    """From the press of Admit to the other side's first picture: on the clinician's screen, on the patient's page."""

    console_ms: int
    page_ms: int


class Direction(msgspec.Struct, frozen=True):
    """Pictures a second in one direction; `seconds_at` tells how long they had which size at the far side."""

    seconds_at: dict[str, int]
    sent_fps: float
    received_fps: float
    median_second_fps: float
    slowest_second_fps: float


class CallFigures(msgspec.Struct, frozen=True):
    """A call at 720p30."""

    first_frames: list[FirstFrame]
    seconds: float
    to_console: Direction
    to_page: Direction
    page_limited_by: dict[str, int]
    page_may_send_kbps: list[int]
    round_trip_ms: float
    lag: Lag


class Process(msgspec.Struct, frozen=True):
    """One process: proportional set size in MiB, and the processor time that it took, in per cent of one core."""

    idle_mib: float | None
    in_call_mib: float | None
    in_call_cpu_percent: float | None


class Machine(msgspec.Struct, frozen=True):
    """Where and when; the load tells whether others worked there."""

    at: str
    system: str
    python: str
    cores: int
    memory_gib: float
    load_before: float
    load_after: float


class Results(msgspec.Struct, frozen=True):
    """Everything."""

    machine: Machine
    start_cold: Start
    start_warm: Start
    first_sync: FirstSync
    reopen: Reopen
    call: CallFigures
    processes: dict[str, Process]


def table(results: Results) -> str:
    """The figures as lines of two columns."""
    rows = list(_rows(results))
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}".rstrip() for name, value in rows) + "\n"


def _rows(results: Results) -> Iterator[tuple[str, str]]:
    machine, call, sync = results.machine, results.call, results.first_sync
    yield "machine", f"{machine.cores} cores, {machine.memory_gib:.0f} GiB, {machine.system}, Python {machine.python}"
    yield "when", f"{machine.at}; load {machine.load_before:.1f} before, {machine.load_after:.1f} after"
    for start in (results.start_cold, results.start_warm):
        yield f"command to usable window, {start.page_cache}", " ".join(f"{value:.2f} s" for value in start.first_run_s)
    yield f"command to the list of {results.reopen.cases} cases", f"{results.reopen.cases_shown_s:.2f} s"
    yield f"first sync of {sync.cases} cases: records", f"{sync.records_s:.1f} s"
    yield "first sync: files too", "not within the time" if sync.files_s is None else f"{sync.files_s:.1f} s"
    yield "loop lag, first sync", _lag(sync.lag)
    yield "Admit to first picture, console", " ".join(f"{frame.console_ms} ms" for frame in call.first_frames)
    yield "Admit to first picture, page", " ".join(f"{frame.page_ms} ms" for frame in call.first_frames)
    yield f"patient to clinician, {call.seconds:.0f} s", _direction(call.to_console)
    yield f"clinician to patient, {call.seconds:.0f} s", _direction(call.to_page)
    limits = ", ".join(f"{why} {seconds} s" for why, seconds in call.page_limited_by.items())
    yield "page's picture limited by", f"{limits}; may send {_kbps(call.page_may_send_kbps)} kbit/s"
    yield "round trip", f"{call.round_trip_ms:.0f} ms"
    yield "loop lag, call", _lag(call.lag)
    for name, process in results.processes.items():
        cpu = (
            "" if process.in_call_cpu_percent is None else f"; {process.in_call_cpu_percent:.0f} % of a core in a call"
        )
        yield f"memory of {name}", f"idle {_mib(process.idle_mib)}, in a call {_mib(process.in_call_mib)}{cpu}"


def _lag(lag: Lag) -> str:
    return (
        f"p50 {lag.p50_ms} ms, p99 {lag.p99_ms} ms, max {lag.max_ms} ms; longest busy {lag.longest_busy_ms} ms; "
        f"over 100 ms: {lag.stalls_over_100_ms}, over 250 ms: {lag.stalls_over_250_ms} (in {lag.seconds:.0f} s)"
    )


def _direction(direction: Direction) -> str:
    sizes = ", ".join(f"{size} for {seconds} s" for size, seconds in direction.seconds_at.items())
    return (
        f"sent {direction.sent_fps:.1f}, received {direction.received_fps:.1f} a second "
        f"(median {direction.median_second_fps:.0f}, slowest second {direction.slowest_second_fps:.0f}); {sizes}"
    )


def _kbps(values: list[int]) -> str:
    return f"{values[0]} at first, {max(values)} at most, {values[-1]} at last" if values else "an unknown number of"


def _mib(value: float | None) -> str:
    return "not running" if value is None else f"{value:.0f} MiB"

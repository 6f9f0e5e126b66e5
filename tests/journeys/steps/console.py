"""What the clinician does at the console: by accessible names alone (docs/accessibility.md)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from tests.journeys.rig import eyes
from tests.journeys.rig.atspi import Accessibility, Control, GoneError
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.lag import LAG_VARIABLE, check_no_stall
from tests.journeys.rig.process import Program, teleconsole
from tests.journeys.rig.waiting import wait_until

PASSPHRASE = "correct horse battery"  # noqa: S105 -- of made-up profiles that live as long as a test
CAMERA = "test:bars:640x360@15"
START_WITHIN_S = 30.0
SYNC_WITHIN_S = 60.0
CALL_WITHIN_S = 30.0


@dataclass(frozen=True)
class TakenStill:
    """A still as the screen tells of it: its size ("640 by 360"; the ladder decides), and its SHA-256 in hex."""

    size: str
    sha256: str


class Console:
    """The app on one desktop with one profile; `window` is its window for the screen reader."""

    def __init__(
        self,
        desktop: Desktop,
        accessibility: Accessibility,
        folder: Path,
        gateway: str,
        policy: Mapping[str, object] | None = None,
    ) -> None:
        self._desktop = desktop
        self._accessibility = accessibility
        self._folder = folder
        self.profile = folder / "profile"
        self.profile.mkdir(parents=True)
        (self.profile / "settings.json").write_text(json.dumps({"camera": CAMERA}))
        self._policy = folder / "policy.json"
        self._policy.write_text(json.dumps({"gatewayUrl": gateway, **(policy or {})}))
        self._lag_files: list[Path] = []
        self._last_still = ""
        self.start()

    def start(self) -> None:
        """Start the program (again); each run counts how late its event loop is."""
        self._lag_files.append(self._folder / f"lag-{len(self._lag_files)}.json")
        self.program: Program = teleconsole(
            self._desktop.net,
            ["--profile", self.profile, "--policy", self._policy],
            env={**self._desktop.env, LAG_VARIABLE: str(self._lag_files[-1])},
            log_stem=self._folder / "console",
        )
        self.window: Control = self._accessibility.application("teleconsole", within_s=START_WITHIN_S)

    def close(self) -> None:
        """End the program; its place on the bus is free afterwards."""
        self.program.stop()
        wait_until(
            lambda: "teleconsole" not in [each.name_or_empty() for each in self._accessibility.applications()],
            "the console has left the accessibility bus",
        )

    def check_no_stall(self) -> None:
        """After `close`: no step of any run held the event loop for too long.

        Raises:
            AssertionError: with the time in milliseconds.
        """
        check_no_stall(self._lag_files)

    # --- opening ------------------------------------------------------------------------------------------------

    def first_run(self, code: str) -> None:
        """Make the store, sign in with the clinic's code, and wait for the first sync."""
        self.fill("New passphrase", PASSPHRASE, within_s=START_WITHIN_S)
        self.fill("Repeat the passphrase", PASSPHRASE)
        self.press("Create the case store")
        self.fill("One-time code", code, within_s=START_WITHIN_S)
        self.press("Sign in")
        self.wait_work()
        self.wait_synced()

    def unlock(self, passphrase: str = PASSPHRASE) -> None:
        """Type the passphrase at the lock."""
        self.fill("Passphrase", passphrase, within_s=START_WITHIN_S)
        self.press("Unlock")

    def lock(self) -> None:
        """Lock by the keys, and wait until everything is covered."""
        self._accessibility.key("ctrl+l")
        self.window.find("Passphrase", role="text", within_s=START_WITHIN_S)

    def wait_work(self) -> None:
        """Wait until the panes are shown."""
        self.window.find("Lock", role="push button", within_s=START_WITHIN_S)

    def wait_synced(self) -> None:
        """Wait until the status line says that everything of the server is here."""
        self.window.find("Online", within_s=SYNC_WITHIN_S)
        self.starting("Synced", within_s=SYNC_WITHIN_S)

    # --- single acts --------------------------------------------------------------------------------------------

    def press(self, name: str, *, within_s: float = 10.0) -> None:
        """Press a button as soon as it is there and enabled."""
        self.shown(
            f"a button {name!r} that can be pressed",
            lambda each: each.name == name and each.role in BUTTONS and each.is_("enabled"),
            within_s=within_s,
        ).press()

    def fill(self, name: str, text: str, *, within_s: float = 10.0) -> None:
        """Write into a field."""
        self.window.find(name, role="text", within_s=within_s).set_text(text)

    def starting(self, prefix: str, *, within_s: float = 10.0) -> str:
        """Wait for something whose name starts so, and return the whole name."""
        return self.shown(f"{prefix!r}…", lambda each: each.name.startswith(prefix), within_s=within_s).name_or_empty()

    def says(self, part: str, *, within_s: float = 10.0) -> str:
        """Wait for something whose name holds these words, and return the whole name."""
        return self.shown(f"words {part!r}", lambda each: part in each.name, within_s=within_s).name_or_empty()

    def count_says(self, text: str) -> int:
        """How many labels say exactly this now."""
        return sum(1 for each in self.window.walk(showing=True) if _is_label(each, text))

    def shown(self, what: str, fits: Callable[[Control], bool], *, within_s: float = 10.0) -> Control:
        """Wait for something that is shown."""
        return self.window.wait_for(what, fits, within_s=within_s)

    def go(self, pane: str) -> None:
        """Show a pane by the rail."""
        self.window.find(pane, role="radio button").press()
        self.window.find(f"{pane} pane")

    def child(self, name: str, *, other_than: int | None = None) -> psutil.Process:
        """A child process of the program."""
        return self.program.child(name, other_than=other_than)

    # --- cases --------------------------------------------------------------------------------------------------

    def wait_case(self, words: str, *, within_s: float = 40.0) -> None:
        """Wait until the sync has brought a case whose row holds `words`."""
        self.go("Cases")
        table = self.window.find("Cases", role="table")

        def is_there() -> bool:
            return any(words in table.cell_text(row, 0) for row in range(min(table.row_count, 50)))

        wait_until(is_there, f"a row with {words!r}", within_s=within_s, seen=self.window.names_told)

    def open_case(self, search: str, words: str, *, within_s: float = 20.0) -> str:
        """Search so that one case is left, whose row holds `words`; open it and return what the row says."""
        self.go("Cases")
        self.fill("Search cases", search)

        def window_table() -> Control | None:
            return self.window.look("Cases", role="table")

        def row_now() -> tuple[int, str] | None:
            found = window_table()
            if found is None or found.row_count > 2:  # the case and the head of its group
                return None
            rows = [(row, found.cell_text(row, 0)) for row in range(found.row_count)]
            return next(((row, text) for row, text in rows if words in text), None)

        row, text = wait_until(row_now, f"a row with {words!r}", within_s=within_s, seen=self.window.names_told)
        self.window.find("Cases", role="table").select_row(row)
        self.window.find(f"Reason: {words}", within_s=within_s)
        self.window.find("Timeline", within_s=within_s)
        return text

    def open_first_case(self) -> None:
        """Open whichever case is on top of all open ones."""
        self.go("Cases")
        self.fill("Search cases", "")
        self.window.find("Cases", role="table")

        def is_selected() -> bool:
            table = self.window.look("Cases", role="table")
            if table is not None and table.row_count > 1:
                table.select_row(1)  # the row above is the head of its group
            return self.window.look("Timeline") is not None

        wait_until(is_selected, "the first case is open", seen=self.window.names_told)

    def write(self, button: str, field: str, text: str, send: str) -> None:
        """Open an editor of the case, write, and send; the text then stands in the timeline."""
        self.press(button)
        self.fill(field, text)
        self.press(send)
        self.says(text)

    # --- the call -----------------------------------------------------------------------------------------------

    def admit(self, name: str) -> None:
        """Let a waiting patient in and wait until the call pane says so."""
        self.press(f"Admit {name}", within_s=20)
        self.window.find(f"Patient: {name}", within_s=CALL_WITHIN_S)

    def see_patient(self, *, numbers: int = 5, within_s: float = CALL_WITHIN_S) -> list[int]:
        """Wait until different numbers were read in the patient's picture on the screen."""
        video = self.shown("the patient's picture", is_remote_video, within_s=within_s)
        return eyes.wait_moving(self._desktop, video, numbers=numbers, within_s=within_s)

    def chat(self, text: str) -> None:
        """Write a line to the patient, and wait until their side has acknowledged it."""
        self.press("Chat tab")
        self.fill("Chat message", text)
        self.press("Send chat message")
        self.window.find(f"You: {text}")

    def take_still(self) -> TakenStill:
        """Take a still and return what the call process told of what it sealed."""
        self.press("Take a still")
        saved = self.shown(
            "another still, called saved",
            lambda each: each.name.startswith("Still: Still saved") and each.description not in ("", self._last_still),
            within_s=20,
        )
        self._last_still = saved.description
        size, _, sha256 = self._last_still.partition(", SHA-256 ")
        return TakenStill(size, sha256)

    def write_note(self, text: str) -> None:
        """Write the visit's note into the record."""
        self.press("Notes tab")
        self.fill("Visit note", text)
        self.press("Write note")
        self.window.find("Note: In the record", within_s=20)

    def hang_up(self) -> None:
        """End the call, pressing twice as the button asks."""
        self.press("End the call")
        self.press("End the call for both")
        self.window.wait_gone("End the call for both")


BUTTONS = frozenset({"push button", "toggle button", "check box", "radio button"})


def is_remote_video(control: Control) -> bool:
    """Whether this is the picture of the patient with a frame in it."""
    return control.name.startswith("Patient's video: ") and " by " in control.name


def _is_label(control: Control, text: str) -> bool:
    try:
        return control.role == "label" and control.name == text
    except GoneError:
        return False

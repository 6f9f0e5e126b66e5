"""The console under measurement: driven by accessible names, asked rarely, so that the asking costs little."""

from __future__ import annotations

import json
import time
from pathlib import Path

from tests.journeys.rig.atspi import Accessibility, Control
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.process import Program, teleconsole
from tests.journeys.rig.waiting import wait_until

from teleconsole.console.lag import LAG_VARIABLE

CHOSEN_WORDS = "a few words are good"
CAMERA = "test:bars"
START_WITHIN_S = 90.0
POLL_S = 0.1
SYNC_WORDS = ("Not synced yet", "Sending", "Reading the server", "Fetching files", "Synced ")
BUTTONS = frozenset({"push button", "toggle button", "radio button"})


class BenchConsole:
    """The app with a profile; `started_s` is the moment of the command (time.monotonic)."""

    def __init__(self, desktop: Desktop, accessibility: Accessibility, folder: Path, *, gateway: str = "") -> None:
        self._desktop = desktop
        self._accessibility = accessibility
        self._folder = folder
        self.lag_file = folder / "lag.json"
        self.profile = folder / "profile"
        self._policy = folder / "policy.json"
        self.profile.mkdir(parents=True)
        (self.profile / "settings.json").write_text(json.dumps({"camera": CAMERA}))
        self._policy.write_text(json.dumps({"gatewayUrl": gateway, "idleLockMinutes": 60}))
        self.start()

    def start(self) -> None:
        """Run the command; returns at once."""
        self.lag_file.unlink(missing_ok=True)
        self.started_s = time.monotonic()
        self.program: Program = teleconsole(
            self._desktop.net,
            ["--profile", self.profile, "--policy", self._policy],
            env={**self._desktop.env, LAG_VARIABLE: str(self.lag_file)},
            log_stem=self._folder / "console",
        )

    def window(self) -> Control:
        """The app on the accessibility bus, as soon as it is there."""
        return self._accessibility.application("teleconsole", within_s=START_WITHIN_S)

    def wait_first_run(self) -> float:
        """Wait until a first passphrase can be typed, and return the seconds since the command."""
        self.window().find("New passphrase", role="text", within_s=START_WITHIN_S)
        return time.monotonic() - self.started_s

    def wait_cases(self) -> float:
        """Wait until the list of cases has rows, and return the seconds since the command."""
        table = self.window().find("Cases", role="table", within_s=START_WITHIN_S)
        wait_until(lambda: table.row_count > 0, "the list of cases has rows", within_s=START_WITHIN_S)
        return time.monotonic() - self.started_s

    def make_store(self) -> None:
        """First run: choose a passphrase; sign-in is asked for next."""
        window = self.window()
        window.find("New passphrase", role="text", within_s=START_WITHIN_S).set_text(CHOSEN_WORDS)
        window.find("Repeat the passphrase", role="text").set_text(CHOSEN_WORDS)
        self.press("Create the case store")
        window.find("One-time code", role="text", within_s=START_WITHIN_S)

    def button(self, name: str, *, within_s: float = 20.0) -> Control:
        """A button that can be pressed."""
        return self.window().wait_for(
            f"a button {name!r} that can be pressed",
            lambda each: each.name == name and each.role in BUTTONS and each.is_("enabled"),
            within_s=within_s,
        )

    def press(self, name: str) -> None:
        """Press a button."""
        self.button(name).press()

    def go(self, pane: str) -> None:
        """Show a pane by the rail."""
        self.press(pane)
        self.window().find(f"{pane} pane")

    def hidden(self, *beginnings: str) -> Control:
        """A control by the beginning of its name, whether it is shown or not."""
        return self.window().wait_for(
            f"a control whose name begins with one of {beginnings}",
            lambda each: each.name.startswith(beginnings),
            showing=False,
            within_s=20.0,
        )

    def sync_words(self) -> Control:
        """The part of the status line that tells how sync stands."""
        return self.hidden(*SYNC_WORDS)

    def stop(self) -> None:
        """End the app, and wait until its window is gone for screen readers too."""
        self.program.stop()
        wait_until(
            lambda: "teleconsole" not in [each.name_or_empty() for each in self._accessibility.applications()],
            "the console has left the accessibility bus",
        )

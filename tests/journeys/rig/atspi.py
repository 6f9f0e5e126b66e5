"""Driving a program as a screen reader does: AT-SPI over D-Bus, in pure Python (jeepney).

Source: AT-SPI's D-Bus interfaces (at-spi2-core, xml/*.xml). Everything blocks; every wait has a deadline and its
failure lists the names that were there. Big tables are never walked: Qt would build an object for each cell.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jeepney import DBusAddress, MessageType, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from tests.journeys.rig.waiting import wait_until

REPLY_WITHIN_S = 15.0
MAX_NAMES_TOLD = 200
MAX_CHILDREN_WALKED = 200
RELATION_LABELLED_BY = 2
HIDDEN = "\N{BLACK CIRCLE}"
"""Qt shows it, to a screen reader too, for each character of a passphrase."""
NOT_WALKED = frozenset({"table", "tree table", "tree"})

STATES = {
    "active": 1,
    "checked": 4,
    "editable": 7,
    "enabled": 8,
    "expanded": 10,
    "focusable": 11,
    "focused": 12,
    "modal": 16,
    "selected": 23,
    "sensitive": 24,
    "showing": 25,
    "visible": 30,
}
"""AtspiStateType (atspi-constants.h): name to bit."""


class GoneError(LookupError):
    """The control is no longer there, or does not offer what was asked of it."""


class Accessibility:
    """The accessibility bus of one desktop. Use as a context manager, or call `close`."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        with open_dbus_connection(env["DBUS_SESSION_BUS_ADDRESS"]) as session:
            ask = new_method_call(DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus"), "GetAddress")
            address = session.send_and_get_reply(ask, timeout=REPLY_WITHIN_S).body[0]
            # As a screen reader does: it switches the programs' bridges on.
            status = Properties(DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Status"))
            session.send_and_get_reply(status.set("IsEnabled", "b", True), timeout=REPLY_WITHIN_S)
        self._bus: DBusConnection = open_dbus_connection(address)

    def call(
        self, to: DBusAddress, method: str, signature: str | None = None, arguments: tuple[object, ...] = ()
    ) -> tuple[Any, ...]:
        """Call one D-Bus method and return the reply's body.

        Raises:
            GoneError: the other side answered with an error.
            TimeoutError: it did not answer within `REPLY_WITHIN_S`.
        """
        reply = self._bus.send_and_get_reply(new_method_call(to, method, signature, arguments), timeout=REPLY_WITHIN_S)
        if reply.header.message_type == MessageType.error:
            raise GoneError(f"{to.interface}.{method}: {reply.body}")
        body: tuple[Any, ...] = reply.body
        return body

    def applications(self) -> list[Control]:
        """The programs that show themselves to a screen reader, as controls."""
        return Control(self, "org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root").children()

    def application(self, name: str, *, within_s: float = 20.0) -> Control:
        """Return the program of this name (Qt: `applicationName`) as soon as it is there."""
        return wait_until(
            lambda: next((found for found in self.applications() if found.name_or_empty() == name), None),
            f"a program named {name!r} is on the accessibility bus",
            within_s=within_s,
            seen=lambda: f"There are: {[found.name_or_empty() for found in self.applications()]}",
        )

    def key(self, *keys: str) -> None:
        """Press keys in the focused window, xdotool's names: "ctrl+l", "Return", "F1". Text goes by `set_text`."""
        subprocess.run(["xdotool", "key", "--clearmodifiers", *keys], env=self.env, check=True, timeout=10)

    def close(self) -> None:
        """Leave the bus."""
        self._bus.close()

    def __enter__(self) -> Accessibility:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Control:
    """One accessible object: a window, a button, a cell. Cheap; every property asks the program again."""

    def __init__(self, accessibility: Accessibility, owner: str, path: str) -> None:
        self.accessibility = accessibility
        self.owner = owner
        self.path = path

    def __repr__(self) -> str:
        return f"Control({self.owner}{self.path})"

    def _call(
        self, interface: str, method: str, signature: str | None = None, arguments: tuple[object, ...] = ()
    ) -> tuple[Any, ...]:
        to = DBusAddress(self.path, self.owner, f"org.a11y.atspi.{interface}")
        return self.accessibility.call(to, method, signature, arguments)

    def _property(self, interface: str, name: str) -> Any:
        to = DBusAddress(self.path, self.owner, "org.freedesktop.DBus.Properties")
        return self.accessibility.call(to, "Get", "ss", (f"org.a11y.atspi.{interface}", name))[0][1]

    @property
    def name(self) -> str:
        """The accessible name; of a label it carries the value."""
        return str(self._property("Accessible", "Name"))

    @property
    def description(self) -> str:
        """The accessible description."""
        return str(self._property("Accessible", "Description"))

    @property
    def role(self) -> str:
        """The role's name, such as "push button", "label", "table", "text", "check box", "dialog"."""
        return str(self._call("Accessible", "GetRoleName")[0])

    @property
    def interfaces(self) -> frozenset[str]:
        """AT-SPI interfaces without their prefix: "Action", "EditableText", "Table", …"""
        names = self._call("Accessible", "GetInterfaces")[0]
        return frozenset(name.removeprefix("org.a11y.atspi.") for name in names)

    @property
    def states(self) -> frozenset[str]:
        """Names (of `STATES`) of the states that hold now."""
        low, high = self._call("Accessible", "GetState")[0]
        bits = low | high << 32
        return frozenset(name for name, bit in STATES.items() if bits >> bit & 1)

    def is_(self, state: str) -> bool:
        """Tell whether a state of `STATES` holds now, e.g. "enabled", "checked", "focused", "showing"."""
        assert state in STATES, f"unknown state {state!r}"
        return state in self.states

    def name_or_empty(self) -> str:
        """The name, or "" when the control has gone meanwhile."""
        try:
            return self.name
        except GoneError:
            return ""

    def children(self) -> list[Control]:
        """The direct children. Don't ask a big table."""
        return [Control(self.accessibility, owner, path) for owner, path in self._call("Accessible", "GetChildren")[0]]

    def walk(self, *, showing: bool = False) -> Iterator[Control]:
        """Yield this control and what is under it; tables and trees, and lists over 200 items, are not entered.

        With `showing`, only what a person could see: nothing under a hidden control either (Qt gives the items of a
        closed combo box the state "showing").
        """
        try:
            if showing and not self.is_("showing"):
                return
            yield self
            if self.role in NOT_WALKED or int(self._property("Accessible", "ChildCount")) > MAX_CHILDREN_WALKED:
                return
            children = self.children()
        except GoneError:  # the tree changed under us
            return
        for child in children:
            yield from child.walk(showing=showing)

    def look(self, name: str, *, role: str | None = None, showing: bool = True) -> Control | None:
        """Return the first control of exactly this name that is there now, or None."""
        return self._first(lambda found: found.name == name and role in (None, found.role), showing=showing)

    def _first(self, fits: Callable[[Control], bool], *, showing: bool) -> Control | None:
        for control in self.walk(showing=showing):
            try:
                if fits(control):
                    return control
            except GoneError:
                continue
        return None

    def find(self, name: str, *, role: str | None = None, showing: bool = True, within_s: float = 10.0) -> Control:
        """Wait for a control of exactly this name under this one and return it.

        Args:
            name: the accessible name.
            role: only this role, when a label and a button share the name.
            showing: only if a person could see it (not in a hidden pane).
            within_s: deadline in seconds.
        """
        return wait_until(
            lambda: self.look(name, role=role, showing=showing),
            f"a control named {name!r}" + (f" of role {role!r}" if role else ""),
            within_s=within_s,
            seen=self.names_told,
        )

    def wait_for(
        self, what: str, predicate: Callable[[Control], bool], *, showing: bool = True, within_s: float = 10.0
    ) -> Control:
        """Wait for a control under this one for which `predicate` is true; `what` names it in the failure."""
        return wait_until(
            lambda: self._first(predicate, showing=showing), what, within_s=within_s, seen=self.names_told
        )

    def find_labelled(self, label: str, *, within_s: float = 10.0) -> Control:
        """Wait for the control that a visible label belongs to (QLabel.setBuddy), and return it.

        A combo box is found only so: on Linux Qt gives its value as its name, whatever `setAccessibleName` said.
        """
        return self.wait_for(
            f"a control labelled {label!r}",
            lambda control: any(by.name_or_empty() == label for by in control.labelled_by()),
            within_s=within_s,
        )

    def labelled_by(self) -> list[Control]:
        """The labels that belong to this control."""
        relations = self._call("Accessible", "GetRelationSet")[0]
        return [
            Control(self.accessibility, owner, path)
            for kind, targets in relations
            if kind == RELATION_LABELLED_BY
            for owner, path in targets
        ]

    def find_starting(self, prefix: str, *, within_s: float = 10.0) -> Control:
        """Wait for a control whose name starts so: labels such as "Waiting: 4 min"."""
        return self.wait_for(
            f"a control whose name starts with {prefix!r}",
            lambda control: control.name.startswith(prefix),
            within_s=within_s,
        )

    def wait_gone(self, name: str, *, within_s: float = 10.0) -> None:
        """Wait until no control of this name is shown any more."""
        wait_until(lambda: self.look(name) is None, f"{name!r} is gone", within_s=within_s, seen=self.names_told)

    def wait_state(self, state: str, *, holds: bool = True, within_s: float = 10.0) -> Control:
        """Wait until a state of `STATES` holds (or no longer does) and return this control."""
        wait_until(
            lambda: self.is_(state) is holds,
            f"{self.name_or_empty()!r} is {'' if holds else 'not '}{state}",
            within_s=within_s,
            seen=lambda: f"Its states: {sorted(self.states)}",
        )
        return self

    def press(self) -> None:
        """Press a button (or do its first action). Qt animates it: the effect comes ~100 ms later; wait for it."""
        self.wait_state("enabled")
        names = [entry[0] for entry in self._call("Action", "GetActions")[0]]
        place = names.index("Press") if "Press" in names else 0
        assert self._call("Action", "DoAction", "i", (place,))[0], f"{self.name!r} refused to be pressed"

    def do(self, action: str) -> None:
        """Do the action of this name, e.g. "Press", "Toggle", "ShowMenu"."""
        names = [entry[0] for entry in self._call("Action", "GetActions")[0]]
        assert action in names, f"{self.name!r} has the actions {names}"
        assert self._call("Action", "DoAction", "i", (names.index(action),))[0], f"{action} refused"

    def focus(self) -> None:
        """Give this control the keyboard focus and wait until it has it. Its window must be the active one."""
        self._call("Component", "GrabFocus")
        self.wait_state("focused")

    def choose(self, item: str) -> None:
        """Choose an item of a list (selects it) or of a combo box (with the keyboard), and wait until it is chosen.

        Like `select_row`, a list's selection does not move its current index: programs must follow the selection.
        """
        if self.role == "combo box":
            self._choose_with_keys(item)
            return
        names = [child.name for child in self.children()]
        assert item in names, f"{self.name!r} offers {names}"
        index = names.index(item)
        assert self._call("Selection", "SelectChild", "i", (index,))[0], f"{self.name!r} refused {item!r}"
        self.children()[index].wait_state("selected")

    def _choose_with_keys(self, item: str) -> None:
        """Open the combo box and go to the item by arrow keys (Qt lets no one else give it the focus)."""
        items = self.children()[0]
        names = [child.name for child in items.children()]
        assert item in names, f"{self.name!r} offers {names}"
        steps = names.index(item) - names.index(self.name)
        self.do("ShowMenu")
        items.wait_state("showing")
        items.wait_state("focused")
        self.accessibility.key(*["Down" if steps > 0 else "Up"] * abs(steps), "Return")
        wait_until(lambda: self.name == item, f"{item!r} is chosen", seen=lambda: f"Chosen is {self.name!r}")
        items.wait_state("showing", holds=False)

    def text(self) -> str:
        """The text that a person reads here: of an editor its content, of all else the name."""
        if "Text" in self.interfaces:
            return str(self._call("Text", "GetText", "ii", (0, -1))[0])
        return self.name

    def set_text(self, text: str) -> None:
        """Replace the content of an editor (signals fire as if typed) and check that it took it.

        Of a passphrase only its length is told.
        """
        assert self._call("EditableText", "SetTextContents", "s", (text,))[0], f"{self.name!r} refused the text"
        wait_until(lambda: self.text() in (text, HIDDEN * len(text)), f"{self.name!r} holds the text", seen=self.text)

    @property
    def row_count(self) -> int:
        """Rows of a table or list."""
        return int(self._property("Table", "NRows"))

    def cell(self, row: int, column: int) -> Control:
        """The cell of a table; its `name` is what it shows.

        Raises:
            GoneError: there is no such cell now.
        """
        owner, path = self._call("Table", "GetAccessibleAt", "ii", (row, column))[0]
        if path.endswith("/null"):
            raise GoneError(f"{self.name!r} has no cell {row}, {column}")
        return Control(self.accessibility, owner, path)

    def row_of(self, text: str, column: int, *, within_s: float = 10.0, rows_looked_at: int = 200) -> int:
        """Wait until a cell of `column` in the first rows shows `text` exactly, and return its row."""

        def column_now() -> list[str]:
            return [self.cell_text(row, column) for row in range(min(self.row_count, rows_looked_at))]

        def row_now() -> list[int] | None:
            shown = column_now()
            return [shown.index(text)] if text in shown else None

        return wait_until(
            row_now,
            f"a row of {self.name!r} with {text!r} in column {column}",
            within_s=within_s,
            seen=lambda: f"Column {column} shows: {column_now()[:50]}",
        )[0]

    def cell_text(self, row: int, column: int) -> str:
        """What a cell shows, or "" if it is no longer there."""
        try:
            return self.cell(row, column).name
        except GoneError:
            return ""

    def select_row(self, row: int) -> None:
        """Select one row of a table. It neither scrolls nor moves the current index: open it by its effect or keys."""
        assert self._call("Table", "AddRowSelection", "i", (row,))[0], f"{self.name!r} refused to select row {row}"

    def selected_rows(self) -> list[int]:
        """The rows that are selected now."""
        return [int(row) for row in self._call("Table", "GetSelectedRows")[0]]

    def extents(self) -> tuple[int, int, int, int]:
        """Place on the screen as left, top, width, height in pixels."""
        left, top, width, height = self._call("Component", "GetExtents", "u", (0,))[0]
        return int(left), int(top), int(width), int(height)

    def names_told(self) -> str:
        """The roles and names of what is shown now, for a failure's message."""
        told = []
        deadline = time.monotonic() + 5
        for control in self.walk(showing=True):
            try:
                if control.name:
                    told.append(f"{control.role}: {control.name!r}")
            except GoneError:
                continue
            if len(told) == MAX_NAMES_TOLD or time.monotonic() > deadline:
                told.append("…")
                break
        return "Shown were:\n  " + "\n  ".join(told)

    def dump(self, indent: int = 0) -> str:
        """The tree under this control as text, hidden ones too, with roles, names and states; for diagnosis."""
        try:
            line = f"{'  ' * indent}{self.role}: {self.name!r} {sorted(self.states)}\n"
            if self.role in NOT_WALKED or int(self._property("Accessible", "ChildCount")) > MAX_CHILDREN_WALKED:
                return line
            return line + "".join(child.dump(indent + 1) for child in self.children())
        except GoneError as gone:
            return f"{'  ' * indent}({gone})\n"

"""First run, unlock, sign-in, lock: what is covered, what is forgotten, what goes on."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from teleconsole.contracts.call import HangUp, JoinGateway, SetMicrophone
from teleconsole.contracts.vault import CreateVault, PrepareLock, SignedIn, Unlock
from teleconsole.host.policy import Policy
from teleconsole.ipc.errors import DeadlineExceeded, RemoteFailure
from tests.console import made_up
from tests.console.conftest import Desk, close, make_desk, until
from tests.console.fakes import FakeVault


def fill(desk: Desk, name: str, text: str) -> None:
    field = desk.named(name, QLineEdit)
    assert isinstance(field, QLineEdit)
    field.setText(text)


async def test_first_run_makes_a_store_then_signs_in(qapp: QApplication) -> None:
    vault = FakeVault(state="new")
    vault.who = SignedIn()
    desk = make_desk(qapp, vault)
    console = desk.console
    console.window.show()
    vault.restart()
    await until(lambda: console.screen.page_name == "first-run", "a passphrase is asked for")
    fill(desk, "New passphrase", "short")
    desk.press("Create the case store")
    assert "at least 8" in console.screen.first_run.message
    fill(desk, "New passphrase", "four good words")
    fill(desk, "Repeat the passphrase", "four bad words")
    desk.press("Create the case store")
    assert "differ" in console.screen.first_run.message
    assert not vault.of(CreateVault)
    fill(desk, "Repeat the passphrase", "four good words")
    desk.press("Create the case store")
    await until(lambda: console.screen.page_name == "sign-in", "a sign-in is asked for")
    fill(desk, "Clinic address", "http://clinic.example")
    fill(desk, "One-time code", "WRONG")
    desk.press("Sign in")
    assert "https://" in console.screen.sign_in.message
    fill(desk, "Clinic address", "https://clinic.example/")
    desk.press("Sign in")
    await until(lambda: "Ask for a new one" in console.screen.sign_in.message, "the refusal is told")
    fill(desk, "One-time code", "ABCD-EFGH")
    desk.press("Sign in")
    await until(lambda: not console.window.is_locked, "the panes are shown")
    assert desk.saved[-1].gateway_url == "https://clinic.example"
    assert "Dr Ruth Calder · Hollow Lane Clinic" in desk.names()
    await until(lambda: desk.call.of(JoinGateway), "the gateway is joined")
    await close(desk)


async def test_a_wrong_passphrase_is_told_and_changes_nothing(qapp: QApplication) -> None:
    desk = make_desk(qapp, FakeVault(state="locked"))
    desk.console.window.show()
    desk.vault.restart()
    await until(lambda: desk.console.screen.page_name == "locked", "the passphrase is asked for")
    fill(desk, "Passphrase", "wrong")
    desk.press("Unlock")
    await until(lambda: desk.console.screen.locked.message, "it is told")
    assert desk.console.screen.locked.message == "That passphrase does not open this computer's cases."
    fill(desk, "Passphrase", desk.vault.opens_with)
    desk.press("Unlock")
    await until(lambda: not desk.console.window.is_locked, "it is open")
    await close(desk)


async def test_a_lock_saves_forgets_ends_the_vault_and_unlock_returns_to_the_place(desk: Desk) -> None:
    console = desk.console
    await desk.open_case()
    desk.press("Reply")
    editor = desk.named("Reply text", QPlainTextEdit)
    assert isinstance(editor, QPlainTextEdit)
    editor.setPlainText("not yet saved")
    console.actions["lock"].trigger()
    await until(lambda: console.screen.page_name == "locked", "it is locked")
    assert desk.vault.drafts["case-1", "reply"].text == "not yet saved"
    assert desk.vault.of(PrepareLock)
    assert desk.vault.down
    assert console.cases.case.detail is None
    assert console.cases.queue.model.case_count == 0
    assert console.cases.case.composer.text == ""
    assert all("Okafor" not in name for name in all_names(desk))
    assert console.window.windowTitle() == "teleconsole"
    assert {"Locked 14:32", "Sync waits until you unlock"} <= desk.names()
    fill(desk, "Passphrase", desk.vault.opens_with)
    desk.press("Unlock")
    await until(lambda: "Reply text" in desk.names(), "the editor is open again")
    assert desk.vault.of(Unlock)[-1].after_lock
    assert console.cases.case.case_id == "case-1"
    assert console.cases.case.composer.text == "not yet saved"


def all_names(desk: Desk) -> list[str]:
    return [
        label.accessibleName() for label in desk.console.window.findChildren(type(desk.console.screen.locked.title))
    ]


async def test_a_lock_happens_even_when_the_vault_does_not_answer(desk: Desk) -> None:
    desk.vault.failures[PrepareLock] = DeadlineExceeded()
    desk.console.actions["lock"].trigger()
    await until(lambda: desk.console.screen.page_name == "locked", "it is locked")
    assert desk.vault.down


async def test_a_call_goes_on_through_the_lock_with_its_bar(desk: Desk) -> None:
    desk.call.change(phase="connected", visit_id="visit-1", started_ms=made_up.NOW_MS - 848_000, quality="good")
    assert "Call 14:08 good" in desk.names()
    desk.console.actions["lock"].trigger()
    await until(lambda: desk.console.screen.page_name == "locked", "it is locked")
    assert {"In call: 14:08", "Quality: Good", "Mic on", "End the call"} <= desk.names()
    desk.press("Mic on")
    await until(lambda: desk.call.of(SetMicrophone), "it is muted")
    await until(lambda: "Mic off" in desk.names(), "the bar says so")
    desk.call.change(stethoscope="patient", stethoscope_phase="on")
    await until(lambda: "Stethoscope: on" in desk.names(), "the bar says that it is not muted by the clinician")
    desk.call.change(stethoscope="", stethoscope_phase="off")
    await until(lambda: "Stethoscope: on" not in desk.names(), "it is over")
    desk.press("End the call")
    await until(lambda: desk.call.of(HangUp), "it is ended")
    await until(lambda: "End the call" not in desk.names(), "the bar is gone")


async def test_idle_locks_and_the_policy_is_the_longest(qapp: QApplication) -> None:
    desk = make_desk(qapp, FakeVault(), Policy(idle_lock_minutes=5))
    desk.console.window.show()
    desk.vault.restart()
    await until(lambda: "Locks after 5 min" in desk.names(), "the status line says when")
    desk.console.idle.idle.emit()
    await until(lambda: desk.console.screen.page_name == "locked", "it is locked")
    await close(desk)


async def test_a_vault_that_died_is_told_and_opened_again_without_losing_the_place(desk: Desk) -> None:
    await desk.open_case()
    desk.console.vault_lost("The case store was ended by signal 9.")
    assert "was ended by signal 9" in desk.console.window.banner.sentence
    assert "Case store is starting" in desk.names()
    desk.vault.restart()
    await until(lambda: "works again" in desk.console.window.banner.sentence, "it is back, and that is told")
    assert desk.console.cases.case.case_id == "case-1"
    assert "Online" in desk.names()


async def test_a_store_that_must_not_be_opened_says_why(qapp: QApplication) -> None:
    desk = make_desk(qapp, FakeVault(state="refused"))
    desk.console.window.show()
    desk.vault.restart()
    await until(lambda: desk.console.screen.page_name == "refused", "it is told")
    await close(desk)


async def test_a_locked_keyring_is_told_on_the_locked_screen(qapp: QApplication) -> None:
    vault = FakeVault(state="locked")
    vault.keyring = "value"
    vault.failures[Unlock] = RemoteFailure("keyring-locked", "This computer's keyring is locked.")
    desk = make_desk(qapp, vault)
    desk.console.window.show()
    vault.restart()
    await until(lambda: desk.console.screen.page_name == "locked", "the passphrase is asked for")
    assert desk.console.screen.locked.message == "This computer's keyring is locked."
    await close(desk)

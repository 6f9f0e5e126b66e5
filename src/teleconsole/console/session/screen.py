"""What stands over the panes while nobody has unlocked: first run, locked, sign-in, refused; the call's bar on top."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from teleconsole.console.errors import report
from teleconsole.console.session.call_bar import CallBar
from teleconsole.console.session.form import COLUMN_PX, Form
from teleconsole.console.task_scope import TaskScope
from teleconsole.console.theme.theme import Theme
from teleconsole.console.widgets.placeholder import EmptyState
from teleconsole.console.words import clock_time
from teleconsole.host.limits import PASSPHRASE_MAX_CHARS, PASSPHRASE_MIN_CHARS
from teleconsole.host.policy import is_allowed_url

_TOP_PX = 136
Submit = Callable[..., Awaitable[None]]


class SessionScreen(QFrame):
    """The pages; what they do is decided by whoever gives the three functions.

    Args:
        theme: colours and fonts.
        call_bar: goes on through a lock.
        create: first run, with the new passphrase.
        unlock: with a passphrase.
        sign_in: with the clinic's address and the one-time code.
    """

    def __init__(self, theme: Theme, call_bar: CallBar, *, create: Submit, unlock: Submit, sign_in: Submit) -> None:
        super().__init__()
        self.setProperty("kind", "background")
        self.setAccessibleName("Session")
        self._scope = TaskScope(self, self._tell)
        self.call_bar = call_bar
        self.first_run = Form(theme, "shield-check", "Welcome to teleconsole", "Create the case store")
        self.locked = Form(theme, "lock", "Locked", "Unlock")
        self.sign_in = Form(theme, "user-check", "Sign in to your clinic", "Sign in")
        self._refused = EmptyState(theme, "shield-alert", "The case store was not opened")
        self._starting = EmptyState(theme, "hourglass", "Starting", "The case store is being opened.")
        self._fill_forms()
        self.first_run.submitted.connect(lambda: self._submit(self.first_run, self._check_new, create))
        self.locked.submitted.connect(lambda: self._submit(self.locked, self._check_passphrase, unlock))
        self.sign_in.submitted.connect(lambda: self._submit(self.sign_in, self._check_sign_in, sign_in))
        self._stack = QStackedWidget()
        self._pages: dict[QWidget, QWidget] = {}
        for page in (self._starting, self._refused, self.first_run, self.locked, self.sign_in):
            self._pages[page] = _centred(page) if isinstance(page, Form) else page
            self._stack.addWidget(self._pages[page])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(call_bar)
        column.addWidget(self._stack, 1)

    @property
    def page_name(self) -> str:
        """The page in front: "starting", "refused", "first-run", "locked" or "sign-in"."""
        names = {
            self._starting: "starting",
            self._refused: "refused",
            self.first_run: "first-run",
            self.locked: "locked",
            self.sign_in: "sign-in",
        }
        return next(name for page, name in names.items() if self._pages[page] is self._stack.currentWidget())

    def show_starting(self) -> None:
        """The vault is not there yet."""
        self._stack.setCurrentWidget(self._pages[self._starting])

    def show_refused(self, sentence: str) -> None:
        """The store must not be opened; the sentence says why and what to do."""
        self._refused.say("The case store was not opened", sentence)
        self._stack.setCurrentWidget(self._pages[self._refused])

    def show_first_run(self, sentence: str = "") -> None:
        """Ask for a new passphrase."""
        self._show(self.first_run, sentence)

    def show_locked(self, who: str, since_ms: int, facts: list[tuple[str, str, str]], sentence: str = "") -> None:
        """Ask for the passphrase.

        Args:
            who: clinician and clinic.
            since_ms: when it was locked; 0 = it was not open since the start.
            facts: what is safe, see `Form.set_facts`.
            sentence: what went wrong.
        """
        since = f"since {clock_time(since_ms)}" if since_ms else ""
        self.locked.subtitle.setText(
            " · ".join(part for part in (who, since) if part) or "Your cases are encrypted here."
        )
        self.locked.set_facts(facts)
        self._show(self.locked, sentence)

    def show_sign_in(self, gateway_url: str, *, fixed: bool, sentence: str = "") -> None:
        """Ask for the clinic's one-time code."""
        self._address.setText(gateway_url)
        self._address.setEnabled(not fixed)
        self._show(self.sign_in, sentence)

    def clear(self) -> None:
        """Empty all fields."""
        for form in (self.first_run, self.locked, self.sign_in):
            form.clear()

    def _fill_forms(self) -> None:
        self.first_run.subtitle.setText("Choose a passphrase for the cases on this computer.")
        for title in ("New passphrase", "Repeat the passphrase"):
            self.first_run.add_field(title, secret=True, max_chars=PASSPHRASE_MAX_CHARS)
        self.first_run.set_facts([
            ("shield-check", "good", "Everything on this computer is encrypted. The key never leaves it."),
            ("info", "secondary", "Nobody can reset the passphrase. What is on the clinic's server stays there."),
        ])  # fmt: skip
        self._passphrase = self.locked.add_field("Passphrase", secret=True, max_chars=PASSPHRASE_MAX_CHARS)
        self.sign_in.subtitle.setText("Your clinic gives you an address and a code that works once.")
        self._address = self.sign_in.add_field("Clinic address", max_chars=512)
        self._code = self.sign_in.add_field("One-time code", max_chars=64)

    def _show(self, form: Form, sentence: str) -> None:
        form.tell(sentence)
        form.set_busy(busy=False)
        self._stack.setCurrentWidget(self._pages[form])
        empty = next((field for field in form.fields if not field.text() and field.isEnabled()), None)
        (empty or form.button).setFocus(Qt.FocusReason.OtherFocusReason)

    def _check_new(self) -> tuple[str, ...] | str:
        first, second = (field.text() for field in self.first_run.fields)
        if len(first) < PASSPHRASE_MIN_CHARS:
            return f"Please choose at least {PASSPHRASE_MIN_CHARS} characters; a few words are good."
        return (first,) if first == second else "The two passphrases differ. Please type both again."

    def _check_passphrase(self) -> tuple[str, ...] | str:
        return (self._passphrase.text(),) if self._passphrase.text() else "Please type your passphrase."

    def _check_sign_in(self) -> tuple[str, ...] | str:
        address, code = self._address.text().strip().rstrip("/"), self._code.text().strip()
        if not is_allowed_url(address):
            return "The clinic's address begins with https://, as it stands on your invitation."
        return (address, code) if code else "Please type the code that your clinic gave you."

    def _submit(self, form: Form, check: Callable[[], "tuple[str, ...] | str"], submit: Submit) -> None:
        checked = check()
        if isinstance(checked, str):
            form.tell(checked)
            return
        form.tell("")
        form.set_busy(busy=True)
        self._scope.latest("submit", self._run(form, submit, checked))

    async def _run(self, form: Form, submit: Submit, values: tuple[str, ...]) -> None:
        try:
            await submit(*values)
            form.clear()
        except Exception as error:  # noqa: BLE001 -- told to the person and logged, as everywhere; the form works again
            form.tell(report(error))
            self._select(form)
        finally:
            form.set_busy(busy=False)

    def _select(self, form: Form) -> None:
        field: QLineEdit = form.fields[-1]
        field.selectAll()
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tell(self, sentence: str) -> None:
        self.locked.tell(sentence)


def _centred(form: Form) -> QWidget:
    page = QFrame()
    page.setProperty("kind", "background")
    row = QHBoxLayout(page)
    row.addStretch(1)
    inner = QVBoxLayout()
    inner.addSpacing(_TOP_PX - 12)
    inner.addWidget(form)
    inner.addStretch(1)
    row.addLayout(inner)
    row.addStretch(1)
    form.setMinimumWidth(COLUMN_PX)
    return page

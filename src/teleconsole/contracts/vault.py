"""All that console and vault say to each other: the lock, sign-in, outbox and sync here; cases and visits beside.

Times are Unix milliseconds in UTC (`*_ms`); 0 means "none".
"""

from typing import Literal

from teleconsole.contracts.cases import (
    AskFollowUp,
    Claim,
    CountCases,
    Decide,
    Draft,
    ListCases,
    OpenCase,
    ReadEvidence,
    Release,
    Reply,
    SaveDraft,
    SendState,
    WriteNote,
)
from teleconsole.contracts.snapshot import Snapshot
from teleconsole.contracts.visits import (
    BeginVisit,
    EndVisit,
    FindVisit,
    GetGatewayPass,
    ImportDropBox,
    ListAppointments,
    PrepareVisit,
)
from teleconsole.contracts.wire import Ask, Contract, Done, News

VaultStateName = Literal["new", "locked", "open", "refused"]
KeyringState = Literal["value", "absent", "locked", "unavailable", "unchecked"]
ChangeKind = Literal["reply", "follow-up-question", "decision", "note", "claim", "release", "visit", "still", "chat"]
SyncPhase = Literal[
    "idle", "pushing", "pulling", "fetching-files", "offline", "sign-in-needed", "not-signed-in", "error"
]


# --- the lock ------------------------------------------------------------------------------------------------------


class VaultState(Snapshot, frozen=True):
    """Whether the store is open, and what can open it.

    Attributes:
        name: "new" = no store yet; "refused" = it must not be opened (see `sentence`).
        sentence: one sentence for the person, empty when all is well.
        retry_in_s: after wrong passphrases: seconds until the next try is taken.
    """

    name: VaultStateName
    keyring: KeyringState = "unchecked"
    has_passphrase: bool = False
    sentence: str = ""
    retry_in_s: int = 0


class GetVaultState(Ask[VaultState], frozen=True):
    """The state, without opening anything."""


class CreateVault(Ask[VaultState], frozen=True):
    """First run: make the data key, wrap it by keyring (if there is one to trust) and by this passphrase, and open."""

    passphrase: str


class Unlock(Ask[VaultState], frozen=True):
    """Open the store. `passphrase` empty = by the keyring, which is refused after a lock (`after_lock`).

    Raises: wrong-key, keyring-*, store-*.
    """

    passphrase: str = ""
    after_lock: bool = False


class PrepareLock(Ask[Done], frozen=True):
    """Everything is committed and checkpointed; the console then ends the process."""


# --- sign-in -------------------------------------------------------------------------------------------------------


class SignedIn(Snapshot, frozen=True):
    """Who works here; `practitioner_id` empty = nobody is signed in."""

    practitioner_id: str = ""
    name: str = ""
    clinic: str = ""
    gateway_url: str = ""


class GetSignedIn(Ask[SignedIn], frozen=True):
    """Who is signed in on this profile."""


class SignIn(Ask[SignedIn], frozen=True):
    """Exchange the clinic's one-time code at the gateway. Raises: rejected, offline."""

    gateway_url: str
    code: str


# --- the outbox ----------------------------------------------------------------------------------------------------


class Change(Snapshot, frozen=True):
    """One intent that waits, or that the server refused."""

    change_id: str
    case_id: str
    patient_name: str
    kind: ChangeKind
    text: str
    made_ms: int
    state: SendState
    problem: str
    attempts: int
    next_try_ms: int


class ListChanges(Ask[tuple[Change, ...]], frozen=True):
    """Everything unsent, oldest first, and why."""


class TakeBack(Ask[Draft], frozen=True):
    """Remove an unsent text from the outbox and make it a draft again. Raises: store (already on its way)."""

    change_id: str


class TryAgain(Ask[Done], frozen=True):
    """Send a refused or waiting change again now."""

    change_id: str


# --- sync ----------------------------------------------------------------------------------------------------------


class SyncStatus(Snapshot, frozen=True):
    """The line that is always true.

    Attributes:
        synced_ms: server time up to which every scope is complete here; 0 = never.
        offset_ms: server's clock minus this computer's.
        files_left: evidence files not here yet.
        sentence: what is wrong, empty when all is well.
    """

    phase: SyncPhase
    synced_ms: int
    offset_ms: int
    to_send: int
    could_not_send: int
    files_left: int
    sentence: str = ""


class GetSyncStatus(Ask[SyncStatus], frozen=True):
    """The line that is always true."""


class SyncNow(Ask[Done], frozen=True):
    """Begin a round now (push, then pull); news tell how it goes."""


# --- news ----------------------------------------------------------------------------------------------------------


class CasesChanged(News, frozen=True):
    """These cases changed (empty = many): read again what is on the screen."""

    case_ids: tuple[str, ...] = ()


class ChangesChanged(News, frozen=True):
    """The outbox changed."""


class AppointmentsChanged(News, frozen=True):
    """Appointments changed."""


class SyncStatusChanged(News, frozen=True):
    """The status line changed."""

    status: SyncStatus


class EvidenceArrived(News, frozen=True):
    """A file grew or is whole."""

    case_id: str
    evidence_id: str
    here_bytes: int
    size_bytes: int


class ItemImported(News, frozen=True):
    """Something sealed in a visit is committed now: "saved"."""

    visit_id: str
    item_id: str


class CheckReport(Snapshot, frozen=True):
    """What the vault finds out about itself, for `doctor`: name, whether it is well, and one sentence."""

    name: str
    ok: bool
    sentence: str


class CheckVault(Ask[tuple[CheckReport, ...]], frozen=True):
    """Gate, keyring, server and clock, without opening the store."""

    fhir_url: str = ""


VAULT = Contract(
    "vault",
    asks=(
        GetVaultState,
        CreateVault,
        Unlock,
        PrepareLock,
        GetSignedIn,
        SignIn,
        ListCases,
        CountCases,
        OpenCase,
        SaveDraft,
        Claim,
        Release,
        Reply,
        AskFollowUp,
        Decide,
        WriteNote,
        ReadEvidence,
        ListChanges,
        TakeBack,
        TryAgain,
        GetSyncStatus,
        SyncNow,
        ListAppointments,
        FindVisit,
        PrepareVisit,
        GetGatewayPass,
        BeginVisit,
        ImportDropBox,
        EndVisit,
        CheckVault,
    ),
    news=(
        CasesChanged,
        ChangesChanged,
        AppointmentsChanged,
        SyncStatusChanged,
        EvidenceArrived,
        ItemImported,
    ),
)

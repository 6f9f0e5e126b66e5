"""Appointments and visits as the vault knows them: names stay here, the call process has ids."""

from teleconsole.contracts.cases import ChangeMade
from teleconsole.contracts.snapshot import Snapshot
from teleconsole.contracts.wire import Ask


class AppointmentRow(Snapshot, frozen=True):
    """An appointment of today; `visit_id` empty until its link was made."""

    appointment_id: str
    visit_id: str
    patient_id: str
    patient_name: str
    birth_date: str
    start_ms: int
    end_ms: int
    status: str
    reason: str
    case_id: str
    has_case: bool


class ListAppointments(Ask[tuple[AppointmentRow, ...]], frozen=True):
    """Appointments that start in a span of time, in order."""

    from_ms: int
    to_ms: int


class VisitPatient(Snapshot, frozen=True):
    """Who a visit is with: names for the waiting room and the call pane, which the call process never learns."""

    visit_id: str
    patient_id: str
    name: str
    birth_date: str
    reason: str
    case_id: str


class FindVisit(Ask[VisitPatient], frozen=True):
    """Who waits behind a visit id. Raises: store (unknown visit)."""

    visit_id: str


class PrepareVisit(Ask[VisitPatient], frozen=True):
    """From a case: make a visit at the gateway and invite. Raises: offline, rejected."""

    case_id: str


class GatewayPass(Snapshot, frozen=True):
    """A short-lived token with which the call process joins the gateway."""

    gateway_url: str
    token: str
    expires_ms: int


class GetGatewayPass(Ask[GatewayPass], frozen=True):
    """Raises: sign-in-needed, offline."""


class DropBox(Snapshot, frozen=True):
    """Where the call seals what arises: its folder and the public key (`teleconsole.contracts.dropbox`)."""

    visit_id: str
    folder: str
    public_key: bytes


class BeginVisit(Ask[DropBox], frozen=True):
    """The visit begins: the Encounter is prepared, the drop-box made. Idempotent; without a case it makes one."""

    visit_id: str
    started_ms: int


class ImportDropBox(Ask[int], frozen=True):
    """Take in what is sealed in the drop-boxes of all visits; how many items. Also done whenever the store opens."""


class EndVisit(Ask[ChangeMade], frozen=True):
    """The visit is over: the Encounter with its period goes into the outbox; the drop-box is imported first."""

    visit_id: str
    ended_ms: int

"""Answers for appointments, visits and their drop-boxes."""

from collections.abc import Callable

import msgspec

from teleconsole.contracts.cases import ChangeMade
from teleconsole.contracts.vault import AppointmentsChanged
from teleconsole.contracts.visits import (
    AppointmentRow,
    BeginVisit,
    DropBox,
    EndVisit,
    FindVisit,
    GatewayPass,
    GetGatewayPass,
    ImportDropBox,
    ListAppointments,
    PrepareVisit,
    VisitPatient,
)
from teleconsole.domain.errors import Rejected, StoreError
from teleconsole.ipc.responder import Handlers
from teleconsole.vault import dropbox
from teleconsole.vault.audit.event import AuditEvent
from teleconsole.vault.door import at_the_door
from teleconsole.vault.session import VaultSession
from teleconsole.vault.sqlcipher import Connection
from teleconsole.vault.store import outbox, visits
from teleconsole.vault.store.queue_rows import bring_up_to_date
from teleconsole.vault.store.touched import Touched
from teleconsole.vault.store.visits import VisitRow


class VisitHandlers:
    """Begins and ends visits, and names the people in them.

    Args:
        session: gives the open vault or raises.
    """

    def __init__(self, session: Callable[[], VaultSession]) -> None:
        self._session = session

    def handlers(self) -> Handlers:
        """Return the answers of this class."""
        return {
            ListAppointments: self._list,
            FindVisit: self._find,
            PrepareVisit: self._prepare,
            GetGatewayPass: self._get_pass,
            BeginVisit: self._begin,
            ImportDropBox: self._import,
            EndVisit: self._end,
        }

    async def _list(self, ask: ListAppointments) -> tuple[AppointmentRow, ...]:
        return await self._session().store.read(
            lambda connection: visits.list_appointments(connection, ask.from_ms, ask.to_ms)
        )

    async def _find(self, ask: FindVisit) -> VisitPatient:
        session = self._session()

        def find(connection: Connection) -> VisitPatient:
            return visits.visit_patient(connection, visits.find_visit(connection, ask.visit_id))

        patient = await session.store.read(find)
        event = AuditEvent("visit-found", patient_id=patient.patient_id, entity=ask.visit_id)
        await session.store.write(event, lambda _: None)
        return patient

    async def _prepare(self, ask: PrepareVisit) -> VisitPatient:
        session = self._session()
        gateway, account = session.gateway()

        def look(connection: Connection) -> tuple[str, str, str, bool]:
            case_id = outbox.current_id(connection, ask.case_id)
            row = connection.execute(
                "SELECT patient_id, reason, is_local FROM case_ WHERE case_id = ?", (case_id,)
            ).fetchone()
            if row is None:
                raise StoreError("This case is not on this computer any more.")
            return case_id, row[0], row[1], bool(row[2])

        case_id, patient_id, reason, is_local = await session.store.read(look)
        if is_local:
            raise Rejected("The clinic's server does not know this case yet. Sync, then call again.")
        visit_id = await gateway.make_visit(account, case_id, patient_id)
        dropbox.folder_of(session.store.profile.spool, visit_id)

        def keep(connection: Connection) -> VisitPatient:
            known = connection.execute("SELECT 1 FROM visit WHERE visit_id = ?", (visit_id,)).fetchone()
            visit = VisitRow(visit_id, patient_id, case_id, "", reason, 0, 0, (), b"")
            if known is None:
                visits.keep_visit(connection, visit)
            return visits.visit_patient(connection, visits.find_visit(connection, visit_id))

        event = AuditEvent("visit-prepared", case_id=case_id, patient_id=patient_id, entity=visit_id)
        return await session.store.write(event, keep)

    async def _get_pass(self, _: GetGatewayPass) -> GatewayPass:
        session = self._session()
        gateway, account = session.gateway()
        made = await gateway.token(account, "signalling")
        return GatewayPass(account.gateway_url, made.token, session.store.now_ms() + round(made.holds_s * 1000))

    async def _begin(self, ask: BeginVisit) -> DropBox:
        session = self._session()
        folder = dropbox.folder_of(session.store.profile.spool, ask.visit_id)
        new_key = dropbox.new_private_key()

        def keep(connection: Connection) -> VisitRow:
            touched = Touched()
            visit = visits.begin(
                connection,
                visits.find_visit(connection, ask.visit_id),
                started_ms=ask.started_ms,
                private_key=new_key,
                touched=touched,
                now_ms=session.store.now_ms(),
            )
            bring_up_to_date(connection, touched)
            return visit

        visit = await session.store.write(AuditEvent("visit-began", entity=ask.visit_id), keep)
        with at_the_door():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        session.changed(visit.case_id)
        session.tell(AppointmentsChanged())
        return DropBox(ask.visit_id, str(folder), dropbox.public_key(visit.private_key))

    async def _import(self, _: ImportDropBox) -> int:
        return await self._session().drop_boxes.import_all()

    async def _end(self, ask: EndVisit) -> ChangeMade:
        session = self._session()
        await session.drop_boxes.import_all()

        def keep(connection: Connection) -> tuple[str, str]:
            touched = Touched()
            visit = visits.find_visit(connection, ask.visit_id)
            visit = msgspec.structs.replace(visit, case_id=outbox.current_id(connection, visit.case_id))
            change_id = visits.end(
                connection, visit, ended_ms=ask.ended_ms, touched=touched, now_ms=session.store.now_ms()
            )
            touched.case(visit.case_id)
            bring_up_to_date(connection, touched)
            return change_id, visit.case_id

        change_id, case_id = await session.store.write(AuditEvent("visit-ended", entity=ask.visit_id), keep)
        session.changed(case_id)
        session.tell(AppointmentsChanged())
        return ChangeMade(change_id)

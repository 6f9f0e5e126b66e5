"""The visits of this gateway and how far each has come; kept on disk, so that a restart throws nobody out."""

import secrets
from pathlib import Path

import msgspec

from teleconsole.contracts.signal import DeviceResult, EndReason, PatientStage, WaitingPatient
from teleconsole.gateway.records import RecordStore
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms


class Visit(msgspec.Struct, frozen=True, rename="camel"):
    """One visit. Ids and states only.

    Attributes:
        entered: the patient has agreed and entered the waiting room.
        calling: the clinician called the patient of the case, who has not come yet.
        gone_ms: when the patient's page vanished, 0 while it is there.
        expires_s: Unix time after which nobody waits for it any more.
        ended_s: Unix time when people last parted after a call, 0 before that and while they talk again.
    """

    id: str
    patient_id: str
    practitioner_id: str
    case_id: str = ""
    appointment_id: str = ""
    start_ms: int = 0
    expires_s: int = 0
    stage: PatientStage = "expected"
    devices: DeviceResult = "unchecked"
    consented: bool = False
    entered: bool = False
    admitted: bool = False
    calling: bool = False
    since_ms: int = 0
    gone_ms: int = 0
    end_reason: EndReason | None = None
    ended_s: int = 0

    @property
    def returned_stage(self) -> PatientStage:
        """The stage of a page that has just come (back)."""
        if self.end_reason is not None:
            return "ended"
        if self.admitted:
            return "in-call"
        return "waiting" if self.entered else "checking"


def new_visit_id() -> str:
    """Return a fresh id for a visit."""
    return secrets.token_hex(16)


class Visits:
    """All visits by id. Belongs to one event loop."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._records: RecordStore[Visit] = RecordStore(folder, Visit)
        self._clock = clock
        for visit in self._records:  # after a restart no page is connected yet
            if visit.stage in ("checking", "waiting", "in-call"):
                self.change(visit.id, stage="interrupted", gone_ms=to_ms(clock.now()))

    def get(self, visit_id: str) -> Visit | None:
        """Return a visit or None."""
        return self._records.get(visit_id)

    def all(self) -> list[Visit]:
        """Return every visit that is kept."""
        return list(self._records)

    def save(self, visit: Visit) -> Visit:
        """Keep a visit; it is on the disk when this returns."""
        self._records.put(visit.id, visit)
        return visit

    def change(self, visit_id: str, **fields: object) -> Visit:
        """Change some fields of a visit and keep it.

        Raises:
            KeyError: there is no such visit.
        """
        visit = self._records.get(visit_id)
        if visit is None:
            raise KeyError(visit_id)
        changed = msgspec.structs.replace(visit, **fields)
        return visit if changed == visit else self.save(changed)

    def open_visit_of_case(self, case_id: str) -> Visit | None:
        """Return the visit of a case that is not over, if there is one."""
        now_s = self._clock.now().timestamp()
        return next(
            (v for v in self._records if v.case_id == case_id and v.end_reason is None and v.expires_s > now_s), None
        )

    def waiting_room(self, practitioner_id: str) -> list[WaitingPatient]:
        """Return the cards of one clinician's visits that are not over, those who came first at the top."""
        now_s = self._clock.now().timestamp()
        mine = [
            visit
            for visit in self._records
            if visit.practitioner_id == practitioner_id
            and visit.end_reason is None
            and (visit.admitted or visit.expires_s > now_s)
        ]
        mine.sort(key=lambda visit: (visit.since_ms == 0, visit.since_ms, visit.start_ms, visit.id))
        return [
            WaitingPatient(
                visit_id=visit.id,
                stage=visit.stage,
                devices=visit.devices,
                since_ms=visit.since_ms,
                consented=visit.consented,
                case_id=visit.case_id,
            )
            for visit in mine[: limits.GATEWAY_WAITING_ROOM]
        ]

    def gone_too_long(self) -> list[Visit]:
        """Return the visits whose patients were not admitted and whose pages vanished too long ago."""
        long_ago_ms = to_ms(self._clock.now()) - round(limits.GATEWAY_LEFT_S * 1000)
        return [
            visit
            for visit in self._records
            if visit.stage == "interrupted" and not visit.admitted and 0 < visit.gone_ms < long_ago_ms
        ]

    def forget_old(self) -> int:
        """Delete the visits that have been over for a week; return how many."""
        week_ago_s = self._clock.now().timestamp() - 7 * 86_400
        old = [visit for visit in self._records if visit.expires_s < week_ago_s]
        for visit in old:
            self._records.delete(visit.id)
        return len(old)

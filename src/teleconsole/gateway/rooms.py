"""Who is connected, what they may say to each other, and the way of a patient through a visit.

The rules are those of docs/signalling.md. Everything runs on one event loop
without waiting, so each frame is handled whole.
"""

from dataclasses import dataclass

from teleconsole.contracts import signal
from teleconsole.gateway.frames import NotTaken
from teleconsole.gateway.links import Link, Links
from teleconsole.gateway.sockets import OPENED_ELSEWHERE, REPLACED, Wire
from teleconsole.gateway.turn import IceServers
from teleconsole.gateway.visits import Visit, Visits
from teleconsole.host import limits
from teleconsole.host.clock import Clock, to_ms

PAGES_OF_A_SUBMISSION = 4


@dataclass(frozen=True)
class _Page:
    wire: Wire
    page_id: str


class Rooms:
    """The visits' pages, the submissions' pages and the call processes that are connected now.

    Args:
        clinic: the name that patients see.
        clinician: the clinician's name that patients see.
    """

    def __init__(
        self, visits: Visits, links: Links, ice_servers: IceServers, clock: Clock, *, clinic: str, clinician: str
    ) -> None:
        self._visits = visits
        self._links = links
        self._ice_servers = ice_servers
        self._clock = clock
        self._clinic = clinic
        self._clinician = clinician
        self._pages: dict[str, _Page] = {}
        self._submission_pages: dict[str, list[Wire]] = {}
        self._clinicians: dict[str, Wire] = {}
        self._states: dict[str, signal.ClinicianState] = {}
        self._undelivered: dict[str, dict[str, signal.WaitingMessage]] = {}
        self._wants_offer: set[str] = set()
        self._preparing: set[str] = set()

    # --- patients' visit pages ---------------------------------------------------------------------------

    def page_joined(self, visit: Visit, wire: Wire, page_id: str) -> None:
        """A page of this visit is there: it takes the visit over and goes on where the patient was."""
        before = self._pages.pop(visit.id, None)
        if before is not None:
            if before.page_id != page_id:  # the same page again is a broken connection, nobody else
                before.wire.send(signal.VisitEnded(visit_id=visit.id, reason="opened-elsewhere"))
            before.wire.close(OPENED_ELSEWHERE)
        self._pages[visit.id] = _Page(wire, page_id)
        self._preparing.discard(visit.id)
        visit = self._visits.change(visit.id, stage=visit.returned_stage, gone_ms=0, calling=False)
        wire.send(
            signal.PatientWelcome(
                visit_id=visit.id,
                clinic=self._clinic,
                clinician=self._clinician,
                clinician_state=self.clinician_state(visit.practitioner_id),
                stage=visit.stage,
                start_ms=visit.start_ms,
            )
        )
        if visit.end_reason is not None:
            wire.send(signal.VisitEnded(visit_id=visit.id, reason=visit.end_reason))
            return
        if visit.admitted:
            wire.send(self._admitted(visit))
        for message in self._undelivered.get(visit.id, {}).values():
            wire.send(message)
        self._tell_waiting_room(visit.practitioner_id)

    def page_left(self, visit_id: str, wire: Wire) -> None:
        """The page's connection is gone; the patient keeps their place."""
        page = self._pages.get(visit_id)
        if page is None or page.wire is not wire:
            return  # another page took over meanwhile
        del self._pages[visit_id]
        self._wants_offer.discard(visit_id)
        self._preparing.discard(visit_id)
        visit = self._visits.get(visit_id)
        if visit is not None and visit.stage in ("checking", "waiting", "in-call"):
            self._visits.change(visit_id, stage="interrupted", gone_ms=to_ms(self._clock.now()))
            self._tell_waiting_room(visit.practitioner_id)

    def from_patient(self, visit_id: str, frame: signal.FromPatient) -> None:
        """Handle a frame of the page that holds this visit.

        Raises:
            NotTaken: the frame does not fit the visit.
        """
        visit = self._visits.get(visit_id)
        if visit is None:
            raise NotTaken("no-such-visit")
        if getattr(frame, "visit_id", visit_id) != visit_id:
            raise NotTaken("not-allowed", "A page speaks for its own visit only.")
        if visit.end_reason is not None:
            raise NotTaken("not-allowed", "The visit is over.")
        match frame:
            case signal.DeviceReport(result=result):
                self._visits.change(visit_id, devices=result)
                self._tell_waiting_room(visit.practitioner_id)
            case signal.EnterWaitingRoom(consented=consented):
                self._enter(visit, consented=consented)
            case signal.PatientLeave():
                self._leave(visit)
            case signal.Answer() | signal.Candidate():
                self._must_connect(visit)
                self._to_clinician(visit.practitioner_id, frame)
            case signal.RequestOffer():
                self._request_offer(visit, frame)
            case signal.Delivered(message_id=message_id):
                if self._undelivered.get(visit_id, {}).pop(message_id, None) is not None:
                    self._to_clinician(visit.practitioner_id, frame)
            case _:
                raise NotTaken("not-allowed")

    def _enter(self, visit: Visit, *, consented: bool) -> None:
        if not consented:
            raise NotTaken("not-allowed", "The waiting room needs the patient's consent.")
        if visit.admitted or visit.entered:
            return  # the page repeats it after a reload
        now_ms = to_ms(self._clock.now())
        self._visits.change(visit.id, stage="waiting", consented=True, entered=True, since_ms=now_ms)
        self._tell_waiting_room(visit.practitioner_id)

    def _leave(self, visit: Visit) -> None:
        if visit.admitted:
            ended = signal.VisitEnded(visit_id=visit.id, reason="ended-by-patient")
            self._to_page(visit.id, ended)
            self._to_clinician(visit.practitioner_id, ended)
        self._wants_offer.discard(visit.id)
        self._preparing.discard(visit.id)
        self._visits.change(
            visit.id,
            stage="left",
            entered=False,
            consented=False,
            admitted=False,
            since_ms=0,
            ended_s=self._parted_s(visit),
        )
        self._tell_waiting_room(visit.practitioner_id)

    def _parted_s(self, visit: Visit) -> int:
        """Return when the people of a visit that stops now last parted; it stays as it was when none of them talked."""
        return int(self._clock.now().timestamp()) if visit.admitted else visit.ended_s

    def _request_offer(self, visit: Visit, frame: signal.RequestOffer) -> None:
        if not visit.admitted:
            raise NotTaken("not-allowed", "The patient has not been admitted.")
        if visit.practitioner_id not in self._clinicians:
            self._wants_offer.add(visit.id)
        self._to_clinician(visit.practitioner_id, frame)

    def _must_connect(self, visit: Visit) -> None:
        if not visit.admitted and visit.id not in self._preparing:
            raise NotTaken("not-allowed", "The patient has not been admitted.")

    # --- patients' submission pages ----------------------------------------------------------------------

    def submission_page_joined(self, link: Link, wire: Wire) -> None:
        """A submission page is there: it learns at once when the clinician is calling."""
        wires = self._submission_pages.setdefault(link.id, [])
        wires.append(wire)
        for oldest in wires[:-PAGES_OF_A_SUBMISSION]:
            oldest.close(OPENED_ELSEWHERE)
        del wires[:-PAGES_OF_A_SUBMISSION]
        wire.send(
            signal.PatientWelcome(
                visit_id=link.subject_id,
                clinic=self._clinic,
                clinician=self._clinician,
                clinician_state=self.clinician_state(link.practitioner_id),
                stage="expected",
            )
        )
        calling = self.calling_visit(link)
        if calling is not None:
            wire.send(signal.Calling(visit_id=calling.id, clinician=self._clinician))

    def submission_page_left(self, link_id: str, wire: Wire) -> None:
        """The submission page's connection is gone."""
        wires = self._submission_pages.get(link_id, [])
        if wire in wires:
            wires.remove(wire)
        if not wires:
            self._submission_pages.pop(link_id, None)

    def calling_visit(self, link: Link) -> Visit | None:
        """Return the visit to which the clinician calls the patient of this submission now."""
        if not link.case_id:
            return None
        visit = self._visits.open_visit_of_case(link.case_id)
        return visit if visit is not None and visit.calling and visit.patient_id == link.patient_id else None

    # --- call processes ----------------------------------------------------------------------------------

    def clinician_joined(self, practitioner_id: str, wire: Wire) -> None:
        """A call process is there: it gets the whole state and replaces an older one of the same clinician."""
        before = self._clinicians.pop(practitioner_id, None)
        if before is not None:
            before.close(REPLACED)
        self._clinicians[practitioner_id] = wire
        self._states.setdefault(practitioner_id, "available")
        check = self._ice_servers.for_check(practitioner_id)
        wire.send(signal.ClinicianWelcome(practitioner_id=practitioner_id, ice_servers=check))
        self._tell_waiting_room(practitioner_id)
        for visit in self._visits.all():
            if visit.practitioner_id == practitioner_id and visit.admitted and visit.end_reason is None:
                wire.send(self._admitted(visit))
                if visit.id in self._wants_offer:
                    self._wants_offer.discard(visit.id)
                    wire.send(signal.RequestOffer(visit_id=visit.id))
        self._tell_patients(practitioner_id)

    def clinician_left(self, practitioner_id: str, wire: Wire) -> None:
        """The call process's connection is gone: patients read that the clinician is away."""
        if self._clinicians.get(practitioner_id) is wire:
            del self._clinicians[practitioner_id]
            self._tell_patients(practitioner_id)

    def clinician_state(self, practitioner_id: str) -> signal.ClinicianState:
        """Return what patients see of the clinician."""
        if practitioner_id not in self._clinicians:
            return "away"
        return self._states.get(practitioner_id, "available")

    def from_clinician(self, practitioner_id: str, frame: signal.FromClinician) -> None:
        """Handle a frame of the call process of this clinician.

        Raises:
            NotTaken: the visit is not theirs or does not take the frame now.
        """
        if isinstance(frame, signal.SetClinicianState):
            self._states[practitioner_id] = frame.state
            self._tell_patients(practitioner_id)
            return
        visit = self._visits.get(getattr(frame, "visit_id", ""))
        if visit is None or visit.practitioner_id != practitioner_id:
            raise NotTaken("no-such-visit")
        if isinstance(frame, signal.EndVisit):
            self.end(visit, "ended-by-clinician")
            return
        if visit.end_reason is not None:
            raise NotTaken("not-allowed", "The visit is over.")
        match frame:
            case signal.MessageWaiting(message_id=message_id, text=text):
                self._message(visit, message_id, text)
            case signal.Admit():
                self._admit(visit)
            case signal.Prepare():
                self._prepare(visit)
            case signal.InvitePatient(case_id=case_id):
                self._invite(visit, case_id)
            case signal.Offer() | signal.Reveal() | signal.Withdraw() | signal.Candidate():
                self._must_connect(visit)
                self._to_page(visit.id, frame)
            case _:
                raise NotTaken("not-allowed")

    def end(self, visit: Visit, reason: signal.EndReason) -> None:
        """End a visit for good and tell both sides; once is enough."""
        if visit.end_reason is None:
            self._visits.change(
                visit.id,
                stage="ended",
                end_reason=reason,
                admitted=False,
                calling=False,
                ended_s=self._parted_s(visit),
            )
        self._undelivered.pop(visit.id, None)
        self._wants_offer.discard(visit.id)
        self._preparing.discard(visit.id)
        ended = signal.VisitEnded(visit_id=visit.id, reason=visit.end_reason or reason)
        self._to_page(visit.id, ended)
        self._to_submission_pages(visit, ended)
        self._to_clinician(visit.practitioner_id, ended)
        self._tell_waiting_room(visit.practitioner_id)

    def _admit(self, visit: Visit) -> None:
        if not visit.entered:
            raise NotTaken("not-allowed", "The patient is not in the waiting room.")
        is_there = visit.id in self._pages
        visit = self._visits.change(
            visit.id, admitted=True, calling=False, stage="in-call" if is_there else "interrupted", ended_s=0
        )
        admitted = self._admitted(visit)
        self._to_page(visit.id, admitted)
        self._to_clinician(visit.practitioner_id, admitted)
        self._tell_waiting_room(visit.practitioner_id)

    def _prepare(self, visit: Visit) -> None:
        """Let both make a connection already. Without relay credentials, which a patient gets when admitted."""
        if visit.stage != "waiting" or visit.id not in self._pages or self._ice_servers.relay_only:
            raise NotTaken("not-allowed", "No connection can be made before the admission.")
        self._preparing.add(visit.id)
        prepared = signal.Prepared(visit_id=visit.id, ice_servers=self._ice_servers.before_admission())
        self._to_page(visit.id, prepared)
        self._to_clinician(visit.practitioner_id, prepared)

    def _invite(self, visit: Visit, case_id: str) -> None:
        if visit.case_id != case_id:
            raise NotTaken("not-allowed", "The visit belongs to another case.")
        if visit.id not in self._pages:
            self._visits.change(visit.id, calling=True)
        self._to_submission_pages(visit, signal.Calling(visit_id=visit.id, clinician=self._clinician))

    def _message(self, visit: Visit, message_id: str, text: str) -> None:
        waiting = self._undelivered.setdefault(visit.id, {})
        message = signal.WaitingMessage(message_id=message_id, text=text, sent_ms=to_ms(self._clock.now()))
        waiting[message_id] = message
        while len(waiting) > limits.GATEWAY_WAITING_MESSAGES:
            del waiting[next(iter(waiting))]
        self._to_page(visit.id, message)

    # --- news --------------------------------------------------------------------------------------------

    def case_news(self, practitioner_id: str, case_id: str) -> None:
        """Hint to the call process that a patient sent something."""
        self._to_clinician(practitioner_id, signal.CaseNews(case_id=case_id))

    def visits_changed(self, practitioner_id: str) -> None:
        """Send the waiting room anew after visits were made or changed elsewhere."""
        self._tell_waiting_room(practitioner_id)

    def sweep(self) -> None:
        """Mark those who vanished long ago as having left."""
        for visit in self._visits.gone_too_long():
            self._visits.change(visit.id, stage="left", entered=False, consented=False, since_ms=0)
            self._tell_waiting_room(visit.practitioner_id)

    def _admitted(self, visit: Visit) -> signal.Admitted:
        servers = self._ice_servers
        return signal.Admitted(
            visit_id=visit.id, ice_servers=servers.for_visit(visit.id), relay_only=servers.relay_only
        )

    def _to_page(self, visit_id: str, frame: signal.ToPatient) -> None:
        page = self._pages.get(visit_id)
        if page is not None:
            page.wire.send(frame)

    def _to_submission_pages(self, visit: Visit, frame: signal.ToPatient) -> None:
        for link_id, wires in self._submission_pages.items():
            link = self._links.get(link_id)
            if link and visit.case_id and link.case_id == visit.case_id and link.patient_id == visit.patient_id:
                for wire in wires:
                    wire.send(frame)

    def _to_clinician(self, practitioner_id: str, frame: signal.ToClinician | signal.FromPatient) -> None:
        wire = self._clinicians.get(practitioner_id)
        if wire is not None:
            wire.send(frame)

    def _tell_waiting_room(self, practitioner_id: str) -> None:
        if practitioner_id in self._clinicians:
            patients = self._visits.waiting_room(practitioner_id)
            self._to_clinician(practitioner_id, signal.WaitingRoom(patients=patients))

    def _tell_patients(self, practitioner_id: str) -> None:
        state = signal.ClinicianStateChanged(state=self.clinician_state(practitioner_id))
        for visit_id, page in self._pages.items():
            visit = self._visits.get(visit_id)
            if visit is not None and visit.practitioner_id == practitioner_id:
                page.wire.send(state)
        for link_id, wires in self._submission_pages.items():
            link = self._links.get(link_id)
            if link is not None and link.practitioner_id == practitioner_id:
                for wire in wires:
                    wire.send(state)

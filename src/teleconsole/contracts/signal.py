"""The messages on the one WebSocket of a patient's page or of a call process with the gateway.

JSON text frames, one object each, told apart by `type`. docs/signalling.md tells the story of a visit; the JSON
Schema of these structs is exported for the patient pages. Bounds are in `teleconsole.host.limits`.
Unknown types and malformed frames are answered with `problem` and otherwise ignored; they never end a visit.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

PROTOCOL_VERSION = 1

VisitId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
MessageId = Annotated[str, Meta(min_length=8, max_length=64)]
ShortText = Annotated[str, Meta(max_length=2_000)]
Sdp = Annotated[str, Meta(max_length=65_536)]
Token = Annotated[str, Meta(max_length=512)]
Generation = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Hex = Annotated[str, Meta(pattern=r"^[0-9a-f]{0,128}$")]

ClinicianState = Literal["away", "available", "with-a-patient", "calling"]
DeviceResult = Literal["unchecked", "ok", "no-camera", "no-microphone", "denied", "no-devices", "slow-network"]
PatientStage = Literal["expected", "checking", "waiting", "in-call", "interrupted", "left", "ended"]
EndReason = Literal["ended-by-clinician", "ended-by-patient", "link-revoked", "link-expired", "opened-elsewhere"]
LadderStep = Literal["720p", "360p", "180p", "audio-only", "voice-and-stills", "case"]
StepCause = Literal["start", "slow", "loss", "delay", "voice", "cpu", "gone", "chosen", "better"]
ProblemCode = Literal[
    "malformed", "unknown-type", "too-large", "too-fast", "not-allowed", "no-such-visit", "sign-in-needed", "version"
]


class Signal(msgspec.Struct, frozen=True, tag_field="type", rename="camel", omit_defaults=True):
    """Base of all frames: camelCase on the wire."""


class IceServer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One entry of `RTCConfiguration.iceServers` (W3C WebRTC section 4.2.2)."""

    urls: Annotated[list[Annotated[str, Meta(max_length=256)]], Meta(max_length=8)]
    username: Annotated[str, Meta(max_length=256)] = ""
    credential: Annotated[str, Meta(max_length=256)] = ""


class WaitingPatient(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """One card of the waiting room. It names no patient: names come from the vault by `visit_id`.

    Attributes:
        since_ms: Unix time in milliseconds (gateway's clock) since they entered the waiting room, 0 if not there.
        case_id: the Task this visit belongs to, when the link came from a case.
    """

    visit_id: VisitId
    stage: PatientStage
    devices: DeviceResult = "unchecked"
    since_ms: int = 0
    consented: bool = False
    case_id: Annotated[str, Meta(max_length=64)] = ""


# --- patient's page to gateway -------------------------------------------------------------------------------------


class PatientHello(Signal, frozen=True, tag="patient-hello"):
    """First frame of a page. The cookie names the link; `page_id` is random for each open page."""

    version: int
    page: Literal["visit", "submit"]
    page_id: MessageId


class DeviceReport(Signal, frozen=True, tag="device-report"):
    """The result of the device check."""

    result: DeviceResult


class EnterWaitingRoom(Signal, frozen=True, tag="enter-waiting-room"):
    """The patient has read what will happen and agrees to the visit."""

    consented: bool


class PatientLeave(Signal, frozen=True, tag="patient-leave"):
    """The patient ends the visit or leaves the waiting room."""


# --- call process to gateway ---------------------------------------------------------------------------------------


class ClinicianHello(Signal, frozen=True, tag="clinician-hello"):
    """First frame of a call process: the short-lived token that the vault fetched."""

    version: int
    token: Token


class SetClinicianState(Signal, frozen=True, tag="set-clinician-state"):
    """What the waiting patients see of the clinician."""

    state: ClinicianState


class MessageWaiting(Signal, frozen=True, tag="message-waiting"):
    """A line for a patient in the waiting room; shown on the page at once and acknowledged by `delivered`."""

    visit_id: VisitId
    message_id: MessageId
    text: ShortText


class Admit(Signal, frozen=True, tag="admit"):
    """Let this patient in; the gateway answers both sides with `admitted` and fresh ICE servers."""

    visit_id: VisitId


class Prepare(Signal, frozen=True, tag="prepare"):
    """Let a connection with this waiting patient be made before the admission; answered by `prepared`, to both sides.

    The gateway then relays offer, answer, reveal and candidates. Nobody sends sound or picture before `admitted`.
    """

    visit_id: VisitId


class InvitePatient(Signal, frozen=True, tag="invite-patient"):
    """Call the patient of a case: their page shows 'the clinician is calling you' with a join button.

    The visit exists already (made through the vault); `case_id` is its Task.
    """

    visit_id: VisitId
    case_id: Annotated[str, Meta(max_length=64)]


class EndVisit(Signal, frozen=True, tag="end-visit"):
    """The clinician ends the visit for good."""

    visit_id: VisitId


# --- relayed between the two; the gateway fills in nothing but who may -----------------------------------------------


class Offer(Signal, frozen=True, tag="offer"):
    """The console's offer. `generation` rises with each new peer connection; stale ones are dropped by the receiver.

    `commitment` is the hex SHA-256 of the console's 32-byte nonce (safety code, docs/signalling.md).
    """

    visit_id: VisitId
    generation: Generation
    sdp: Sdp
    commitment: Hex = ""


class Answer(Signal, frozen=True, tag="answer"):
    """The page's answer with its own nonce (hex, 32 bytes)."""

    visit_id: VisitId
    generation: Generation
    sdp: Sdp
    nonce: Hex = ""


class Reveal(Signal, frozen=True, tag="reveal"):
    """The console's nonce, sent after the answer; both sides then show the safety code."""

    visit_id: VisitId
    generation: Generation
    nonce: Hex


class Candidate(Signal, frozen=True, tag="candidate"):
    """One trickled ICE candidate (RFC 8838); an empty string ends them."""

    visit_id: VisitId
    generation: Generation
    candidate: Annotated[str, Meta(max_length=1_024)]
    sdp_mid: Annotated[str, Meta(max_length=32)] = ""
    sdp_m_line_index: Annotated[int, Meta(ge=0, le=32)] = 0


class Withdraw(Signal, frozen=True, tag="withdraw"):
    """An offer of the console's that is not needed any more: the connection before it came back by itself."""

    visit_id: VisitId
    generation: Generation


class RequestOffer(Signal, frozen=True, tag="request-offer"):
    """The page is (again) ready and asks the console for a new connection, after a reload or a lost link."""

    visit_id: VisitId


# --- gateway to patient's page -------------------------------------------------------------------------------------


class PatientWelcome(Signal, frozen=True, tag="patient-welcome"):
    """What the page needs to know. `stage` lets a reloaded page go on where it was."""

    visit_id: VisitId
    clinic: ShortText
    clinician: ShortText
    clinician_state: ClinicianState
    stage: PatientStage
    start_ms: int = 0


class ClinicianStateChanged(Signal, frozen=True, tag="clinician-state"):
    """The clinician's state, for the waiting page."""

    state: ClinicianState


class WaitingMessage(Signal, frozen=True, tag="waiting-message"):
    """A line from the clinician to the waiting patient."""

    message_id: MessageId
    text: ShortText
    sent_ms: int


class Admitted(Signal, frozen=True, tag="admitted"):
    """To both: the visit begins; ICE servers with short-lived TURN credentials.

    Attributes:
        relay_only: the clinic wants nothing but relayed addresses (W3C `iceTransportPolicy` "relay"); both obey.
    """

    visit_id: VisitId
    ice_servers: Annotated[list[IceServer], Meta(max_length=8)] = []
    relay_only: bool = False


class Prepared(Signal, frozen=True, tag="prepared"):
    """To both: a connection may be made while the patient waits. No relay credentials before the admission."""

    visit_id: VisitId
    ice_servers: Annotated[list[IceServer], Meta(max_length=8)] = []


class Calling(Signal, frozen=True, tag="calling"):
    """To a patient's submission page: the clinician calls now. Joining is a button press on the page."""

    visit_id: VisitId
    clinician: ShortText


class VisitEnded(Signal, frozen=True, tag="visit-ended"):
    """To both: the visit is over, with the reason."""

    visit_id: VisitId
    reason: EndReason


# --- gateway to call process ---------------------------------------------------------------------------------------


class ClinicianWelcome(Signal, frozen=True, tag="clinician-welcome"):
    """The token was taken.

    Attributes:
        ice_servers: for the check before a call which relay answers; a visit brings its own credentials.
    """

    practitioner_id: Annotated[str, Meta(max_length=64)]
    ice_servers: Annotated[list[IceServer], Meta(max_length=8)] = []


class WaitingRoom(Signal, frozen=True, tag="waiting-room"):
    """The whole waiting room of this clinician, sent at each change."""

    patients: Annotated[list[WaitingPatient], Meta(max_length=256)]


class Delivered(Signal, frozen=True, tag="delivered"):
    """A waiting message reached the patient's page."""

    visit_id: VisitId
    message_id: MessageId


class CaseNews(Signal, frozen=True, tag="case-news"):
    """A patient sent something: a hint to sync now, never data."""

    case_id: Annotated[str, Meta(max_length=64)] = ""


# --- to either side ------------------------------------------------------------------------------------------------


class Ping(Signal, frozen=True, tag="ping"):
    """Liveness of the socket; answered by `pong` with the same number."""

    n: int


class Pong(Signal, frozen=True, tag="pong"):
    """The answer to `ping`."""

    n: int


class Problem(Signal, frozen=True, tag="problem"):
    """A frame could not be taken; `text` is one sentence for a log, not for a patient."""

    code: ProblemCode
    text: ShortText = ""


FromPatient = (
    PatientHello
    | DeviceReport
    | EnterWaitingRoom
    | PatientLeave
    | Answer
    | Candidate
    | RequestOffer
    | Delivered
    | Ping
    | Pong
)
ToPatient = (
    PatientWelcome
    | ClinicianStateChanged
    | WaitingMessage
    | Admitted
    | Prepared
    | Calling
    | Offer
    | Reveal
    | Withdraw
    | Candidate
    | VisitEnded
    | Ping
    | Pong
    | Problem
)
FromClinician = (
    ClinicianHello
    | SetClinicianState
    | MessageWaiting
    | Admit
    | Prepare
    | InvitePatient
    | EndVisit
    | Offer
    | Reveal
    | Withdraw
    | Candidate
    | Ping
    | Pong
)
ToClinician = (
    ClinicianWelcome
    | WaitingRoom
    | Delivered
    | Admitted
    | Prepared
    | Answer
    | Candidate
    | RequestOffer
    | VisitEnded
    | CaseNews
    | Ping
    | Pong
    | Problem
)

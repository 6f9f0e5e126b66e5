"""What the console asks of the call process, and what it tells.

The call process knows visits by id, never a patient's name. Pixels travel by the slots `remote` and `self`
(BGRA, `teleconsole.ipc.slot`), never as messages. Everything that arises in a visit is sealed into the drop-box
before it is called saved.
"""

from typing import Literal

import msgspec

from teleconsole.contracts.signal import ClinicianState, DeviceResult, EndReason, LadderStep, PatientStage, StepCause
from teleconsole.contracts.snapshot import Snapshot
from teleconsole.contracts.sound import SOUND_ASKS, SOUND_NEWS, StethoscopePhase, StethoscopeSide
from teleconsole.contracts.wire import Ask, Contract, Done, News

CallPhase = Literal["idle", "admitting", "connecting", "connected", "reconnecting", "ended"]
GatewayPhase = Literal["off", "connecting", "connected", "lost", "refused"]
Quality = Literal["unknown", "good", "fair", "poor", "lost"]
Route = Literal["", "direct", "relay", "relay-udp", "relay-tcp", "relay-tls"]
"""Over what a call goes: straight, or over a relay, reached by this; "relay" alone = the other side's."""
ChatState = Literal["sealed", "sent", "acknowledged"]


class Device(msgspec.Struct, frozen=True):
    """A camera, microphone or loudspeaker; `device_id` is for `SelectDevices` (also "test:bars", "file:PATH")."""

    device_id: str
    name: str


class Devices(msgspec.Struct, frozen=True):
    """What is there, and what is chosen; empty string = the system's default, "none" = none."""

    cameras: tuple[Device, ...]
    microphones: tuple[Device, ...]
    speakers: tuple[Device, ...]
    camera: str
    microphone: str
    speaker: str
    problem: str = ""


class ListDevices(Ask[Devices], frozen=True):
    """The devices now."""


class SelectDevices(Ask[Devices], frozen=True):
    """Choose; takes effect at once, also in a call. Raises: device-unavailable."""

    camera: str
    microphone: str
    speaker: str


class JoinGateway(Ask[Done], frozen=True):
    """Open the one WebSocket and keep it open; called again with a fresh token when news `TokenNeeded` asks.

    Attributes:
        relay_only: calls go over a relay only.
        udp_ports: local ports of calls, first and last; 0 and 0 = any.
    """

    gateway_url: str
    token: str
    extra_ca: str = ""
    proxy: str = ""
    relay_only: bool = False
    udp_ports: tuple[int, int] = (0, 0)


class LeaveGateway(Ask[Done], frozen=True):
    """Close it."""


class SetState(Ask[Done], frozen=True):
    """What waiting patients see."""

    state: ClinicianState


class WaitingPatientCard(msgspec.Struct, frozen=True):
    """One patient of the waiting room, by visit id."""

    visit_id: str
    stage: PatientStage
    devices: DeviceResult
    since_ms: int
    consented: bool
    case_id: str


class SendWaitingMessage(Ask[str], frozen=True):
    """A line to a waiting patient; answers its id; `WaitingMessageDelivered` follows. Raises: signalling-lost."""

    visit_id: str
    text: str


class InvitePatientToVisit(Ask[Done], frozen=True):
    """Call the patient of a case. Raises: signalling-lost."""

    visit_id: str
    case_id: str


class StartVisit(Ask[Done], frozen=True):
    """Admit and connect. The drop-box comes from the vault's `BeginVisit`. One visit at a time. Raises: call."""

    visit_id: str
    drop_box_folder: str
    drop_box_key: bytes


class HangUp(Ask[Done], frozen=True):
    """End the visit for both; devices are released."""


class SetMicrophone(Ask[Done], frozen=True):
    """Mute or not."""

    on: bool


class SetCamera(Ask[Done], frozen=True):
    """Send the picture or not."""

    on: bool


class SetStep(Ask[Done], frozen=True):
    """Go no higher on the ladder than this step, at once; "" = as the link allows. Holds for the visit."""

    step: LadderStep | Literal[""]


class SendChat(Ask[str], frozen=True):
    """Seal the line, then send it; answers its id. Told on by `ChatChanged`."""

    text: str


class StillCaptured(msgspec.Struct, frozen=True):
    """A still is sealed and fsynced: the full decoded frame as PNG, with its SHA-256 in hex."""

    item_id: str
    sha256: str
    width: int
    height: int
    taken_ms: int


class CaptureStill(Ask[StillCaptured], frozen=True):
    """Take the newest full frame of the patient's picture; the patient is told. Raises: connection-lost."""


class PlayPcm(Ask[Done], frozen=True):
    """Play mono 48 kHz signed 16-bit samples (at most 256 KiB), so that the echo canceller hears them."""

    samples: bytes
    begin: bool = False
    end: bool = False


class CallStats(msgspec.Struct, frozen=True):
    """The numbers behind the quality word, per second, named after W3C's webrtc-stats where it has them."""

    at_ms: int = 0
    received_fps: float = 0.0
    sent_fps: float = 0.0
    received_kbps: float = 0.0
    sent_kbps: float = 0.0
    round_trip_ms: float = 0.0
    loss_percent: float = 0.0
    jitter_ms: float = 0.0
    audio_concealed_percent: float = 0.0
    audio_late_ms: float = 0.0  # silence that the loudspeaker played because this computer served it too late
    frame_width: int = 0
    frame_height: int = 0
    frames_decoded: int = 0
    audio_frames_received: int = 0
    audio_level_in: float = 0.0
    audio_level_out: float = 0.0
    codec: str = ""
    one_way_ms: float = 0.0  # mouth to ear, about
    r_factor: float = 0.0  # of the voice, ITU-T G.107, 0 to 93.2; 0 also before the first measure
    opinion_score: float = 0.0  # mean opinion score that it stands for, 1 to 4.5
    freeze_count: int = 0  # of the patient's picture since the visit began
    freezes_s: float = 0.0
    playout_delay_ms: float = 0.0  # how long sound waits before the loudspeaker, beyond its fastest way
    playout_target_ms: int = 0  # how long it should
    route: Route = ""


class CallSnapshot(Snapshot, frozen=True):
    """The whole state of the call process: asked after a restart of the console's view."""

    gateway: GatewayPhase
    phase: CallPhase
    visit_id: str
    started_ms: int
    microphone_on: bool
    camera_on: bool
    patient_microphone_on: bool
    patient_camera_on: bool
    quality: Quality
    step: LadderStep
    safety_words: tuple[str, ...]
    sentence: str
    first_frame_ms: int = 0  # after admit; 0 = none yet
    step_cause: StepCause = "start"
    step_why: str = ""  # one sentence, empty at the top
    chosen_step: LadderStep | Literal[""] = ""  # the clinician's choice, "" = automatic
    still_ms: int = 0  # when the still that stands in place of the patient's video came; 0 = it is video
    stethoscope: StethoscopeSide = ""  # whose microphone is to be sent as it is
    stethoscope_phase: StethoscopePhase = "off"
    stethoscope_words: str = ""  # how it stands, or why it is off again
    relay_away: bool = False  # calls may go over a relay only, and none answers
    sandbox: str = ""  # names of the walls around the process, joined by "+"


class GetCallSnapshot(Ask[CallSnapshot], frozen=True):
    """The state now."""


# --- news ----------------------------------------------------------------------------------------------------------


class GatewayChanged(News, frozen=True):
    """The signalling connection; `sentence` says what is wrong."""

    phase: GatewayPhase
    sentence: str = ""


class TokenNeeded(News, frozen=True):
    """The gateway wants a fresh token: ask the vault and `JoinGateway` again."""


class WaitingRoomChanged(News, frozen=True):
    """The whole waiting room."""

    patients: tuple[WaitingPatientCard, ...]


class WaitingMessageDelivered(News, frozen=True):
    """A waiting message is on the patient's screen."""

    visit_id: str
    message_id: str


class CaseHint(News, frozen=True):
    """A patient sent something: sync now."""

    case_id: str


class CallChanged(News, frozen=True):
    """Anything of the snapshot changed."""

    snapshot: CallSnapshot


class StatsChanged(News, frozen=True):
    """Once a second in a call."""

    stats: CallStats


class ChatChanged(News, frozen=True):
    """A line, new or with a new state; the text is in memory only here and sealed in the drop-box."""

    item_id: str
    from_patient: bool
    text: str
    sent_ms: int
    state: ChatState


class ItemSealed(News, frozen=True):
    """Something lies in the drop-box: the console asks the vault to import."""

    visit_id: str
    item_id: str
    kind: Literal["chat", "still", "photo", "visit-start", "visit-gap", "visit-end", "report"]


class CallReported(News, frozen=True):
    """How a call went, as one line of JSON for IT, without anything of a person; told once at its end."""

    line: str


class PatientLeft(News, frozen=True):
    """The patient's side ended or is gone for good."""

    visit_id: str
    reason: EndReason


class DevicesChanged(News, frozen=True):
    """Something was plugged in, pulled out or failed."""

    devices: Devices


CALL = Contract(
    "call",
    asks=(
        ListDevices,
        SelectDevices,
        JoinGateway,
        LeaveGateway,
        SetState,
        SendWaitingMessage,
        InvitePatientToVisit,
        StartVisit,
        HangUp,
        SetMicrophone,
        SetCamera,
        SetStep,
        SendChat,
        CaptureStill,
        PlayPcm,
        GetCallSnapshot,
        *SOUND_ASKS,
    ),
    news=(
        GatewayChanged,
        TokenNeeded,
        WaitingRoomChanged,
        WaitingMessageDelivered,
        CaseHint,
        CallChanged,
        StatsChanged,
        ChatChanged,
        ItemSealed,
        CallReported,
        PatientLeft,
        DevicesChanged,
        *SOUND_NEWS,
    ),
)

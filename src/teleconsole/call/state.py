"""The state of the call process in one place, and its snapshot."""

from dataclasses import dataclass, field, fields
from typing import Literal

from teleconsole.contracts.call import CallPhase, CallSnapshot, GatewayPhase, Quality
from teleconsole.contracts.signal import LadderStep, StepCause
from teleconsole.contracts.sound import StethoscopePhase, StethoscopeSide

NOT_SECURE = (
    "The connection to the patient could not be proved secure, so it was stopped. It is tried again; "
    "if this stays, end the call and tell IT."
)


@dataclass
class CallState:
    """What the console is shown; fields as in `CallSnapshot`.

    Attributes:
        phases: every phase of the running visit, in order.
        sandbox: walls around this process; as `gateway`, it is not of a visit.
    """

    gateway: GatewayPhase = "off"
    sandbox: str = ""
    phase: CallPhase = "idle"
    visit_id: str = ""
    started_ms: int = 0
    microphone_on: bool = True
    camera_on: bool = True
    patient_microphone_on: bool = False
    patient_camera_on: bool = False
    quality: Quality = "unknown"
    step: LadderStep = "720p"
    safety_words: tuple[str, ...] = ()
    sentence: str = ""
    first_frame_ms: int = 0
    step_cause: StepCause = "start"
    step_why: str = ""
    chosen_step: LadderStep | Literal[""] = ""
    still_ms: int = 0
    relay_away: bool = False
    stethoscope: StethoscopeSide = ""
    stethoscope_phase: StethoscopePhase = "off"
    stethoscope_words: str = ""
    phases: list[CallPhase] = field(default_factory=list)

    def begin(self, visit_id: str) -> None:
        """Forget the visit before; what is of the process stays."""
        gateway, sandbox = self.gateway, self.sandbox
        for name, value in ((f.name, f) for f in fields(self)):
            setattr(self, name, [] if name == "phases" else value.default)
        self.gateway, self.sandbox, self.visit_id = gateway, sandbox, visit_id
        self.enter("admitting")

    def enter(self, phase: CallPhase) -> bool:
        """Go to a phase; return whether that is another one."""
        if phase == self.phase:
            return False
        self.phase = phase
        self.phases.append(phase)
        return True

    def show_words(self, words: tuple[str, ...]) -> None:
        """Take the safety words of the newest connection; none = it could not be proved secure and was stopped."""
        self.safety_words = words
        if not words:
            self.sentence = NOT_SECURE

    def snapshot(self) -> CallSnapshot:
        """Return what the console is shown now."""
        return CallSnapshot(**{f.name: getattr(self, f.name) for f in fields(self) if f.name != "phases"})

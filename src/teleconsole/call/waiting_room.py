"""The waiting room as the gateway told it last."""

from teleconsole.contracts.call import WaitingPatientCard
from teleconsole.contracts.signal import WaitingRoom


class WaitingRoomView:
    """Who waits, by visit id.

    Attributes:
        known: whether the gateway has told since the connection came.
    """

    def __init__(self) -> None:
        self.patients: tuple[WaitingPatientCard, ...] = ()
        self.known = False

    def take(self, room: WaitingRoom) -> bool:
        """Take the whole room; return whether anything changed."""
        before, self.known = self.patients, True
        self.patients = tuple(
            WaitingPatientCard(
                visit_id=patient.visit_id,
                stage=patient.stage,
                devices=patient.devices,
                since_ms=patient.since_ms,
                consented=patient.consented,
                case_id=patient.case_id,
            )
            for patient in room.patients
        )
        return self.patients != before

    def clear(self) -> bool:
        """Nothing is known any more; return whether that is news."""
        self.known = False
        before, self.patients = self.patients, ()
        return bool(before)

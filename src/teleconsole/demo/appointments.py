"""Today's video visits of the made-up clinic."""

from datetime import datetime, timedelta
from typing import NamedTuple

from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import ACT_CODE, Resource, concept, date_time, identifier, reference

COUNT = 5
_MINUTES = 15
_REASONS = {
    "skin": "Look at the skin together",
    "wound": "Look at the wound together",
    "blood-pressure": "Home readings and medicine",
    "mood": "How the last weeks have been",
    "general": "Talk about the message sent",
}


class Booking(NamedTuple):
    """What an appointment is made of.

    Attributes:
        patient: reference.
        case_type: gives the reason.
        task_id: the case it is about, or "".
    """

    patient: Resource
    case_type: str
    task_id: str


def start_times(now: datetime) -> list[datetime]:
    """Five starts from five minutes from now on, half an hour apart, closer together late in the evening.

    Args:
        now: aware, in the clinic's zone, because "today" ends there.
    """
    first = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0) + timedelta(minutes=5)
    evening = now.replace(hour=23, minute=55, second=0, microsecond=0)
    room_minutes = (evening - first) / timedelta(minutes=1) / (COUNT - 1)
    step = timedelta(minutes=max(1, min(30, int(room_minutes))))
    return [first + step * place for place in range(COUNT)]


def appointment(booking: Booking, start: datetime, practitioner: Resource, place: int, dice: Dice) -> Resource:
    """A booked video visit.

    Args:
        booking: who and why.
        start: aware.
        practitioner: reference to the clinician.
        place: from 0 among today's.
        dice: gives the ids.
    """
    resource: Resource = {
        "resourceType": "Appointment",
        "id": dice.id("Appointment", place),
        "identifier": [identifier("visit", dice.id("visit", place))],
        "status": "booked",
        "serviceType": [concept(ACT_CODE, "VR", "virtual")],
        "description": _REASONS[booking.case_type],
        "start": date_time(start),
        "end": date_time(start + timedelta(minutes=_MINUTES)),
        "minutesDuration": _MINUTES,
        "participant": [
            {"actor": booking.patient, "status": "accepted"},
            {"actor": practitioner, "status": "accepted"},
        ],
    }
    if booking.task_id:
        resource["supportingInformation"] = [reference("Task", booking.task_id)]
    return resource

"""One case of the made-up clinic: Task, intake, thread and evidence from a story."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from teleconsole.demo.case_states import CaseState, CaseTimes
from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import OWN, Resource, coding, date_time, identifier, reference, reference_to
from teleconsole.demo.forms import Form
from teleconsole.demo.stories.story import Line, Story, decides, says

_FULFILL = coding("http://hl7.org/fhir/CodeSystem/task-code", "fulfill", "Fulfill the focal request")
_REJECTION = decides(
    "close",
    "Thank you for writing. This needs hands on it, which we cannot do from here. "
    "Please ring reception on 01632 960100; they keep a slot for you tomorrow morning.",
)
_CANCELLATION = says("It has got better by itself, so please close this. Thank you.")


@dataclass(frozen=True, slots=True)
class CasePlan:
    """All that a case is made of.

    Attributes:
        number: its place, from 0.
        story: the words.
        state: how far it is.
        times: when what happened.
        patient: reference.
        owner: reference to the clinician, or None.
        clinic: reference to the clinic, which answers and is written to while nobody owns the case.
    """

    number: int
    story: Story
    state: CaseState
    times: CaseTimes
    patient: Resource
    owner: Resource | None
    clinic: Resource


def case_resources(plan: CasePlan, form: Form, evidence: list[Resource], dice: Dice) -> list[Resource]:
    """The intake, the evidence, the Task and the thread of a case, in the order in which they refer back.

    Args:
        plan: the case.
        form: the questionnaire of its type.
        evidence: its DocumentReferences.
        dice: gives the ids.
    """
    intake = form.response(
        dice.id("QuestionnaireResponse", plan.number), plan.story.intake, plan.patient, plan.times.authored
    )
    header, messages = _thread(plan, dice)
    return [intake, *evidence, _task(plan, intake, evidence, messages, dice), header, *messages]


def task_id(number: int, dice: Dice) -> str:
    """The Task's id of that case."""
    return dice.id("Task", number)


def _task(plan: CasePlan, intake: Resource, evidence: list[Resource], messages: list[Resource], dice: Dice) -> Resource:
    last = max([plan.times.authored, *(datetime.fromisoformat(message["sent"]) for message in messages)])
    task: Resource = {
        "resourceType": "Task",
        "id": task_id(plan.number, dice),
        "groupIdentifier": identifier("case-number", f"HL-{4100 + plan.number}"),
        "status": plan.state.status,
        "businessStatus": {"coding": [coding(f"{OWN}:business-status", plan.state.business)]},
        "intent": "order",
        "priority": plan.story.priority,
        "code": {"coding": [_FULFILL, coding(f"{OWN}:case-type", plan.story.case_type)]},
        "description": str(plan.story.intake["reason"]),
        "for": plan.patient,
        "authoredOn": date_time(plan.times.authored),
        "lastModified": date_time(last),
        "requester": plan.patient,
        "restriction": {"period": {"end": date_time(plan.times.due)}},
        "input": [_part("input", "intake", intake), *(_part("input", "evidence", document) for document in evidence)],
    }
    if plan.owner is not None:
        task["owner"] = plan.owner
        if not plan.state.closed:
            task["extension"] = [{"url": f"{OWN}:claim-until", "valueDateTime": date_time(plan.times.claimed_until)}]
    decisions = [message for message in messages if _kind(message) == "decision"]
    if decisions:
        task["output"] = [_part("output", "decision", decision) for decision in decisions]
    return task


def _part(side: str, code: str, resource: Resource) -> Resource:
    return {"type": {"coding": [coding(f"{OWN}:{side}", code)]}, "valueReference": reference_to(resource)}


def _kind(message: Resource) -> str:
    return str(message["category"][0]["coding"][0]["code"])


def _thread(plan: CasePlan, dice: Dice) -> tuple[Resource, list[Resource]]:
    task = reference("Task", task_id(plan.number, dice))
    header: Resource = {
        "resourceType": "Communication",
        "id": dice.id("thread", plan.number),
        "basedOn": [task],
        "status": "in-progress",
        "subject": plan.patient,
        "topic": {"text": str(plan.story.intake["reason"])},
    }
    messages: list[Resource] = []
    for place, (line, sent) in enumerate(_timed_lines(plan)):
        message = _message(plan, line, sent, dice.id("message", plan.number, place))
        message |= {"basedOn": [task], "partOf": [reference_to(header)]}
        system = "patient-message" if line.sender == "patient" else "change"
        message["identifier"] = [identifier(system, dice.id(system, plan.number, place))]
        if line.kind == "follow-up-answer":
            asked = next(one for one in reversed(messages) if _kind(one) == "follow-up-question")
            message["inResponseTo"] = [reference_to(asked)]
        messages.append(message)
    return header, messages


def _message(plan: CasePlan, line: Line, sent: datetime, message_id: str) -> Resource:
    clinician = plan.owner or plan.clinic
    sender, recipient = (plan.patient, clinician) if line.sender == "patient" else (clinician, plan.patient)
    message: Resource = {
        "resourceType": "Communication",
        "id": message_id,
        "status": "completed",
        "category": [{"coding": [coding(f"{OWN}:message-kind", line.kind)]}],
        "subject": plan.patient,
        "sent": date_time(sent),
        "recipient": [recipient],
        "sender": sender,
        "payload": [{"contentString": line.text}],
    }
    if line.outcome:
        message["reasonCode"] = [{"coding": [coding(f"{OWN}:decision", line.outcome)]}]
    return message


def _timed_lines(plan: CasePlan) -> list[tuple[Line, datetime]]:
    shown = visible_lines(plan.story, plan.state)
    starts = {
        "message": plan.times.authored,
        "follow-up-question": plan.times.asked,
        "follow-up-answer": plan.times.answered,
        "decision": plan.times.decided,
    }
    timed = []
    for place, line in enumerate(shown):
        start = plan.times.decided if line is _CANCELLATION else starts[line.kind]
        timed.append((line, start + timedelta(seconds=70 * place)))
    return timed


def visible_lines(story: Story, state: CaseState) -> list[Line]:
    """The part of a story's thread that exists in that state."""
    kinds = {
        "opening": ("message",),
        "asked": ("message", "follow-up-question"),
        "answered": ("message", "follow-up-question", "follow-up-answer"),
        "decided": ("message", "follow-up-question", "follow-up-answer", "decision"),
    }[state.stage]
    lines = [line for line in story.thread if line.kind in kinds]
    if state.status == "rejected":
        lines.append(_REJECTION)
    if state.status == "cancelled":
        lines.append(_CANCELLATION)
    return lines

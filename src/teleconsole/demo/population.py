"""The whole made-up clinic as FHIR resources, from a seed and a time."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from teleconsole.demo.appointments import Booking, appointment, start_times
from teleconsole.demo.case_states import state_for, states, times_for
from teleconsole.demo.cases import CasePlan, case_resources, task_id
from teleconsole.demo.clinic import organization, staff
from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import Resource, reference_to
from teleconsole.demo.forms import load_forms
from teleconsole.demo.media import MediaShelf, binary, document
from teleconsole.demo.names import Person, person_named, person_number
from teleconsole.demo.patients import birth_date, patient, patient_reference
from teleconsole.demo.records import allergy, condition, medication
from teleconsole.demo.stories.catalogue import STORIES
from teleconsole.demo.stories.story import Story
from teleconsole.demo.vitals import home_series

_ROUND = 60
"""Cases with files of their own; beyond it the same Binaries are referred to again."""
_WEEKS, _WEEKS_OF_A_BENCH = 8, 2
"""Measurements at home; thousands of cases need not bring a hundred values each."""
_SPECIALIST = {"skin": 1, "wound": 2}


@dataclass
class Population:
    """Everything that the seed writes.

    Attributes:
        resources: by `Type/id`, in an order in which references point back, but for Task and evidence.
        practitioner_ids: in the order of `clinic.CLINICIANS`.
        patient_ids: in the order in which they came.
        cases: the plans, in the order of their numbers.
        appointments: today's, by start.
    """

    resources: dict[str, Resource] = field(default_factory=dict)
    practitioner_ids: list[str] = field(default_factory=list)
    patient_ids: list[str] = field(default_factory=list)
    cases: list[CasePlan] = field(default_factory=list)
    appointments: list[Resource] = field(default_factory=list)

    def add(self, *resources: Resource) -> None:
        """Adds resources; one that is there already stays as it is."""
        for resource in resources:
            self.resources.setdefault(f"{resource['resourceType']}/{resource['id']}", resource)


class _Builder:
    def __init__(self, seed: int, now: datetime, resources: Path) -> None:
        self._dice = Dice(seed)
        self._now = now
        self._forms = load_forms(resources / "questionnaires")
        self._shelf = MediaShelf(resources / "demo")
        self._states = states(self._dice)
        self._taken = {"female": 0, "male": 0}
        self._pinned = {story.person for story in STORIES if story.person}
        self._patients: dict[str, Resource] = {}
        self.made = Population()
        clinic = organization(self._dice)
        people, self._staff = staff(self._dice)
        self._clinic = reference_to(clinic, clinic["name"])
        self.made.practitioner_ids = [person["id"] for person in people]
        self.made.add(clinic, *people, *(form.resource for form in self._forms.values()))

    def add_case(self, number: int) -> None:
        """Adds one case with its patient, record, measurements and files."""
        dice = self._dice
        story = STORIES[number % _ROUND % len(STORIES)]
        state = state_for(story.priority, self._states[number % _ROUND], number)
        owner = self._staff[self._owner(story, number)] if state.claimed else None
        times = times_for(story.priority, state, number, dice, self._now)
        plan = CasePlan(number, story, state, times, self._patient(story, number), owner, self._clinic)
        evidence = []
        for place, shown in enumerate(story.shown):
            file = self._shelf[shown.file]
            binary_id = dice.id("Binary", number % _ROUND, place, file.name)
            self.made.add(binary(file, binary_id))
            task = {"id": task_id(number, dice), "for": plan.patient}
            evidence.append(document(file, shown.caption, (number, place), dice, binary_id, task, plan.times.authored))
        self.made.add(*case_resources(plan, self._forms[story.case_type], evidence, dice))
        self.made.cases.append(plan)

    def add_appointments(self) -> None:
        """Adds today's visits, with patients whose cases the first clinician works on, then with others."""
        mine = self._staff[0]
        wanted = sorted(self.made.cases, key=lambda plan: (plan.state.closed, plan.owner != mine, plan.number))
        by_patient = {plan.patient["reference"]: plan for plan in reversed(wanted)}
        chosen = sorted(by_patient.values(), key=wanted.index)
        for place, (start, plan) in enumerate(zip(start_times(self._now), chosen, strict=False)):
            about = task_id(plan.number, self._dice) if place != 3 else ""  # one visit was booked by telephone
            booking = Booking(plan.patient, plan.story.case_type, about)
            self.made.appointments.append(appointment(booking, start, mine, place, self._dice))
        self.made.add(*self.made.appointments)

    def _owner(self, story: Story, number: int) -> int:
        if self._dice.fraction("owner", number) < 0.5:
            return 0
        return _SPECIALIST.get(story.case_type, 0)

    def _patient(self, story: Story, number: int) -> Resource:
        person = self._person(story, number)
        key = person.name if story.person and number < len(STORIES) else f"{number}"
        if key not in self._patients:
            born = birth_date(person, story.ages, self._dice, self._now)
            resource = patient(person, number, born, self._clinic, self._dice)
            self._patients[key] = patient_reference(resource)
            self.made.patient_ids.append(resource["id"])
            self.made.add(resource)
        who = self._patients[key]
        self.made.add(*(condition(problem, who, self._dice, self._now) for problem in story.problems))
        self.made.add(*(medication(medicine, who, self._dice, self._now) for medicine in story.medicines))
        self.made.add(*(allergy(known, who, self._dice, self._now) for known in story.allergies))
        if story.series:
            weeks = _WEEKS if number < _ROUND else _WEEKS_OF_A_BENCH
            self.made.add(*home_series(story.series, who, self._dice, self._now, weeks))
        return who

    def _person(self, story: Story, number: int) -> Person:
        if story.person and number < len(STORIES):
            return person_named(story.person)
        gender = story.gender or self._dice.pick(("female", "male"), "gender", number)
        while True:
            person = person_number(self._taken[gender], gender)
            self._taken[gender] += 1
            if person.name not in self._pinned:
                return person


def populate(seed: int, now: datetime, cases: int, resources: Path) -> Population:
    """The made-up clinic; the same for the same seed, time and files.

    Args:
        seed: any whole number.
        now: aware, in the clinic's zone.
        cases: how many.
        resources: the program's resources folder, with `questionnaires` and `demo`.
    """
    builder = _Builder(seed, now, resources)
    for number in range(cases):
        builder.add_case(number)
    builder.add_appointments()
    return builder.made

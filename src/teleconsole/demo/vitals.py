"""Measurements that the made-up patients took at home over weeks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import LOINC, Resource, coding, concept, date_time, quantity

_CATEGORY = concept("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs")


@dataclass(frozen=True, slots=True)
class Series:
    """How the values go, from the first day to the last.

    Attributes:
        systolic: mmHg at the start and at the end.
        diastolic: mmHg at the start and at the end.
        heart_rate: per minute at the start and at the end.
        weight: kg at the start and at the end.
        spread: mmHg by which single readings lie around the line.
        week_days: days a week with a reading.
    """

    systolic: tuple[int, int]
    diastolic: tuple[int, int]
    heart_rate: tuple[int, int]
    weight: tuple[float, float]
    spread: int = 7
    week_days: int = 5


SERIES = {
    "rising": Series((146, 167), (88, 101), (76, 84), (91.0, 92.6)),
    "settling": Series((168, 133), (99, 82), (82, 72), (88.4, 85.9)),
    "steady-high": Series((153, 155), (92, 94), (74, 75), (79.2, 79.0), spread=9),
    "controlled": Series((129, 126), (79, 77), (70, 68), (70.5, 69.8), spread=6),
    "too-low": Series((134, 104), (80, 62), (68, 61), (61.5, 60.7), spread=6),
    "jumpy": Series((148, 146), (86, 85), (78, 79), (83.0, 83.4), spread=17, week_days=4),
}


def home_series(name: str, patient: Resource, dice: Dice, now: datetime, weeks: int) -> list[Resource]:
    """Blood pressure and heart rate on most days, morning and now and then evening; weight once a week.

    Args:
        name: key of `SERIES`.
        patient: reference; also the performer, which marks them as measured at home.
        dice: gives ids and scatter.
        now: the end of the series.
        weeks: how long it is.
    """
    series = SERIES[name]
    observations = []
    first = (now - timedelta(weeks=weeks)).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(weeks * 7 + 1):
        progress = day / (weeks * 7)
        key = (patient["reference"], day)
        if day % 7 == 0:
            at = first + timedelta(days=day, hours=7, minutes=dice.between(2, 20, "scales", *key))
            kilograms = round(_line(series.weight, progress) + (dice.fraction("kg", *key) - 0.5) * 0.8, 1)
            observations.append(weight(kilograms, patient, dice.id("weight", *key), at))
        if dice.fraction("measured", *key) >= series.week_days / 7:
            continue
        hours = (7, 21) if dice.fraction("evening", *key) < 0.25 else (7,)
        for hour in hours:
            at = first + timedelta(days=day, hours=hour, minutes=dice.between(3, 55, "minute", hour, *key))
            observations += _reading(series, progress, patient, dice, (*key, hour), at)
    return [one for one in observations if one["effectiveDateTime"] < date_time(now)]


def blood_pressure(systolic: int, diastolic: int, patient: Resource, observation_id: str, at: datetime) -> Resource:
    """A blood pressure panel in mmHg."""
    return {
        **_observation(observation_id, patient, at),
        "code": concept(LOINC, "85354-9", "Blood pressure"),
        "component": [
            {"code": concept(LOINC, "8480-6", "Systolic"), "valueQuantity": quantity(systolic, "mmHg", "mm[Hg]")},
            {"code": concept(LOINC, "8462-4", "Diastolic"), "valueQuantity": quantity(diastolic, "mmHg", "mm[Hg]")},
        ],
    }


def weight(kilograms: float, patient: Resource, observation_id: str, at: datetime) -> Resource:
    """A body weight in kg."""
    return _single("29463-7", "Weight", quantity(kilograms, "kg", "kg"), patient, observation_id, at)


def heart_rate(per_minute: int, patient: Resource, observation_id: str, at: datetime) -> Resource:
    """A heart rate per minute."""
    return _single("8867-4", "Heart rate", quantity(per_minute, "/min", "/min"), patient, observation_id, at)


def _reading(
    series: Series, progress: float, patient: Resource, dice: Dice, key: tuple[object, ...], at: datetime
) -> list[Resource]:
    systolic = _scattered(series.systolic, progress, series.spread, dice, ("systolic", *key))
    diastolic = _scattered(series.diastolic, progress, max(2, series.spread // 2), dice, ("diastolic", *key))
    pulse = _scattered(series.heart_rate, progress, 5, dice, ("pulse", *key))
    return [
        blood_pressure(systolic, diastolic, patient, dice.id("pressure", *key), at),
        heart_rate(pulse, patient, dice.id("heart-rate", *key), at),
    ]


def _scattered(ends: tuple[int, int], progress: float, spread: int, dice: Dice, key: tuple[object, ...]) -> int:
    throws = dice.fraction("a", *key) + dice.fraction("b", *key) - 1
    return round(_line(ends, progress) + throws * spread)


def _line(ends: tuple[float, float], progress: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * progress


def _single(code: str, name: str, value: Resource, patient: Resource, observation_id: str, at: datetime) -> Resource:
    return {
        **_observation(observation_id, patient, at),
        "code": {"coding": [coding(LOINC, code, name)], "text": name},
        "valueQuantity": value,
    }


def _observation(observation_id: str, patient: Resource, at: datetime) -> Resource:
    return {
        "resourceType": "Observation",
        "id": observation_id,
        "status": "final",
        "category": [_CATEGORY],
        "subject": patient,
        "effectiveDateTime": date_time(at),
        "performer": [patient],
    }

"""What a patient measured at home: the checked form, and its Observation."""

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from teleconsole.gateway.fhir_client import Resource
from teleconsole.gateway.problems import Refused
from teleconsole.gateway.times import fhir_instant

MEASUREMENT_SYSTEM = "urn:teleconsole:measurement"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
OLDEST = timedelta(days=366)
CLOCK_AHEAD = timedelta(hours=1)
"""A patient's clock may be wrong by this much."""

Systolic = Annotated[int, Meta(ge=40, le=300)]
Diastolic = Annotated[int, Meta(ge=20, le=200)]
WeightKg = Annotated[float, Meta(ge=1, le=500)]


class MeasurementForm(msgspec.Struct, frozen=True, rename="camel"):
    """Body of `POST /patient/measurements`: mmHg, kg, a time with its zone."""

    kind: Literal["blood-pressure", "weight"]
    measured_at: Annotated[datetime, Meta(tz=True)]
    systolic: Systolic | None = None
    diastolic: Diastolic | None = None
    weight_kg: WeightKg | None = None


class Measurement(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A checked measurement of a draft."""

    id: str
    kind: Literal["blood-pressure", "weight"]
    measured_at: datetime
    systolic: int | None = None
    diastolic: int | None = None
    weight_kg: float | None = None


def checked(form: MeasurementForm, now: datetime) -> Measurement:
    """Return the measurement that a form holds.

    Raises:
        Refused: values are missing, do not belong together, or the time cannot be.
    """
    pressure = form.systolic is not None and form.diastolic is not None and form.systolic > form.diastolic
    fits = pressure if form.kind == "blood-pressure" else form.weight_kg is not None
    if not fits or not now - OLDEST <= form.measured_at <= now + CLOCK_AHEAD:
        raise Refused(422, "answers-invalid", linkIds=[form.kind])
    is_pressure = form.kind == "blood-pressure"
    return Measurement(
        id=str(uuid.uuid4()),
        kind=form.kind,
        measured_at=form.measured_at,
        systolic=form.systolic if is_pressure else None,
        diastolic=form.diastolic if is_pressure else None,
        weight_kg=None if is_pressure else form.weight_kg,
    )


def observation(measurement: Measurement, patient: Resource) -> Resource:
    """Return the Observation of a measurement that the patient took.

    Args:
        measurement: checked.
        patient: Reference to the Patient, who is the performer too.
    """
    resource: Resource = {
        "resourceType": "Observation",
        "identifier": [{"system": MEASUREMENT_SYSTEM, "value": measurement.id}],
        "status": "final",
        "category": [{"coding": [_coding(_CATEGORY, "vital-signs", "Vital Signs")]}],
        "subject": patient,
        "performer": [patient],
        "effectiveDateTime": fhir_instant(measurement.measured_at),
    }
    if measurement.kind == "weight":
        quantity = {"value": measurement.weight_kg, "unit": "kg", "system": UCUM, "code": "kg"}
        return resource | {"code": _concept("29463-7", "Body weight"), "valueQuantity": quantity}
    return resource | {
        "code": _concept("85354-9", "Blood pressure"),
        "component": [
            {"code": _concept("8480-6", "Systolic"), "valueQuantity": _pressure(measurement.systolic)},
            {"code": _concept("8462-4", "Diastolic"), "valueQuantity": _pressure(measurement.diastolic)},
        ],
    }


_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def _coding(system: str, code: str, display: str) -> Resource:
    return {"system": system, "code": code, "display": display}


def _concept(code: str, display: str) -> Resource:
    return {"coding": [_coding(LOINC, code, display)], "text": display}


def _pressure(value: int | None) -> Resource:
    return {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}

"""Problems, medicines and allergies of the made-up patients, as Condition, MedicationStatement, AllergyIntolerance."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import RXNORM, SNOMED, Resource, concept, date_time

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_CONDITION_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"


@dataclass(frozen=True, slots=True)
class Medicine:
    """A medicine and how it is taken.

    Attributes:
        rxnorm: ingredient.
        name: with strength.
        dosage: words of the label.
    """

    rxnorm: str
    name: str
    dosage: str


@dataclass(frozen=True, slots=True)
class Allergy:
    """An allergy.

    Attributes:
        snomed: code.
        name: for the screen.
        category: FHIR: `medication`, `food`, `environment`.
        criticality: FHIR: `high`, `low`.
        reaction: what happened.
    """

    snomed: str
    name: str
    category: str
    criticality: str
    reaction: str


PROBLEMS = {
    "hypertension": ("38341003", "Hypertension"),
    "diabetes-2": ("44054006", "Type 2 diabetes"),
    "depression": ("35489007", "Depression"),
    "asthma": ("195967001", "Asthma"),
    "eczema": ("24079001", "Atopic eczema"),
    "psoriasis": ("9014002", "Psoriasis"),
    "atrial-fibrillation": ("49436004", "Atrial fibrillation"),
    "hypothyroidism": ("40930008", "Hypothyroidism"),
    "migraine": ("37796009", "Migraine"),
    "kidney-3": ("433144002", "Chronic kidney disease, stage 3"),
    "arthritis": ("396275006", "Osteoarthritis"),
    "reflux": ("235595009", "Gastro-oesophageal reflux"),
    "lipids": ("55822004", "Raised cholesterol"),
    "veins": ("20696009", "Venous insufficiency of the leg"),
}

MEDICINES = {
    "amlodipine": Medicine("17767", "Amlodipine 5 mg", "1 tablet in the morning"),
    "ramipril": Medicine("35296", "Ramipril 5 mg", "1 capsule in the morning"),
    "losartan": Medicine("52175", "Losartan 50 mg", "1 tablet in the morning"),
    "indapamide": Medicine("5764", "Indapamide 1.5 mg", "1 tablet in the morning"),
    "metformin": Medicine("6809", "Metformin 500 mg", "1 tablet twice a day with food"),
    "sertraline": Medicine("36437", "Sertraline 50 mg", "1 tablet in the morning"),
    "citalopram": Medicine("2556", "Citalopram 20 mg", "1 tablet in the morning"),
    "mirtazapine": Medicine("15996", "Mirtazapine 15 mg", "1 tablet at night"),
    "atorvastatin": Medicine("83367", "Atorvastatin 20 mg", "1 tablet at night"),
    "levothyroxine": Medicine("10582", "Levothyroxine 75 micrograms", "1 tablet before breakfast"),
    "apixaban": Medicine("1364430", "Apixaban 5 mg", "1 tablet twice a day"),
    "salbutamol": Medicine("435", "Salbutamol inhaler 100 micrograms", "2 puffs when needed"),
    "omeprazole": Medicine("7646", "Omeprazole 20 mg", "1 capsule before breakfast"),
    "cetirizine": Medicine("20610", "Cetirizine 10 mg", "1 tablet a day when needed"),
    "hydrocortisone": Medicine("5492", "Hydrocortisone 1 % cream", "Thinly twice a day, at most 7 days"),
    "naproxen": Medicine("7258", "Naproxen 250 mg", "1 tablet twice a day with food"),
}

ALLERGIES = {
    "penicillin": Allergy("91936005", "Penicillin", "medication", "high", "Swollen lips and wheals within the hour"),
    "nuts": Allergy("91934008", "Nuts", "food", "high", "Throat tightness, needed adrenaline once"),
    "latex": Allergy("300916003", "Latex", "environment", "low", "Itchy red skin under gloves"),
    "sulfonamide": Allergy("91939003", "Sulfonamides", "medication", "low", "Rash on the trunk"),
    "aspirin": Allergy("293586001", "Aspirin", "medication", "low", "Wheezing"),
}


def condition(key: str, patient: Resource, dice: Dice, now: datetime) -> Resource:
    """An active problem of the patient, known for one to fifteen years."""
    code, name = PROBLEMS[key]
    owner = patient["reference"]
    onset = now - timedelta(days=dice.between(380, 5500, "onset", owner, key))
    return {
        "resourceType": "Condition",
        "id": dice.id("Condition", owner, key),
        "clinicalStatus": concept(_CLINICAL, "active"),
        "verificationStatus": concept(_VERIFICATION, "confirmed"),
        "category": [concept(_CONDITION_CATEGORY, "problem-list-item")],
        "code": concept(SNOMED, code, name),
        "subject": patient,
        "onsetDateTime": onset.date().isoformat(),
    }


def medication(key: str, patient: Resource, dice: Dice, now: datetime) -> Resource:
    """A medicine that the patient takes now."""
    medicine = MEDICINES[key]
    owner = patient["reference"]
    since = now - timedelta(days=dice.between(60, 1500, "since", owner, key))
    return {
        "resourceType": "MedicationStatement",
        "id": dice.id("MedicationStatement", owner, key),
        "status": "active",
        "medicationCodeableConcept": concept(RXNORM, medicine.rxnorm, medicine.name),
        "subject": patient,
        "effectivePeriod": {"start": since.date().isoformat()},
        "dosage": [{"text": medicine.dosage}],
    }


def allergy(key: str, patient: Resource, dice: Dice, now: datetime) -> Resource:
    """An allergy of the patient, confirmed."""
    known = ALLERGIES[key]
    owner = patient["reference"]
    recorded = now - timedelta(days=dice.between(200, 4000, "recorded", owner, key))
    return {
        "resourceType": "AllergyIntolerance",
        "id": dice.id("AllergyIntolerance", owner, key),
        "clinicalStatus": concept(_ALLERGY_CLINICAL, "active"),
        "verificationStatus": concept(_ALLERGY_VERIFICATION, "confirmed"),
        "type": "allergy",
        "category": [known.category],
        "criticality": known.criticality,
        "code": concept(SNOMED, known.snomed, known.name),
        "patient": patient,
        "recordedDate": date_time(recorded),
        "reaction": [{"manifestation": [{"text": known.reaction}]}],
    }

"""Reads a patient's measurements over time."""

from typing import Literal

from teleconsole.contracts.cases import Measurement, VitalSeries
from teleconsole.vault.sqlcipher import Connection

Code = Literal["blood-pressure", "weight", "heart-rate", "temperature", "oxygen-saturation"]
_POINTS = 400
_TITLES: dict[Code, str] = {
    "blood-pressure": "Blood pressure",
    "weight": "Weight",
    "heart-rate": "Heart rate",
    "temperature": "Temperature",
    "oxygen-saturation": "Oxygen saturation",
}
_TARGETS: dict[Code, tuple[float, float]] = {"blood-pressure": (135.0, 85.0)}
"""Home readings: 135/85 mmHg (ESH 2023, NICE NG136)."""


def read_vitals(connection: Connection, patient_id: str) -> tuple[VitalSeries, ...]:
    """Return a series for each kind that was measured, newest 400 points each, oldest first."""
    found = []
    for code, title in _TITLES.items():
        rows = connection.execute(
            "SELECT at_ms, value, second, unit FROM measurement WHERE patient_id = ? AND code = ?"
            " ORDER BY at_ms DESC LIMIT ?",
            (patient_id, code, _POINTS),
        ).fetchall()
        if rows:
            points = tuple(Measurement(at_ms, value, second) for at_ms, value, second, _ in reversed(rows))
            high, low = _TARGETS.get(code, (0.0, 0.0))
            found.append(VitalSeries(code, title, rows[0][3], points, high, low))
    return tuple(found)

"""The end of a visit as an Encounter says it, with its gaps."""

from __future__ import annotations

import msgspec

from teleconsole.vault.fhir import resources
from teleconsole.vault.fhir.raw import instant
from teleconsole.vault.store.sync_port import ReceivedResource
from teleconsole.vault.sync.visit_plans import other_extensions

MINUTE_MS = 60_000
CASE = {"url": "urn:teleconsole:case", "valueReference": {"reference": "Task/t1"}}
OLD_GAP = {"url": "urn:teleconsole:visit-gap", "valuePeriod": {"start": "2020-01-01T00:00:00Z"}}


def test_a_visit_without_a_gap_touches_no_extension() -> None:
    done = resources.finished(started_ms=0, ended_ms=10 * MINUTE_MS, spans=((0, 10 * MINUTE_MS),), extensions=[CASE])
    assert "extension" not in done
    assert done["length"]["value"] == 10


def test_each_gap_is_stated_beside_what_was_there_and_is_not_counted_as_talk() -> None:
    spans = ((0, 2 * MINUTE_MS), (5 * MINUTE_MS, 10 * MINUTE_MS))
    done = resources.finished(started_ms=0, ended_ms=10 * MINUTE_MS, spans=spans, extensions=[CASE])
    gap = {
        "url": "urn:teleconsole:visit-gap",
        "valuePeriod": {"start": instant(2 * MINUTE_MS), "end": instant(5 * MINUTE_MS)},
    }
    assert done["extension"] == [CASE, gap]
    assert done["length"]["value"] == 7
    assert done["status"] == "finished"
    assert done["period"]["end"] == instant(10 * MINUTE_MS)


def test_gaps_that_stand_there_already_are_not_written_twice() -> None:
    raw = msgspec.json.encode({"resourceType": "Encounter", "id": "e1", "extension": [CASE, OLD_GAP]})
    received = ReceivedResource("Encounter", "e1", "1", 0, raw)
    assert other_extensions(received) == [CASE]


def test_the_report_of_a_call_is_no_consultation_note() -> None:
    place = resources.Place({"reference": "Task/t1"}, "p1", {"reference": "Practitioner/me"}, "e1")
    made = resources.note(place, text="How the call went", change_id="c1", at_ms=0, about="call")
    assert made["type"] == {"text": "How the call went"}
    assert made["category"][0]["coding"][0]["code"] == "call-report"
    assert made["context"]["encounter"] == [{"reference": "Encounter/e1"}]
    note = resources.note(place, text="Rash on the arm", change_id="c1", at_ms=0)
    assert note["type"]["coding"][0]["code"] == "11488-4"

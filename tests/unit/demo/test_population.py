import base64
import collections
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import orjson
from sekmet.fhir.validation import structural_issues

from teleconsole.demo.case_states import MIX
from teleconsole.demo.fhir_values import Resource
from teleconsole.demo.population import Population, populate
from teleconsole.host import paths


def of_type(population: Population, kind: str) -> list[Resource]:
    return [resource for resource in population.resources.values() if resource["resourceType"] == kind]


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("reference"), str):
            yield node["reference"]
        for part in node.values():
            yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def code_of(concept: Resource, system: str) -> str:
    return next(str(coding["code"]) for coding in concept["coding"] if coding["system"] == system)


def test_same_seed_and_time_give_the_same_bytes(sixty: Population, now: datetime) -> None:
    again = populate(7, now, 60, paths.resources())
    assert orjson.dumps(again.resources) == orjson.dumps(sixty.resources)


def test_another_seed_gives_other_ids_and_another_order_of_states(sixty: Population, now: datetime) -> None:
    other = populate(8, now, 60, paths.resources())
    shared = {key for key in sixty.resources if key in other.resources}
    assert {key.partition("/")[0] for key in shared} == {"Questionnaire"}
    assert [plan.state for plan in other.cases] != [plan.state for plan in sixty.cases]


def test_fewer_cases_are_the_first_of_many(sixty: Population, now: datetime) -> None:
    few = populate(7, now, 12, paths.resources())
    tasks = {key: resource for key, resource in few.resources.items() if key.startswith("Task/")}
    assert len(tasks) == 12
    assert all(sixty.resources[key] == task for key, task in tasks.items())


def test_sixty_cases_cover_all_states_priorities_and_types(sixty: Population) -> None:
    tasks = of_type(sixty, "Task")
    assert len(tasks) == 60
    assert sum(count for _, count in MIX) == 60
    statuses = collections.Counter(task["status"] for task in tasks)
    assert set(statuses) == {state.status for state, _ in MIX}
    assert statuses["requested"] >= 20
    priorities = collections.Counter(task["priority"] for task in tasks)
    assert set(priorities) == {"stat", "urgent", "asap", "routine"}
    assert priorities["stat"] < priorities["urgent"] < priorities["routine"]
    assert {task["status"] for task in tasks if task["priority"] == "stat"} == {"requested", "in-progress"}
    assert [task["status"] for task in tasks[:2]] == ["requested", "requested"]
    types = collections.Counter(code_of(task["code"], "urn:teleconsole:case-type") for task in tasks)
    assert set(types) == {"skin", "wound", "blood-pressure", "mood", "general"}
    assert min(types.values()) >= 6


def test_every_reference_resolves(sixty: Population) -> None:
    wanted = {(key, target) for key, resource in sixty.resources.items() for target in references(resource)}
    missing = [(key, target) for key, target in wanted if target not in sixty.resources]
    assert not missing
    urls = [document["content"][0]["attachment"]["url"] for document in of_type(sixty, "DocumentReference")]
    assert urls
    assert all(url in sixty.resources for url in urls)


def test_size_and_hash_of_every_attachment_are_those_of_its_binary(sixty: Population) -> None:
    for document in of_type(sixty, "DocumentReference"):
        attachment = document["content"][0]["attachment"]
        binary = sixty.resources[attachment["url"]]
        data = base64.b64decode(binary["data"])
        assert attachment["size"] == len(data)
        assert attachment["contentType"] == binary["contentType"]
        assert base64.b64decode(attachment["hash"]) == hashlib.sha1(data, usedforsecurity=False).digest()


def test_no_two_patients_of_the_first_sixty_share_a_file(sixty: Population) -> None:
    owners: dict[str, set[str]] = collections.defaultdict(set)
    for document in of_type(sixty, "DocumentReference"):
        owners[document["content"][0]["attachment"]["url"]].add(document["subject"]["reference"])
    assert all(len(patients) == 1 for patients in owners.values())


def test_every_resource_is_valid_r4(sixty: Population) -> None:
    # Binaries carry megabytes and two strings; one of them stands for all
    seen_binary = False
    for key, resource in sixty.resources.items():
        if resource["resourceType"] == "Binary":
            if seen_binary:
                continue
            seen_binary = True
        assert structural_issues(resource) == [], key


def test_a_claim_has_an_owner_and_an_end_and_an_open_case_has_neither_output_nor_decision(sixty: Population) -> None:
    for plan, task in zip(sixty.cases, of_type(sixty, "Task"), strict=True):
        claimed = "owner" in task
        assert claimed == plan.state.claimed
        assert ("extension" in task) == (claimed and not plan.state.closed)
        assert ("output" in task) == (task["status"] in {"completed", "rejected"})
    owners = collections.Counter(task["owner"]["display"] for task in of_type(sixty, "Task") if "owner" in task)
    assert set(owners) == {"Dr Ruth Calder", "Dr Tomasz Wilk", "Sr Ngozi Eze"}
    assert owners["Dr Ruth Calder"] == max(owners.values())


def test_everything_that_happened_lies_in_the_past_and_in_order(sixty: Population, now: datetime) -> None:
    threads: dict[str, list[datetime]] = collections.defaultdict(list)
    authored = {f"Task/{task['id']}": datetime.fromisoformat(task["authoredOn"]) for task in of_type(sixty, "Task")}
    for message in of_type(sixty, "Communication"):
        if "partOf" in message:
            threads[message["basedOn"][0]["reference"]].append(datetime.fromisoformat(message["sent"]))
    assert len(threads) > 20
    for task, sent in threads.items():
        assert sent == sorted(sent)
        assert authored[task] <= sent[0]
        assert sent[-1] <= now
    for observation in of_type(sixty, "Observation"):
        assert datetime.fromisoformat(observation["effectiveDateTime"]) <= now


def test_home_measurements_span_eight_weeks_and_follow_their_story(sixty: Population, now: datetime) -> None:
    ben = next(patient for patient in of_type(sixty, "Patient") if patient["name"][0]["text"] == "Ben Ode")
    pressures = sorted(
        (datetime.fromisoformat(one["effectiveDateTime"]), one["component"][0]["valueQuantity"]["value"])
        for one in of_type(sixty, "Observation")
        if one["subject"]["reference"] == f"Patient/{ben['id']}" and one["code"]["coding"][0]["code"] == "85354-9"
    )
    assert len(pressures) > 30
    assert pressures[-1][0] - pressures[0][0] > timedelta(days=50)
    values = [value for _, value in pressures]
    assert sum(values[-8:]) / 8 > sum(values[:8]) / 8 + 10


def test_some_patients_need_an_interpreter_and_none_of_the_numbers_is_shared(sixty: Population) -> None:
    patients = of_type(sixty, "Patient")
    assert 3 <= sum("extension" in patient for patient in patients) <= 15
    assert len({patient["identifier"][0]["value"] for patient in patients}) == len(patients)
    assert len({patient["name"][0]["text"] for patient in patients}) == len(patients)


def test_the_age_fits_the_story(sixty: Population, now: datetime) -> None:
    for plan in sixty.cases:
        born = datetime.fromisoformat(sixty.resources[plan.patient["reference"]]["birthDate"])
        years = now.year - born.year - ((now.month, now.day) < (born.month, born.day))
        low, high = plan.story.ages
        assert low <= years <= high, plan.story.key


def test_drawn_files_say_so(sixty: Population) -> None:
    for document in of_type(sixty, "DocumentReference"):
        title = document["content"][0]["attachment"]["title"]
        assert any(words in title for words in ("drawn", "made up", "CC0"))


def test_many_cases_reuse_the_files_of_the_first_sixty(sixty: Population, now: datetime) -> None:
    many = populate(7, now, 600, paths.resources())
    assert len(of_type(many, "Task")) == 600
    assert len(of_type(many, "Binary")) == len(of_type(sixty, "Binary"))
    assert len({patient["identifier"][0]["value"] for patient in of_type(many, "Patient")}) == len(many.patient_ids)

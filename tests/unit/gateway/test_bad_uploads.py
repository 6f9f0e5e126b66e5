"""Files that are not what they should be: one clear problem each, and nothing else is lost."""

import hashlib
from collections.abc import AsyncIterator

import pytest
from tests.unit.gateway.clinic import TestClinic
from tests.unit.gateway.patient import Patient, photo

from teleconsole.gateway.config import GatewayConfig
from teleconsole.host import limits

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
async def patient(clinic: TestClinic) -> AsyncIterator[Patient]:
    async with clinic.browser() as browser:
        assert (await browser.open(await clinic.submission_link()))[0] == 200
        yield Patient(browser)


async def test_svg_named_jpg_is_refused_and_forgotten(patient: Patient) -> None:
    _status, begun = await patient.announce(SVG)
    assert await patient.append(begun["id"], 0, SVG) == (415, {"problem": "not-what-it-says"})
    assert (await patient.state())["files"] == []


async def test_kinds_and_sizes_are_refused_before_a_byte(patient: Patient) -> None:
    assert (await patient.announce(SVG, contentType="image/svg+xml")) == (415, {"problem": "kind-not-allowed"})
    assert (await patient.announce(SVG, contentType="application/pdf"))[1]["problem"] == "kind-not-allowed"
    too_large = await patient.announce(b"", size=limits.GATEWAY_UPLOAD_BYTES + 1)
    assert too_large == (413, {"problem": "too-large", "maxBytes": limits.GATEWAY_UPLOAD_BYTES})
    assert (await patient.announce(b"", size=0))[1] == {"problem": "malformed"}
    assert (await patient.announce(b"x", sha256="Z" * 64))[1] == {"problem": "malformed"}


async def test_submission_is_bounded(patient: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GATEWAY_SUBMISSION_BYTES", 1_000)
    monkeypatch.setattr(limits, "GATEWAY_UPLOADS", 2)
    assert (await patient.announce(b"a" * 900))[0] == 201
    assert (await patient.announce(b"b" * 101))[1]["problem"] == "submission-too-large"
    assert (await patient.announce(b"c"))[0] == 201
    assert (await patient.announce(b"d"))[1] == {"problem": "too-many-files"}


async def test_twelve_megabyte_photo_arrives_whole(patient: Patient) -> None:
    content = photo() + bytes(12 << 20)
    upload_id = await patient.upload(content)
    assert await patient.offset(upload_id) == len(content)


async def test_truncated_upload_goes_on_and_holds_the_submission(patient: Patient) -> None:
    content = photo(900)
    _status, begun = await patient.announce(content)
    half = len(content) // 2
    assert await patient.append(begun["id"], 0, content[:half]) == (200, {"offset": half})
    assert await patient.offset(begun["id"]) == half
    await patient.answer()
    assert await patient.send() == (409, {"problem": "upload-incomplete", "uploadIds": [begun["id"]]})
    assert await patient.append(begun["id"], 0, content) == (409, {"problem": "wrong-offset", "offset": half})
    assert (await patient.announce(content))[1] == {"id": begun["id"], "offset": half}
    assert await patient.append(begun["id"], half, content[half:]) == (200, {"offset": len(content)})


async def test_wrong_hash_starts_again(patient: Patient) -> None:
    content = photo()
    _status, begun = await patient.announce(content, sha256=hashlib.sha256(b"other").hexdigest())
    assert await patient.append(begun["id"], 0, content) == (422, {"problem": "wrong-sha256"})
    assert await patient.offset(begun["id"]) == 0


async def test_more_bytes_than_announced_are_refused(patient: Patient) -> None:
    content = photo()
    _status, begun = await patient.announce(content)
    status, body = await patient.append(begun["id"], 0, content + b"x")
    assert (status, body["problem"]) == (413, "too-large")


async def test_broken_jpeg_header_is_refused_truncated_picture_is_kept(patient: Patient) -> None:
    broken = photo()[:40] + bytes(300)
    _status, begun = await patient.announce(broken)
    assert await patient.append(begun["id"], 0, broken) == (415, {"problem": "photo-damaged"})
    whole = photo(200)
    await patient.upload(whole[: len(whole) * 2 // 3])


async def test_strange_ids_do_not_exist(patient: Patient) -> None:
    for upload_id in ("0" * 36, "..%2f..%2fsecret", "x"):
        assert await patient.append(upload_id, 0, b"x") == (404, {"problem": "not-found"})
    assert (await patient.browser.ask("DELETE", f"/patient/uploads/{'0' * 36}"))[0] == 404


async def test_file_taken_back_leaves_nothing(patient: Patient, config: GatewayConfig) -> None:
    upload_id = await patient.upload(photo())
    assert (await patient.browser.ask("DELETE", f"/patient/uploads/{upload_id}"))[0] == 200
    assert not list((config.data_folder / "spool").glob("*/upload-*"))
    assert (await patient.state())["files"] == []


async def test_answers_that_do_not_fit(patient: Patient) -> None:
    await patient.answer(since="never", reason="")
    assert await patient.send() == (422, {"problem": "answers-invalid", "linkIds": ["reason", "since"]})
    assert (await patient.browser.ask("PUT", "/patient/submission/answers", {"reason": {"a": 1}}))[1] == {
        "problem": "malformed"
    }
    too_large = await patient.answer(question="x" * limits.GATEWAY_JSON_BYTES)
    assert too_large == (413, {"problem": "too-large"})
    assert (await patient.state())["answers"]["since"] == "never"


async def test_measurements_that_cannot_be(patient: Patient) -> None:
    good = {"kind": "weight", "weightKg": 81.5, "measuredAt": "2026-11-01T07:00:00Z"}
    for wrong in ({"weightKg": None}, {"weightKg": 0}, {"measuredAt": "2026-11-01T07:00:00"}, {"kind": "mood"}):
        status, _body = await patient.browser.ask("POST", "/patient/measurements", good | wrong)
        assert status in (400, 422)
    swapped = {"kind": "blood-pressure", "systolic": 80, "diastolic": 120, "measuredAt": "2026-11-01T07:00:00Z"}
    assert (await patient.browser.ask("POST", "/patient/measurements", swapped))[1]["problem"] == "answers-invalid"


async def test_without_a_session_nothing_is_there(clinic: TestClinic) -> None:
    async with clinic.browser() as browser:
        for method, path in (
            ("GET", "/patient/submission"),
            ("PUT", "/patient/submission/answers"),
            ("POST", "/patient/uploads"),
            ("POST", "/patient/messages"),
            ("POST", "/patient/join"),
            ("GET", "/patient/session?kind=visit"),
        ):
            assert await browser.ask(method, path, {} if method != "GET" else None) == (401, {"problem": "no-session"})

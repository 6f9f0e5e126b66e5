"""What the console had not acknowledged when a visit ended: through the real gateway into the real store, once."""

import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from tests.unit.gateway.clinic import TestClinic
from tests.unit.gateway.test_late_messages import VOICE, ended_visit
from tests.unit.vault.made_up import FakeClock, opened
from tests.unit.vault.sync.clinic_server import Clinic, Others
from tests.unit.vault.sync.outbox_rows import put_in_outbox
from tests.unit.vault.sync.test_with_the_store import count, engine_for

from teleconsole.contracts.dropbox import item_id_of
from teleconsole.domain.errors import Rejected
from teleconsole.gateway.config import GatewayConfig, PractitionerConfig
from teleconsole.gateway.service import Gateway
from teleconsole.vault.fhir import resources
from teleconsole.vault.fhir.bundles import Entry
from teleconsole.vault.store.changes import ChatPayload
from teleconsole.vault.sync.proof import proven


async def test_a_late_message_comes_by_the_ordinary_sync_and_one_that_the_console_had_after_all_is_one(
    tmp_path: Path, clinic: Clinic, others: Others
) -> None:
    patient_id = clinic.report.patients[5]
    case_id = others.new_case(patient_id)["id"]
    config = GatewayConfig(
        data_folder=tmp_path / "gateway",
        fhir_base=clinic.base,
        clinic="Hollow Lane Clinic",
        practitioner=PractitionerConfig(id=clinic.me, name="Dr Ruth Calder"),
        port=0,
    )
    known, unknown, spoken = (str(uuid.uuid4()) for _ in range(3))
    async with opened(tmp_path / "vault", FakeClock(datetime.now(UTC))) as vault:
        vault.store.me = clinic.me
        engine = engine_for(clinic, vault.sync)
        await engine.sync_once()
        async with Gateway(config) as gateway, aiohttp.ClientSession() as http:
            desk = TestClinic(gateway, http)
            await desk.sign_in()
            async with ended_visit(desk, patientId=patient_id, caseId=case_id) as (page, _clinician):
                assert (await page.say(known, "It is the left one."))[0] == 201
                assert (await page.say(unknown, "And it itches."))[0] == 201
                assert (await page.send_file(spoken, VOICE))[0] == 201
        # The acknowledgement of the first line was lost: the console has it sealed, and sends it only now.
        line_id = item_id_of(page.visit_id, known)
        sent_ms = vault.store.now_ms()
        chat = ChatPayload(line_id, page.visit_id, "It is the left one.", from_patient=True, sent_ms=sent_ms)
        await put_in_outbox(vault.store, case_id, chat)
        status = await engine.sync_once()
        await engine.stop()
        assert (status.phase, status.to_send, status.could_not_send, status.files_left) == ("idle", 0, 0, 0)
        words = await vault.store.read(
            lambda c: c.execute(
                "SELECT text FROM message WHERE case_id = ? AND from_patient ORDER BY sent_ms", (case_id,)
            ).fetchall()
        )
        assert [row[0] for row in words] == ["It is the left one.", "And it itches."]
        assert await count(vault, "SELECT unread_count FROM queue WHERE case_id = ?", case_id) == 2
        here = "SELECT count(*) FROM evidence JOIN blob USING (evidence_id) WHERE evidence_id = ? AND state = 'here'"
        assert await count(vault, here, item_id_of(page.visit_id, spoken)) == 1


async def test_what_the_gateway_brought_in_the_same_moment_is_proof_and_another_text_is_none(clinic: Clinic) -> None:
    line = resources.identifier(resources.CHAT_LINE, "line-1")
    meant = {"resourceType": "Communication", "status": "completed", "payload": [{"contentString": "Left."}]}
    ours = meant | {"identifier": [line, resources.identifier(resources.CHANGE, "change-1")]}
    entry = resources.create_once(ours, resources.CHAT_LINE, "line-1")

    def answer(**changed: Any) -> Entry:
        stored = meant | {"id": "c1", "identifier": [line], "meta": {"versionId": "1"}} | changed
        return Entry(resource=msgspec.Raw(msgspec.json.encode(stored)))

    async with clinic.client() as client:
        (truth,) = await proven(client, [entry], [answer()])
        assert truth.id == "c1"
        others: list[dict[str, Any]] = [{"payload": [{"contentString": "Right."}]}, {"identifier": []}, {"status": "x"}]
        for changed in others:
            with pytest.raises(Rejected):
                await proven(client, [entry], [answer(**changed)])
        once_by_us = resources.create_once(ours, resources.CHANGE, "change-1")
        with pytest.raises(Rejected):
            await proven(client, [once_by_us], [answer()])

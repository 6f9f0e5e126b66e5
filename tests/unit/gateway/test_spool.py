"""The spool: nothing readable on the disk, changes noticed, crashes survived, swept when its time is over."""

import os
import time
from pathlib import Path

import pytest
from tests.unit.gateway.clinic import TestClinic
from tests.unit.gateway.patient import Patient, photo

from teleconsole.gateway.config import GatewayConfig
from teleconsole.gateway.deliveries import Deliveries
from teleconsole.gateway.spool import Draft, Spool, SpoolDamaged, WaitingMessage
from teleconsole.host import limits

SECRET = bytes(32)


def spool(root: Path, opener: str = "one") -> Spool:
    return Spool(root, "link", opener, SECRET)


def test_draft_comes_back_and_only_with_its_token(tmp_path: Path) -> None:
    spool(tmp_path).save_draft(Draft(answers={"reason": "canary"}))
    assert spool(tmp_path).draft().answers == {"reason": "canary"}
    assert b"canary" not in (tmp_path / "link" / "draft").read_bytes()
    with pytest.raises(SpoolDamaged):
        spool(tmp_path, "another").draft()


def test_half_written_chunk_is_cut_off(tmp_path: Path) -> None:
    one = spool(tmp_path)
    one.append("u", 0, b"first")
    one.append("u", 1, b"second")
    one.sync("u")
    file = tmp_path / "link" / "upload-u"
    file.write_bytes(file.read_bytes()[:-3])
    assert one.progress("u") == (5, 1)
    one.append("u", 1, b"again!")
    assert one.read("u") == b"firstagain!"


def test_moved_or_changed_chunks_are_noticed(tmp_path: Path) -> None:
    one = spool(tmp_path)
    one.append("u", 0, b"aaaaa")
    one.append("u", 1, b"bbbbb")
    file = tmp_path / "link" / "upload-u"
    content = file.read_bytes()
    half = len(content) // 2
    for changed in (content[half:] + content[:half], content[:-1] + bytes([content[-1] ^ 1])):
        file.write_bytes(changed)
        with pytest.raises(SpoolDamaged):
            one.read("u")


def test_messages_outlive_the_draft(tmp_path: Path) -> None:
    one = spool(tmp_path)
    one.save_draft(Draft())
    one.save_message(WaitingMessage(id="m2", text="b", sent_ms=2))
    one.save_message(WaitingMessage(id="m1", text="a", sent_ms=1))
    one.delete_draft()
    assert [message.id for message in one.messages()] == ["m1", "m2"]


def test_files_are_closed_to_others(tmp_path: Path) -> None:
    one = spool(tmp_path)
    one.save_draft(Draft())
    one.append("u", 0, b"x")
    assert {file.stat().st_mode & 0o077 for file in (tmp_path / "link").iterdir()} == {0}


async def test_untouched_drafts_are_swept(clinic: TestClinic, config: GatewayConfig) -> None:
    async with clinic.browser() as browser:
        await browser.open(await clinic.submission_link())
        await Patient(browser).upload(photo())
    deliveries = clinic.gateway.deliveries
    assert await deliveries.sweep() == 0
    old = time.time() - limits.GATEWAY_SPOOL_S - 60
    for file in (config.data_folder / "spool").rglob("*"):
        os.utime(file, (old, old))
    assert await deliveries.sweep() == 1
    assert not list((config.data_folder / "spool").iterdir())
    assert isinstance(deliveries, Deliveries)

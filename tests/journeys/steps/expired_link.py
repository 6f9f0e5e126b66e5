"""A visit link whose time is over, as it lies in a gateway's folder from an earlier day."""

from __future__ import annotations

import secrets
from pathlib import Path

from teleconsole.gateway.config import SECRET_KEY_BYTES
from teleconsole.gateway.links import Links
from teleconsole.host.clock import SystemClock

OVER_FOR_S = 60


def leave_expired_link(gateway_folder: Path) -> str:
    """Make the link before the gateway is started in that folder for the first time, and return its token."""
    gateway_folder.mkdir(mode=0o700, parents=True)
    secret = secrets.token_bytes(SECRET_KEY_BYTES)
    key_file = gateway_folder / "secret.key"
    key_file.touch(mode=0o600)
    key_file.write_bytes(secret)
    clock = SystemClock()
    links = Links(gateway_folder / "links", secret, clock)
    link = links.make(
        "visit",
        subject_id="visit-of-yesterday",
        patient_id="patient-of-yesterday",
        practitioner_id="practitioner",
        expires_s=int(clock.now().timestamp()) - OVER_FOR_S,
    )
    return links.token(link)

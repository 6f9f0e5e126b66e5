"""The clinician's sign-in: one-time codes, a refresh token for the vault, short-lived tokens for each purpose."""

import hashlib
import secrets
from pathlib import Path
from typing import Literal

import msgspec

from teleconsole.gateway.problems import Refused
from teleconsole.gateway.records import RecordStore
from teleconsole.host import limits
from teleconsole.host.clock import Clock

Purpose = Literal["signalling", "fhir"]

_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ0123456789"
"""32 characters, without those that are read as others."""


class Grant(msgspec.Struct, frozen=True, rename="camel"):
    """Whom a code or a refresh token stands for, until when (Unix time)."""

    practitioner_id: str
    expires_s: int


class Tokens:
    """All codes and tokens. Long-lived ones are on disk by their hash only. Belongs to one event loop."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._codes: RecordStore[Grant] = RecordStore(folder / "codes", Grant)
        self._refresh: RecordStore[Grant] = RecordStore(folder / "refresh", Grant)
        self._access: dict[str, tuple[Purpose, Grant]] = {}
        self._wrong_codes_s: list[float] = []
        self._clock = clock

    def new_code(self, practitioner_id: str) -> str:
        """Return a fresh one-time code such as `K7QF-9M2X-T4WB`."""
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        self._codes.put(_hashed(letters), self._grant(practitioner_id, limits.GATEWAY_SIGN_IN_CODE_S))
        return "-".join(letters[start : start + 4] for start in range(0, 12, 4))

    def sign_in(self, code: str) -> tuple[str, str]:
        """Use up a code; return the practitioner's id and a refresh token.

        Raises:
            Refused: the code is wrong, used, or expired, or there were too many wrong ones.
        """
        now_s = self._now_s()
        self._wrong_codes_s = [at for at in self._wrong_codes_s if at > now_s - 60]
        if len(self._wrong_codes_s) >= limits.GATEWAY_SIGN_IN_TRIES_PER_MIN:
            raise Refused(429, "too-many-tries")
        key = _hashed(code.upper().replace("-", "").replace(" ", ""))
        grant = self._codes.get(key)
        if grant is None or grant.expires_s <= now_s:
            self._wrong_codes_s.append(now_s)
            raise Refused(401, "code-wrong")
        self._codes.delete(key)
        token = secrets.token_urlsafe(32)
        self._refresh.put(_hashed(token), self._grant(grant.practitioner_id, limits.GATEWAY_REFRESH_TOKEN_S))
        return grant.practitioner_id, token

    def access(self, refresh_token: str, purpose: Purpose) -> str:
        """Return a new short-lived token, good for `limits.GATEWAY_ACCESS_TOKEN_S` seconds.

        Raises:
            Refused: the refresh token is not valid: sign in again.
        """
        grant = self._refresh.get(_hashed(refresh_token))
        if grant is None or grant.expires_s <= self._now_s():
            raise Refused(401, "sign-in-needed")
        self.sweep()
        while len(self._access) >= limits.GATEWAY_ACCESS_TOKENS:
            del self._access[next(iter(self._access))]
        token = secrets.token_urlsafe(32)
        self._access[_hashed(token)] = (purpose, self._grant(grant.practitioner_id, limits.GATEWAY_ACCESS_TOKEN_S))
        return token

    def practitioner_of(self, access_token: str, purpose: Purpose) -> str | None:
        """Return whom a short-lived token stands for, None when it is not valid for that purpose."""
        held_for, grant = self._access.get(_hashed(access_token), (None, None))
        if grant is None or held_for != purpose or grant.expires_s <= self._now_s():
            return None
        return grant.practitioner_id

    def sweep(self) -> None:
        """Forget what has expired."""
        now_s = self._now_s()
        self._access = {key: held for key, held in self._access.items() if held[1].expires_s > now_s}
        for store in (self._codes, self._refresh):
            for key, grant in store.items():
                if grant.expires_s <= now_s:
                    store.delete(key)

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    def _grant(self, practitioner_id: str, lifetime_s: int) -> Grant:
        return Grant(practitioner_id=practitioner_id, expires_s=int(self._now_s()) + lifetime_s)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

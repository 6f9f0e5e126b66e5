"""Makes, opens and guards the data key of a profile.

A key is made only where there is neither a header nor a database. Nothing is ever deleted or made anew because
it could not be opened.
"""

import asyncio
import dataclasses
import getpass
import os

import msgspec

from teleconsole.contracts.vault import KeyringState, VaultState
from teleconsole.domain.errors import (
    KeyringAbsent,
    KeyringLocked,
    KeyringUnavailable,
    StoreCorrupt,
    StoreError,
    TeleconsoleError,
    WrongKey,
)
from teleconsole.host.clock import Clock, to_ms
from teleconsole.host.limits import (
    VAULT_BACK_OFF_S,
    VAULT_FREE_TRIES,
    VAULT_PASSPHRASE_CHARS,
    VAULT_PASSPHRASE_MIN_CHARS,
)
from teleconsole.host.paths import Profile
from teleconsole.vault.audit.chain import Anchor
from teleconsole.vault.door import at_the_door
from teleconsole.vault.keys import derive, slots
from teleconsole.vault.keys.header import (
    HEADER_VERSION,
    Header,
    Slot,
    previous_generation,
    read_header,
    write_header,
)
from teleconsole.vault.keys.keyring_access import KeyringAccess, KeyringAnswer

_MISSING_HEADER = (
    "The key file of this computer's cases is missing. The cases were left as they are; ask IT to restore the file."
)


@dataclasses.dataclass(frozen=True)
class DataKeys:
    """The derived keys of an open profile; `header` is that of the moment of opening.

    `wrong_tries`: passphrases that were tried in vain before, for the audit log.
    """

    header: Header
    database: bytes
    evidence: bytes
    audit: bytes
    drop_box: bytes
    header_key: bytes
    wrong_tries: int = 0

    def __repr__(self) -> str:
        """Show no key."""
        return "<DataKeys>"

    @property
    def anchor(self) -> Anchor | None:
        """Where the audit log stood at the last lock."""
        header = self.header
        return Anchor(header.audit_size, bytes.fromhex(header.audit_root)) if header.audit_size else None


class KeyKeeper:
    """The key header of one profile, with its keyring and passphrase.

    Args:
        profile: where the files lie.
        keyring: of the system, or one of a test.
        clock: for the pauses after wrong passphrases.
    """

    def __init__(self, profile: Profile, keyring: KeyringAccess, clock: Clock) -> None:
        self._profile = profile
        self._keyring = keyring
        self._clock = clock
        self._keyring_state: KeyringState = "unchecked"

    async def state(self, *, is_open: bool) -> VaultState:
        """Return the state for the screen; looks at files alone."""
        try:
            with at_the_door():
                header = read_header(self._profile.header)
        except TeleconsoleError as error:
            return VaultState("refused", self._keyring_state, sentence=error.sentence)
        if header is None:
            if self._has_database():
                return VaultState("refused", self._keyring_state, sentence=_MISSING_HEADER)
            return VaultState("new", self._keyring_state)
        return VaultState(
            "open" if is_open else "locked",
            self._keyring_state,
            has_passphrase=header.passphrase_slot() is not None,
            retry_in_s=self._wait_s(header),
        )

    async def create(self, passphrase: str) -> DataKeys:
        """Make the data key and the slots.

        Raises:
            StoreError: there is a store already, or the passphrase is too short.
        """
        if self._profile.header.exists() or previous_generation(self._profile.header).exists() or self._has_database():
            raise StoreError("There are cases on this computer already. They were left as they are; unlock them.")
        if not VAULT_PASSPHRASE_MIN_CHARS <= len(passphrase) <= VAULT_PASSPHRASE_CHARS:
            raise StoreError(f"The passphrase needs at least {VAULT_PASSPHRASE_MIN_CHARS} characters.")
        data_key, profile_id = os.urandom(derive.DATA_KEY_BYTES), os.urandom(16).hex()
        made: list[Slot] = [await asyncio.to_thread(slots.wrap_by_passphrase, data_key, passphrase, profile_id)]
        wrapping_key = os.urandom(slots.WRAPPING_KEY_BYTES)
        answer = await self._keyring.write(profile_id, wrapping_key)
        self._keyring_state = answer.state
        if answer.state == "value":
            user = _user()
            made.append(slots.wrap_by_keyring(data_key, wrapping_key, profile_id, backend=answer.backend, user=user))
        header = Header(HEADER_VERSION, profile_id, 1, tuple(made))
        keys = _keys(header, data_key)
        signed = header.signed(keys.header_key)
        with at_the_door():
            write_header(self._profile.header, signed, keep_previous=True)
        return _keys(signed, data_key)

    async def unlock_by_keyring(self) -> DataKeys:
        """Open by the system's keyring.

        Raises:
            KeyringAbsent, KeyringLocked, KeyringUnavailable, WrongKey, StoreCorrupt, StoreError.
        """
        header = self._header()
        slot = header.keyring_slot()
        if slot is None:
            raise KeyringAbsent
        answer = await self._keyring.read(header.profile_id)
        self._keyring_state = answer.state
        return self._checked(header, slots.unwrap_by_keyring(slot, _secret(answer), header.profile_id))

    async def unlock_by_passphrase(self, passphrase: str) -> DataKeys:
        """Open by the passphrase; each wrong one is counted, durably, before it is tried.

        Raises:
            WrongKey: not this one, or too many were wrong and the pause is not over.
            StoreCorrupt, StoreError.
        """
        header = self._header()
        slot = header.passphrase_slot()
        if slot is None:
            raise StoreError("These cases have no passphrase. Unlock with this computer's keyring.")
        if wait_s := self._wait_s(header):
            raise WrongKey(f"Too many wrong passphrases. Wait {wait_s} s, then try again; nothing was changed.")
        counted = msgspec.structs.replace(
            header, wrong_tries=header.wrong_tries + 1, last_try_ms=to_ms(self._clock.now())
        )
        with at_the_door():
            write_header(self._profile.header, counted, keep_previous=False)
        data_key = await asyncio.to_thread(
            slots.unwrap_by_passphrase, slot, passphrase[:VAULT_PASSPHRASE_CHARS], header.profile_id
        )
        right = msgspec.structs.replace(header, wrong_tries=0, last_try_ms=0)
        keys = self._checked(right, data_key)
        with at_the_door():
            write_header(self._profile.header, right, keep_previous=False)
        return dataclasses.replace(keys, wrong_tries=header.wrong_tries)

    def keep_anchor(self, keys: DataKeys, anchor: Anchor) -> DataKeys:
        """Write where the audit log stands into the header.

        Raises:
            StoreError: the header cannot be written; the old one stays.
        """
        header = msgspec.structs.replace(
            keys.header,
            generation=keys.header.generation + 1,
            audit_size=anchor.size,
            audit_root=anchor.root.hex(),
        ).signed(keys.header_key)
        with at_the_door():
            write_header(self._profile.header, header, keep_previous=True)
        return dataclasses.replace(keys, header=header)

    async def look_at_keyring(self) -> KeyringState:
        """Ask the keyring for its state, for `doctor`."""
        with at_the_door():
            header = read_header(self._profile.header)
        answer = await self._keyring.read(header.profile_id if header is not None else "doctor")
        self._keyring_state = answer.state
        return answer.state

    def _header(self) -> Header:
        with at_the_door():
            header = read_header(self._profile.header)
        if header is None:
            raise StoreError(_MISSING_HEADER if self._has_database() else "There are no cases on this computer yet.")
        return header

    def _checked(self, header: Header, data_key: bytes) -> DataKeys:
        keys = _keys(header, data_key)
        if not header.is_signed(keys.header_key):
            raise StoreCorrupt(
                "The key file of this computer's cases was changed by something else. Nothing was opened; ask IT."
            )
        return keys

    def _has_database(self) -> bool:
        database = self._profile.database
        return any(database.with_name(database.name + tail).exists() for tail in ("", "-wal"))

    def _wait_s(self, header: Header) -> int:
        beyond = header.wrong_tries - VAULT_FREE_TRIES
        if beyond < 0 or not header.wrong_tries:
            return 0
        pause_s = VAULT_BACK_OFF_S[min(beyond, len(VAULT_BACK_OFF_S) - 1)]
        gone_ms = to_ms(self._clock.now()) - header.last_try_ms
        if gone_ms < 0:  # the clock was put back: the whole pause holds
            return pause_s
        return max(0, -(-(pause_s * 1000 - gone_ms) // 1000))


def _keys(header: Header, data_key: bytes) -> DataKeys:
    return DataKeys(
        header,
        derive.derive(data_key, derive.DATABASE),
        derive.derive(data_key, derive.EVIDENCE),
        derive.derive(data_key, derive.AUDIT),
        derive.derive(data_key, derive.DROP_BOX),
        derive.derive(data_key, derive.HEADER),
    )


def _secret(answer: KeyringAnswer) -> bytes:
    match answer.state:
        case "value":
            return answer.secret
        case "absent":
            raise KeyringAbsent
        case "locked":
            raise KeyringLocked
        case _:
            raise KeyringUnavailable


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""

"""Wraps the data key into slots and takes it out again."""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from teleconsole.domain.errors import StoreCorrupt, WrongKey
from teleconsole.host.limits import VAULT_ARGON2_ITERATIONS, VAULT_ARGON2_LANES, VAULT_ARGON2_MEMORY_KIB
from teleconsole.vault.keys.header import HEADER_VERSION, KeyringSlot, PassphraseSlot

WRAPPING_KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12


def key_id(wrapping_key: bytes) -> str:
    """Return a name for a key that says nothing about it."""
    return hmac.new(wrapping_key, b"id", hashlib.sha256).digest()[:8].hex()


def wrap_by_keyring(data_key: bytes, wrapping_key: bytes, profile_id: str, *, backend: str, user: str) -> KeyringSlot:
    """Return the slot for a key that the keyring has taken."""
    name = key_id(wrapping_key)
    nonce = os.urandom(_NONCE_BYTES)
    bound = _bound(profile_id, "keyring", name, backend, user)
    wrapped = AESGCM(wrapping_key).encrypt(nonce, data_key, bound)
    return KeyringSlot(name, nonce.hex(), wrapped.hex(), backend, user)


def unwrap_by_keyring(slot: KeyringSlot, wrapping_key: bytes, profile_id: str) -> bytes:
    """Return the data key.

    Raises:
        WrongKey: the keyring's entry belongs to another store.
        StoreCorrupt: the entry is right and the slot was damaged.
    """
    if not hmac.compare_digest(key_id(wrapping_key), slot.key_id):
        raise WrongKey(
            "The key in this computer's keyring belongs to other cases. "
            "Unlock with your passphrase; nothing was changed."
        )
    bound = _bound(profile_id, "keyring", slot.key_id, slot.backend, slot.user)
    try:
        return AESGCM(wrapping_key).decrypt(bytes.fromhex(slot.nonce), bytes.fromhex(slot.wrapped), bound)
    except (InvalidTag, ValueError) as error:
        raise StoreCorrupt from error


def wrap_by_passphrase(
    data_key: bytes,
    passphrase: str,
    profile_id: str,
    *,
    memory_kib: int = VAULT_ARGON2_MEMORY_KIB,
    iterations: int = VAULT_ARGON2_ITERATIONS,
    lanes: int = VAULT_ARGON2_LANES,
) -> PassphraseSlot:
    """Return the slot for a passphrase; takes a third of a second by design."""
    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    wrapping_key = _argon2(passphrase, salt, memory_kib, iterations, lanes)
    bound = _bound(profile_id, "passphrase", salt.hex(), memory_kib, iterations, lanes)
    wrapped = AESGCM(wrapping_key).encrypt(nonce, data_key, bound)
    return PassphraseSlot(salt.hex(), nonce.hex(), wrapped.hex(), memory_kib, iterations, lanes)


def unwrap_by_passphrase(slot: PassphraseSlot, passphrase: str, profile_id: str) -> bytes:
    """Return the data key.

    Raises:
        WrongKey: not this passphrase (or the slot was changed: the two cannot be told apart).
    """
    wrapping_key = _argon2(passphrase, bytes.fromhex(slot.salt), slot.memory_kib, slot.iterations, slot.lanes)
    bound = _bound(profile_id, "passphrase", slot.salt, slot.memory_kib, slot.iterations, slot.lanes)
    try:
        return AESGCM(wrapping_key).decrypt(bytes.fromhex(slot.nonce), bytes.fromhex(slot.wrapped), bound)
    except (InvalidTag, ValueError) as error:
        raise WrongKey from error


def _argon2(passphrase: str, salt: bytes, memory_kib: int, iterations: int, lanes: int) -> bytes:
    kdf = Argon2id(salt=salt, length=WRAPPING_KEY_BYTES, iterations=iterations, lanes=lanes, memory_cost=memory_kib)
    return kdf.derive(passphrase.encode())


def _bound(*parts: object) -> bytes:
    return "|".join(["teleconsole", str(HEADER_VERSION), *map(str, parts)]).encode()

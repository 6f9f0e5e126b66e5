"""Opens a drop-box as the vault does."""

from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from teleconsole.contracts.dropbox import SealedItem, drop_box_info


def open_items(folder: Path, key: X25519PrivateKey, visit_id: str) -> list[SealedItem]:
    """All items of a folder in the order of their names."""
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    return [
        msgspec.msgpack.decode(suite.decrypt(path.read_bytes(), key, drop_box_info(visit_id)), type=SealedItem)
        for path in sorted(folder.glob("*.sealed"))
    ]

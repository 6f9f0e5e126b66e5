"""Keys derived from the data key, one for each use; the data key itself encrypts nothing."""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DATA_KEY_BYTES = 32
DATABASE = b"teleconsole db 1"
EVIDENCE = b"teleconsole evidence 1"
AUDIT = b"teleconsole audit 1"
DROP_BOX = b"teleconsole dropbox 1"
HEADER = b"teleconsole header 1"


def derive(data_key: bytes, label: bytes) -> bytes:
    """Return the 32-byte key for a use.

    Args:
        data_key: 32 bytes.
        label: one of this module's.
    """
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(data_key)

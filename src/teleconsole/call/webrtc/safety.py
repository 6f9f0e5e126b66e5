"""The safety code: four words that both sides read aloud; they differ when somebody sits between the two.

Bytes and rule: docs/signalling.md, "Safety code". Both sides commit before either knows the other's nonce.
"""

import hashlib
import json
import re
import secrets

from teleconsole.host.paths import resources

_NAMED = re.compile(r"fingerprint", re.IGNORECASE)
_FINGERPRINT = re.compile(r"^a=fingerprint:sha-256 ((?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2})\r?$", re.MULTILINE)
_OTHER_FINGERPRINTS = re.compile(r"^a=fingerprint:(?!sha-256 )[^\n]*\n", re.IGNORECASE | re.MULTILINE)
_NONCE = re.compile(r"^[0-9a-f]{64}$")
WORDS = 4


def make_nonce() -> str:
    """Return 32 random bytes in hex."""
    return secrets.token_hex(32)


def commitment_of(nonce: str) -> str:
    """Return the hex SHA-256 of a nonce's bytes."""
    return hashlib.sha256(bytes.fromhex(nonce)).hexdigest()


def matches(commitment: str, nonce: str) -> bool:
    """Tell whether a revealed nonce is the one that was committed to."""
    return bool(_NONCE.match(nonce)) and secrets.compare_digest(commitment_of(nonce), commitment)


def is_nonce(nonce: str) -> bool:
    """Tell whether this is 32 bytes in lower-case hex."""
    return bool(_NONCE.match(nonce))


def fingerprint_of(sdp: str) -> str:
    """Return the certificate's SHA-256 fingerprint in a session description, upper case; empty unless it is clear.

    Clear: named at least once, always the same, and nowhere else is a fingerprint spoken of. Where two differ, a parser
    of SDP may check one certificate while the words are made of the other.
    """
    found = [value.upper() for value in _FINGERPRINT.findall(sdp)]
    is_clear = len(set(found)) == 1 and len(found) == len(_NAMED.findall(sdp))
    return found[0] if is_clear else ""


def one_fingerprint(sdp: str) -> str:
    """Return a description that names its certificate by SHA-256 alone.

    aiortc adds SHA-384 and SHA-512; a browser keeps only the last one it reads, and then shows other words than we.
    """
    return _OTHER_FINGERPRINTS.sub("", sdp)


def safety_words(console_sdp: str, page_sdp: str, console_nonce: str, page_nonce: str) -> tuple[str, ...]:
    """Return the four words of a connection; empty when one side has no fingerprint or nonce."""
    fingerprints = fingerprint_of(console_sdp), fingerprint_of(page_sdp)
    if not all(fingerprints) or not is_nonce(console_nonce) or not is_nonce(page_nonce):
        return ()
    text = "|".join(("teleconsole-safety-code", *fingerprints, console_nonce, page_nonce))
    digest = hashlib.sha256(text.encode()).digest()
    words = json.loads((resources() / "patient" / "words.json").read_text(encoding="utf-8"))
    return tuple(str(words[byte]) for byte in digest[:WORDS])

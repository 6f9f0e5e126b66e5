"""The safety code, with the exact bytes of docs/signalling.md."""

import hashlib
import json

from teleconsole.call.webrtc.safety import (
    commitment_of,
    fingerprint_of,
    make_nonce,
    matches,
    one_fingerprint,
    safety_words,
)
from teleconsole.host.paths import resources

SDP = "v=0\r\na=fingerprint:sha-256 aa:0B\r\na=fingerprint:sha-512 CC:DD\r\nm=audio\r\na=fingerprint:sha-384 EE\r\n"


def test_words_are_those_of_the_documented_digest() -> None:
    console, page = make_nonce(), make_nonce()
    text = f"teleconsole-safety-code|AA:0B|11:22|{console}|{page}"
    digest = hashlib.sha256(text.encode()).digest()
    words = json.loads((resources() / "patient" / "words.json").read_text())
    other = "a=fingerprint:sha-256 11:22\r\n"
    assert safety_words(SDP, other, console, page) == tuple(words[byte] for byte in digest[:4])


def test_no_words_without_a_fingerprint_or_nonce_of_both() -> None:
    assert safety_words(SDP, "v=0", make_nonce(), make_nonce()) == ()
    assert safety_words(SDP, SDP, make_nonce(), "") == ()


def test_commitment_fits_its_nonce_alone() -> None:
    nonce = make_nonce()
    assert matches(commitment_of(nonce), nonce)
    assert not matches(commitment_of(nonce), make_nonce())
    assert not matches(commitment_of(nonce), nonce.upper())


def test_one_fingerprint_is_left() -> None:
    assert one_fingerprint(SDP) == "v=0\r\na=fingerprint:sha-256 aa:0B\r\nm=audio\r\n"
    assert fingerprint_of(SDP) == "AA:0B"

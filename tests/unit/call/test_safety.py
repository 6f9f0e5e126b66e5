"""The safety code, with the exact bytes of docs/signalling.md."""

import hashlib
import json

import pytest

from teleconsole.call.webrtc.safety import (
    commitment_of,
    fingerprint_of,
    make_nonce,
    matches,
    one_fingerprint,
    safety_words,
)
from teleconsole.host.paths import resources

OURS, THEIRS, EVIL = (":".join([pair] * 32) for pair in ("aB", "11", "EE"))
LINE = f"a=fingerprint:sha-256 {OURS}\r\n"
SDP = f"v=0\r\n{LINE}a=fingerprint:sha-512 CC:DD\r\nm=audio\r\na=fingerprint:sha-384 EE\r\n"
CLEAR = f"v=0\r\n{LINE}m=audio\r\n"


def test_words_are_those_of_the_documented_digest() -> None:
    console, page = make_nonce(), make_nonce()
    text = f"teleconsole-safety-code|{OURS.upper()}|{THEIRS}|{console}|{page}"
    digest = hashlib.sha256(text.encode()).digest()
    words = json.loads((resources() / "patient" / "words.json").read_text())
    other = f"a=fingerprint:sha-256 {THEIRS}\r\n"
    assert safety_words(CLEAR, other, console, page) == tuple(words[byte] for byte in digest[:4])


def test_no_words_without_a_fingerprint_or_nonce_of_both() -> None:
    assert safety_words(CLEAR, "v=0", make_nonce(), make_nonce()) == ()
    assert safety_words(CLEAR, CLEAR, make_nonce(), "") == ()


@pytest.mark.parametrize(
    "sdp",
    [
        "",
        "v=0\r\nm=audio\r\n",
        "a=fingerprint:sha-256 \r\n",
        "a=fingerprint:sha-256 AA:BB\r\n",
        f"a=fingerprint:sha-1 {OURS}\r\n",
        f"{LINE}m=audio\r\na=fingerprint:sha-256 {EVIL}\r\n",
        f"a=fingerprint:SHA-256 {OURS}\r\nm=audio\r\na=fingerprint:sha-256 {EVIL}\r\n",
        f"{LINE}m=audio\r\na=fingerprint:sha-384 {EVIL}\r\n",
        f"{LINE}a=x:y\x0ba=fingerprint:sha-256 {EVIL}\r\n",
        f"{LINE}a=x:y\u2028a=fingerprint:sha-256 {EVIL}\r\n",
        f"{LINE}m=audio\r\n a=fingerprint:sha-256 {EVIL}\r\n",
        f"{LINE}m=audio\r\na=Fingerprint:sha-256 {EVIL}\r\n",
    ],
)
def test_a_fingerprint_that_is_missing_or_not_the_only_one_is_none(sdp: str) -> None:
    assert fingerprint_of(sdp) == ""


def test_the_same_fingerprint_in_each_section_is_clear() -> None:
    upper = f"a=fingerprint:sha-256 {OURS.upper()}\r\n"
    assert fingerprint_of(f"v=0\r\n{LINE}m=audio\r\n{upper}") == OURS.upper()
    assert fingerprint_of(f"v=0\r\nm=audio\r\n{LINE}m=video\r\n{LINE}") == OURS.upper()


def test_commitment_fits_its_nonce_alone() -> None:
    nonce = make_nonce()
    assert matches(commitment_of(nonce), nonce)
    assert not matches(commitment_of(nonce), make_nonce())
    assert not matches(commitment_of(nonce), nonce.upper())


def test_one_fingerprint_is_left() -> None:
    assert one_fingerprint(SDP) == CLEAR
    assert fingerprint_of(one_fingerprint(SDP)) == OURS.upper()

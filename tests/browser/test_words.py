"""The words of the pages: every key that the code names is in the catalogue, and no file of the pages grows too big."""

import json
import re

from teleconsole.host import paths

PAGES = paths.resources() / "patient"
LONGEST_LINES = 300


def test_every_key_has_words_and_every_word_is_used() -> None:
    catalogue = "\n".join(file.read_text() for file in sorted((PAGES / "i18n").glob("en*.js")))
    keys = set(re.findall(r'^  "([^"]+)":', catalogue, re.MULTILINE))
    code = "\n".join(file.read_text() for file in sorted(PAGES.glob("*.js")))
    named = set(re.findall(r'"([a-z][\w-]*(?:\.[\w-]+)+)"', code))
    patterns = re.findall(r"`([\w.-]*\$\{[^`]*)`", code)
    built = {re.sub(r"\\\$\\\{.*?\\\}", "[^.]+", re.escape(each)) for each in patterns}
    assert set(re.findall(r'\bt\(\s*"([^"]+)"', code)) <= keys
    unused = {
        key for key in keys - named if not key.endswith(".one") and not any(re.fullmatch(each, key) for each in built)
    }
    assert unused == set()


def test_the_safety_codes_words_are_256_and_differ() -> None:
    words = json.loads((PAGES / "words.json").read_text())
    assert len(words) == len(set(words)) == 256
    assert all(re.fullmatch(r"[a-z]{3,9}", word) for word in words)


def test_no_file_is_too_long() -> None:
    assert [f.name for f in PAGES.rglob("*.js") if len(f.read_text().splitlines()) > LONGEST_LINES] == []

"""Rules of the source tree that no tool checks: size, and words that have no place in a product."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "teleconsole"
MAX_LINES = 400


def test_no_file_grows_beyond_one_responsibility() -> None:
    long = {
        str(file.relative_to(ROOT)): count
        for file in SOURCE.rglob("*.py")
        if (count := len(file.read_text(encoding="utf-8").splitlines())) > MAX_LINES
    }
    assert not long


def test_patient_pages_stay_small_too() -> None:
    long = [
        file.name
        for file in (ROOT / "resources" / "patient").rglob("*.js")
        if len(file.read_text(encoding="utf-8").splitlines()) > MAX_LINES and "i18n" not in file.parts
    ]
    assert not long


def test_nothing_is_swallowed_silently() -> None:
    silent = re.compile(r"except( Exception| BaseException)?:\s*(#[^\n]*)?\n\s*pass\b")
    assert not [str(file) for file in SOURCE.rglob("*.py") if silent.search(file.read_text(encoding="utf-8"))]


def test_no_nested_event_loop() -> None:
    nested = re.compile(r"\.exec\(|\.exec_\(|processEvents\(|QMessageBox\.(question|warning|information|critical)\(")
    assert not [
        str(file) for file in (SOURCE / "console").rglob("*.py") if nested.search(file.read_text(encoding="utf-8"))
    ]


def test_no_path_of_a_machine_is_in_the_tree() -> None:
    machine = re.compile(r"(?<![\w/.])/(work|root|farm)/")
    folders = ("src", "resources", "packaging", "docs", "tests")
    texts = (".py", ".md", ".js", ".sh", ".json", ".toml", ".html", ".css")
    found = [
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*")
        if file.suffix in texts and file != Path(__file__) and machine.search(file.read_text(encoding="utf-8"))
    ]
    assert not found

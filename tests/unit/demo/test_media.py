from pathlib import Path

import pytest
from PIL import Image

from teleconsole.demo.media import MediaShelf
from teleconsole.host import paths

FOLDER = paths.resources() / "demo"
TOTAL_BYTES = 8 << 20
SIGNATURES = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "video/webm": b"\x1a\x45\xdf\xa3",
    "application/pdf": b"%PDF-",
}


@pytest.mark.parametrize("name", MediaShelf(FOLDER).names())
def test_files_are_what_the_manifest_says(name: str) -> None:
    file = MediaShelf(FOLDER)[name]
    assert file.data.startswith(SIGNATURES[file.content_type])
    if file.kind == "photo":
        with Image.open(FOLDER / name) as picture:
            picture.verify()


def test_every_file_has_its_origin_and_licence_named() -> None:
    licence = (FOLDER / "LICENSE.md").read_text(encoding="utf-8")
    for path in FOLDER.rglob("*"):
        if path.suffix in {".jpg", ".png", ".webm", ".pdf"}:
            relative = path.relative_to(FOLDER)
            pattern_known = any(
                Path(relative).match(line.split("`")[1]) for line in licence.splitlines() if line.startswith("| `")
            )
            assert pattern_known, relative


def test_all_of_it_stays_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < TOTAL_BYTES
    assert (FOLDER / "videos" / "peer-patient.webm").stat().st_size <= 400 << 10

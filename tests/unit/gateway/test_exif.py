"""No position leaves in the copy that is sent on, and the picture's own bytes stay."""

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from tests.unit.gateway.patient import photo

from teleconsole.domain.exif import Damaged, without_position

XMP = b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='47,22.5N'/>"


def segment(marker: int, payload: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(payload) + 2) + payload


def test_jpeg_keeps_orientation_time_and_pixels() -> None:
    original = photo(position=True)
    dirty = original[:2] + segment(0xE1, XMP) + segment(0xFE, b"taken at 47.1") + original[2:] + photo(position=True)
    clean = without_position("image/jpeg", dirty)
    before, after = Image.open(io.BytesIO(dirty)), Image.open(io.BytesIO(clean))
    assert before.getexif().get_ifd(0x8825) and not after.getexif().get_ifd(0x8825)
    assert after.getexif()[0x0112] == 6
    assert after.getexif().get_ifd(0x8769)[0x9003] == "2026:11:24 10:00:00"
    assert after.tobytes() == before.tobytes()
    assert b"GPS" not in clean and b"47.1" not in clean and clean.count(b"\xff\xd8\xff") == 1
    assert without_position("image/jpeg", clean) == clean


def test_progressive_and_cut_off_jpegs_keep_their_picture() -> None:
    stream = io.BytesIO()
    Image.effect_noise((200, 200), 60).save(stream, "JPEG", progressive=True)
    whole = stream.getvalue()
    assert Image.open(io.BytesIO(without_position("image/jpeg", whole))).tobytes() == Image.open(stream).tobytes()
    cut = whole[: len(whole) // 2]
    assert without_position("image/jpeg", cut).endswith(cut[-500:])


@pytest.mark.parametrize("exif", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"II*\0\x08\0\0\0\xff\xff" + b"\x12" * 40])
def test_unreadable_exif_is_dropped_whole(exif: bytes) -> None:
    original = photo()
    dirty = original[:2] + segment(0xE1, b"Exif\0\0" + exif) + original[2:]
    assert exif == b"" or exif not in without_position("image/jpeg", dirty)


@pytest.mark.parametrize(
    "content", [b"\xff\xd8\xff", b"\xff\xd8\xff\xe1\xff\xff", b"\xff\xd8\x00\x00", b"", b"\xff\xd8\xff\xe0\0\0"]
)
def test_broken_header_is_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        without_position("image/jpeg", content)


def test_png_loses_text_and_exif() -> None:
    stream, notes = io.BytesIO(), PngInfo()
    notes.add_text("Location", "47.37 8.54")
    notes.add_itxt("XML:com.adobe.xmp", "<x GPSLatitude='47'/>")
    picture = Image.effect_noise((32, 32), 40)
    picture.save(stream, "PNG", pnginfo=notes, exif=Image.Exif())
    clean = without_position("image/png", stream.getvalue())
    assert b"Location" not in clean and b"GPSLatitude" not in clean
    assert Image.open(io.BytesIO(clean)).tobytes() == picture.tobytes()
    assert zlib.crc32(b"IEND") == struct.unpack(">I", clean[-4:])[0]


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def test_mp4_keeps_its_size_and_loses_its_place() -> None:
    place = box(b"udta", box(b"\xa9xyz", b"\0\x12\0\0+47.3769+008.5417/"))
    track = box(b"trak", box(b"tkhd", bytes(20)) + box(b"meta", b"+47.3769+008.5417/"))
    movie = box(b"ftyp", b"isom") + box(b"moov", box(b"mvhd", bytes(20)) + track + place) + box(b"mdat", b"+pictures+")
    clean = without_position("video/mp4", movie)
    assert len(clean) == len(movie) and b"47.3769" not in clean and b"+pictures+" in clean
    cut = movie[:60]
    assert len(without_position("video/mp4", cut)) == 60


def test_other_kinds_stay_as_they_are() -> None:
    assert without_position("application/pdf", b"%PDF-1.4") == b"%PDF-1.4"

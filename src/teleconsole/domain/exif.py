"""The copy of a file that is sent on: without the place where it was taken. The bytes of the picture stay as they are.

JPEG (ITU-T T.81 Annex B, Exif 2.32): of the metadata only the orientation and the time of the shot are written anew;
XMP, IPTC, maker notes, thumbnails and pictures appended after the end are dropped. PNG: text and Exif chunks are
dropped. MP4 (ISO/IEC 14496-12): `udta` and `meta` boxes, where phones write the position, become `free` boxes of the
same size.
"""

import struct

SOI, EOI, SOS, APP1 = 0xD8, 0xD9, 0xDA, 0xE1
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
ORIENTATION, EXIF_IFD, TIME_OF_SHOT = 0x0112, 0x8769, 0x9003
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_DROPPED = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
MP4_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf"})
MP4_BLANKED = frozenset({b"udta", b"meta", b"uuid"})


class Damaged(Exception):
    """The file cannot be read far enough to be sure that no position goes with it."""


def without_position(content_type: str, content: bytes) -> bytes:
    """Return the bytes to send on; the same ones when there is nothing to strip.

    Raises:
        Damaged: the structure of the file is broken.
    """
    try:
        if content_type == "image/jpeg":
            return _jpeg(content)
        if content_type == "image/png":
            return _png(content)
        if content_type in ("video/mp4", "audio/mp4"):
            blanked = bytearray(content)
            _blank_boxes(blanked, 0, len(blanked))
            return bytes(blanked)
    except (struct.error, IndexError) as error:
        raise Damaged from error
    return content


def _jpeg(content: bytes) -> bytes:
    if content[:2] != b"\xff\xd8":
        raise Damaged
    kept = [b"\xff\xd8"]
    exif = b""
    at = 2
    while True:
        marker, start, end = _segment(content, at)
        if marker in (SOS, EOI):
            break
        payload = content[start + 4 : end]
        if marker == APP1 and payload.startswith(b"Exif\0\0") and not exif:
            exif = _harmless_exif(payload[6:])
        if _is_picture_data(marker, payload):
            kept.append(content[start:end])
        at = end
    if exif:
        kept.insert(2 if len(kept) > 1 and kept[1][1] == 0xE0 else 1, exif)
    return b"".join(kept) + content[start : _end_of_image(content, start)]


def _segment(content: bytes, at: int) -> tuple[int, int, int]:
    """Return marker, first byte and end of the segment at this place."""
    if content[at] != 0xFF:
        raise Damaged
    while content[at + 1] == 0xFF:  # fill bytes
        at += 1
    marker = content[at + 1]
    if marker in STANDALONE or marker == EOI:
        return marker, at, at + 2
    (length,) = struct.unpack_from(">H", content, at + 2)
    end = at + 2 + length
    if length < 2 or end > len(content):
        raise Damaged
    return marker, at, end


def _is_picture_data(marker: int, payload: bytes) -> bool:
    """Return whether the picture needs the segment to look right: JFIF, ICC profile, Adobe's colours, all tables."""
    if marker == 0xE0:
        return payload.startswith(b"JFIF\0")
    if marker == 0xE2:
        return payload.startswith(b"ICC_PROFILE\0")
    if marker == 0xEE:
        return payload.startswith(b"Adobe")
    return not (0xE0 <= marker <= 0xEF or marker == 0xFE)


def _end_of_image(content: bytes, at: int) -> int:
    """Return where the first picture ends: phones append others, with positions of their own.

    A picture that was cut off ends with the file.
    """
    while True:
        at = content.find(b"\xff", at)
        if at < 0 or at + 1 >= len(content):
            return len(content)
        marker = content[at + 1]
        if marker == EOI:
            return at + 2
        if marker == 0xFF:
            at += 1
        elif marker == 0x00 or marker in STANDALONE:
            at += 2
        elif at + 4 <= len(content):
            at += 2 + max(2, struct.unpack_from(">H", content, at + 2)[0])
        else:
            return len(content)


def _harmless_exif(tiff: bytes) -> bytes:
    """Return a new APP1 segment with orientation and time only, empty when there is neither."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        entries = _directory(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0])
        inner = entries.get(EXIF_IFD)
        times = _directory(tiff, order, struct.unpack(order + "I", inner[2])[0]) if inner else {}
        taken = _text(tiff, order, times.get(TIME_OF_SHOT))
        turned = struct.unpack(order + "H", entries[ORIENTATION][2][:2])[0] if ORIENTATION in entries else 1
    except (KeyError, struct.error, IndexError):
        return b""  # unreadable metadata is dropped as a whole
    if not taken and turned not in range(2, 9):
        return b""
    orientation = turned if turned in range(1, 9) else 1
    first = struct.pack(">HHHIHH", 2 if taken else 1, ORIENTATION, 3, 1, orientation, 0)
    if taken:
        first += struct.pack(">HHII", EXIF_IFD, 4, 1, 8 + 2 + 24 + 4)
    first += struct.pack(">I", 0)
    if taken:
        first += struct.pack(">HHHIII", 1, TIME_OF_SHOT, 2, 20, 8 + 2 + 24 + 4 + 2 + 12 + 4, 0) + taken
    payload = b"Exif\0\0MM\0\x2a" + struct.pack(">I", 8) + first
    return b"\xff\xe1" + struct.pack(">H", len(payload) + 2) + payload


def _directory(tiff: bytes, order: str, at: int) -> dict[int, tuple[int, int, bytes]]:
    """Return type, count and the four value bytes of each tag in a directory."""
    (count,) = struct.unpack_from(order + "H", tiff, at)
    entries = {}
    for place in range(min(count, 512)):
        tag, kind, values, value = struct.unpack_from(order + "HHI4s", tiff, at + 2 + 12 * place)
        entries[tag] = (kind, values, value)
    return entries


def _text(tiff: bytes, order: str, entry: tuple[int, int, bytes] | None) -> bytes:
    if entry is None or entry[0] != 2 or entry[1] != 20:
        return b""
    (at,) = struct.unpack(order + "I", entry[2])
    text = tiff[at : at + 20]
    return text if len(text) == 20 and all(byte in b"0123456789: \0" for byte in text) else b""


def _png(content: bytes) -> bytes:
    if not content.startswith(PNG_SIGNATURE):
        raise Damaged
    kept = [PNG_SIGNATURE]
    at = len(PNG_SIGNATURE)
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):  # cut off: the rest of the picture is all there is
            kept.append(b"" if kind in PNG_DROPPED else content[at:])
            break
        if kind not in PNG_DROPPED:
            kept.append(content[at:end])
        at = end
        if kind == b"IEND":
            break
    return b"".join(kept)


def _blank_boxes(content: bytearray, start: int, end: int) -> None:
    at = start
    while at + 8 <= end:
        size, kind = struct.unpack_from(">I4s", content, at)
        header = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, at + 8)
            header = 16
        box_end = end if size == 0 else at + size
        if size != 0 and (size < header or box_end > end):
            return  # a recording that was cut off
        if kind in MP4_BLANKED:
            content[at + 4 : at + 8] = b"free"
            content[at + header : box_end] = bytes(box_end - at - header)
        elif kind in MP4_PARENTS:
            _blank_boxes(content, at + header, box_end)
        at = box_end

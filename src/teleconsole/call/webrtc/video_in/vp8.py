"""What must be known of VP8 without decoding it (RFC 7741 section 4.2, RFC 6386 section 9.1)."""

from teleconsole.host.media_limits import VIDEO_PICTURE_MOST_PX

_START_CODE = b"\x9d\x01\x2a"
_KEY_HEADER_BYTES = 10


def begins_frame(payload: bytes) -> bool:
    """Tell whether an RTP payload, descriptor included, is the first of its frame: S bit set, partition 0."""
    return bool(payload) and payload[0] & 0x17 == 0x10


def picture_id(payload: bytes) -> tuple[int, int] | None:
    """Return the picture's number and how many such numbers there are (7 or 15 bits); None: the payload has none."""
    if len(payload) < 3 or not payload[0] & 0x80 or not payload[1] & 0x80:
        return None
    if not payload[2] & 0x80:
        return payload[2], 1 << 7
    if len(payload) < 4:
        return None
    return (payload[2] & 0x7F) << 8 | payload[3], 1 << 15


def is_key_frame(data: bytes) -> bool:
    """Tell whether a frame, descriptor taken away, stands for itself."""
    return len(data) >= _KEY_HEADER_BYTES and not data[0] & 1 and data[3:6] == _START_CODE


def is_too_large(data: bytes) -> bool:
    """Tell whether a key frame claims more pixels than any camera of a call: it is not given to the decoder."""
    width = int.from_bytes(data[6:8], "little") & 0x3FFF
    height = int.from_bytes(data[8:10], "little") & 0x3FFF
    return width * height > VIDEO_PICTURE_MOST_PX

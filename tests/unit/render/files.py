"""Files as patients send them, good and bad, made while the test runs."""

import io
import struct
import zlib

import av
import numpy as np
from PIL import Image


def photo(width: int = 640, height: int = 480, kind: str = "JPEG", *, orientation: int = 1) -> bytes:
    """Return a picture: left half red, right half blue."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = (200, 30, 30)
    pixels[:, width // 2 :] = (30, 30, 200)
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(out, kind, exif=exif)
    return out.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """Return a PNG of a few kilobytes that says it is `side` x `side`."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * (side + 1) * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def recording(seconds: float = 1.5, *, hz: float = 440.0, form: str = "webm") -> bytes:
    """Return a video of 160 x 120 at 15 frames a second with a tone."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        video = container.add_stream("libvpx", rate=15) if form == "webm" else container.add_stream("mpeg4", rate=15)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        sound = container.add_stream("libopus" if form == "webm" else "aac", rate=48_000)
        assert isinstance(sound, av.AudioStream)
        for index in range(int(seconds * 15)):
            level = np.full((120, 160, 3), 40 + (index * 5) % 200, np.uint8)
            frame = av.VideoFrame.from_ndarray(level, "rgb24")
            frame.pts = index
            container.mux(video.encode(frame))
        wave = 0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * 48_000)) / 48_000)
        samples = (wave * 32_000).astype(np.int16)
        for start in range(0, len(samples) - 960, 960):
            piece = av.AudioFrame.from_ndarray(samples[None, start : start + 960], "s16", "mono")
            piece.rate, piece.pts = 48_000, start
            container.mux(sound.encode(piece))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return out.getvalue()


def document(pages: int = 2) -> bytes:
    """Return a PDF whose pages hold the word `Page` and their number."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(pages))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    for i in range(pages):
        stream = f"BT /F1 48 Tf 72 700 Td (Page {i + 1}) Tj ET".encode()
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * i} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        out += b"%010d 00000 n \n" % place
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)

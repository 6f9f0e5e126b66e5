"""Everything that the decoders load on first use, loaded before the walls go up: afterwards no file can be read."""

import codecs
import importlib
import io
import wave

import pypdfium2
from PIL import Image

from teleconsole.render.image import ImageDocument
from teleconsole.render.pdf import PdfDocument
from teleconsole.render.sniff import check_kind
from teleconsole.render.video import VideoDocument

_ORIENTATION = 0x0112


def rehearse() -> None:
    """Open a small picture of each kind and a document that are made here, so that all that is lazy is loaded."""
    for codec in ("utf-16-le", "utf-16", "latin-1", "ascii", "idna"):
        codecs.lookup(codec)
    for module in ("av.subtitles.stream", "concurrent.futures.thread"):
        importlib.import_module(module)
    turned = Image.Exif()
    turned[_ORIENTATION] = 6
    for form, content_type in (("JPEG", "image/jpeg"), ("PNG", "image/png")):
        out = io.BytesIO()
        Image.new("RGB", (80, 60), (120, 90, 60)).save(out, form, exif=turned)
        data = out.getvalue()
        ImageDocument(data, check_kind(data[:64], content_type)).close()
    pages = pypdfium2.PdfDocument.new()
    pages.new_page(100, 100)
    out = io.BytesIO()
    pages.save(out)
    pages.close()
    document = PdfDocument(out.getvalue())
    document.draw(0, 50, 50)
    document.text(0)
    document.close()
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setparams((1, 2, 8_000, 800, "NONE", "not compressed"))
        sound.writeframes(bytes(1_600))
    data = out.getvalue()
    recording = VideoDocument(data, check_kind(data[:64], "audio/wav"))
    list(recording.sound(0))
    recording.close()

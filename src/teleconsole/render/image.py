"""Photos: JPEG and PNG, by an explicit decoder, with bounds before a pixel is decoded."""

import io

import numpy as np
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin

from teleconsole.contracts.render import Opened
from teleconsole.domain.errors import EvidenceRefused
from teleconsole.host.limits import RENDER_IMAGE_PIXELS, RENDER_IMAGE_SIDE_PX
from teleconsole.render.document import Pixels, fit
from teleconsole.render.sniff import Kind

_DECODERS = {"image/jpeg": JpegImagePlugin.JpegImageFile, "image/png": PngImagePlugin.PngImageFile}
_TURNED = range(5, 9)
_ORIENTATION = 0x0112


class ImageDocument:
    """A photo.

    Args:
        data: the whole file.
        kind: as its bytes show.

    Raises:
        EvidenceRefused: damaged, or larger than the bounds.
    """

    def __init__(self, data: bytes, kind: Kind) -> None:
        self._data = data
        self._kind = kind
        with self._open() as picture:
            width, height = picture.size
            if width * height > RENDER_IMAGE_PIXELS or max(width, height) > RENDER_IMAGE_SIDE_PX:
                raise EvidenceRefused(
                    f"This picture is too large to open safely ({width} x {height} points). The original is kept."
                )
            turned = picture.getexif().get(_ORIENTATION) in _TURNED
        self._size = (height, width) if turned else (width, height)
        self.draw(0, 64, 64)  # a damaged file is told when it is opened, not when it is looked at

    @property
    def opened(self) -> Opened:
        """What the file is."""
        return Opened("image", self._kind.content_type, *self._size, page_count=1)

    def draw(self, page: int, max_width_px: int, max_height_px: int) -> Pixels:
        """Return the picture, upright as the camera says, not larger than the box.

        Raises:
            EvidenceRefused: damaged.
        """
        del page
        box = fit(*self._size, max_width_px, max_height_px)
        try:
            with self._open() as picture:
                # JPEG can be decoded at a fraction of its size, which spares time and memory
                picture.draft("RGB", (max(box), max(box)))
                picture.load()
                upright = ImageOps.exif_transpose(picture).convert("RGB")
                if upright.size != box:
                    upright = upright.resize(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise EvidenceRefused("This picture is damaged or cut off. The original is kept.") from error
        pixels = np.empty((upright.height, upright.width, 4), np.uint8)
        pixels[..., :3] = np.asarray(upright)[..., ::-1]
        pixels[..., 3] = 255
        return pixels

    def text(self, page: int) -> str:
        """Return nothing: pictures have no text."""
        del page
        return ""

    def close(self) -> None:
        """Let go of memory."""
        self._data = b""

    def _open(self) -> Image.Image:
        try:
            return _DECODERS[self._kind.content_type](io.BytesIO(self._data))
        except (OSError, SyntaxError, ValueError) as error:
            raise EvidenceRefused("This picture is damaged or cut off. The original is kept.") from error

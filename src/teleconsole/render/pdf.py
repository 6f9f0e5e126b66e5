"""Documents: PDF pages as pixels and text, by PDFium without scripts; no link is followed."""

import numpy as np
import pypdfium2

from teleconsole.contracts.render import Opened
from teleconsole.domain.errors import EvidenceRefused
from teleconsole.host.limits import RENDER_PDF_PAGES, RENDER_PDF_TEXT_CHARS
from teleconsole.render.document import Pixels

_PX_PER_POINT = 4.0
"""The largest scale at which a page is drawn: 288 dots an inch."""


class PdfDocument:
    """A PDF.

    Args:
        data: the whole file.

    Raises:
        EvidenceRefused: damaged, locked by a password, without a page or with too many.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            why = "is locked by a password" if "password" in str(error).lower() else "is damaged or cut off"
            raise EvidenceRefused(f"This document {why}, so it was not opened. The original is kept.") from error
        if not 1 <= len(self._pdf) <= RENDER_PDF_PAGES:
            pages = len(self._pdf)
            self._pdf.close()
            raise EvidenceRefused(f"This document has {pages} pages and was not opened. The original is kept.")

    @property
    def opened(self) -> Opened:
        """What the file is; width and height are those of the first page in points."""
        width, height = self._pdf[0].get_size()
        return Opened("pdf", "application/pdf", round(width), round(height), page_count=len(self._pdf))

    def draw(self, page: int, max_width_px: int, max_height_px: int) -> Pixels:
        """Return a page on white, as large as the box allows.

        Raises:
            EvidenceRefused: no such page, or it cannot be drawn.
        """
        try:
            drawn = self._page(page)
            width, height = drawn.get_size()
            if not (width > 0 and height > 0):
                raise EvidenceRefused("This page has no size and cannot be drawn. The original is kept.")
            scale = min(_PX_PER_POINT, (max_width_px - 1) / width, (max_height_px - 1) / height)
            bitmap = drawn.render(scale=max(scale, 0.01), prefer_bgrx=True)
        except pypdfium2.PdfiumError as error:
            raise EvidenceRefused("This page cannot be drawn. The original is kept.") from error
        pixels = np.array(bitmap.to_numpy(), np.uint8)
        bitmap.close()
        if pixels.shape[2] != 4:
            pixels = np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)], axis=2)
        pixels[..., 3] = 255
        return np.ascontiguousarray(pixels)

    def text(self, page: int) -> str:
        """Return the text of a page, cut at the bound.

        Raises:
            EvidenceRefused: no such page, or it cannot be read.
        """
        try:
            words = self._page(page).get_textpage().get_text_bounded()
        except pypdfium2.PdfiumError as error:
            raise EvidenceRefused("The text of this page cannot be read. The original is kept.") from error
        return str(words)[:RENDER_PDF_TEXT_CHARS]

    def close(self) -> None:
        """Let go of memory."""
        self._pdf.close()

    def _page(self, page: int) -> pypdfium2.PdfPage:
        if not 0 <= page < len(self._pdf):
            raise EvidenceRefused("This document has no such page.")
        return self._pdf[page]

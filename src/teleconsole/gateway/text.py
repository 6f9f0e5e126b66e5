"""Text from a form as FHIR can hold it."""

import re
from typing import Annotated

from msgspec import Meta

Uuid = Annotated[str, Meta(pattern=r"^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")]
"""An id that a page made up."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")


def clean(text: str) -> str:
    """Return the text with line feeds only, without control characters and without space at its ends."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()

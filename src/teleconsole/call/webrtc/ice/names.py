"""Candidates whose address is a name of mDNS (`….local`): browsers hide their addresses so from pages without a camera.

aioice looks such a name up before it goes on; in a description that would hold everything up. They are taken out and
looked up in the background.
"""

import re

from teleconsole.host.media_limits import ICE_NAME_CANDIDATES

_LINE = re.compile(r"^a=(candidate:\S+ \d+ \S+ \d+ \S+\.local \d+ [^\r\n]*)\r?\n", re.MULTILINE | re.IGNORECASE)


def without_names(sdp: str) -> tuple[str, list[str]]:
    """Return the description without candidates that have a name, and those, `ICE_NAME_CANDIDATES` at most."""
    named = list(dict.fromkeys(_LINE.findall(sdp)))[:ICE_NAME_CANDIDATES]
    return _LINE.sub("", sdp), named

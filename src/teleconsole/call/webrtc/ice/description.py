"""The candidates of a description, taken out of it to be given to the agent one by one.

Two reasons. aiortc 1.16 with `max-bundle` keeps only the candidates of the last section, and browsers write them into
the first. And aioice looks a name of mDNS (`….local`, as browsers give it for pages without a camera) up before it
goes on, which would hold everything up.
"""

import re

from teleconsole.host.media_limits import ICE_NAME_CANDIDATES, ICE_REMOTE_CANDIDATES

_CANDIDATE = re.compile(r"^a=(candidate:[^\r\n]*)\r?\n", re.MULTILINE)
_END = re.compile(r"^a=end-of-candidates\r?\n", re.MULTILINE)


def without_candidates(sdp: str) -> tuple[str, list[str]]:
    """Return the description without candidates, and those, each once, addresses before names, within the bounds."""
    found = list(dict.fromkeys(_CANDIDATE.findall(sdp)))
    named = [each for each in found if has_name(each)][:ICE_NAME_CANDIDATES]
    plain = [each for each in found if not has_name(each)][:ICE_REMOTE_CANDIDATES]
    return _END.sub("", _CANDIDATE.sub("", sdp)), plain + named


def has_name(candidate: str) -> bool:
    """Whether a candidate has a name of mDNS instead of an address."""
    parts = candidate.split(" ", 5)
    return len(parts) > 4 and parts[4].lower().endswith(".local")

"""Answers made hostile: lines dropped, doubled, swapped and filled with extremes, and bombs of many lines."""

import random
import re

_MOST_CHARS = 65_536
_NUMBER = re.compile(r"\d+")
_EXTREMES = ("0", "-1", "1", "127", "65536", "4294967296", "99999999999999999999", "", "x", "\u0661")
_LINES = (
    "a=rtpmap:96 H264/90000", "a=rtpmap:111 opus/0/0", "a=rtpmap:0 PCMU/8000", "a=rtpmap:300 VP8/90000", "a=rtpmap:97",
    "a=fmtp:96 apt=96", "a=fmtp:97 apt=97;apt=;=;", "a=rtcp-fb:* nack pli", "a=rtcp-fb:999 x", "a=ssrc:x cname:y",
    "a=ssrc:4294967295 cname:", "a=ssrc-group:FID 1", "a=rid:1 send", "a=simulcast:send 1;2",
    "a=sctp-port:0",
    "a=sctpmap:5000 webrtc-datachannel 65535", "a=max-message-size:99999999999", "a=max-message-size:0", "a=ice-lite",
    "a=ice-ufrag:", "a=ice-pwd:x", "a=setup:passive", "a=setup:holdconn", "a=group:BUNDLE 9 9 9", "a=mid:9",
    "a=extmap:1 urn:x", "a=extmap:0 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:255 x", "c=IN IP6 ::", "c=IN IP4",
    "a=rtcp:99999", "b=AS:0", "b=TIAS:99999999999", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x", "a=candidate:1",
    "a=candidate:1 1 udp 1 10.77.0.1 70000 typ host", "a=end-of-candidates", "m=video", "m=audio x UDP/TLS/RTP/SAVPF",
    "m=audio 9 RTP/AVP 0", "a=fingerprint:sha-256 00", "a", "=", "",
)  # fmt: skip


def mutated_answer(sdp: str, rng: random.Random) -> tuple[str, str]:
    """Return the kind of mutation and the description, within the bound of a frame."""
    kind = rng.choice(
        ("lines", "lines", "lines", "numbers", "numbers", "sections", "codecs", "candidates", "junk", "good")
    )
    lines = sdp.splitlines()
    match kind:
        case "lines":
            for _ in range(rng.randint(1, 6)):
                _change_line(lines, rng)
        case "numbers":
            for _ in range(rng.randint(1, 4)):
                at = rng.randrange(len(lines))
                lines[at] = _NUMBER.sub(lambda _: rng.choice(_EXTREMES), lines[at], count=rng.choice((1, 0)))
        case "sections":
            lines += ["m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:1"] * 1_000
        case "codecs":
            at = next(number for number, line in enumerate(lines) if line.startswith("m=video"))
            lines[at + 1 : at + 1] = [f"a=rtpmap:{number % 128} VP8/{number}" for number in range(1_500)]
        case "candidates":
            at = next(number for number, line in enumerate(lines) if line.startswith("a=candidate"))
            flood = (f"a=candidate:{n} 1 udp {n} 10.77.{n % 200}.{n % 99} {1024 + n} typ host" for n in range(1_000))
            lines[at:at] = flood
        case "junk":
            return kind, "".join(chr(rng.choice((10, 13, 32, 61, 97, 109, 0x2028, 0x10FFFF))) for _ in range(3_000))
        case _:
            pass
    return kind, "\r\n".join([*lines, ""])[:_MOST_CHARS]


def _change_line(lines: list[str], rng: random.Random) -> None:
    at = rng.randrange(len(lines))
    match rng.randrange(5):
        case 0 if len(lines) > 1:
            del lines[at]
        case 1:
            lines.insert(at, lines[at])
        case 2:
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines.insert(at, rng.choice(_LINES))
        case _:
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]

"""Hostile frames of signalling."""

import json
import random
from typing import Any

from tests.integration.call.hostile.line import NONCE, Line

_KINDS = (
    "unknown-type", "no-type", "not-json", "deep", "binary", "long-text", "wrong-types", "numbers", "stale-answer",
    "future-answer", "early-answer", "candidate", "candidate-flood", "other-visit", "request-offer", "admitted",
    "waiting-room", "withdraw", "end-reason", "bad-servers", "unicode",
)  # fmt: skip
_CANDIDATES = (
    "candidate:1 1 udp 2130706431 127.0.0.1 9 typ host",
    "candidate:1 1 udp 99999999999999999999 10.77.0.1 99999 typ host",
    "candidate:1 1 tcp 1 10.77.0.1 9 typ host tcptype active",
    "candidate:1 1 udp 1 255.255.255.255 5 typ host",
    "candidate:1 1 udp 1 224.0.0.251 5353 typ host",
    "candidate:1 1 udp 1 ::1 0 typ srflx raddr x rport y",
    f"candidate:1 1 udp 1 {'a' * 60}.local 9 typ host",
    "candidate:" + "1 " * 500,
    "candidate:1 2 udp 1 10.77.0.1 -1 typ relay",
    "\x00",
)


async def hostile_frame(line: Line, rng: random.Random, generation: int) -> None:
    """Send one frame, of any kind."""
    kind = rng.choice(_KINDS)
    match kind:
        case "not-json":
            await line.send_text(rng.choice(("", "{", "[[[", "nul", '{"type":', "\ud7ff")), kind)
        case "deep":
            head = rng.choice(("", '{"type":"ping","n":1,"x":', '{"type":"waiting-room","patients":[{"x":'))
            await line.send_text(head + "[" * rng.choice((100, 10_000, 100_000)), kind)
        case "binary":
            await line.send_bytes(rng.randbytes(rng.choice((0, 1, 100, 60_000))), kind)
        case "long-text":
            await line.send_text(json.dumps({"type": "answer", "sdp": "v=0\r\n" * 12_000}), kind)
        case "candidate-flood":
            for number in range(200):
                text = f"candidate:{number} 1 udp {number} 10.77.{number % 250}.1 {1024 + number} typ host"
                await line.send(_candidate(line, generation, text), kind)
        case _:
            await line.send(_frame(kind, line, rng, generation), kind)


def _candidate(line: Line, generation: int, text: str, mid: str = "0", index: int = 0) -> dict[str, Any]:
    frame = {"type": "candidate", "visitId": line.visit_id, "generation": generation, "candidate": text}
    return {**frame, "sdpMid": mid, "sdpMLineIndex": index}


def _frame(kind: str, line: Line, rng: random.Random, generation: int) -> dict[str, Any]:
    visit = {"visitId": line.visit_id}
    answer = {**visit, "type": "answer", "generation": generation, "sdp": "v=0\r\n", "nonce": NONCE}
    key = rng.choice(("sdp", "nonce", "generation", "visitId"))
    mid, index = rng.choice(("0", "", "9", "x" * 30)), rng.choice((0, 7))
    card = {"visitId": "visit-00000001", "stage": "waiting", "sinceMs": rng.choice((0, 2**62))}
    server = {"urls": [rng.choice(("turn:", "stun:10.77.0.1:99999", "http://x", "turns:127.0.0.1:1", "\x00"))]}
    frames: dict[str, dict[str, Any]] = {
        "unknown-type": {**visit, "type": rng.choice(("offer", "reveal", "x" * 200, "Answer", "patient-hello"))},
        "no-type": visit,
        "wrong-types": {**answer, key: rng.choice((1.5, [], {}, None))},
        "numbers": {**answer, "generation": rng.choice((0, -1, 2**31, 2**64, 10**18))},
        "stale-answer": {**answer, "generation": max(1, generation - rng.randint(1, 9))},
        "future-answer": {**answer, "generation": generation + rng.randint(1, 9)},
        "early-answer": answer,
        "candidate": _candidate(line, generation, rng.choice(_CANDIDATES), mid, index),
        "other-visit": {**answer, "visitId": "another-visit-0001"},
        "request-offer": {**visit, "type": "request-offer"},
        "admitted": {**visit, "type": "admitted", "iceServers": [], "relayOnly": rng.random() < 0.1},
        "waiting-room": {"type": "waiting-room", "patients": [card] * rng.choice((1, 256, 257))},
        "withdraw": {**visit, "type": "withdraw", "generation": generation},
        "end-reason": {**visit, "type": "visit-ended", "reason": "because"},
        "bad-servers": {**visit, "type": "admitted", "iceServers": [server] * rng.choice((1, 8, 9))},
        "unicode": {**answer, "sdp": "v=0\u2028a=fingerprint:sha-256 \x0b\x85"},
    }  # fmt: skip
    return frames[kind]

"""A scene through the real voice processing, and what is left of the echo and of the near voice."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from tests.bench.call.speech import RATE_HZ
from tests.bench.echo.room import BOTH_S, FAR_AGAIN_S, FAR_ONLY_S, LENGTH_S, NEAR_ONLY_S, Scene, Signal, part

from teleconsole.call.media.processing import VoiceProcessing
from teleconsole.call.media.ring import Samples
from teleconsole.host.limits import CALL_BLOCK_SAMPLES

_SETTLED_S = 2.0
_LATEST_LAG = 2_400
_LAG_STEP = 12


@dataclass(frozen=True)
class EchoFigures:
    """Of one scene. The gain control's gain is taken off again: it lifts voice and residue alike.

    Attributes:
        erle_db: echo return loss enhancement from 2 s on, of the far voice alone at the beginning; None without echo.
        erle_again_db: after both have talked, from 2 s after it.
        near_loss_db: what the near voice loses in double talk, against what it is alone.
        delay_ms: that the processing adds to the near voice.
        cpu_percent: of one core.
        gain_db: of the gain control at the end.
    """

    name: str
    erle_db: float | None
    erle_again_db: float | None
    near_loss_db: float
    delay_ms: float
    cpu_percent: float
    gain_db: float


def measure(scene: Scene) -> EchoFigures:
    """Return the figures of a scene."""
    processing = VoiceProcessing()
    far, microphone = _int16(scene.far), _int16(scene.microphone)
    blocks: list[Signal] = []
    began_s = time.process_time()
    for at in range(0, len(far), CALL_BLOCK_SAMPLES):
        processing.played(far[at : at + CALL_BLOCK_SAMPLES])
        cleaned = processing.process(microphone[at : at + CALL_BLOCK_SAMPLES])
        blocks.append(cleaned / 32_768 / 10 ** (processing.gain_db / 20))
    cpu_s = time.process_time() - began_s
    out = np.concatenate(blocks)
    lag = _lag(out, scene)
    return EchoFigures(
        name=scene.name,
        erle_db=_erle_db(out, scene, (FAR_ONLY_S[0] + _SETTLED_S, FAR_ONLY_S[1])),
        erle_again_db=_erle_db(out, scene, (FAR_AGAIN_S[0] + _SETTLED_S, FAR_AGAIN_S[1])),
        near_loss_db=_near_db(out, scene, NEAR_ONLY_S, lag) - _near_db(out, scene, BOTH_S, lag),
        delay_ms=lag * 1000 / RATE_HZ,
        cpu_percent=100 * cpu_s / LENGTH_S,
        gain_db=processing.gain_db,
    )


def _int16(signal: Signal) -> Samples:
    return np.clip(signal * 32_768, -32_768, 32_767).astype(np.int16)


def _level_db(signal: Signal) -> float:
    return 10 * float(np.log10(np.mean(signal**2) + 1e-12))


def _erle_db(out: Signal, scene: Scene, span_s: tuple[float, float]) -> float | None:
    if not scene.has_echo:
        return None
    return _level_db(part(scene.microphone, span_s)) - _level_db(part(out, span_s))


def _lag(out: Signal, scene: Scene) -> int:
    near = part(scene.near, NEAR_ONLY_S)[:-_LATEST_LAG]
    heard = part(out, NEAR_ONLY_S)
    return max(range(0, _LATEST_LAG, _LAG_STEP), key=lambda lag: abs(float(near @ heard[lag : lag + len(near)])))


def _near_db(out: Signal, scene: Scene, span_s: tuple[float, float], lag: int) -> float:
    """How much of the near voice is in what came out, by projection."""
    settled = (span_s[0] + 1.0, span_s[1] - 0.1)
    near = part(scene.near, settled)
    start = round(settled[0] * RATE_HZ) + lag
    share = float(near @ out[start : start + len(near)]) / float(near @ near)
    return 20 * float(np.log10(abs(share) + 1e-9))

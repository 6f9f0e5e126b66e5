"""Draws the demo's video messages: a drawn face that speaks with a computer's voice, and a counter that runs.

Needs espeak-ng. VP8 and Opus in WebM. Run: python resources/demo/make/make_videos.py resources/demo/videos
"""

import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

RATE = 15
SOUND_HZ = 48_000


@dataclass(frozen=True)
class Clip:
    """One video: its size in pixels, bit rates per second, voice, words, and colours of the drawn person."""

    name: str
    width: int
    height: int
    seconds: float
    video_bits: int
    voice: str
    pitch: int
    words: str
    wall: tuple[int, int, int]
    face: tuple[int, int, int]
    hair: tuple[int, int, int]
    shirt: tuple[int, int, int]


CLIPS = (
    Clip("wound-message", 640, 480, 9.5, 230_000, "en-gb", 42,
         "Hello, this is about my hip. I can sit for about five minutes, then it pulls. "
         "The red part is here, and it is warm when I put my hand on it.",
         (206, 214, 206), (226, 186, 160), (190, 190, 192), (70, 96, 130)),
    Clip("cough-message", 640, 480, 9.5, 230_000, "en-gb+f3", 55,
         "Hello. I wanted you to hear it. It comes as soon as I talk for a while. "
         "Huh, huh, huh. Excuse me. That is how it sounds at night.",
         (222, 210, 190), (168, 116, 84), (44, 32, 28), (150, 70, 80)),
    Clip("mood-message", 640, 480, 10.0, 230_000, "en-gb+f2", 46,
         "It was easier to say than to write. The mornings are the worst. "
         "I got up before ten on three days. I don't know if that counts.",
         (196, 204, 220), (236, 196, 172), (122, 78, 46), (98, 110, 92)),
    Clip("peer-patient", 640, 360, 10.0, 210_000, "en-gb+m3", 48,
         "Hello doctor, can you hear me? I can hear you. I am made up, and I count while I speak. "
         "One, two, three, four, five.",
         (200, 212, 216), (150, 102, 74), (30, 26, 26), (54, 100, 110)),
)  # fmt: skip


def speech(clip: Clip, folder: Path) -> NDArray[np.int16]:
    """The words as mono samples at 48 kHz, as long as the clip."""
    path = folder / "speech.wav"
    subprocess.run(
        ["espeak-ng", "-v", clip.voice, "-p", str(clip.pitch), "-s", "172", "-w", str(path), clip.words], check=True
    )
    with wave.open(str(path)) as spoken:
        rate, raw = spoken.getframerate(), np.frombuffer(spoken.readframes(spoken.getnframes()), dtype=np.int16)
    length = int(clip.seconds * SOUND_HZ)
    at = np.arange(length) * rate / SOUND_HZ - 0.3 * rate
    if at[-1] < len(raw) - 0.2 * rate:
        raise SystemExit(f"{clip.name}: the words take {len(raw) / rate:.1f} s, longer than the clip")
    return np.interp(at, np.arange(len(raw)), raw, left=0, right=0).astype(np.int16)


def picture(clip: Clip, number: int, loudness: float) -> Image.Image:
    """Frame `number`: the mouth opens with the loudness (0 to 1), the counter shows the number."""
    image = Image.new("RGB", (clip.width, clip.height), clip.wall)
    draw = ImageDraw.Draw(image)
    size = clip.height
    cx = clip.width / 2 + np.sin(number / 9) * size * 0.012
    cy = size * 0.44 + np.sin(number / 6) * size * 0.006

    def oval(x: float, y: float, rx: float, ry: float, fill: tuple[int, int, int]) -> None:
        draw.ellipse(
            (cx + (x - rx) * size, cy + (y - ry) * size, cx + (x + rx) * size, cy + (y + ry) * size), fill=fill
        )

    shade = tuple(int(part * 0.86) for part in clip.face)
    dark = (52, 34, 32)
    oval(0, 0.66, 0.42, 0.34, clip.shirt)
    oval(0, 0.28, 0.09, 0.14, (shade[0], shade[1], shade[2]))
    oval(0, -0.03, 0.235, 0.3, clip.hair)
    oval(0, 0.02, 0.2, 0.26, clip.face)
    blink = number % 47 in (0, 1)
    for side in (-1, 1):
        oval(side * 0.08, -0.03, 0.032, 0.004 if blink else 0.02, (250, 250, 250) if not blink else dark)
        if not blink:
            oval(side * 0.08 + np.sin(number / 21) * 0.006, -0.03, 0.013, 0.015, dark)
        oval(side * 0.08, -0.085, 0.045, 0.007, clip.hair)
    oval(0, 0.045, 0.02, 0.03, (shade[0], shade[1], shade[2]))
    oval(0, 0.15, 0.062, 0.008 + 0.05 * loudness, (112, 40, 44))
    font, small = ImageFont.load_default(size=size * 0.075), ImageFont.load_default(size=size * 0.038)
    draw.rectangle((0, 0, size * 0.32, size * 0.1), fill=(17, 22, 28))
    draw.text((size * 0.02, size * 0.05), f"{number:04d}", fill=(255, 255, 255), anchor="lm", font=font)
    draw.text((clip.width - 10, 10), "drawn, not a patient", fill=(60, 66, 74), anchor="ra", font=small)
    return image


def write(clip: Clip, path: Path) -> None:
    """Encodes one clip."""
    with tempfile.TemporaryDirectory() as folder:
        sound = speech(clip, Path(folder))
    frames = int(clip.seconds * RATE)
    envelope = [float(np.abs(part.astype(np.int64)).mean()) for part in np.array_split(sound, frames)]
    with av.open(str(path), "w", format="webm", container_options={"fflags": "+bitexact"}) as container:
        video = container.add_stream(
            "libvpx", rate=RATE, options={"deadline": "good", "cpu-used": "1", "auto-alt-ref": "1"}
        )
        video.width, video.height, video.pix_fmt, video.bit_rate = clip.width, clip.height, "yuv420p", clip.video_bits
        voice = container.add_stream("libopus", rate=SOUND_HZ, layout="mono")
        voice.bit_rate = 32_000
        per_frame = SOUND_HZ // RATE
        for number in range(frames):
            loud = min(1.0, envelope[number] / (max(envelope) * 0.8))
            frame = av.VideoFrame.from_image(picture(clip, number, loud))
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(video.encode(frame))
            part = sound[number * per_frame : (number + 1) * per_frame]
            samples = av.AudioFrame.from_ndarray(part.reshape(1, -1), format="s16", layout="mono")
            samples.sample_rate, samples.pts = SOUND_HZ, number * per_frame
            samples.time_base = Fraction(1, SOUND_HZ)
            container.mux(voice.encode(samples))
        container.mux(video.encode(None))
        container.mux(voice.encode(None))


def main() -> None:
    """Writes every clip as WebM."""
    for clip in CLIPS:
        write(clip, Path(sys.argv[1]) / f"{clip.name}.webm")


if __name__ == "__main__":
    main()

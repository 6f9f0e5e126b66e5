"""Draws the demo's skin and wounds: noise, shapes and light, no patient. Deterministic.

Run: python resources/demo/make/make_pictures.py resources/demo/pictures
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Plane = NDArray[np.float64]
WIDTH, HEIGHT = 1024, 768
Y, X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float64)
TONES = {
    "light": (226, 184, 160),
    "pink": (232, 178, 160),
    "olive": (201, 155, 122),
    "brown": (150, 102, 74),
    "dark": (96, 64, 48),
}


def noise(rng: np.random.Generator, cell: int) -> Plane:
    """Smooth noise from -1 to 1 whose spots are about `cell` pixels wide."""
    small = rng.uniform(-1, 1, (HEIGHT // cell + 3, WIDTH // cell + 3))
    image = Image.fromarray(small.astype(np.float32), mode=None).resize(
        (WIDTH + 2 * cell, HEIGHT + 2 * cell), Image.Resampling.BICUBIC
    )
    return np.asarray(image, dtype=np.float64)[cell : cell + HEIGHT, cell : cell + WIDTH]


def skin(rng: np.random.Generator, tone: str) -> Plane:
    """A patch of skin with pores, mottling, creases, light from the left and darker edges."""
    base = np.ones((HEIGHT, WIDTH, 3)) * np.array(TONES[tone], dtype=np.float64)
    mottle = noise(rng, 90) * 7 + noise(rng, 28) * 4
    pores = np.minimum(noise(rng, 5), 0) * 9 + rng.normal(0, 2.6, (HEIGHT, WIDTH))
    creases = -6 * np.exp(-(((noise(rng, 40) + 0.25 * np.sin(Y / 17)) / 0.05) ** 2))
    light = 16 * (1 - X / WIDTH) - 26 * (((X - WIDTH / 2) / WIDTH) ** 2 + ((Y - HEIGHT / 2) / HEIGHT) ** 2)
    base += (mottle + pores + creases + light)[:, :, None] * np.array([1.0, 0.95, 0.9])
    base[:, :, 1] -= noise(rng, 60) * 3
    return base


def blob(
    rng: np.random.Generator,
    x: float,
    y: float,
    radius: float,
    squash: float = 1.0,
    rough: float = 0.18,
    turn: float = 0.0,
) -> Plane:
    """How far inside a ragged ellipse each pixel lies: 1 in the middle, 0 at the rim, negative outside."""
    dx, dy = X - x, Y - y
    across, along = dx * np.cos(turn) + dy * np.sin(turn), -dx * np.sin(turn) + dy * np.cos(turn)
    return (
        1
        - np.hypot(across / radius, along / (radius * squash))
        + rough * noise(rng, max(8, int(radius / 3)))
        + rough * 0.5 * noise(rng, 9)
    )


def soft(inside: Plane, width: float = 0.15) -> Plane:
    """A mask from 0 to 1 with a soft rim."""
    return np.clip(inside / width + 0.5, 0, 1)


def tint(image: Plane, mask: Plane, colour: tuple[int, int, int], strength: float) -> None:
    """Pulls the pixels under the mask towards a colour and keeps their texture."""
    amount = (mask * strength)[:, :, None]
    shade = image.mean(axis=2, keepdims=True) / max(1.0, float(image.mean()))
    image += amount * (np.array(colour, dtype=np.float64) * (0.45 + 0.55 * shade) - image)


def raise_rim(image: Plane, inside: Plane, height: float) -> None:
    """Light on the left and shade on the right of something that stands out."""
    slope = np.gradient(np.clip(inside, -0.2, 0.6), axis=1)
    image += np.clip(slope * 100 * height, -34, 34)[:, :, None]


def hairs(image: Image.Image, rng: np.random.Generator, count: int, colour: tuple[int, int, int]) -> None:
    """A few fine hairs."""
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        x, y, turn = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.normal(0.6, 0.35)
        points = [
            (x + step * 9 * np.cos(turn + step * 0.05), y + step * 9 * np.sin(turn + step * 0.05)) for step in range(7)
        ]
        draw.line(points, fill=colour, width=1)


def coin(image: Image.Image, x: int, y: int, radius: int, words: str) -> None:
    """A plain grey disc for scale, with its width written on it."""
    draw = ImageDraw.Draw(image)
    draw.ellipse((x - radius + 5, y - radius + 8, x + radius + 5, y + radius + 8), fill=(70, 58, 52))
    for ring in range(radius, 0, -1):
        grey = 150 + int(42 * (1 - ring / radius)) + (22 if radius - 7 < ring < radius - 3 else 0)
        draw.ellipse((x - ring, y - ring, x + ring, y + ring), fill=(grey, grey, grey - 6))
    draw.text((x, y), words, fill=(60, 60, 62), anchor="mm", font=ImageFont.load_default(size=radius * 0.42))


def finish(
    image: Plane,
    rng: np.random.Generator,
    hair: tuple[int, tuple[int, int, int]] | None = None,
    scale: tuple[int, int, int] | None = None,
) -> Image.Image:
    """The picture as a telephone takes it: a little soft, a little noisy."""
    picture = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    if hair:
        hairs(picture, rng, *hair)
    if scale:
        coin(picture, *scale, "20 mm")
    picture = picture.filter(ImageFilter.GaussianBlur(0.7))
    grain = np.asarray(picture, dtype=np.float64) + rng.normal(0, 3.0, (HEIGHT, WIDTH, 1))
    return Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))


def rash(rng: np.random.Generator) -> Image.Image:
    """Many small red spots that run together."""
    image = skin(rng, "light")
    for _ in range(95):
        inside = blob(rng, rng.normal(560, 210), rng.normal(380, 150), rng.uniform(7, 24), rough=0.35)
        tint(image, soft(inside, 0.5), (196, 70, 62), 0.62)
    return finish(image, rng, (40, (120, 90, 70)))


def wheals(rng: np.random.Generator) -> Image.Image:
    """Pale raised plates with red rims."""
    image = skin(rng, "olive")
    for _ in range(13):
        inside = blob(
            rng,
            rng.uniform(120, 900),
            rng.uniform(100, 660),
            rng.uniform(34, 92),
            rng.uniform(0.6, 1),
            0.3,
            rng.uniform(0, 3),
        )
        tint(image, soft(inside + 0.25, 0.5), (206, 92, 76), 0.55)
        tint(image, soft(inside - 0.25, 0.4), (226, 178, 152), 0.6)
        raise_rim(image, inside, 12)
    return finish(image, rng)


def ring(rng: np.random.Generator) -> Image.Image:
    """A round scaly ring with a quiet middle."""
    image = skin(rng, "brown")
    inside = blob(rng, 520, 390, 210, 0.9, 0.12)
    band = np.exp(-(((inside - 0.12) / 0.1) ** 2))
    tint(image, band, (150, 58, 46), 0.7)
    image += (band * np.maximum(noise(rng, 6), 0.1) * 60)[:, :, None]
    tint(image, soft(inside - 0.3), (128, 84, 62), 0.35)
    return finish(image, rng, (70, (40, 26, 20)), (900, 650, 62))


def mole(rng: np.random.Generator, tone: str, radius: float, odd: bool) -> Image.Image:
    """A mole; an odd one is lopsided, in several colours, with a notched rim."""
    image = skin(rng, tone)
    for _ in range(5):
        freckle = blob(rng, rng.uniform(60, 960), rng.uniform(60, 700), rng.uniform(5, 10))
        tint(image, soft(freckle, 0.6), (130, 84, 58), 0.6)
    inside = blob(rng, 480, 370, radius, 0.72 if odd else 0.95, 0.3 if odd else 0.06, 0.7)
    tint(image, soft(inside, 0.16), (84, 50, 36), 0.9)
    if odd:
        tint(
            image,
            soft(blob(rng, 480 + radius * 0.35, 350, radius * 0.5, rough=0.3) * soft(inside), 0.3),
            (34, 24, 26),
            0.85,
        )
        tint(
            image,
            soft(blob(rng, 480 - radius * 0.5, 410, radius * 0.35, rough=0.3) * soft(inside), 0.3),
            (148, 78, 68),
            0.6,
        )
    raise_rim(image, inside, 8)
    return finish(image, rng, (14, (110, 80, 60)), (860, 610, 88))


def eczema(rng: np.random.Generator, tone: str) -> Image.Image:
    """A dry, scratched, red patch."""
    image = skin(rng, tone)
    inside = blob(rng, 500, 380, 290, 0.66, 0.34, 0.2)
    mask = soft(inside, 0.5)
    tint(image, mask, (190, 84, 76), 0.6)
    image += (mask * (np.maximum(noise(rng, 7), 0) * 44 - np.exp(-((noise(rng, 22) / 0.05) ** 2)) * 34))[:, :, None]
    for _ in range(9):
        x, y = rng.uniform(340, 680), rng.uniform(280, 470)
        tint(image, soft(blob(rng, x, y, 46, 0.08, 0.1, 0.5), 0.6), (128, 30, 30), 0.7)
    return finish(image, rng)


def blisters(rng: np.random.Generator) -> Image.Image:
    """Groups of clear blisters on red ground, in a band."""
    image = skin(rng, "light")
    for group in range(6):
        cx, cy = 130 + group * 150, 470 - group * 45 + rng.normal(0, 20)
        tint(image, soft(blob(rng, cx, cy, 92, 0.7, 0.3), 0.6), (200, 74, 70), 0.62)
        for _ in range(9):
            inside = blob(rng, cx + rng.normal(0, 36), cy + rng.normal(0, 26), rng.uniform(8, 17), rough=0.05)
            tint(image, soft(inside, 0.3), (232, 196, 160), 0.75)
            raise_rim(image, inside, 5)
    return finish(image, rng)


def plaque(rng: np.random.Generator) -> Image.Image:
    """A thick plate with silvery scales."""
    image = skin(rng, "dark")
    for x, y, radius in ((430, 380, 210), (770, 250, 90), (720, 570, 70)):
        inside = blob(rng, x, y, radius, 0.8, 0.18)
        tint(image, soft(inside, 0.12), (122, 52, 60), 0.75)
        scales = (
            soft(inside - 0.08, 0.2)
            * np.clip(noise(rng, 13) * 1.4 + 0.35, 0, 1)
            * (0.6 + 0.4 * np.maximum(noise(rng, 5), 0))
        )
        tint(image, scales, (206, 196, 194), 0.7)
        raise_rim(image, inside, 12)
    return finish(image, rng, None, (900, 680, 56))


def stitches(rng: np.random.Generator, red: bool) -> Image.Image:
    """A sewn wound; an infected one is red around and yellow in a gap."""
    image = skin(rng, "olive" if red else "light")
    path = 385 + 26 * np.sin((X - 150) / 140)
    along = np.clip((350 - np.abs(X - 510)) / 130, 0, 1)
    near = np.abs(Y - path)
    if red:
        tint(image, along * np.exp(-((near / (120 + 40 * noise(rng, 80))) ** 2)), (206, 70, 60), 0.66)
    tint(image, along * np.exp(-((near / 26) ** 2)), (196, 104, 92), 0.6)
    tint(image, along * np.exp(-((near / (5 + 2 * noise(rng, 12))) ** 2)), (92, 26, 26), 0.95)
    if red:
        gap = blob(rng, 640, 385, 58, 0.34, 0.25)
        tint(image, soft(gap, 0.2), (126, 30, 30), 0.9)
        tint(image, soft(gap - 0.35, 0.3), (214, 190, 104), 0.85)
    picture = finish(image, rng)
    draw = ImageDraw.Draw(picture)
    for x in range(190, 850, 66):
        y = 385 + 26 * np.sin((x - 150) / 140)
        lean = rng.normal(0, 4)
        draw.line((x - lean, y - 34, x + lean, y + 34), fill=(28, 30, 60), width=4)
        draw.ellipse((x - lean - 6, y - 40, x - lean + 6, y - 28), fill=(28, 30, 60))
        draw.line((x - lean, y - 34, x - lean + 15, y - 50), fill=(28, 30, 60), width=2)
    coin(picture, 900, 660, 66, "20 mm")
    return picture.filter(ImageFilter.GaussianBlur(0.6))


def ulcer(rng: np.random.Generator) -> Image.Image:
    """A sore on the leg: red bed, yellow film, brown stained skin."""
    image = skin(rng, "pink")
    tint(image, soft(blob(rng, 500, 380, 400, 0.8, 0.3), 0.8), (140, 84, 62), 0.5)
    inside = blob(rng, 500, 390, 190, 0.78, 0.26)
    tint(image, soft(inside + 0.16, 0.2), (226, 176, 160), 0.6)
    tint(image, soft(inside, 0.06), (158, 34, 34), 0.9)
    image += (soft(inside, 0.06) * noise(rng, 8) * 16)[:, :, None]
    tint(image, soft(inside - 0.1, 0.2) * np.clip(noise(rng, 46) * 1.8 + 0.1, 0, 1), (212, 188, 112), 0.85)
    raise_rim(image, -inside, 9)
    return finish(image, rng, None, (890, 650, 60))


def burn(rng: np.random.Generator) -> Image.Image:
    """A wet red burn with a torn blister."""
    image = skin(rng, "brown")
    inside = blob(rng, 520, 380, 230, 0.7, 0.3, 0.4)
    tint(image, soft(inside + 0.15, 0.3), (190, 84, 72), 0.6)
    tint(image, soft(inside, 0.1), (226, 112, 100), 0.85)
    image += (soft(inside, 0.1) * np.exp(-(((noise(rng, 30) - 0.55) / 0.09) ** 2)) * 80)[:, :, None]
    flap = blob(rng, 380, 310, 74, 0.7, 0.22)
    tint(image, soft(flap, 0.2), (220, 196, 168), 0.8)
    raise_rim(image, flap, 8)
    return finish(image, rng)


def bite(rng: np.random.Generator) -> Image.Image:
    """Two bows of small punctures with a bruise."""
    image = skin(rng, "light")
    tint(image, soft(blob(rng, 510, 390, 230, 0.8, 0.3), 0.9), (132, 84, 120), 0.45)
    tint(image, soft(blob(rng, 510, 390, 170, 0.8, 0.3), 0.8), (196, 78, 74), 0.45)
    for turn in (*np.linspace(0.5, 2.6, 6), *np.linspace(3.7, 5.7, 6)):
        x, y = 510 + 150 * np.cos(turn), 390 + 112 * np.sin(turn)
        tint(image, soft(blob(rng, x, y, rng.uniform(10, 19), 0.6, 0.25, turn), 0.25), (96, 22, 24), 0.92)
    return finish(image, rng, (60, (120, 92, 70)))


def cat_bite(rng: np.random.Generator) -> Image.Image:
    """Two deep small holes in a wide red swelling, and a pen's line around it."""
    image = skin(rng, "pink")
    swollen = blob(rng, 500, 380, 330, 0.8, 0.25)
    tint(image, soft(swollen, 0.9), (208, 76, 68), 0.6)
    raise_rim(image, swollen, 14)
    for x, y in ((455, 372), (560, 396)):
        tint(image, soft(blob(rng, x, y, 30, 0.9, 0.2), 0.5), (150, 40, 48), 0.7)
        tint(image, soft(blob(rng, x, y, 9, 0.8, 0.2), 0.3), (70, 14, 18), 0.95)
    line = blob(rng, 500, 380, 250, 0.8, 0.08)
    tint(image, np.exp(-(((line - 0.02) / 0.012) ** 2)), (30, 40, 110), 0.8)
    return finish(image, rng)


def crust(rng: np.random.Generator) -> Image.Image:
    """A pearly rim with a brown crust and a little blood."""
    image = skin(rng, "pink")
    inside = blob(rng, 500, 380, 150, 0.85, 0.14)
    tint(image, soft(inside + 0.1, 0.3), (222, 150, 140), 0.6)
    tint(image, soft(inside - 0.25, 0.15), (128, 82, 44), 0.9)
    image += (soft(inside - 0.25, 0.15) * noise(rng, 9) * 34)[:, :, None]
    tint(image, soft(blob(rng, 540, 400, 40, 0.6, 0.4), 0.3), (110, 20, 22), 0.85)
    raise_rim(image, inside, 14)
    return finish(image, rng, (20, (150, 140, 134)), (880, 640, 80))


def monitor(rng: np.random.Generator) -> Image.Image:
    """A blood pressure monitor on a table, with its figures."""
    wood = np.ones((HEIGHT, WIDTH, 3)) * np.array([158.0, 116.0, 78.0])
    wood += (noise(rng, 60) * 8 + np.sin(Y / 9 + noise(rng, 120) * 5) * 7)[:, :, None]
    picture = Image.fromarray(np.clip(wood, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((262, 122, 782, 672), 46, fill=(92, 70, 52))
    draw.rounded_rectangle((250, 106, 770, 656), 46, fill=(236, 237, 239))
    draw.rounded_rectangle((300, 150, 720, 500), 16, fill=(186, 198, 184))
    large, small = ImageFont.load_default(size=120), ImageFont.load_default(size=26)
    for word, unit, y in (("168", "SYS mmHg", 160), ("102", "DIA mmHg", 275), ("84", "PULSE /min", 390)):
        draw.text((690, y), word, fill=(32, 38, 34), anchor="ra", font=large)
        draw.text((316, y + 52), unit, fill=(52, 60, 54), font=small)
    draw.rounded_rectangle((420, 540, 600, 620), 36, fill=(10, 95, 184))
    draw.text((510, 580), "START", fill=(255, 255, 255), anchor="mm", font=small)
    draw.line(((770, 380), (900, 430), (1024, 410)), fill=(60, 62, 66), width=16)
    grain = np.asarray(picture.filter(ImageFilter.GaussianBlur(0.9)), dtype=np.float64) + rng.normal(
        0, 5, (HEIGHT, WIDTH, 1)
    )
    return Image.fromarray(np.clip(grain, 0, 255).astype(np.uint8))


PICTURES: dict[str, Callable[[np.random.Generator], Image.Image]] = {
    "drawn-rash-forearm": rash,
    "drawn-wheals-belly": wheals,
    "drawn-ring-leg": ring,
    "drawn-mole-back": lambda rng: mole(rng, "light", 70, odd=True),
    "drawn-mole-even": lambda rng: mole(rng, "olive", 44, odd=False),
    "drawn-eczema-elbow": lambda rng: eczema(rng, "pink"),
    "drawn-blisters-chest": blisters,
    "drawn-psoriasis-knee": plaque,
    "drawn-stitches-clean": lambda rng: stitches(rng, red=False),
    "drawn-stitches-red": lambda rng: stitches(rng, red=True),
    "drawn-leg-ulcer": ulcer,
    "drawn-burn-hand": burn,
    "drawn-bite-calf": bite,
    "drawn-pressure-monitor": monitor,
    "drawn-eczema-hand": lambda rng: eczema(rng, "brown"),
    "drawn-cat-bite-hand": cat_bite,
    "drawn-crust-ear": crust,
}


def main() -> None:
    """Writes every picture as a JPEG, with a comment that says what it is."""
    folder = Path(sys.argv[1])
    for number, (name, draw) in enumerate(PICTURES.items()):
        picture = draw(np.random.default_rng(1000 + number))
        picture.save(folder / f"{name}.jpg", quality=80, optimize=True, comment="drawn by a program, not a patient")


if __name__ == "__main__":
    main()

"""The colours of the three themes, by what they mean; see the contrast test for what they promise."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Tokens:
    """Colours as `#RRGGBB`, named after their use.

    Attributes:
        border: 1 px that carries meaning (fields, buttons); `hairline` separates without meaning.
        well: behind video and pictures in every theme, with `well_text` and `well_secondary` on it.
        frames_selection: the selection is a frame of 2 px instead of a ground.
    """

    name: str
    background: str
    surface: str
    text: str
    secondary: str
    border: str
    accent: str
    on_accent: str
    good: str
    warn: str
    danger: str
    hairline: str
    selection: str
    hover: str
    warn_fill: str
    danger_fill: str
    well: str
    well_text: str
    well_secondary: str
    badge: str
    badge_text: str
    dark: bool
    frames_selection: bool = False

    def color(self, token: str) -> str:
        """Return the colour of that name.

        Raises:
            KeyError: there is no such token.
        """
        value = {item.name: getattr(self, item.name) for item in fields(self)}[token]
        return str(value)


LIGHT = Tokens(
    name="light",
    background="#F4F6F8",
    surface="#FFFFFF",
    text="#17202B",
    secondary="#536071",
    border="#7E8A99",
    accent="#0A5FB8",
    on_accent="#FFFFFF",
    good="#1B6E47",
    warn="#8F4A00",
    danger="#B3202A",
    hairline="#DCE2E8",
    selection="#E4EEF9",
    hover="#EDF1F5",
    warn_fill="#FBF3E6",
    danger_fill="#FBECED",
    well="#11161C",
    well_text="#E9EEF4",
    well_secondary="#A9B5C3",
    badge="#0B1016",
    badge_text="#FFFFFF",
    dark=False,
)

DARK = Tokens(
    name="dark",
    background="#11161C",
    surface="#1A212A",
    text="#E9EEF4",
    secondary="#A9B5C3",
    border="#66748A",
    accent="#6DB3FF",
    on_accent="#0B1420",
    good="#63C995",
    warn="#F0A94B",
    danger="#FF8A8A",
    hairline="#2C3642",
    selection="#1F344C",
    hover="#232C37",
    warn_fill="#2E2719",
    danger_fill="#351F24",
    well="#0A0D11",
    well_text="#E9EEF4",
    well_secondary="#A9B5C3",
    badge="#0B1016",
    badge_text="#FFFFFF",
    dark=True,
)

HIGH_CONTRAST = Tokens(
    name="high-contrast",
    background="#000000",
    surface="#000000",
    text="#FFFFFF",
    secondary="#FFFFFF",
    border="#FFFFFF",
    accent="#FFFF00",
    on_accent="#000000",
    good="#FFFFFF",
    warn="#FFFFFF",
    danger="#FFFFFF",
    hairline="#FFFFFF",
    selection="#000000",
    hover="#2B2B2B",
    warn_fill="#000000",
    danger_fill="#000000",
    well="#000000",
    well_text="#FFFFFF",
    well_secondary="#FFFFFF",
    badge="#000000",
    badge_text="#FFFFFF",
    dark=True,
    frames_selection=True,
)

THEMES = {tokens.name: tokens for tokens in (LIGHT, DARK, HIGH_CONTRAST)}


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21. See: WCAG 2.2, relative luminance."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

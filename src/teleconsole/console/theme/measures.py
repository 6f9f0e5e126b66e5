"""The measures of the screen in pixels at a scale of 1, and the steps of type."""

from typing import Literal

TypeStep = Literal["small", "base", "title", "name", "hero"]

FONT_PX: dict[TypeStep, int] = {"small": 12, "base": 13, "title": 15, "name": 20, "hero": 32}
LINE_PX: dict[TypeStep, int] = {"small": 16, "base": 18, "title": 20, "name": 28, "hero": 40}

SPACE_XS_PX = 4
SPACE_S_PX = 8
SPACE_M_PX = 12
SPACE_L_PX = 16
SPACE_XL_PX = 24

RAIL_PX = 64
RAIL_ITEM_PX = 56
STATUS_LINE_PX = 28
ROW_PX = 52
GROUP_HEAD_PX = 28
VIEW_ROW_PX = 32
VIEWS_PX = 176
LIST_PX = 416
TEXT_MAX_PX = 720

BUTTON_PX = 32
BUTTON_TALL_PX = 44
BUTTON_DECISION_PX = 40
KEYCAP_PX = 18
ICON_PX = 16
ICON_RAIL_PX = 20
CORNER_PX = 6
CORNER_SMALL_PX = 3
FOCUS_PX = 2

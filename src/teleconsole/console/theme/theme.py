"""The theme that is on the screen now: it colours the application and hands out fonts, colours and icons."""

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontMetrics, QGuiApplication, QIcon, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from teleconsole.console.theme.icons import IconSet
from teleconsole.console.theme.measures import FONT_PX, ICON_PX, TypeStep
from teleconsole.console.theme.stylesheet import style_sheet
from teleconsole.console.theme.tokens import DARK, LIGHT, THEMES, Tokens
from teleconsole.host.paths import resources
from teleconsole.host.settings import ThemeChoice

_PREFERRED_FAMILY = "Inter"


class Theme(QObject):
    """Colours, fonts and icons; follows the system when that was chosen.

    Widgets that paint themselves read `color`, `font` and `pixmap` in each paint and call `update` on `changed`.

    Args:
        app: is coloured by `choose`.
        icons: folder of the icon set; the program's own when None.

    Signals:
        changed: other colours or sizes hold now.

    Thread: Qt's.
    """

    changed = Signal()

    def __init__(self, app: QApplication, icons: Path | None = None) -> None:
        super().__init__(app)
        self._app = app
        self._icon_folder = icons or resources() / "icons"
        self._icons = IconSet(self._icon_folder)
        self._choice: ThemeChoice = "system"
        self._fonts: dict[tuple[TypeStep, int], QFont] = {}
        self.text_scale_percent = 100
        self.tokens: Tokens = LIGHT
        app.setStyle(QStyleFactory.create("Fusion"))
        self._family = _PREFERRED_FAMILY if _PREFERRED_FAMILY in QFontDatabase.families() else app.font().family()
        app.styleHints().colorSchemeChanged.connect(self._on_system_changed)

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing may move: the person asked for it, or high contrast holds."""
        return self.tokens.frames_selection or not self._app.isEffectEnabled(Qt.UIEffect.UI_General)

    def choose(self, choice: ThemeChoice, text_scale_percent: int = 100) -> None:
        """Show this theme from now on; styling every widget anew takes tenths of a second, so only for a change."""
        unchanged = (choice, text_scale_percent) == (self._choice, self.text_scale_percent)
        if unchanged and self._fonts:
            return
        self._choice = choice
        self.text_scale_percent = text_scale_percent
        self._apply()

    def color(self, token: str) -> QColor:
        """Return a token's colour now."""
        return QColor(self.tokens.color(token))

    def font(self, step: TypeStep = "base", weight: int = 400) -> QFont:
        """Return the interface font of that step, with tabular figures where the font has them."""
        key = (step, weight)
        if key not in self._fonts:
            font = QFont(self._family)
            font.setPixelSize(self.scaled_px(FONT_PX[step]))
            font.setWeight(QFont.Weight(weight))
            font.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[key] = font
        return self._fonts[key]

    def metrics(self, step: TypeStep = "base", weight: int = 400) -> QFontMetrics:
        """Return the measures of that font."""
        return QFontMetrics(self.font(step, weight))

    def scaled_px(self, px: int) -> int:
        """Return a measure of text at the person's text scale."""
        return round(px * self.text_scale_percent / 100)

    def pixmap(self, name: str, ink: str = "text", size_px: int = ICON_PX, ratio: float = 1.0) -> QPixmap:
        """Return an icon in a token's colour for a screen of that device pixel ratio."""
        return self._icons.pixmap(name, self.tokens.color(ink), size_px, ratio)

    def icon(self, name: str, ink: str = "text", size_px: int = ICON_PX) -> QIcon:
        """Return an icon for a button; take it again on `changed`."""
        return self._icons.icon(name, self.tokens.color(ink), self.tokens.secondary, size_px)

    def _on_system_changed(self, scheme: Qt.ColorScheme) -> None:
        if self._choice == "system":
            self._apply()

    def _wanted(self) -> Tokens:
        if self._choice != "system":
            return THEMES[self._choice]
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return DARK if dark else LIGHT

    def _apply(self) -> None:
        self.tokens = self._wanted()
        self._fonts.clear()
        self._app.setPalette(_palette(self.tokens))
        self._app.setFont(self.font())
        shade = "dark" if self.tokens.dark else "light"
        mark, arrow = (self._icon_folder / f"{name}-{shade}.svg" for name in ("check", "chevron-down"))
        sheet = style_sheet(self.tokens, self.text_scale_percent, mark.as_posix(), arrow.as_posix())
        self._app.setStyleSheet(sheet)
        self.changed.emit()


def _palette(tokens: Tokens) -> QPalette:
    palette = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.background,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.surface,
        QPalette.ColorRole.AlternateBase: tokens.background,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.secondary,
        QPalette.ColorRole.Button: tokens.surface,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.BrightText: tokens.danger,
        QPalette.ColorRole.Highlight: tokens.accent,
        QPalette.ColorRole.HighlightedText: tokens.on_accent,
        QPalette.ColorRole.Link: tokens.accent,
        QPalette.ColorRole.ToolTipBase: tokens.surface,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.Mid: tokens.border,
        QPalette.ColorRole.Accent: tokens.accent,
    }
    for role, color in roles.items():
        palette.setColor(role, QColor(color))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText, QPalette.ColorRole.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.secondary))
    return palette

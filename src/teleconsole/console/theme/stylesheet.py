"""The one style sheet: standard widgets in the colours of a theme, varied by dynamic properties.

Properties: `kind` of a QLineEdit ("plain" = without a frame) and of a QFrame ("banner-warn", "banner-danger",
"surface", "background", "panel" = over a picture, "hairline"); `step` of a QLabel ("small", "title", "name", "hero"),
`tone` ("secondary", "accent", "good", "warn", "danger", "well"), `weight` ("500", "600", "700").
"""

from teleconsole.console.theme.measures import FONT_PX
from teleconsole.console.theme.tokens import Tokens

_SHEET = """
QWidget {{ color: {text}; }}
QMainWindow, QDialog, QFrame[kind="background"] {{ background: {background}; }}
QFrame[kind="surface"] {{ background: {surface}; }}
QFrame[kind="hairline"] {{ background: {hairline}; border: 0; }}
QFrame[kind="banner-warn"] {{ background: {warn_fill}; border: 0; border-left: 3px solid {warn}; }}
QFrame[kind="banner-danger"] {{ background: {danger_fill}; border: 0; border-left: 3px solid {danger}; }}
QFrame[kind="card"] {{ background: {surface}; border: 1px solid {hairline}; border-radius: 6px; }}
QFrame[kind="card-away"] {{ background: {background}; border: 1px solid {hairline}; border-radius: 6px; }}
QFrame[kind="panel"] {{ background: {surface}; border: 1px solid {border}; border-radius: 6px; }}
QFrame[kind="well"] {{ background: {well}; }}
QFrame[kind="accent-line"] {{ background: {accent}; border: 0; }}
QLabel {{ background: transparent; }}
QLabel[step="small"] {{ font-size: {small}px; }}
QLabel[step="title"] {{ font-size: {title}px; }}
QLabel[step="name"] {{ font-size: {name}px; font-weight: 600; }}
QLabel[step="hero"] {{ font-size: {hero}px; font-weight: 600; }}
QLabel[weight="500"] {{ font-weight: 500; }}
QLabel[weight="600"] {{ font-weight: 600; }}
QLabel[weight="700"] {{ font-weight: 700; }}
QLabel[tone="secondary"] {{ color: {secondary}; }}
QLabel[tone="accent"] {{ color: {accent}; }}
QLabel[tone="good"] {{ color: {good}; }}
QLabel[tone="warn"] {{ color: {warn}; }}
QLabel[tone="danger"] {{ color: {danger}; }}
QLabel[tone="well"] {{ color: {well_text}; }}
QLabel[tone="well-secondary"] {{ color: {well_secondary}; }}
QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QSpinBox {{
  background: {surface}; color: {text}; border: 1px solid {border}; border-radius: 6px;
  selection-background-color: {accent}; selection-color: {on_accent};
}}
QLineEdit {{ padding: 0 10px; min-height: 30px; }}
QLineEdit[tall="true"] {{ min-height: 42px; }}
QPlainTextEdit, QTextEdit {{ padding: 6px 8px; }}
QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {{ color: {secondary}; border-color: {hairline}; }}
QLineEdit[kind="plain"], QPlainTextEdit[kind="plain"] {{ border: 0; background: transparent; }}
QComboBox, QSpinBox {{ padding: 0 10px; min-height: 30px; }}
QDialog QComboBox:focus {{ border: 2px solid {accent}; padding: 0 9px; min-height: 28px; }}
QComboBox::drop-down {{ border: 0; width: 28px; }}
QComboBox::down-arrow {{ image: url({arrow}); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{
  background: {surface}; color: {text}; border: 1px solid {border}; outline: 0;
  selection-background-color: {selection}; selection-color: {text};
}}
QAbstractItemView {{ background: {surface}; border: 0; outline: 0; }}
QScrollArea {{ background: transparent; border: 0; }}
QScrollArea > QWidget > QWidget[kind="page"] {{ background: {surface}; }}
QScrollArea > QWidget > QWidget[kind="background-page"] {{ background: {background}; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {border}; border-radius: 3px; margin: 2px; min-height: 32px; min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {surface}; color: {text}; border: 1px solid {border}; padding: 4px 8px; }}
QMenu {{ background: {surface}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 3px; }}
QMenu::item:selected {{ background: {selection}; color: {text}; }}
QMenu::item:disabled {{ color: {secondary}; }}
QMenu::separator {{ height: 1px; background: {hairline}; margin: 4px 8px; }}
QCheckBox, QRadioButton {{ spacing: 8px; min-height: 32px; background: transparent; }}
QCheckBox::indicator, QRadioButton::indicator {{ width: 16px; height: 16px; }}
QCheckBox::indicator {{ border: 1px solid {border}; border-radius: 3px; background: {surface}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; image: url({check}); }}
QRadioButton::indicator {{ border: 1px solid {border}; border-radius: 8px; background: {surface}; }}
QRadioButton::indicator:checked {{ border: 5px solid {accent}; width: 8px; height: 8px; }}
QSlider {{ background: transparent; }}
QSlider::groove:horizontal {{ height: 4px; background: {border}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 14px; margin: -5px 0; border-radius: 7px; background: {accent}; }}
QProgressBar {{ background: {hairline}; border: 0; border-radius: 3px; max-height: 6px; text-align: center; }}
QProgressBar::chunk {{ background: {secondary}; border-radius: 3px; }}
QTableView {{ gridline-color: {hairline}; selection-background-color: {selection}; selection-color: {text}; }}
QHeaderView::section {{ background: {background}; color: {secondary}; border: 0; padding: 6px 8px; }}
"""


def style_sheet(tokens: Tokens, text_scale_percent: int, check_mark_file: str, arrow_file: str) -> str:
    """Return the style sheet of a theme.

    Args:
        tokens: its colours.
        text_scale_percent: 80 to 200, of all sizes of type.
        check_mark_file: a picture of a check mark in `on_accent`, for check boxes.
        arrow_file: a picture of an arrow down in `text`, for choices.
    """
    values: dict[str, object] = {name: getattr(tokens, name) for name in tokens.__dataclass_fields__}
    sizes = {step: round(px * text_scale_percent / 100) for step, px in FONT_PX.items()}
    return _SHEET.format(**(values | sizes), check=check_mark_file, arrow=arrow_file)

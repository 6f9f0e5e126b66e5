"""Settings: written whole or not at all; a damaged file costs a choice, never the program."""

from pathlib import Path

import pytest

from teleconsole.host.settings import Settings, load_settings, save_settings


def test_settings_come_back_as_saved(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    chosen = Settings(theme="dark", camera="test:bars", text_scale_percent=125)
    save_settings(file, chosen)
    assert load_settings(file) == chosen
    assert [p.name for p in tmp_path.iterdir()] == ["settings.json"]


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.json") == Settings()


@pytest.mark.parametrize("damage", ["", "{", '{"theme": "pink"}', "\x00" * 10, '{"textScalePercent": 5000}'])
def test_a_damaged_file_is_set_aside(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "settings.json"
    file.write_text(damage)
    assert load_settings(file) == Settings()
    assert (tmp_path / "settings.damaged").read_text() == damage


def test_a_newer_unknown_setting_does_no_harm(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"theme": "dark", "ofANewerVersion": 1}')
    assert load_settings(file).theme == "dark"

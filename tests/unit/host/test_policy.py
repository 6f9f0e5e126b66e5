"""The policy: strict, and the managed one wins."""

from pathlib import Path

import pytest

from teleconsole.domain.errors import PolicyError
from teleconsole.host.policy import is_allowed_url, load_policy, read_policy


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELECONSOLE_POLICY", raising=False)
    loaded = load_policy(managed=tmp_path / "absent.json")
    assert loaded.source == ""
    assert loaded.policy.idle_lock_minutes == 10


def test_a_managed_policy_wins_over_the_chosen_one_and_forbids_test_devices(tmp_path: Path) -> None:
    managed = tmp_path / "managed.json"
    managed.write_text('{"gatewayUrl": "https://clinic.example", "allowTestDevices": true}')
    chosen = tmp_path / "chosen.json"
    chosen.write_text('{"gatewayUrl": "https://other.example"}')
    loaded = load_policy(chosen, managed=managed)
    assert loaded.managed
    assert loaded.policy.gateway_url == "https://clinic.example"
    assert not loaded.policy.allow_test_devices


def test_the_variable_names_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"idleLockMinutes": 3}')
    monkeypatch.setenv("TELECONSOLE_POLICY", str(file))
    assert load_policy(managed=tmp_path / "absent.json").policy.idle_lock_minutes == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"gatewayURL": "https://slip.example"}',
        '{"idleLockMinutes": 0}',
        '{"idleLockMinutes": "ten"}',
        '{"gatewayUrl": "http://clinic.example"}',
        '{"gatewayUrl": "http://127.0.0.1.evil.example"}',
        '{"gatewayUrl": "ftp://clinic.example"}',
        " " * 300_000,
    ],
)
def test_a_slip_is_told_in_one_sentence_that_names_the_file(tmp_path: Path, text: str) -> None:
    file = tmp_path / "policy.json"
    file.write_text(text)
    with pytest.raises(PolicyError) as caught:
        read_policy(file)
    assert str(file) in caught.value.sentence
    assert "\n" not in caught.value.sentence


def test_a_missing_chosen_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        load_policy(tmp_path / "none.json", managed=tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://clinic.example", True),
        ("https://", False),
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://[::1]:80/x", True),
        ("http://10.0.0.1", False),
        ("http://localhost@clinic.example", False),
        ("file:///etc/passwd", False),
    ],
)
def test_plain_http_only_to_this_computer(url: str, allowed: bool) -> None:
    assert is_allowed_url(url) is allowed


def test_calls_over_a_relay_and_a_range_of_ports(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"relayOnly": true, "udpPortRange": "50000-50099"}')
    policy = read_policy(file)
    assert policy.relay_only
    assert policy.udp_ports == (50_000, 50_099)
    file.write_text("{}")
    assert read_policy(file).udp_ports == (0, 0)


@pytest.mark.parametrize("ports", ["50000", "50000-50005", "50099-50000", "80-8000", "1000-2000", "60000-70000", "a-b"])
def test_a_range_that_is_none_is_told(tmp_path: Path, ports: str) -> None:
    file = tmp_path / "p.json"
    file.write_text(f'{{"udpPortRange": "{ports}"}}')
    with pytest.raises(PolicyError, match="not valid"):
        read_policy(file)

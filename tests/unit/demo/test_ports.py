"""The made-up clinic keeps its addresses."""

import socket
from pathlib import Path

from teleconsole.demo.ports import Ports, remembered_ports


def test_the_ports_of_the_last_time_are_taken_again(tmp_path: Path) -> None:
    first = remembered_ports(tmp_path / "clinic", Ports(0, 0))
    assert first.gateway > 0
    assert first.fhir > 0
    assert remembered_ports(tmp_path / "clinic", Ports(0, 0)) == first


def test_a_port_that_is_taken_now_gives_way(tmp_path: Path) -> None:
    first = remembered_ports(tmp_path, Ports(0, 0))
    with socket.socket() as other:
        other.bind(("127.0.0.1", first.gateway))
        other.listen()
        second = remembered_ports(tmp_path, Ports(0, 0))
    assert second.gateway != first.gateway
    assert second.fhir == first.fhir


def test_a_chosen_port_wins_and_a_damaged_memory_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("{")
    assert remembered_ports(tmp_path, Ports(8470, 0)).gateway == 8470

"""The command line of a child."""

import pytest

from teleconsole.cli import main
from teleconsole.ipc.child_args import ChildArgs, SlotArg, is_child, parse_child_args


def test_arguments_survive_the_command_line() -> None:
    args = ChildArgs("call", 5, 6, 99, {"remote": SlotArg(7, 8_294_400)}, ("--camera=test:bars", "--profile=/p"))
    assert parse_child_args(args.argv()) == args
    assert is_child(args.argv())
    assert not is_child([])
    assert not is_child(["doctor", "--child=call"])


@pytest.mark.parametrize(
    "argv",
    [
        ["--child=call"],
        ["--child=call", "--parent=x", "--fd-in=1", "--fd-out=2"],
        ["--child=call", "--parent=1", "--fd-in=1", "--fd-out=2", "--slot=a:1"],
    ],
)
def test_malformed_arguments_are_refused(argv: list[str]) -> None:
    with pytest.raises(ValueError):
        parse_child_args(argv)


@pytest.mark.parametrize("argv", [ChildArgs("os", 5, 6, 99).argv(), ["--child=vault"]])
def test_what_a_person_cannot_start_is_refused_in_one_sentence(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "a child process is started by the program itself" in error

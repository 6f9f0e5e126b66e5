"""What the quality word's numbers say."""

from teleconsole.console.call.numbers import words_of
from teleconsole.contracts.call import CallStats


def test_silence_that_this_computer_made_is_told_when_there_was_any() -> None:
    assert "This computer was late with 65 ms of it." in words_of(CallStats(r_factor=80.0, audio_late_ms=65.0))
    assert "late" not in words_of(CallStats(r_factor=80.0))

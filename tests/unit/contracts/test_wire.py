"""The base of typed messages."""

from typing import TypeVar, assert_type

import msgspec
import pytest

from teleconsole.contracts.wire import Ask, Contract, Done, News, answer_type

T = TypeVar("T")


class Detail(msgspec.Struct, frozen=True):
    case_id: str


class OpenCase(Ask[Detail], frozen=True):
    case_id: str


class Finish(Ask[Done], frozen=True):
    pass


class Several(Ask[tuple[Detail, ...]], frozen=True):
    pass


class Changed(News, frozen=True):
    case_id: str


CONTRACT = Contract("test", asks=(OpenCase, Finish, Several), news=(Changed,))


def infer(ask: Ask[T]) -> T:
    """What Peer.ask does with types."""
    return msgspec.msgpack.Decoder(answer_type(type(ask))).decode(b"\x81\xa7case_id\xa1x")  # type: ignore[no-any-return]


def test_answer_is_inferred() -> None:
    answer = infer(OpenCase("x"))
    assert_type(answer, Detail)
    assert answer == Detail("x")


def test_messages_survive_the_wire() -> None:
    for ask in (OpenCase("c1"), Finish(), Several()):
        assert CONTRACT.decode_ask(*CONTRACT.encode(ask)) == ask
    assert CONTRACT.decode_news(*CONTRACT.encode(Changed("c1"))) == Changed("c1")
    body = msgspec.msgpack.encode((Detail("a"), Detail("b")))
    assert CONTRACT.decode_answer(Several, body) == (Detail("a"), Detail("b"))
    assert CONTRACT.answer_type(Finish) is Done


def test_ask_without_answer_is_refused_where_it_is_written() -> None:
    with pytest.raises(TypeError, match="Nameless must"):
        type("Nameless", (Ask,), {})
    with pytest.raises(TypeError, match="by the class itself"):

        class ByString(Ask["Detail"], frozen=True):
            pass


def test_foreign_and_malformed_messages_are_refused() -> None:
    class Foreign(News, frozen=True):
        pass

    with pytest.raises(TypeError, match="not in the contract"):
        CONTRACT.encode(Foreign())
    with pytest.raises(msgspec.ValidationError, match="no such ask"):
        CONTRACT.decode_ask("Changed", b"\x80")
    with pytest.raises(msgspec.ValidationError, match="no such news"):
        CONTRACT.decode_news("OpenCase", b"\x80")
    with pytest.raises(msgspec.ValidationError):
        CONTRACT.decode_ask(*("OpenCase", msgspec.msgpack.encode({"type": "OpenCase", "case_id": 5})))


def test_two_messages_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two messages"):
        Contract("test", asks=(OpenCase,), news=(type("OpenCase", (News,), {}),))


def test_messages_are_frozen_and_hashable() -> None:
    assert hash(OpenCase("x")) == hash(OpenCase("x"))
    with pytest.raises(AttributeError):
        setattr(OpenCase("x"), "case_id", "y")  # noqa: B010 -- a plain assignment is what mypy refuses

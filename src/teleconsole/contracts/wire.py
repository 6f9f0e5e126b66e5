"""The base of every message between two processes: asks with a typed answer, news, and their contract.

A contract module declares its messages so (`frozen=True` has to be repeated, the type checker does not
inherit it; the tag on the wire is the name of the class and is inherited)::

    class OpenCase(Ask[CaseDetail], frozen=True):
        case_id: str

    class CaseChanged(News, frozen=True):
        case_id: str

    VAULT = Contract("vault", asks=(OpenCase,), news=(CaseChanged,))

The answer can be any type that msgspec knows: a Struct, a tuple of Structs, `X | None`, `str`, or `Done`.
"""

import typing
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")


class Ask(msgspec.Struct, Generic[T], frozen=True, tag=True):
    """A request whose answer is a T.

    Raises:
        TypeError: at the definition of a subclass that does not say `Ask[Answer]`.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Refuse a subclass that does not name the type of its answer."""
        super().__init_subclass__(**options)
        answer_type(cls)


class News(msgspec.Struct, frozen=True, tag=True):
    """An event: told once, without an answer."""


class Done(msgspec.Struct, frozen=True):
    """The empty answer: it is done and there is nothing to tell."""


def answer_type(ask: type[Ask[Any]]) -> Any:
    """Return the type that answers this ask, as msgspec takes it.

    Raises:
        TypeError: the class does not say `Ask[Answer]`, or names its answer by a string.
    """
    for owner in ask.__mro__:
        for base in owner.__dict__.get("__orig_bases__", ()):
            if typing.get_origin(base) is not Ask:
                continue
            (answer,) = typing.get_args(base)
            if isinstance(answer, TypeVar | typing.ForwardRef):
                raise TypeError(f"{ask.__name__} must name its answer by the class itself: Ask[Answer]")
            return answer
    raise TypeError(f"{ask.__name__} must say what answers it: class {ask.__name__}(Ask[Answer])")


@dataclass(frozen=True)
class Contract:
    """All that two processes may say to each other, either way.

    Args:
        name: of the child, as in `--child=NAME`.
        asks: every request, whichever side asks it.
        news: every event, whichever side tells it.

    Raises:
        ValueError: two messages share a name.
        TypeError: a message has a type that cannot travel.
    """

    name: str
    asks: tuple[type[Ask[Any]], ...]
    news: tuple[type[News], ...] = ()
    _asks: dict[str, type[Ask[Any]]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _news: dict[str, type[News]] = field(init=False, repr=False, compare=False, default_factory=dict)
    _codecs: dict[Any, "msgspec.msgpack.Decoder[Any]"] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        """Build the decoders, so that a message that cannot travel is found at import and not at night."""
        for message in self.asks + self.news:
            if message.__name__ in self._asks or message.__name__ in self._news:
                raise ValueError(f"contract {self.name} has two messages named {message.__name__}")
            self._codecs[message] = msgspec.msgpack.Decoder(message)
            if issubclass(message, Ask):
                self._asks[message.__name__] = message
                self._codecs[message, "answer"] = msgspec.msgpack.Decoder(answer_type(message))
            elif issubclass(message, News):
                self._news[message.__name__] = message

    def answer_type(self, ask: type[Ask[Any]]) -> Any:
        """Return the type that answers this ask."""
        return answer_type(ask)

    def encode(self, message: Ask[Any] | News) -> tuple[str, msgspec.Raw]:
        """Return a message's name and body.

        Raises:
            TypeError: the message does not belong to this contract.
        """
        if type(message) not in self._codecs:
            raise TypeError(f"{type(message).__name__} is not in the contract {self.name}")
        return type(message).__name__, msgspec.Raw(msgspec.msgpack.encode(message))

    def decode_ask(self, name: str, body: bytes | msgspec.Raw) -> Ask[Any]:
        """Return the ask of that name.

        Raises:
            msgspec.ValidationError: unknown name, or a body that is not such an ask.
        """
        if name not in self._asks:
            raise msgspec.ValidationError(f"contract {self.name} has no such ask")
        return typing.cast("Ask[Any]", self._codecs[self._asks[name]].decode(body))

    def decode_news(self, name: str, body: bytes | msgspec.Raw) -> News:
        """Return the news of that name.

        Raises:
            msgspec.ValidationError: unknown name, or a body that is not such news.
        """
        if name not in self._news:
            raise msgspec.ValidationError(f"contract {self.name} has no such news")
        return typing.cast("News", self._codecs[self._news[name]].decode(body))

    def decode_answer(self, ask: type[Ask[T]], body: bytes | msgspec.Raw) -> T:
        """Return the answer to an ask of that class.

        Raises:
            msgspec.ValidationError: the body is not such an answer.
        """
        return typing.cast("T", self._codecs[ask, "answer"].decode(body))

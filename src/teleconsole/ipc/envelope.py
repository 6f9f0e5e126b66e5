"""What stands in a frame: a request, its answer or failure, a cancel, an event, the heartbeat."""

import msgspec


class Request(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Asks for an answer with the same number."""

    number: int
    name: str
    body: msgspec.Raw


class Answer(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Answers the request of that number."""

    number: int
    body: msgspec.Raw


class Failure(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Says why the request of that number has no answer."""

    number: int
    code: str
    text: str


class Cancel(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Says that nobody waits for that answer any more."""

    number: int


class Event(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Carries news."""

    name: str
    body: msgspec.Raw


class Ping(msgspec.Struct, frozen=True, array_like=True, tag=6):
    """Asks whether the other event loop turns."""

    number: int


class Pong(msgspec.Struct, frozen=True, array_like=True, tag=7):
    """Says that it does."""

    number: int


Envelope = Request | Answer | Failure | Cancel | Event | Ping | Pong

_DECODER: msgspec.msgpack.Decoder[Envelope] = msgspec.msgpack.Decoder(Envelope)


def pack(envelope: Envelope) -> bytes:
    """Return the body of the frame that carries this envelope."""
    return msgspec.msgpack.encode(envelope)


def unpack(body: bytes) -> Envelope:
    """Return the envelope in a frame's body.

    Raises:
        msgspec.DecodeError: it is none.
    """
    return _DECODER.decode(body)

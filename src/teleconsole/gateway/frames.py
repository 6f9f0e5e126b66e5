"""Signalling frames between text and structs: bounded, checked, with a name for what is wrong; their JSON Schema."""

import typing
from typing import Any, Generic, TypeVar

import msgspec

from teleconsole.contracts.channel import OnChannel
from teleconsole.contracts.signal import FromClinician, FromPatient, Problem, ProblemCode, ToClinician, ToPatient
from teleconsole.host import limits

FrameT = TypeVar("FrameT")

_DIRECTIONS: dict[str, Any] = {
    "fromPatient": FromPatient,
    "toPatient": ToPatient,
    "fromClinician": FromClinician,
    "toClinician": ToClinician,
    "onChannel": OnChannel,
}


class NotTaken(Exception):
    """A frame that is answered with `problem` and otherwise ignored; its text is for a log and holds no content."""

    def __init__(self, code: ProblemCode, text: str = "") -> None:
        super().__init__(text or code)
        self.problem = Problem(code=code, text=text)


class _Typed(msgspec.Struct):
    type: str


def _tags(union: Any) -> frozenset[str]:
    return frozenset(str(member.__struct_config__.tag) for member in typing.get_args(union))


_KNOWN = frozenset().union(*(_tags(union) for union in _DIRECTIONS.values()))
_peek = msgspec.json.Decoder(_Typed)


class FrameReader(Generic[FrameT]):
    """Reads the frames that one side may send."""

    def __init__(self, union: Any) -> None:
        self._decoder: msgspec.json.Decoder[FrameT] = msgspec.json.Decoder(union)
        self._tags = _tags(union)

    def read(self, text: str) -> FrameT:
        """Return the frame.

        Raises:
            NotTaken: `too-large`, `malformed`, `unknown-type`, or `not-allowed` for a type that only others may send.
        """
        # One character is at least one byte, so a long text is never encoded only to be measured.
        if len(text) > limits.GATEWAY_FRAME_BYTES or len(text.encode()) > limits.GATEWAY_FRAME_BYTES:
            raise NotTaken("too-large", f"A frame has at most {limits.GATEWAY_FRAME_BYTES} bytes.")
        try:
            tag = _peek.decode(text).type
        except (msgspec.DecodeError, RecursionError) as error:
            raise NotTaken("malformed", "The frame is not a JSON object with a type.") from error
        if tag not in self._tags:
            raise NotTaken("not-allowed" if tag in _KNOWN else "unknown-type", "This side cannot send that type.")
        try:
            return self._decoder.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            raise NotTaken("malformed", f"The frame is not a valid {tag}.") from error


def patient_frames() -> FrameReader[FromPatient]:
    """Return a reader of what a patient's page may send."""
    return FrameReader(FromPatient)


def clinician_frames() -> FrameReader[FromClinician]:
    """Return a reader of what a call process may send."""
    return FrameReader(FromClinician)


def to_text(frame: msgspec.Struct) -> str:
    """Return a frame as JSON text."""
    return msgspec.json.encode(frame).decode()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of all frames; `properties` names the directions."""
    schemas, definitions = msgspec.json.schema_components(list(_DIRECTIONS.values()), ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "teleconsole signalling frames",
        "type": "object",
        "properties": dict(zip(_DIRECTIONS, schemas, strict=True)),
        "$defs": definitions,
    }

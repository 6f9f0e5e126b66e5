"""Reads elements of a resource that a stranger may have written: whatever has another shape counts as absent."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

from teleconsole.host.clock import to_ms

Node: TypeAlias = Any
"""A value of decoded JSON."""

OWN = "urn:teleconsole:"
_TEXT_CHARS = 200_000
_MAX_MS = 253402300799000


def decode(raw: bytes) -> dict[str, Node]:
    """Return a resource as a dictionary.

    Raises:
        ValueError: not JSON, or not an object.
    """
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("it is not JSON that can be read") from error
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    return value


def at(node: Node, *path: str | int) -> Node:
    """Return what stands at a path of names and indexes, None when it is not there."""
    for step in path:
        if isinstance(step, str):
            node = node.get(step) if isinstance(node, dict) else None
        else:
            node = node[step] if isinstance(node, list) and len(node) > step else None
    return node


def text(node: Node, *path: str | int) -> str:
    """Return the string at a path, empty when there is none."""
    value = at(node, *path)
    return value[:_TEXT_CHARS] if isinstance(value, str) else ""


def number(node: Node, *path: str | int) -> float | None:
    """Return the finite number at a path (a number in a string counts)."""
    value = at(node, *path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) < 1e15 else None


def objects(node: Node, *path: str | int) -> Iterator[dict[str, Node]]:
    """Return the objects of the list at a path; an object in place of a list counts as one."""
    value = at(node, *path)
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def reference(node: Node, *path: str | int) -> tuple[str, str]:
    """Return (type, id) of the Reference at a path, empty when it names none; an absolute one loses its base."""
    words = text(node, *path, "reference").split("/_history/")[0].split("/")
    if len(words) < 2 or not words[-1] or not words[-2].isalpha():
        return "", ""
    return words[-2], words[-1]


def reference_to(type_: str, node: Node, *path: str | int) -> str:
    """Return the id of the Reference at a path when it is to that type."""
    found, id_ = reference(node, *path)
    return id_ if found == type_ else ""


def references_to(type_: str, node: Node, *path: str | int) -> list[str]:
    """Return the ids of all References of a list that are to that type."""
    return [id_ for item in objects(node, *path) if (id_ := reference_to(type_, item))]


def code(node: Node, system: str, *path: str | int) -> str:
    """Return the code of a system in the CodeableConcept (or list of them) at a path."""
    for concept in objects(node, *path):
        for coding in objects(concept, "coding"):
            if text(coding, "system") == system:
                return text(coding, "code")
    return ""


def concept_text(node: Node, *path: str | int) -> str:
    """Return the words of the CodeableConcept at a path."""
    for concept in objects(node, *path):
        if (
            words := text(concept, "text")
            or text(concept, "coding", 0, "display")
            or text(concept, "coding", 0, "code")
        ):
            return words
    return ""


def identifier(node: Node, system: str) -> str:
    """Return the value of the identifier of that system."""
    return next((text(one, "value") for one in objects(node, "identifier") if text(one, "system") == system), "")


def extension(node: Node, url: str) -> dict[str, Node]:
    """Return the extension of that URL, an empty one when there is none."""
    return next((one for one in objects(node, "extension") if text(one, "url") == url), {})


def time_ms(node: Node, *path: str | int) -> int:
    """Return the instant, dateTime or date at a path in Unix milliseconds; 0 = none. Without a zone it is UTC."""
    value = text(node, *path).strip()
    if not value:
        return 0
    if len(value) in (4, 7) and value.replace("-", "").isdigit():
        value += "-01-01"[: 10 - len(value)] if len(value) == 4 else "-01"
    if value.endswith(("Z", "z")):
        value = value[:-1] + "+00:00"
    try:
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return max(0, min(to_ms(moment), _MAX_MS))
    except (ValueError, OverflowError):
        return 0


def human_name(node: Node) -> str:
    """Return a HumanName list as it is shown: given and family name, or its text."""
    names = list(objects(node, "name"))
    chosen = next((name for name in names if text(name, "use") == "official"), names[0] if names else {})
    given = at(chosen, "given")
    words = [word for word in given if isinstance(word, str)] if isinstance(given, list) else []
    full = " ".join([*words, text(chosen, "family")]).strip()
    return full or text(chosen, "text")

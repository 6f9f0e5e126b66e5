"""The demo's files as DocumentReference and Binary."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from teleconsole.demo.dice import Dice
from teleconsole.demo.fhir_values import OWN, Resource, date_time, identifier, reference


@dataclass(frozen=True, slots=True)
class MediaFile:
    """One file of resources/demo.

    Attributes:
        name: path in resources/demo.
        kind: `photo`, `video` or `document`.
        content_type: its MIME type.
        title: what it shows; says so when it is drawn and not a patient.
        data: the bytes.
    """

    name: str
    kind: str
    content_type: str
    title: str
    data: bytes

    @property
    def sha1_base64(self) -> str:
        """What R4 puts into `attachment.hash`: SHA-1, base64. Not a protection, only a checksum."""
        return base64.b64encode(hashlib.sha1(self.data, usedforsecurity=False).digest()).decode()


class MediaShelf:
    """The files of resources/demo that its manifest lists for cases.

    Args:
        folder: resources/demo.
    """

    def __init__(self, folder: Path) -> None:
        listed = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        self._files = {
            entry["file"]: MediaFile(
                entry["file"],
                entry["kind"],
                entry["content_type"],
                entry["title"],
                (folder / entry["file"]).read_bytes(),
            )
            for entry in listed["files"]
        }

    def __getitem__(self, name: str) -> MediaFile:
        return self._files[name]

    def names(self) -> list[str]:
        """Every file's name."""
        return sorted(self._files)


def binary(file: MediaFile, binary_id: str) -> Resource:
    """The bytes as a Binary."""
    return {
        "resourceType": "Binary",
        "id": binary_id,
        "contentType": file.content_type,
        "data": base64.b64encode(file.data).decode(),
    }


def document(
    file: MediaFile, caption: str, key: tuple[object, ...], dice: Dice, binary_id: str, task: Resource, at: datetime
) -> Resource:
    """A DocumentReference: evidence that the patient sent to a case.

    Args:
        file: what it shows.
        caption: the patient's words.
        key: names this one among all.
        dice: gives the ids.
        binary_id: where the bytes are.
        task: the case; its `for` is the author.
        at: when it was taken.
    """
    titles = {"photo": "Photo", "video": "Video message", "document": "Document"}
    return {
        "resourceType": "DocumentReference",
        "id": dice.id("DocumentReference", *key),
        "identifier": [identifier("evidence", dice.id("evidence", *key))],
        "status": "current",
        "type": {"text": titles[file.kind]},
        "category": [{"coding": [{"system": f"{OWN}:evidence-kind", "code": file.kind}]}],
        "subject": task["for"],
        "date": date_time(at),
        "author": [task["for"]],
        "description": caption,
        "content": [
            {
                "attachment": {
                    "contentType": file.content_type,
                    "url": f"Binary/{binary_id}",
                    "size": len(file.data),
                    "hash": file.sha1_base64,
                    "title": file.title,
                    "creation": date_time(at),
                }
            }
        ],
        "context": {"related": [reference("Task", task["id"])]},
    }

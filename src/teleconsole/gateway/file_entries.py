"""The transaction of one file of a patient: the copy without position, the original beside it, and what names them."""

from teleconsole.domain.exif import without_position
from teleconsole.gateway import case_resources as build
from teleconsole.gateway.fhir_client import Resource
from teleconsole.gateway.links import Link
from teleconsole.gateway.spool import Spool, Upload


def file_entries(
    link: Link, upload: Upload, spool: Spool, *, binary_id: str = "", context: Resource | None = None
) -> list[Resource]:
    """Return the entries that write a file. Blocks on disk and encoding: runs in a thread.

    Args:
        link: whose spool it is.
        upload: a whole file of it.
        spool: of the link.
        binary_id: of the file on the server, when it is not the upload's.
        context: what the DocumentReference belongs to, when that is known already.

    Raises:
        SpoolDamaged: the bytes are not those that came.
        Damaged: the file cannot be sent on without its position.
    """
    binary_id = binary_id or upload.id
    original = spool.read(upload.id)
    sent_on = without_position(upload.content_type, original)
    document = build.document(link, upload, binary_id, sent_on, original)
    if context is not None:
        document["context"] = context
    entries = [build.put(build.binary(binary_id, upload.content_type, sent_on))]
    if original != sent_on:
        entries.append(build.put(build.binary(f"{binary_id}-original", upload.content_type, original)))
    return [*entries, build.create_once(document, build.EVIDENCE_SYSTEM, upload.id)]

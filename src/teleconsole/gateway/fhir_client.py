"""The gateway's own small FHIR R4 client: JSON over HTTP, bounded, with failures as the program's errors."""

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx2
import orjson

from teleconsole.domain.errors import NotFhir, Offline, Rejected, SignInNeeded, VersionConflict
from teleconsole.gateway.fhir_auth import FhirAuth
from teleconsole.host import limits

Resource = dict[str, Any]
"""A FHIR resource as it came; what we do not know in it stays untouched."""

JSON_TYPE = "application/fhir+json"
AGAIN_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})

log = logging.getLogger(__name__)


class FhirClient:
    """Reads, searches and transactions on one FHIR server. Belongs to one event loop."""

    def __init__(self, base_url: str, auth: FhirAuth) -> None:
        self._base_url = base_url.rstrip("/")
        self._auth = auth
        timeout = httpx2.Timeout(limits.GATEWAY_FHIR_READ_S, connect=limits.GATEWAY_FHIR_CONNECT_S)
        self._http = httpx2.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def read(self, resource_type: str, logical_id: str) -> Resource | None:
        """Return one resource, or None when there is none with this id.

        Raises:
            Offline: the server cannot be reached or asks to come later.
            NotFhir: something else answered.
            Rejected: the server refused.
        """
        status, body = await self._ask("GET", f"{resource_type}/{logical_id}")
        if status in (404, 410):
            return None
        return _expect(status, body, resource_type)

    async def search(self, resource_type: str, parameters: Mapping[str, str]) -> list[Resource]:
        """Return the first page of the resources that match, of that type only.

        Raises:
            Offline, NotFhir, Rejected: as `read`.
        """
        status, body = await self._ask("GET", resource_type, parameters=parameters)
        bundle = _expect(status, body, "Bundle")
        found = [entry.get("resource") for entry in bundle.get("entry", []) if isinstance(entry, dict)]
        return [each for each in found if isinstance(each, dict) and each.get("resourceType") == resource_type]

    async def with_identifier(self, resource_type: str, system: str, value: str) -> Resource | None:
        """Return the resource with an identifier, of several, which a race can make, the oldest; None without one.

        Raises:
            Offline, NotFhir, Rejected: as `read`.
        """
        found = await self.search(resource_type, {"identifier": f"{system}|{value}"})
        # A server that does not know the parameter would return just anything.
        own = [each for each in found if value in _identifiers(each, system)]
        return min(own, key=lambda each: str(each.get("meta", {}).get("lastUpdated", "")), default=None)

    async def transaction(self, entries: list[Resource]) -> list[Resource]:
        """Write all entries or none; return the entries of the answer, one for each, in order.

        Raises:
            VersionConflict: an `ifMatch` or `ifNoneExist` did not hold: look what is there.
            Offline, NotFhir, Rejected: as `read`.
        """
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        status, body = await self._ask("POST", "", content=orjson.dumps(bundle))
        answered = _expect(status, body, "Bundle").get("entry", [])
        if not isinstance(answered, list) or len(answered) != len(entries):
            raise NotFhir
        return answered

    async def _ask(
        self, method: str, path: str, *, parameters: Mapping[str, str] | None = None, content: bytes | None = None
    ) -> tuple[int, Any]:
        headers = {"Accept": JSON_TYPE, **(await self._auth.headers())}
        if content is not None:
            headers["Content-Type"] = JSON_TYPE
        url = f"{self._base_url}/{path}" if path else self._base_url
        try:
            async with self._http.stream(method, url, params=parameters, content=content, headers=headers) as response:
                received = bytearray()
                async for piece in response.aiter_bytes():
                    received += piece
                    if len(received) > limits.GATEWAY_FHIR_ANSWER_BYTES:
                        raise NotFhir
                return response.status_code, _parsed(response, bytes(received))
        except httpx2.HTTPError as error:
            log.warning("the FHIR server did not answer: %s", type(error).__name__)
            raise Offline from error


def _identifiers(resource: Resource, system: str) -> list[str]:
    identifiers = resource.get("identifier", [])
    identifiers = identifiers if isinstance(identifiers, list) else [identifiers]
    return [str(each.get("value")) for each in identifiers if each.get("system") == system]


def _parsed(response: httpx2.Response, content: bytes) -> Any:
    if response.status_code in AGAIN_LATER:
        raise Offline
    if "json" not in response.headers.get("content-type", ""):
        raise NotFhir
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise NotFhir from error


def _expect(status: int, body: Any, resource_type: str) -> Resource:
    if status == 401:
        raise SignInNeeded
    if status in (409, 412):
        raise VersionConflict
    if status >= 400:
        log.warning("the FHIR server refused with status %d", status)
        raise Rejected
    if status >= 300 or not isinstance(body, dict) or body.get("resourceType") != resource_type:
        raise NotFhir
    return body

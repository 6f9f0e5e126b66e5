"""The clinician's side of the gateway over HTTP: sign-in, short-lived tokens, visits (docs/signalling.md)."""

import asyncio
import ssl
import time
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import httpx2
import msgspec

from teleconsole.domain.errors import NotFhir, Offline, PolicyError, Rejected, SignInNeeded
from teleconsole.host.limits import VAULT_GATEWAY_BYTES, VAULT_GATEWAY_S, VAULT_TOKEN_SPARE_S
from teleconsole.host.policy import Policy, is_allowed_url
from teleconsole.vault.store.local import Account

T = TypeVar("T")
Purpose = Literal["signalling", "fhir"]
_UNAUTHORISED = 401
_SERVER_ERROR = 500


class _SignedIn(msgspec.Struct, frozen=True, rename="camel"):
    practitioner_id: str
    name: str
    clinic: str
    fhir_base: str
    refresh_token: str


class _Token(msgspec.Struct, frozen=True, rename="camel"):
    token: str
    expires_in_s: float = msgspec.field(name="expiresInS")


class _Visit(msgspec.Struct, frozen=True, rename="camel"):
    visit_id: str
    link: str = ""


class _Problem(msgspec.Struct, frozen=True):
    problem: str = ""


@dataclass(frozen=True)
class Pass:
    """A token, and for how many seconds it holds."""

    token: str
    holds_s: float

    def __repr__(self) -> str:
        """Show no token."""
        return "<Pass>"


class GatewayClient:
    """Asks one gateway. Belongs to one event loop; `close` ends its connections.

    Args:
        gateway_url: https, or http to loopback.
        policy: proxy and certificates.

    Raises:
        PolicyError: the address is not one that may be used, or the certificates cannot be read.
    """

    def __init__(self, gateway_url: str, policy: Policy) -> None:
        self._base = gateway_url.strip().rstrip("/")
        if not is_allowed_url(self._base):
            raise PolicyError("The gateway's address has to begin with https://. Check it and try again.")
        loopback = self._base.startswith("http://")
        self._http = httpx2.AsyncClient(
            verify=_certificates(policy.extra_ca_file),
            proxy=None if loopback else policy.proxy_url or None,
            trust_env=not loopback and not policy.proxy_url,
            timeout=VAULT_GATEWAY_S,
            follow_redirects=False,
        )
        self._passes: dict[Purpose, tuple[Pass, float]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def close(self) -> None:
        """End all connections and forget every token."""
        self._passes.clear()
        await self._http.aclose()

    async def sign_in(self, code: str) -> Account:
        """Exchange a one-time code.

        Raises:
            Rejected: the code is not valid (any more).
            Offline, NotFhir.
        """
        answer = await self._post("/api/sign-in", {"code": code.strip()}, _SignedIn, bearer="")
        if not is_allowed_url(answer.fhir_base):
            raise PolicyError("The gateway names a server without encryption. Ask IT to correct its configuration.")
        return Account(
            answer.practitioner_id,
            answer.name,
            answer.clinic,
            self._base,
            answer.fhir_base.rstrip("/"),
            answer.refresh_token,
        )

    async def token(self, account: Account, purpose: Purpose, *, fresh: bool = False) -> Pass:
        """Return a token that still holds for a while; those who ask at the same time get the same one.

        Raises:
            SignInNeeded: the refresh token is not valid any more.
            Offline, NotFhir.
        """
        async with self._one_at_a_time:
            known = self._passes.get(purpose)
            now_s = time.monotonic()
            if known is not None and not fresh and known[1] - now_s > VAULT_TOKEN_SPARE_S:
                return Pass(known[0].token, known[1] - now_s)
            answer = await self._post("/api/token", {"purpose": purpose}, _Token, bearer=account.refresh_token)
            made = Pass(answer.token, answer.expires_in_s)
            self._passes[purpose] = (made, now_s + answer.expires_in_s)
            return made

    async def make_visit(self, account: Account, case_id: str, patient_id: str) -> str:
        """Make a visit for a case and return its id.

        Raises:
            SignInNeeded, Rejected, Offline, NotFhir.
        """
        bearer = (await self.token(account, "fhir")).token
        body = {"caseId": case_id, "patientId": patient_id}
        return (await self._post("/api/visits", body, _Visit, bearer=bearer)).visit_id

    async def health(self) -> httpx2.Response:
        """Return the gateway's own word about itself.

        Raises:
            Offline.
        """
        return await self._ask("GET", "/api/health", None, bearer="")

    async def _post(self, path: str, body: dict[str, str], kind: type[T], *, bearer: str) -> T:
        answer = await self._ask("POST", path, body, bearer=bearer)
        if answer.status_code == _UNAUTHORISED and bearer:
            raise SignInNeeded
        if answer.status_code >= _SERVER_ERROR:
            raise Offline
        if not answer.is_success:
            raise Rejected(_refusal(path, answer))
        try:
            return msgspec.json.decode(answer.content, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotFhir from error

    async def _ask(self, method: str, path: str, body: dict[str, str] | None, *, bearer: str) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        request = self._http.build_request(method, self._base + path, json=body, headers=headers)
        try:
            answer = await self._http.send(request, stream=True)
            try:
                content = b""
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > VAULT_GATEWAY_BYTES:
                        raise NotFhir
            finally:
                await answer.aclose()
        except (httpx2.HTTPError, OSError) as error:
            raise Offline from error
        return httpx2.Response(answer.status_code, headers=_plain(answer.headers), content=content, request=request)


def _plain(headers: httpx2.Headers) -> dict[str, Any]:
    """Return the headers without those of the coding, which is undone already."""
    dropped = {"content-encoding", "content-length", "transfer-encoding"}
    return {name: value for name, value in headers.items() if name.lower() not in dropped}


def _refusal(path: str, answer: httpx2.Response) -> str:
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem).problem
    except (msgspec.DecodeError, UnicodeDecodeError):
        problem = ""
    if path == "/api/sign-in":
        if problem == "too-many-tries":
            return "Too many codes were tried. Wait a minute, then try again."
        return "This sign-in code is not valid, or was used before. Ask the clinic for a new one."
    return "The clinic's gateway did not accept this. Sync, then try again."


def _certificates(extra_ca_file: str) -> ssl.SSLContext | bool:
    if not extra_ca_file:
        return True
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=extra_ca_file)
    except (OSError, ssl.SSLError) as error:
        raise PolicyError("The certificates that the policy names cannot be read. Ask IT to look at them.") from error
    return context

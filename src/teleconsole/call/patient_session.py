"""Exchanges a patient's link for a session at the gateway, as the page does."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
import msgspec

from teleconsole.call.signalling import trust
from teleconsole.domain.errors import CallError
from teleconsole.host.limits import CALL_SIGNAL_CONNECT_S, CALL_SIGNAL_FRAME_BYTES
from teleconsole.host.policy import is_allowed_url

_SENTENCES = {
    "birth-date-needed": "The link was opened on another device: give the patient's date of birth (--birth-date).",
    "birth-date-wrong": "The date of birth is not the one that the clinic has.",
    "expired": "The link is not valid any more. Ask the clinic for a new one.",
    "revoked": "The clinic has withdrawn this link. Ask it for a new one.",
    "too-many-tries": "There were too many tries with this link. Wait a quarter of an hour.",
}
NOT_A_LINK = "This is not a visit's link; it looks like https://clinic.example/v#… ."
AWAY = "The clinic's gateway cannot be reached. Try again later."
NOT_UNDERSTOOD = "The gateway did not answer as expected. Try again, or ask the clinic for a new link."


class _Session(msgspec.Struct, rename="camel"):
    visit_id: str


class _Problem(msgspec.Struct):
    problem: str = ""


@dataclass(frozen=True)
class PatientSession:
    """Where and as whom the patient joins; the cookie is a secret."""

    url: str
    visit_id: str
    cookies: dict[str, str]

    def __repr__(self) -> str:
        """Show no secret."""
        return "<PatientSession>"


def split_link(link: str) -> tuple[str, str]:
    """Return the gateway's address and the token of a visit's link.

    Raises:
        ValueError: it is not one.
    """
    parts = urlsplit(link)
    url = f"{parts.scheme}://{parts.netloc}"
    if parts.path != "/v" or not parts.fragment or not is_allowed_url(url):
        raise ValueError(NOT_A_LINK)
    return url, parts.fragment


async def exchange(
    url: str, token: str, *, birth_date: str = "", extra_ca: str = "", proxy: str = ""
) -> PatientSession:
    """Return the session of a link.

    Raises:
        CallError: the sentence says why there is none.
    """
    body = {"token": token} | ({"birthDate": birth_date} if birth_date else {})
    timeout = aiohttp.ClientTimeout(total=2 * CALL_SIGNAL_CONNECT_S)
    jar = aiohttp.CookieJar(unsafe=True)
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trust(extra_ca)), cookie_jar=jar, timeout=timeout
            ) as http,
            http.post(f"{url}/patient/session", json=body, proxy=proxy or None, allow_redirects=False) as response,
        ):
            answer = await response.content.read(CALL_SIGNAL_FRAME_BYTES)
            cookies = {name: morsel.value for name, morsel in response.cookies.items()}
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise CallError(AWAY) from error
    try:
        if response.status == 200:
            return PatientSession(url, msgspec.json.decode(answer, type=_Session).visit_id, cookies)
        problem = msgspec.json.decode(answer, type=_Problem).problem
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CallError(NOT_UNDERSTOOD) from error
    raise CallError(_SENTENCES.get(problem, _SENTENCES["expired"] if response.status == 410 else NOT_UNDERSTOOD))

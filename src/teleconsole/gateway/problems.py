"""Refusals with a name that a page turns into a sentence, and the door of every JSON body."""

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from aiohttp import web

from teleconsole.domain.errors import NotFhir, Offline, Rejected, TeleconsoleError
from teleconsole.host import limits
from teleconsole.host.logs import where_it_broke

BodyT = TypeVar("BodyT")

log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that is answered with a problem.

    Attributes:
        status: HTTP status.
        problem: name from docs/signalling.md; the page's catalogue has its sentence.
        details: more fields of the answer; never PHI.
    """

    def __init__(self, status: int, problem: str, **details: object) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem
        self.details = details


def answer(body: object, status: int = 200) -> web.Response:
    """Return a JSON answer."""
    return web.Response(body=msgspec.json.encode(body), status=status, content_type="application/json")


async def read_body(request: web.Request, body_type: type[BodyT]) -> BodyT:
    """Return the request's JSON body, checked.

    Raises:
        Refused: it is too large, not JSON, or not of that shape.
    """
    if request.content_type != "application/json":  # a form of another site cannot send this type
        raise Refused(415, "malformed")
    if (request.content_length or 0) > limits.GATEWAY_JSON_BYTES:
        raise Refused(413, "too-large")
    content = bytearray()
    async for piece in request.content.iter_chunked(1 << 16):
        content += piece
        if len(content) > limits.GATEWAY_JSON_BYTES:
            raise Refused(413, "too-large")
    try:
        return msgspec.json.decode(content, type=body_type)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(400, "malformed") from error


@web.middleware
async def problems_middleware(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn refusals and failures into JSON answers; tell the log of bugs without any content."""
    try:
        return await handler(request)
    except Refused as refusal:
        return answer({"problem": refusal.problem, **refusal.details}, refusal.status)
    except (Offline, NotFhir):
        return answer({"problem": "server-away"}, 503)
    except Rejected:
        return answer({"problem": "not-accepted"}, 422)
    except TeleconsoleError as error:
        return answer({"problem": error.code}, 500)
    except web.HTTPException as error:
        if request.path.startswith(("/patient/", "/api/")) and error.status >= 400:
            return answer({"problem": "not-found" if error.status in (404, 405) else "malformed"}, error.status)
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RuntimeError) as error:
        log.error("request failed: %s", where_it_broke(type(error), error.__traceback__))
        return answer({"problem": "failure"}, 500)

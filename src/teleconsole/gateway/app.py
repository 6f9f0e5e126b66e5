"""The gateway's parts put together: `create_app` is the one place where they meet."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import web

from teleconsole.gateway.case_threads import CaseThreads
from teleconsole.gateway.clinician_api import ClinicianApi
from teleconsole.gateway.config import GatewayConfig, check_config, secret_key
from teleconsole.gateway.deliveries import Deliveries
from teleconsole.gateway.fhir_auth import NoLogin
from teleconsole.gateway.fhir_client import FhirClient
from teleconsole.gateway.fhir_proxy import FhirProxy
from teleconsole.gateway.late_messages import LateMessages
from teleconsole.gateway.late_messages_api import LateMessagesApi
from teleconsole.gateway.links import Links
from teleconsole.gateway.pages import Pages, add_headers, same_origin_only
from teleconsole.gateway.patient_api import PatientSessionApi
from teleconsole.gateway.problems import problems_middleware
from teleconsole.gateway.questionnaires import Questionnaires
from teleconsole.gateway.rooms import Rooms
from teleconsole.gateway.sessions import Sessions
from teleconsole.gateway.signalling import Signalling
from teleconsole.gateway.submission import Submissions
from teleconsole.gateway.submission_api import SubmissionApi
from teleconsole.gateway.tokens import Tokens
from teleconsole.gateway.turn import IceServers
from teleconsole.gateway.upload_doors import SubmissionDoor, VisitDoor
from teleconsole.gateway.uploads_api import UploadsApi
from teleconsole.gateway.visits import Visits
from teleconsole.host import limits, paths
from teleconsole.host.clock import Clock, SystemClock
from teleconsole.host.logs import where_it_broke

TOKENS: web.AppKey[Tokens] = web.AppKey("tokens", Tokens)
"""Whoever starts the gateway takes the sign-in code from here."""

DELIVERIES: web.AppKey[Deliveries] = web.AppKey("deliveries", Deliveries)

log = logging.getLogger(__name__)


def create_app(config: GatewayConfig, clock: Clock | None = None) -> web.Application:
    """Return the gateway as an aiohttp application; its data folder is opened at once.

    Args:
        config: with the address that patients use (`base_url`) already known.
        clock: the system's, unless a test hands in another one.

    Raises:
        ConfigError: the configuration, the secret key or a questionnaire cannot be used.
        OSError: the data folder cannot be used.
    """
    check_config(config)
    clock = clock or SystemClock()
    data = config.data_folder
    resources = paths.resources()
    tokens = Tokens(data / "tokens", clock)
    secret = secret_key(config)
    links = Links(data / "links", secret, clock)
    visits = Visits(data / "visits", clock)
    fhir = FhirClient(config.fhir_base, NoLogin())
    proxy = FhirProxy(fhir)
    sessions = Sessions(data / "sessions", links, clock, proxy.birth_date, secure=config.is_https)
    rooms = Rooms(
        visits,
        links,
        IceServers(config, clock),
        clock,
        clinic=config.clinic,
        clinician=config.practitioner.name,
    )
    questionnaires = Questionnaires(Path(config.questionnaires_folder or resources / "questionnaires"))
    threads = CaseThreads(fhir, proxy, clock)
    submissions = Submissions(fhir, proxy, links, questionnaires, threads)
    late_messages = LateMessages(fhir, threads, clock)
    deliveries = Deliveries(data / "spool", secret, links, submissions, late_messages, rooms)
    visit_door = VisitDoor(sessions, visits, clock)
    signalling = Signalling(rooms, visits, sessions, tokens)
    parts = (
        Pages(Path(config.pages_folder or resources / "patient")),
        signalling,
        PatientSessionApi(config, links, sessions, proxy, rooms),
        UploadsApi(SubmissionDoor(sessions), deliveries, clock),
        UploadsApi(visit_door, deliveries, clock),
        LateMessagesApi(visit_door, links, deliveries, late_messages, clock),
        SubmissionApi(clock, links, sessions, proxy, rooms, questionnaires, submissions, deliveries),
        ClinicianApi(config, clock, tokens, links, visits, rooms, proxy, questionnaires),
    )
    app = web.Application(middlewares=[problems_middleware, same_origin_only(config)])
    app[TOKENS] = tokens
    app[DELIVERIES] = deliveries
    for part in parts:
        app.add_routes(part.routes())
    app.on_response_prepare.append(add_headers(config))

    async def close_sockets(_app: web.Application) -> None:
        await signalling.close()

    async def background(_app: web.Application) -> AsyncIterator[None]:
        async with fhir:
            tasks = [
                asyncio.create_task(_sweep(rooms, visits, links, sessions, tokens, deliveries), name="sweep"),
                asyncio.create_task(deliveries.run(), name="deliveries"),
            ]
            for task in tasks:
                task.add_done_callback(_tell_failure)
            yield
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app.on_shutdown.append(close_sockets)
    app.cleanup_ctx.append(background)
    return app


def _tell_failure(task: asyncio.Task[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.critical("%s ended: %s", task.get_name(), where_it_broke(type(error), error.__traceback__))


async def _sweep(
    rooms: Rooms, visits: Visits, links: Links, sessions: Sessions, tokens: Tokens, deliveries: Deliveries
) -> None:
    """Forget what is over, again and again."""
    while True:
        await asyncio.sleep(limits.GATEWAY_SWEEP_S)
        rooms.sweep()
        tokens.sweep()
        swept = links.forget_old(), sessions.sweep(), visits.forget_old(), await deliveries.sweep()
        log.info("swept: %d links, %d sessions, %d visits, %d spools", *swept)

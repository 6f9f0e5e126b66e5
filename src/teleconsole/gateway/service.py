"""A running gateway: bound to its address, with a one-time code for the clinician."""

import logging
import socket
import ssl
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web

from teleconsole.gateway.app import DELIVERIES, TOKENS, create_app
from teleconsole.gateway.config import ConfigError, GatewayConfig
from teleconsole.gateway.deliveries import Deliveries
from teleconsole.host.clock import Clock

log = logging.getLogger(__name__)


class Gateway:
    """One gateway that listens; use `async with Gateway(config) as gateway: ... gateway.base_url`.

    Attributes:
        clinician_code: a fresh one-time code, there once it runs.
    """

    def __init__(self, config: GatewayConfig, clock: Clock | None = None, tls: ssl.SSLContext | None = None) -> None:
        self._config = config
        self._clock = clock
        self._tls = tls
        self._runner: web.AppRunner | None = None
        self.clinician_code = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """How patients reach it, without a slash at the end; right once it runs."""
        return self._config.base_url

    @property
    def port(self) -> int:
        """The port it listens on; right once it runs."""
        return self._config.port

    async def start(self) -> None:
        """Bind, open the data folder, listen.

        Raises:
            ConfigError: the address is taken or the configuration cannot be used.
        """
        listener = _bind(self._config)
        try:
            self._config = msgspec.structs.replace(self._config, port=listener.getsockname()[1])
            app = create_app(self._config, self._clock)
            self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
            await self._runner.setup()
            await web.SockSite(self._runner, listener, ssl_context=self._tls).start()
        except BaseException:
            listener.close()
            await self.stop()
            raise
        self.clinician_code = app[TOKENS].new_code(self._config.practitioner.id)
        log.info("listening on port %d", self._config.port)

    def new_code(self) -> str:
        """Return one more one-time code for the clinician.

        Raises:
            ConfigError: the gateway does not run.
        """
        if self._runner is None:
            raise ConfigError("The gateway is not running.")
        return self._runner.app[TOKENS].new_code(self._config.practitioner.id)

    @property
    def deliveries(self) -> Deliveries:
        """What patients have sent and the FHIR server does not have yet.

        Raises:
            ConfigError: the gateway does not run.
        """
        if self._runner is None:
            raise ConfigError("The gateway is not running.")
        return self._runner.app[DELIVERIES]

    async def stop(self) -> None:
        """Close every connection and stop listening; nothing to do when it does not run."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()


def _bind(config: GatewayConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"The gateway cannot listen on {config.host} port {config.port}: {error.strerror}."
        ) from error
    return listener

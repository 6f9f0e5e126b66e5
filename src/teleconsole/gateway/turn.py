"""ICE servers with short-lived credentials by coturn's REST convention.

See: draft-uberti-behave-turn-rest-00; coturn's `use-auth-secret`.
"""

import base64
import hashlib
import hmac

from teleconsole.contracts.signal import IceServer
from teleconsole.gateway.config import GatewayConfig
from teleconsole.host import limits
from teleconsole.host.clock import Clock


class IceServers:
    """Makes the list of ICE servers for one visit. Callers ask only once the patient is admitted.

    Attributes:
        relay_only: both sides of a call use nothing but relayed addresses.
    """

    def __init__(self, config: GatewayConfig, clock: Clock) -> None:
        self._turn = config.turn
        self.relay_only = config.relay_only
        self._stun_urls = config.stun_urls
        self._clock = clock

    def before_admission(self) -> list[IceServer]:
        """Return the servers for a patient who waits: none that needs credentials."""
        return [IceServer(urls=list(self._stun_urls))] if self._stun_urls else []

    def for_check(self, practitioner_id: str) -> list[IceServer]:
        """Return the servers for a signed-in clinician's check which relay answers, before a visit."""
        return self.for_visit(practitioner_id)

    def for_visit(self, visit_id: str) -> list[IceServer]:
        """Return the servers; the user name is `expiry:visit`, the password its HMAC-SHA1 in base64."""
        servers = self.before_admission()
        if self._turn is not None:
            username = f"{int(self._clock.now().timestamp()) + limits.GATEWAY_TURN_S}:{visit_id}"
            digest = hmac.digest(self._turn.secret.encode(), username.encode(), hashlib.sha1)
            credential = base64.b64encode(digest).decode()
            servers.append(IceServer(urls=list(self._turn.urls), username=username, credential=credential))
        return servers

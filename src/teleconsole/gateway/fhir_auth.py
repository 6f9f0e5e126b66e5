"""How the gateway proves to the FHIR server who it is: the one place that the organisation's login changes."""

from typing import Protocol


class FhirAuth(Protocol):
    """Gives the headers that a request to the FHIR server needs."""

    async def headers(self) -> dict[str, str]:
        """Return the headers of the next request.

        Raises:
            SignInNeeded: the server's login refused the gateway.
        """
        ...


class NoLogin:
    """For a FHIR server that is reached on this computer only and asks for nothing: the demo's."""

    async def headers(self) -> dict[str, str]:
        """Return no header."""
        return {}

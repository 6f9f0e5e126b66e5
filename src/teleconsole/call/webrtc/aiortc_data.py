"""What is touched of aiortc's SCTP: after an outage it sends again at once, and what is acknowledged proves the way.

By itself it sends again only when its timer runs out, one to three seconds later (RFC 9260 section 6.3); chat and ping
would wait for that, and so would the proof that an old connection carries both directions again.
"""

from aiortc import RTCPeerConnection
from aiortc.rtcsctptransport import RTCSctpTransport

_ATTRIBUTES = ("_t3_handle", "_sent_queue", "_outbound_queue")
_METHODS = ("_t3_expired",)


def missing_data_names() -> list[str]:
    """Return which of the names that are used here this aiortc does not have."""
    known = RTCSctpTransport.__init__.__code__.co_names
    return [name for name in _ATTRIBUTES if name not in known] + [
        name for name in _METHODS if not hasattr(RTCSctpTransport, name)
    ]


def send_again_now(connection: RTCPeerConnection) -> None:
    """Send what was not acknowledged again now, instead of when the timer runs out."""
    sctp = connection.sctp
    if sctp is not None and sctp._t3_handle is not None:
        sctp._t3_handle.cancel()
        sctp._t3_expired()


def everything_acknowledged(connection: RTCPeerConnection) -> bool:
    """Whether the other side has acknowledged all that was sent on data channels."""
    sctp = connection.sctp
    return sctp is not None and not sctp._sent_queue and not sctp._outbound_queue

"""What can go wrong between two processes.

TeleconsoleError
  x IpcError    PeerLost, DeadlineExceeded, RemoteFailure, Congested, FrameRefused
"""

from teleconsole.domain.errors import TeleconsoleError


class IpcError(TeleconsoleError):
    """Two parts of the program could not talk to each other."""

    code = "ipc"
    default_sentence = "A part of the program did not answer as it should. What was saved is safe."


class PeerLost(IpcError):
    """The other process ended or the connection to it is closed; what was asked may or may not have been done."""

    code = "peer-lost"
    default_sentence = "A part of the program stopped and is being started again. What was saved is safe."

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        """Return the technical reason; the sentence for a person is in `sentence`."""
        return self.reason or self.sentence


class DeadlineExceeded(IpcError):
    """The answer did not come in time; the other side was told to give up."""

    code = "deadline"
    default_sentence = "That took too long and was given up. What was saved is safe; try again."


class RemoteFailure(IpcError):
    """The other side could not do what was asked.

    Attributes:
        code: the `code` of the error that it raised, "bug" for one outside the tree of errors.
        text: its sentence for a person; for a bug the name of the exception's type only.
    """

    code = "remote"

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text

    def __str__(self) -> str:
        """Return code and text."""
        return f"{self.code}: {self.text}"


class Congested(IpcError):
    """Too much is waiting to be sent; nothing was sent or dropped."""

    code = "congested"


class FrameRefused(IpcError):
    """A frame of the wire or of shared memory breaks a bound; the other side is not to be trusted."""

    code = "frame-refused"

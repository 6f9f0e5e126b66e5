"""The messages on the data channel "chat" of the peer connection: reliable, ordered, JSON text.

Between the patient's page and the call process alone; the gateway never sees them. Story: docs/signalling.md; types and
bounds as in `teleconsole.contracts.signal`.
"""

from typing import Annotated, Literal

from msgspec import Meta

from teleconsole.contracts.signal import LadderStep, MessageId, Ping, Pong, ShortText, Signal, StepCause


class ChatLine(Signal, frozen=True, tag="chat-line"):
    """One line of chat. The sender repeats it on each new connection until `chat-ack` with its id arrives."""

    id: MessageId
    text: ShortText
    sent_ms: int


class ChatAck(Signal, frozen=True, tag="chat-ack"):
    """The line is safe: the console sends it only after the line is sealed and fsynced."""

    id: MessageId


class PhotoStart(Signal, frozen=True, tag="photo-start"):
    """A photo, or a spoken or filmed message: in binary messages on this channel (16 KiB each), then `photo-end`."""

    id: MessageId
    content_type: Literal["image/jpeg", "image/png", "audio/webm", "audio/ogg", "audio/mp4", "video/webm", "video/mp4"]
    size_bytes: Annotated[int, Meta(ge=1, le=16_777_216)]


class PhotoEnd(Signal, frozen=True, tag="photo-end"):
    """All bytes of the photo were sent; `sha256` in hex. Answered by `chat-ack` once it is sealed."""

    id: MessageId
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class MediaState(Signal, frozen=True, tag="media-state"):
    """What this side sends now."""

    microphone: bool
    camera: bool


class Step(Signal, frozen=True, tag="step"):
    """The call went up or down the ladder; `why` in one short sentence, `cause` for screens with words of their own."""

    step: LadderStep
    why: ShortText
    cause: StepCause = "start"


class LinkReport(Signal, frozen=True, tag="link-report"):
    """Once a second: how sending goes on the page's side, after W3C's webrtc-stats; 0 = the browser does not tell.

    `estimate_bps` is `availableOutgoingBitrate`, `limited_by` is `qualityLimitationReason`. Of a browser that tells
    neither they are made of what its encoder aims at, while the link holds that down.
    """

    estimate_bps: Annotated[int, Meta(ge=0, le=1_000_000_000)] = 0
    limited_by: Literal["none", "bandwidth", "cpu", "other"] = "none"
    loss_fraction: Annotated[float, Meta(ge=0, le=1)] = 0.0
    concealed_fraction: Annotated[float, Meta(ge=0, le=1)] = 0.0
    round_trip_ms: Annotated[float, Meta(ge=0, le=600_000)] = 0.0


class LinkStill(Signal, frozen=True, tag="link-still"):
    """A picture in place of the video, where the link carries no more: JPEG in Base64, seldom and small.

    It may come in parts, which belong together in their order: whole, it would hold the voice up on such a link.
    """

    jpeg: Annotated[str, Meta(max_length=16_384)]
    part: Annotated[int, Meta(ge=0, lt=32)] = 0
    parts: Annotated[int, Meta(ge=1, le=32)] = 1


class Stethoscope(Signal, frozen=True, tag="stethoscope"):
    """The console wants the page's microphone without processing, for heart and lung sounds, or as usual again.

    `bits_per_s` is what the page sends of it; 0 = the link affords a plain voice only, for now. Answered by
    `stethoscope-state`, also whenever that changes; the end of the mode is not answered.
    """

    on: bool
    bits_per_s: Annotated[int, Meta(ge=0, le=510_000)] = 0


class StethoscopeState(Signal, frozen=True, tag="stethoscope-state"):
    """What became of the page's microphone.

    on: sent as it is. plain: as a voice, step or link afford no more. refused: it stays as it was. off: the page has
    left the mode by itself.
    """

    state: Literal["off", "on", "plain", "refused"]


class Notice(Signal, frozen=True, tag="notice"):
    """Something that the other side has to be told: a still is taken, recording began or ended."""

    kind: Literal["still-captured", "recording-started", "recording-stopped"]


OnChannel = (
    ChatLine
    | ChatAck
    | PhotoStart
    | PhotoEnd
    | MediaState
    | Step
    | Notice
    | LinkReport
    | LinkStill
    | Stethoscope
    | StethoscopeState
    | Ping
    | Pong
)

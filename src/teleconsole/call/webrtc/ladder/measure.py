"""Makes one sample for the ladder out of both sides' measures: the weaker direction decides."""

from teleconsole.call.webrtc.ladder.sample import LimitedBy, LinkSample
from teleconsole.call.webrtc.ladder.steps import has_picture
from teleconsole.call.webrtc.profile import SendReport
from teleconsole.contracts.call import CallStats
from teleconsole.contracts.channel import LinkReport
from teleconsole.contracts.signal import LadderStep
from teleconsole.host.media_limits import LADDER_CONCEALED_STRAIGHT, LADDER_LOSS_BAD

_PAGE_LIMITS: dict[str, LimitedBy] = {"none": "none", "bandwidth": "network", "cpu": "cpu", "other": "none"}


def sample_of(
    at_s: float,
    *,
    step: LadderStep,
    stats: CallStats,
    sending: SendReport | None,
    page: LinkReport | None,
    silent_s: float,
    generation: int,
) -> LinkSample:
    """Return the sample of now.

    Args:
        at_s: now.
        step: of now.
        stats: what we receive.
        sending: how our sending goes, None = not measured.
        page: how the page's sending and hearing go, None = not told lately.
        silent_s: for how long nothing has arrived.
        generation: of the connection, 0 = none.
    """
    directions: list[tuple[int, LimitedBy]] = []
    losses, concealed = [stats.loss_percent / 100], [stats.audio_concealed_percent / 100]
    round_trips = [stats.round_trip_ms]
    queue_ms = 0.0
    arrives_bps = round(stats.received_kbps * 1000) if _breaks(stats) else 0
    if arrives_bps:
        directions.append((arrives_bps, "network"))
    if sending is not None:
        directions.append((max(sending.estimate_bps, arrives_bps), sending.limited_by))
        losses.append(sending.loss_fraction)
        round_trips.append(sending.round_trip_ms)
        queue_ms = sending.queue_ms
    if page is not None:
        directions.append((page.estimate_bps, _PAGE_LIMITS[page.limited_by]))
        losses.append(page.loss_fraction)
        concealed.append(page.concealed_fraction)
        round_trips.append(page.round_trip_ms)
    estimate_bps, limited_by = _weaker(directions, has_picture(step))
    return LinkSample(
        at_s=at_s,
        estimate_bps=estimate_bps,
        limited_by=limited_by,
        loss_fraction=max(losses),
        concealed_fraction=max(concealed),
        round_trip_ms=max(round_trips),
        queue_ms=queue_ms,
        silent_s=silent_s,
        generation=generation,
    )


def _breaks(stats: CallStats) -> bool:
    """Return whether what arrives now is all that the link takes: much of what was sent is lost, and the voice with it.

    Where both directions are full no report comes through that could say so, and our own estimate falls far below the
    link for some seconds, because it does not hear what arrives: then the link is taken to be alike both ways.
    """
    lost, concealed = stats.loss_percent / 100, stats.audio_concealed_percent / 100
    return stats.received_kbps > 0 and lost >= LADDER_LOSS_BAD and concealed >= LADDER_CONCEALED_STRAIGHT


def _weaker(directions: list[tuple[int, LimitedBy]], with_picture: bool) -> tuple[int, LimitedBy]:
    """Return the estimate of the direction that holds the call down, and by what it is held.

    A direction whose picture is content (a still scene) says nothing about what the link could carry.
    """
    limits = {limited for _, limited in directions}
    held = [bps for bps, limited in directions if bps and (limited == "network" or not with_picture)]
    known = held or [bps for bps, _ in directions if bps]
    estimate_bps = min(known, default=0)
    if "cpu" in limits:
        return estimate_bps, "cpu"
    if held and with_picture:
        return estimate_bps, "network"
    return estimate_bps, "profile" if limits == {"profile"} else "none"

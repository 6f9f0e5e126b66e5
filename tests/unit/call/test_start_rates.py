"""Where the rates of a new connection begin."""

from aiortc import RTCPeerConnection
from aiortc.sdp import SessionDescription

from teleconsole.call.webrtc.sending.sending import Sending
from teleconsole.call.webrtc.start_rates import StartRates, with_start_rate
from teleconsole.host.media_limits import (
    RECEIVE_START_BPS,
    SEND_ESTIMATE_START_BPS,
    START_AGAIN_LEAST_BPS,
    START_AGAIN_MOST_BPS,
)


async def test_offer_tells_a_browser_where_to_begin_and_stays_a_description() -> None:
    connection = RTCPeerConnection()
    connection.addTransceiver("audio")
    connection.addTransceiver("video")
    await connection.setLocalDescription(await connection.createOffer())
    sdp = connection.localDescription.sdp
    await connection.close()
    told = with_start_rate(sdp, 640_000)
    [vp8] = [
        codec
        for media in SessionDescription.parse(told).media
        if media.kind == "video"
        for codec in media.rtp.codecs
        if codec.mimeType == "video/VP8"
    ]
    assert vp8.parameters == {"x-google-start-bitrate": "640"}
    added = [line for line in told.splitlines() if line not in sdp.splitlines()]
    assert added == [f"a=fmtp:{vp8.payloadType} x-google-start-bitrate=640"]


def test_first_connection_begins_low_and_the_next_one_below_what_was_seen() -> None:
    assert StartRates.after(0, 0) == StartRates(SEND_ESTIMATE_START_BPS, RECEIVE_START_BPS)
    assert StartRates.after(1_000_000, 200_000) == StartRates(700_000, 140_000)
    assert StartRates.after(9_000, 9e9) == StartRates(START_AGAIN_LEAST_BPS, START_AGAIN_MOST_BPS)
    assert StartRates.after(0, 500_000) == StartRates(SEND_ESTIMATE_START_BPS, 350_000)


def test_sender_begins_there() -> None:
    assert Sending(start_bps=250_000).report().estimate_bps == 250_000

"""Which codecs of pictures two of our own connections agree on."""

import copy

from aiortc import rtcpeerconnection
from aiortc.codecs import CODECS
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpsender import RTCRtpSender

from teleconsole.call.webrtc.aiortc_private import adapt_aiortc
from teleconsole.call.webrtc.peer import VIDEO_CODECS

AGREED = ["VP8", "rtx", "red", "rtx", "ulpfec"]


def names(codecs: list[RTCRtpCodecParameters]) -> list[str]:
    return [codec.name for codec in codecs]


def test_red_and_ulpfec_are_agreed_on_behind_vp8_each_rtx_with_its_own() -> None:
    adapt_aiortc()
    adapt_aiortc()
    capabilities = RTCRtpSender.getCapabilities("video")
    assert capabilities is not None
    preferred = [codec for codec in capabilities.codecs if codec.mimeType.lower() in VIDEO_CODECS]
    offered = rtcpeerconnection.filter_preferred_codecs(CODECS["video"][:], preferred)
    assert names(offered) == AGREED
    theirs = copy.deepcopy(offered)
    for codec in theirs:  # a browser numbers its own offers otherwise
        codec.payloadType = (codec.payloadType or 0) - 1
        if "apt" in codec.parameters:
            codec.parameters["apt"] = int(codec.parameters["apt"] or 0) - 1
    common = rtcpeerconnection.find_common_codecs(CODECS["video"], theirs)
    answered = rtcpeerconnection.filter_preferred_codecs(common, preferred)
    assert names(answered) == AGREED
    assert [codec.payloadType for codec in answered] == [96, 97, 115, 117, 116]
    assert [codec.parameters.get("apt") for codec in answered] == [None, 96, None, 115, None]


def test_feedback_is_of_vp8_alone() -> None:
    adapt_aiortc()
    with_feedback = {codec.name for codec in CODECS["video"] if codec.rtcpFeedback}
    assert with_feedback == {"VP8", "H264"}

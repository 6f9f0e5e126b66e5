"""Pictures on their way out: size and rate by the link, the processor and the step; real VP8."""

import fractions

import av
import numpy as np
import pytest
from av import VideoFrame
from av.video.codeccontext import VideoCodecContext

from teleconsole.call.webrtc.profile import SendProfile
from teleconsole.call.webrtc.sending.libvpx import LibvpxMissingError, LibvpxVp8
from teleconsole.call.webrtc.sending.picture_encoder import PictureEncoder, Vp8, ticks
from teleconsole.call.webrtc.sending.picture_plan import PicturePlan, PicturePlanner
from teleconsole.call.webrtc.sending.pyav_vp8 import PyavVp8

FULL = SendProfile(1280, 720, 30, 2_500_000)
CAMERA = (1280, 720)
NOISE = np.random.default_rng(7).integers(0, 255, (60, 80), np.uint8).repeat(8, 0).repeat(8, 1)


def picture(number: int, width: int = 640, height: int = 360) -> VideoFrame:
    luma = np.roll(NOISE, (number, 2 * number), (0, 1))[:height, :width]
    frame = VideoFrame.from_ndarray(np.vstack([luma, np.full((height // 2, width), 128, np.uint8)]), "yuv420p")
    frame.pts, frame.time_base = number * 3000, fractions.Fraction(1, 90_000)
    return frame


def planned(planner: PicturePlanner, target_bps: float, from_ms: float, for_ms: float) -> PicturePlan:
    plan = planner.plan(CAMERA, target_bps, FULL, from_ms)
    for now_ms in range(int(from_ms), int(from_ms + for_ms), 33):
        plan = planner.plan(CAMERA, target_bps, FULL, float(now_ms))
    return plan


@pytest.mark.parametrize("kind", [LibvpxVp8, PyavVp8])
def test_vp8_can_be_decoded_and_obeys_a_wanted_key_frame(kind: type[LibvpxVp8] | type[PyavVp8]) -> None:
    encoder: Vp8 = kind(640, 360, 2_500_000, 30, threads=1, speed=8)
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(decoder, VideoCodecContext)
    decoder.thread_count = 1
    keys = []
    for number in range(60):
        data, is_key = encoder.encode(picture(number % 50), number * 3000, key_frame=number == 40)
        if not data:
            continue  # left out to keep the rate after the first, large one
        keys.append(number if is_key else None)
        assert [(one.width, one.height) for one in decoder.decode(av.Packet(data))] == [(640, 360)]
    assert len(keys) > 50
    assert [number for number in keys if number is not None] == [0, 40]
    encoder.close()


def test_libvpx_follows_the_rate_without_a_key_frame() -> None:
    encoder = LibvpxVp8(640, 360, 120_000, 30, threads=1, speed=8)
    sizes: list[int] = []
    keys = 0
    for number in range(270):
        if number == 90:
            encoder.set_rate(450_000, 30)
        if number == 180:
            encoder.set_rate(120_000, 30)
        data, is_key = encoder.encode(picture(number % 50), number * 3000, key_frame=False)
        sizes.append(len(data))
        keys += is_key
    low, high, low_again = (sum(sizes[at : at + 60]) * 8 * 30 / 60 for at in (30, 120, 210))
    assert keys == 1
    assert high > 2.5 * low
    assert low_again == pytest.approx(low, rel=0.35)
    assert 0 < encoder.quantizer <= 63
    encoder.close()
    encoder.close()


def test_libvpx_after_a_pause_does_not_spend_what_it_saved() -> None:
    encoder = LibvpxVp8(640, 360, 400_000, 30, threads=1, speed=8)
    steady = [len(encoder.encode(picture(n % 50), n * 3000, key_frame=False)[0]) for n in range(60)]
    sparse = [len(encoder.encode(picture(n % 50), 200_000 + n * 45_000, key_frame=False)[0]) for n in range(20)]
    assert max(sparse) < 4 * max(steady[30:])
    encoder.close()


def test_picture_encoder_scales_cuts_and_numbers() -> None:
    encoder = PictureEncoder()
    payloads, is_key = encoder.encode(picture(0), (320, 180), 1_500_000, 30, key_frame=False)
    assert is_key
    assert len(payloads) > 1
    assert all(len(payload) <= 1160 for payload in payloads)
    assert payloads[0][0] & 0x10
    assert not payloads[1][0] & 0x10
    second, is_key = encoder.encode(picture(1), (320, 180), 1_500_000, 30, key_frame=False)
    assert not is_key
    assert (int.from_bytes(second[0][2:4], "big") - int.from_bytes(payloads[0][2:4], "big")) % 0x8000 in (1, 0x7F81)
    _, is_key = encoder.encode(picture(2), (640, 360), 300_000, 30, key_frame=False)
    assert is_key
    encoder.close()
    assert encoder.encode(picture(3), (640, 360), 300_000, 30, key_frame=False) == ([], False)
    assert ticks(picture(3)) == 9000


def test_plan_goes_down_and_up_with_the_link_but_not_for_a_short_dip() -> None:
    planner = PicturePlanner()
    assert planned(planner, 560_000, 0, 3000).height_px == 720
    assert planned(planner, 300_000, 3000, 300).height_px == 720
    assert planned(planner, 560_000, 3300, 1000).height_px == 720
    assert planned(planner, 300_000, 5000, 1000).height_px == 540
    low = planned(planner, 60_000, 7000, 300)
    assert (low.width_px, low.height_px, low.frames_per_s, low.limited_by) == (320, 180, 15, "network")
    assert planned(planner, 2_000_000, 8000, 1000).height_px == 180
    top = planned(planner, 2_000_000, 9000, 1000)
    assert (top.height_px, top.frames_per_s, top.limited_by) == (720, 30, "none")


def test_plan_stops_pictures_on_a_link_that_carries_only_a_voice() -> None:
    planner = PicturePlanner()
    assert planned(planner, 20_000, 0, 100) == PicturePlan(0, 0, 0, "network")
    assert planned(planner, 40_000, 200, 100).height_px == 0
    assert planned(planner, 50_000, 400, 100).height_px == 180


def test_plan_obeys_the_step() -> None:
    planner = PicturePlanner()
    plan = planner.plan(CAMERA, 2e6, SendProfile(640, 360, 15, 500_000), 0.0)
    assert plan == PicturePlan(640, 360, 15, "profile")
    assert planner.plan(CAMERA, 2e6, SendProfile(0, 0, 0, 0), 1.0) == PicturePlan(0, 0, 0, "profile")


def test_plan_keeps_the_shape_of_an_upright_camera() -> None:
    plan = PicturePlanner().plan((720, 1280), 2e6, SendProfile(640, 360, 30, 500_000), 0.0)
    assert (plan.width_px, plan.height_px) == (360, 640)


def test_plan_spares_a_slow_processor_and_tries_again_later() -> None:
    planner = PicturePlanner()
    for number in range(100):
        planner.took(30.0, number * 33.0)
    busy = planner.plan(CAMERA, 2e6, FULL, 3300.0)
    assert (busy.height_px, busy.limited_by) == (540, "cpu")
    for number in range(600):
        planner.took(4.0, 4000.0 + number * 33)
    assert planner.plan(CAMERA, 2e6, FULL, 24_000.0).height_px == 720


def test_picture_encoder_goes_on_with_the_wrapper_where_libvpx_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> tuple[bytes, bool]:
        raise LibvpxMissingError

    monkeypatch.setattr(LibvpxVp8, "encode", refuse)
    encoder = PictureEncoder()
    assert encoder.encode(picture(0), (320, 180), 500_000, 30, key_frame=False) == ([], False)
    payloads, is_key = encoder.encode(picture(1), (320, 180), 500_000, 30, key_frame=False)
    assert payloads
    assert is_key
    encoder.close()

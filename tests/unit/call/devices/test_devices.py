"""Devices: none is a normal state with a sentence, test devices can be forbidden, pictures are numbered."""

import asyncio

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from PIL import Image
from tests.journeys.rig import counter
from tests.unit.call.devices.fake_sound import FakeSound

from teleconsole.call.media import devices
from teleconsole.call.media.cameras import Camera, fitting
from teleconsole.call.media.devices import FORBIDDEN, NO_CAMERA, NO_MICROPHONE, NO_SPEAKER, OpenDevices
from teleconsole.call.media.numbered_picture import NumberedPicture
from teleconsole.call.webrtc.tracks import CameraTrack, MicrophoneTrack
from teleconsole.domain.errors import DeviceUnavailable
from teleconsole.host.media_limits import SOUND_LATENCY_MS, SOUND_WORK_MS


def nothing() -> None:
    return None


def admitted() -> asyncio.Event:
    event = asyncio.Event()
    event.set()
    return event


@pytest.fixture
def bare_computer(monkeypatch: pytest.MonkeyPatch) -> FakeSound:
    """A computer without camera, microphone and loudspeaker."""
    monkeypatch.setattr(devices, "list_cameras", lambda: ())
    return FakeSound()


async def test_nothing_there_is_a_sentence_and_silence(bare_computer: FakeSound) -> None:
    opened = OpenDevices(allow_test=True, on_change=nothing, sound=bare_computer)
    assert (await opened.describe()).problem == f"{NO_CAMERA} {NO_MICROPHONE} {NO_SPEAKER}"
    await opened.open_for_call()
    assert opened.problem == f"{NO_CAMERA} {NO_MICROPHONE} {NO_SPEAKER}"
    assert opened.camera is None
    assert not (await opened.microphone_reader().next(960)).samples.any()
    await opened.close_after_call()


async def test_none_is_a_choice_without_a_sentence(bare_computer: FakeSound) -> None:
    opened = OpenDevices(allow_test=True, on_change=nothing, sound=bare_computer)
    await opened.select("none", "none", "")
    await opened.open_for_call()
    assert opened.problem == NO_SPEAKER
    await opened.close_after_call()


@pytest.mark.parametrize("chosen", [("test:bars", ""), ("file:/x.mp4", ""), ("", "test:tone:440")])
async def test_test_devices_are_refused_where_they_are_forbidden(chosen: tuple[str, str]) -> None:
    opened = OpenDevices(allow_test=False, on_change=nothing)
    with pytest.raises(DeviceUnavailable, match=FORBIDDEN):
        await opened.select(*chosen, "none")


async def test_muted_microphone_gives_silence() -> None:
    opened = OpenDevices(allow_test=True, on_change=nothing)
    await opened.select("none", "test:tone:440", "none")
    await opened.open_for_call()
    track = MicrophoneTrack(opened, admitted(), lambda _: None)
    assert np.concatenate([(await track.recv()).to_ndarray() for _ in range(25)]).any()
    opened.microphone_on = False
    assert not any([(await track.recv()).to_ndarray().any() for _ in range(25)])
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()
    await opened.close_after_call()


@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (320, 180)])
def test_numbered_picture_is_read_by_the_journeys_reader(size: tuple[int, int]) -> None:
    picture = NumberedPicture(*size)
    for number in (0, 1, 77, 1_048_575):
        assert counter.read(Image.fromarray(picture.draw(number).to_ndarray(format="rgb24"))) == number


async def test_camera_counts_up_and_ends_when_it_is_closed() -> None:
    camera = Camera("test:bars:320x180@30", asyncio.get_running_loop())
    version, first = await camera.frames.after(0)
    _, second = await camera.frames.after(version)
    assert (first.width, first.height, first.format.name) == (320, 180, "yuv420p")
    assert second.pts is not None
    assert first.pts is not None
    assert second.pts > first.pts
    await asyncio.to_thread(camera.close)
    with pytest.raises(EOFError):
        await camera.frames.after(camera.frames.version)


@pytest.mark.parametrize(
    ("size", "fitted"), [((1920, 1080), (1280, 720)), ((720, 1280), (406, 720)), ((640, 480), (640, 480))]
)
def test_fitting_keeps_the_shape_inside_the_bounds(size: tuple[int, int], fitted: tuple[int, int]) -> None:
    width, height = fitting(*size, 1280, 720)
    assert abs(width - fitted[0]) <= 2
    assert height == fitted[1]


async def test_age_of_the_microphone_counts_the_device_and_what_waits() -> None:
    computer = FakeSound(("built-in",), ("built-in",))
    opened = OpenDevices(allow_test=True, on_change=nothing, sound=computer)
    await opened.select("none", "", "")
    await opened.open_for_call()
    [microphone] = [stream for stream in computer.streams if stream.direction == "input"]
    assert opened.microphone_age_s == pytest.approx((SOUND_LATENCY_MS + SOUND_WORK_MS) / 1000)
    track = MicrophoneTrack(opened, admitted(), lambda _: None)
    reading = asyncio.create_task(track.recv())
    await asyncio.sleep(0)
    microphone.latency_ms = 80.0
    for _ in range(5):
        microphone.pass_block()
    await reading
    assert track.age_s == pytest.approx((80.0 + SOUND_WORK_MS) / 1000 + 0.030)
    await opened.close_after_call()
    assert opened.microphone_age_s == 0.0


async def test_voice_is_heard_when_the_loudspeaker_is_through() -> None:
    computer = FakeSound(("built-in",), ("built-in",))
    opened = OpenDevices(allow_test=True, on_change=nothing, sound=computer)
    await opened.open_for_call()
    [speaker] = [stream for stream in computer.streams if stream.direction == "output"]
    speaker.pass_block()
    handed_s = opened.playout.hearing().at_s
    assert opened.hearing().at_s == pytest.approx(handed_s + SOUND_LATENCY_MS / 1000)
    speaker.latency_ms = 145.0
    assert opened.hearing().at_s == pytest.approx(handed_s + 0.145)
    speaker.late_ms = 20.0
    assert opened.speaker_late_ms == 20.0
    await opened.close_after_call()


async def test_before_the_admission_tracks_give_nothing_of_open_devices() -> None:
    opened = OpenDevices(allow_test=True, on_change=nothing)
    await opened.select("test:bars:320x180@15", "test:tone:440", "none")
    await opened.open_for_trial()
    admission = asyncio.Event()
    camera, microphone = CameraTrack(opened, admission), MicrophoneTrack(opened, admission, lambda _: None)
    pieces = [asyncio.ensure_future(track.recv()) for track in (camera, microphone)]
    pictures = opened.camera
    assert pictures is not None
    version = 0
    for _ in range(3):  # so much has been there to be given
        version, _picture = await pictures.frames.after(version)
    assert not any(piece.done() for piece in pieces)
    admission.set()
    async with asyncio.timeout(5):
        await asyncio.gather(*pieces)
    await opened.close_after_trial()

"""The rig tries itself with the real parts: what it reports must be true before a journey may lean on it."""

from __future__ import annotations

import base64
import io
import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.journeys.conftest import OpenBrowser, StartApp
from tests.journeys.rig import counter, eyes, sample_window, tones
from tests.journeys.rig.atspi import Accessibility
from tests.journeys.rig.browser import accessibility_violations, read_counter, wait_moving, wait_page
from tests.journeys.rig.desktop import Desktop
from tests.journeys.rig.lag import LAG_VARIABLE, check_no_stall
from tests.journeys.rig.net import ADDRESS, Net, end
from tests.journeys.rig.process import Program, is_running, signal_and_wait
from tests.journeys.rig.sound import MIC, PATIENT_SPEAKER, RATE_HZ, SPEAKER
from tests.journeys.rig.waiting import NotInTimeError, wait_until

pytestmark = pytest.mark.journey

RIG = Path(__file__).parent / "rig"
BLANK_PAGE = "<!doctype html><html lang=en><title>t</title><main><h1>t</h1></main></html>"

RAW_MICROPHONE = {"echoCancellation": False, "noiseSuppression": False, "autoGainControl": False}
SHOW_CAMERA = """async constraints => {
  const video = document.createElement("video");
  video.srcObject = await navigator.mediaDevices.getUserMedia(constraints);
  document.body.append(video);
  await video.play();
}"""
# A call of the page with itself over real VP8 and Opus; the far side is shown and heard.
CALL_ITSELF = """async () => {
  const near = new RTCPeerConnection(), far = new RTCPeerConnection();
  near.onicecandidate = (event) => far.addIceCandidate(event.candidate);
  far.onicecandidate = (event) => near.addIceCandidate(event.candidate);
  const video = document.createElement("video");
  video.srcObject = new MediaStream();
  video.autoplay = true;
  document.body.append(video);
  far.ontrack = (event) => video.srcObject.addTrack(event.track);
  const local = await navigator.mediaDevices.getUserMedia(
    // No echo canceller: what the page plays is, here, truly an echo of its microphone.
    {video: true, audio: {echoCancellation: false}});
  for (const track of local.getTracks()) near.addTrack(track, local);
  const codecs = RTCRtpReceiver.getCapabilities("video").codecs.filter((codec) => codec.mimeType === "video/VP8");
  near.getTransceivers().find((one) => one.sender.track.kind === "video").setCodecPreferences(codecs);
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
}"""
DRAW_PNG = "url => { const img = document.querySelector('img'); img.src = url; return img.decode(); }"


@pytest.fixture
def sample(desktop: Desktop, tmp_path: Path) -> Iterator[Program]:
    argv: list[str | Path] = [sys.executable, RIG / "sample_window.py"]
    program = Program(desktop.net, argv, env=desktop.env, log_stem=tmp_path / "sample")
    yield program
    program.stop()


@pytest.fixture
def site(net: Net, tmp_path: Path) -> Iterator[str]:
    """The address of a blank page; on loopback, so that it may ask for the camera."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text(BLANK_PAGE)
    server = _serve(net, folder, "127.0.0.1", 0)
    port = re.search(r"port (\d+)", server.output())
    assert port is not None
    yield f"http://127.0.0.1:{port[1]}/"
    server.stop()


def test_window_is_driven_by_names(sample: Program, accessibility: Accessibility) -> None:
    window = accessibility.application("rig-sample")
    status = window.find("Status: ready")
    assert status.role == "label"

    window.find("Count").press()
    window.find("Status: counted 1")
    assert status.name == "Status: counted 1"

    window.find("Search").set_text("Müller")
    assert window.find_starting("Status: search").text() == "Status: search Müller"
    window.find("Note").set_text("zwei\nZeilen ß ü")
    assert window.find("Note").text() == "zwei\nZeilen ß ü"

    window.find("Agree").press()
    window.find("Agree").wait_state("checked")
    window.find("Count").wait_state("enabled", holds=False)

    assert window.look("Late: here") is None
    window.find("Appear later").press()
    window.find("Late: here")
    assert sample.status is None


def test_keys_reach_the_focused_window(sample: Program, accessibility: Accessibility) -> None:
    window = accessibility.application("rig-sample")
    search = window.find("Search")
    wait_until(lambda: any(child.is_("active") for child in window.children()), "the window is active")
    search.focus()
    accessibility.key("a", "b")
    wait_until(lambda: search.text() == "ab", "typed", seen=search.text)
    accessibility.key("ctrl+k")
    window.find("Status: shortcut")
    accessibility.key("alt+F4")  # neither taken by the window manager nor lost
    assert window.find("Search").is_("focused")


def test_lists_and_choices(sample: Program, accessibility: Accessibility) -> None:
    window = accessibility.application("rig-sample")
    window.find("Panes").choose("Queue")
    window.find("Status: pane ['Queue']")
    window.find_labelled("Theme").choose("High contrast")
    window.find("Status: theme High contrast")
    assert sample.status is None


def test_big_table_is_addressed_not_walked(sample: Program, accessibility: Accessibility) -> None:
    window = accessibility.application("rig-sample")
    table = window.find("Numbers")
    assert table.row_count == sample_window.ROWS
    assert table.cell(sample_window.ROWS - 1, 5).name == "r199999 c5"
    assert table.row_of("r17 c2", column=2) == 17

    table.select_row(123_456)
    window.find("Status: rows [123456]")
    assert table.selected_rows() == [123_456]
    assert len(list(window.walk())) < 100


def test_failure_names_what_was_there(sample: Program, accessibility: Accessibility) -> None:
    window = accessibility.application("rig-sample")
    window.find("Count")
    with pytest.raises(NotInTimeError, match=r"'No such control'(?s:.)*push button: 'Count'"):
        window.find("No such control", within_s=0.2)
    assert "check box: 'Agree'" in window.dump()


def test_screenshot_shows_the_window(
    sample: Program, accessibility: Accessibility, desktop: Desktop, tmp_path: Path
) -> None:
    table = accessibility.application("rig-sample").find("Numbers")
    left, top, width, height = table.extents()
    assert width > 300
    assert height > 100
    box = (left, top, left + width, top + height)
    wait_until(lambda: desktop.image().crop(box).getcolors(1) is None, "the table is painted", seen=sample.diagnosis)
    with Image.open(desktop.screenshot(tmp_path / "screen.png")) as picture:
        assert picture.size == (1600, 1000)
        assert picture.crop(box).getextrema()[0] == (0, 255), "black letters on white"


@pytest.mark.parametrize("desktop", [(1280, 720)], indirect=True)
def test_desktop_takes_a_size(desktop: Desktop) -> None:
    assert desktop.image().size == (1280, 720)


def test_portaudio_plays_and_hears(desktop: Desktop, tmp_path: Path) -> None:
    shared = tmp_path / "samples.f32"
    shared.write_bytes(tones.pulsed_tone(1000, 4).tobytes())
    with tones.playing(desktop.sound, MIC, 700, tmp_path):
        program = Program(
            desktop.net, [sys.executable, RIG / "sample_sound.py", shared], env=desktop.env, log_stem=tmp_path / "sound"
        )
        played = tones.record(desktop.sound, SPEAKER, 3)
        assert program.wait_end() == 0, program.errors()
    heard = np.frombuffer(shared.read_bytes(), np.float32)

    assert tones.hears(played, 1000)
    assert not tones.hears(played, 700), "the microphone's tone is in the loudspeaker"
    assert tones.hears(heard, 700)
    assert not tones.hears(heard, 1000), "the loudspeaker's tone is in the microphone"


def test_silence_and_noise_are_not_tones(desktop: Desktop) -> None:
    silence = tones.record(desktop.sound, SPEAKER, 0.5)
    assert float(np.abs(silence).max()) == 0
    noise = np.random.default_rng(1).normal(0, 0.1, 4 * RATE_HZ).astype(np.float32)
    assert not tones.hears(silence, 1000)
    assert not tones.hears(noise, 1000)
    assert tones.hears(noise + tones.pulsed_tone(1000, 4, level=0.1), 1000)


def test_keyring_has_all_its_states(desktop: Desktop) -> None:
    def outcome(verb: str) -> str:
        return desktop.net.run([sys.executable, RIG / "sample_keyring.py", verb], env=desktop.env).strip()

    assert outcome("get") == "missing"
    assert outcome("set") == "stored"
    desktop.keyring.lock()
    assert outcome("get") == "locked"
    desktop.keyring.unlock()
    assert outcome("get") == "found"
    desktop.keyring.stop()
    assert outcome("get").startswith("unavailable")


@pytest.mark.parametrize("size", [(640, 360), (1280, 720), (320, 180), (853, 480)])
def test_counter_survives_scaling_bars_crop_and_jpeg(size: tuple[int, int]) -> None:
    for number in (0, 1, 4095, 777_777, (1 << 20) - 1):
        picture = Image.fromarray(counter.draw_rgb(number)).resize(size, Image.Resampling.BILINEAR)
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=25)
        compressed = np.asarray(Image.open(buffer))
        noise = np.random.default_rng(number).normal(0, 12, (size[1], size[0], 3))
        noisy = Image.fromarray(np.clip(compressed + noise, 0, 255).astype(np.uint8))
        assert counter.read(noisy) == number

        in_bars = Image.new("RGB", (size[0] + 200, size[1]), (18, 20, 24))
        in_bars.paste(noisy, (100, 0))
        assert counter.read(in_bars) == number
        assert counter.read(noisy.crop((size[0] // 10, 0, size[0] - size[0] // 10, size[1]))) == number
        mirrored = noisy.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        assert counter.read(mirrored) is None
        assert counter.read(mirrored, mirrored=True) == number


def test_counter_is_not_seen_where_there_is_none() -> None:
    assert counter.read(Image.new("RGB", (640, 360), (90, 90, 90))) is None
    noise = np.random.default_rng(2).integers(0, 255, (200, 360, 640), np.uint8)
    assert [counter.read(Image.fromarray(frame)) for frame in noise] == [None] * 200


def test_counter_is_read_from_the_screen(desktop: Desktop, accessibility: Accessibility, tmp_path: Path) -> None:
    for number in range(500, 530):
        Image.fromarray(counter.draw_rgb(number)).save(tmp_path / f"{number}.png")
    argv: list[str | Path] = [sys.executable, RIG / "sample_video.py", tmp_path]
    program = Program(desktop.net, argv, env=desktop.env, log_stem=tmp_path / "video")
    video = accessibility.application("rig-video").find("Video")
    seen = eyes.wait_moving(desktop, video)
    assert all(500 <= number < 530 for number in seen)
    left, top, width, height = video.extents()
    program.stop()
    box = (left, top, left + width, top + height)
    wait_until(lambda: counter.read(desktop.image().crop(box)) is None, "no picture without its program")


def test_counter_as_i420_has_the_same_bits() -> None:
    frame = counter.draw_i420(54_321)
    assert frame.shape == (540, 640)
    assert counter.read(Image.fromarray(frame[:360])) == 54_321


def test_browser_sees_the_camera_and_is_heard(
    desktop: Desktop, open_browser: OpenBrowser, site: str, tmp_path: Path
) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", 90, first=1000)
    voice = tones.write_wav(tmp_path / "voice.wav", tones.pulsed_tone(900, 6))
    page = open_browser(camera=camera, microphone=voice).context().new_page()
    page.goto(site)
    page.evaluate(SHOW_CAMERA, {"video": True, "audio": RAW_MICROPHONE})
    seen = wait_moving(page, "video")
    assert all(1000 <= number < 1090 for number in seen)
    shown = wait_page(
        page,
        lambda: counter.read(Image.open(io.BytesIO(page.locator("video").screenshot()))),
        "a number in a screenshot of the video",
    )
    assert 1000 <= shown < 1090
    tones.wait_heard(desktop.sound, PATIENT_SPEAKER, 900)
    assert not tones.hears(tones.record(desktop.sound, SPEAKER, 1), 900), "the patient's sound is in the console's"


def test_counter_twins_read_each_other(open_browser: OpenBrowser, site: str) -> None:
    page = open_browser().context().new_page()
    page.goto(site)
    page.set_content("<canvas width=640 height=360></canvas><img><video muted autoplay></video>")
    for number in (0, 5, 300_001, (1 << 20) - 1):
        page.evaluate(
            f"number => {counter.javascript()}.draw(document.querySelector('canvas').getContext('2d'), number)", number
        )
        picture = Image.open(io.BytesIO(page.locator("canvas").screenshot()))
        assert counter.read(picture) == number
        assert read_counter(page, "canvas") == number
        page.evaluate(DRAW_PNG, _data_url(counter.draw_rgb(number)))
        assert read_counter(page, "img") == number
    page.evaluate(f"() => {{ document.querySelector('video').srcObject = {counter.javascript()}.stream(); }}")
    numbers = wait_moving(page, "video")
    assert numbers == sorted(numbers)


def test_counter_and_tone_survive_a_call(
    desktop: Desktop, open_browser: OpenBrowser, site: str, tmp_path: Path
) -> None:
    camera = counter.write_mjpeg(tmp_path / "camera.mjpeg", 300, first=3000)
    voice = tones.write_wav(tmp_path / "voice.wav", tones.pulsed_tone(900, 6))
    page = open_browser(camera=camera, microphone=voice).context(phone=True).new_page()
    page.goto(site)
    page.evaluate(CALL_ITSELF)
    assert all(3000 <= number < 3300 for number in wait_moving(page, "video"))
    assert tones.wait_heard(desktop.sound, PATIENT_SPEAKER, 900) >= tones.HEARD_DB


def test_app_is_started_on_the_desktop(start_app: StartApp) -> None:
    program = start_app("--version")
    assert program.wait_end(within_s=30) == 0, program.diagnosis()
    assert program.output().startswith("teleconsole ")


def test_two_patients_have_cameras_of_their_own(open_browser: OpenBrowser, site: str, tmp_path: Path) -> None:
    pages = []
    for first in (100, 200):
        camera = counter.write_y4m(tmp_path / f"{first}.y4m", 15, width=320, height=180, first=first)
        page = open_browser(camera=camera).context(permissions=["camera"]).new_page()
        page.goto(site)
        page.evaluate(SHOW_CAMERA, {"video": True})
        pages.append(page)
    for first, page in zip((100, 200), pages, strict=True):
        assert all(first <= number < first + 15 for number in wait_moving(page, "video"))


def test_page_without_permission_is_refused(open_browser: OpenBrowser, site: str) -> None:
    page = open_browser().context(permissions=()).new_page()
    page.goto(site)
    refused = page.evaluate("navigator.mediaDevices.getUserMedia({video: true}).then(() => 'given', e => e.name)")
    assert refused == "NotAllowedError"


def test_axe_finds_what_is_wrong_and_only_that(open_browser: OpenBrowser, site: str) -> None:
    page = open_browser().context(phone=True).new_page()
    page.goto(site)
    assert accessibility_violations(page) == []
    page.set_content("<html lang=en><title>t</title><main><h1>t</h1><input type=text><img src='data:,'></main>")
    assert {line.split(" ")[0] for line in accessibility_violations(page)} == {"label", "image-alt"}


def test_two_networks_do_not_meet(net: Net, tmp_path: Path) -> None:
    other = Net()
    programs = []
    try:
        for which, name in ((net, "here"), (other, "there")):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "name.txt").write_text(name)
            programs.append(_serve(which, folder, ADDRESS, 8765))
        assert _fetch("/name.txt").endswith("here")
        programs[0].stop()
        with pytest.raises(ConnectionRefusedError):
            _fetch("/name.txt")
    finally:
        for program in programs:
            program.stop()
        assert other.close() == []
    assert not other.path.exists()


def test_a_step_that_holds_the_loop_is_found(net: Net, tmp_path: Path) -> None:
    files = []
    for work_ms in (20, 400):
        file = tmp_path / f"lag-{work_ms}.json"
        argv: list[str | Path] = [sys.executable, RIG / "sample_stall.py", str(work_ms)]
        env = {"PATH": "/usr/bin:/bin", LAG_VARIABLE: str(file)}
        program = Program(net, argv, env=env, log_stem=tmp_path / f"stall-{work_ms}")
        assert program.wait_end(within_s=30) == 0, program.diagnosis()
        files.append(file)
    check_no_stall(files[:1])
    with pytest.raises(AssertionError, match=r"busy for 4\d\d ms"):
        check_no_stall(files)
    with pytest.raises(AssertionError, match="without its counts"):
        check_no_stall([tmp_path / "none.json"])


def test_program_tells_json_children_and_its_end(net: Net, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import json, subprocess, sys, time\n"
        "if '--child=vault' in sys.argv: time.sleep(60)\n"
        "child = subprocess.Popen([sys.executable, __file__, '--child=vault'])\n"
        "print('starting'); print(json.dumps({'gateway': 'http://127.0.0.1:1'}), flush=True)\n"
        "child.wait(); sys.exit(3)\n"
    )
    program = Program(net, [sys.executable, script], env={"PATH": "/usr/bin:/bin"}, log_stem=tmp_path / "program")
    assert program.wait_json() == {"gateway": "http://127.0.0.1:1"}
    child = program.child("vault")
    assert program.children("call") == []
    signal_and_wait(child, signal.SIGKILL)
    assert program.wait_end() == 3


def test_nothing_is_left_running(tmp_path: Path) -> None:
    own = Net()
    with Desktop(own) as desktop:
        sample = Program(own, [sys.executable, RIG / "sample_window.py"], env=desktop.env, log_stem=tmp_path / "s")
        with Accessibility(desktop.env) as driver:
            driver.application("rig-sample").find("Count")
        pids = own.pids()
        assert sample.pid in pids
        assert len(pids) >= 8, "X, window manager, bus, accessibility, keyring, sound, sample"
        forgotten = own.popen(["sleep", "600"], env={"PATH": "/usr/bin:/bin"})
        folder = desktop.folder
        sample.stop()
    left = own.close()
    assert [line.split(": ", 1)[1] for line in left] == ["sleep 600"]
    assert end(forgotten) != 1
    assert not [pid for pid in (*pids, forgotten.pid) if is_running(pid)]
    assert not folder.exists()
    assert not own.path.exists()


def _fetch(path: str) -> str:
    with socket.create_connection((ADDRESS, 8765), timeout=5) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return connection.makefile("rb").read().decode()


def _serve(net: Net, folder: Path, address: str, port: int) -> Program:
    argv: list[str | Path] = [sys.executable, "-u", "-m", "http.server", str(port), "--bind", address]
    env = {"PATH": "/usr/bin:/bin"}
    server = Program(net, [*argv, "--directory", folder], env=env, log_stem=folder.with_suffix(".log"))
    wait_until(lambda: "Serving" in server.output(), "the server listens", seen=server.diagnosis)
    return server


def _data_url(frame: counter.Frame) -> str:
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "PNG")
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"

"""Packets leave at the pace, in their order of importance; the voice is paid for by the picture."""

from teleconsole.call.webrtc.sending.pacer import Pacer, Priority


def leaving(pacer: Pacer[str], until_ms: int) -> list[tuple[int, str]]:
    found = []
    for now_ms in range(until_ms):
        while waiting := pacer.take(float(now_ms)):
            found.append((now_ms, waiting.packet))
    return found


def test_pacer_spreads_a_picture_over_its_time() -> None:
    pacer: Pacer[str] = Pacer(960_000)
    for number in range(10):
        pacer.put(str(number), 1200, Priority.PICTURE)
    assert pacer.queue_ms == 100
    left = leaving(pacer, 200)
    assert [packet for _, packet in left] == [str(number) for number in range(10)]
    assert 75 <= left[-1][0] <= 95
    assert pacer.queue_ms == 0
    assert pacer.wait_ms(200.0) is None


def test_pacer_sends_repeated_packets_first() -> None:
    pacer: Pacer[str] = Pacer(960_000)
    pacer.put("picture", 1200, Priority.PICTURE)
    pacer.put("again", 1200, Priority.REPEATED)
    assert [packet for _, packet in leaving(pacer, 50)] == ["again", "picture"]


def test_pacer_lets_the_picture_pay_for_the_voice() -> None:
    pacer: Pacer[str] = Pacer(960_000)
    pacer.charge(4800, 0.0)
    pacer.put("picture", 1200, Priority.PICTURE)
    assert pacer.take(0.0) is None
    assert 30 <= leaving(pacer, 100)[0][0] <= 40


def test_pacer_told_how_long_to_wait_is_ready_then() -> None:
    pacer: Pacer[str] = Pacer(100_000)
    pacer.put("one", 1200, Priority.PICTURE)
    pacer.put("two", 1200, Priority.PICTURE)
    assert pacer.take(0.0) is not None
    wait_ms = pacer.wait_ms(0.0)
    assert wait_ms is not None
    assert pacer.take(wait_ms - 1) is None
    assert pacer.take(wait_ms + 0.01) is not None


def test_pacer_throws_pictures_away_but_not_what_is_asked_for() -> None:
    pacer: Pacer[str] = Pacer(100_000)
    pacer.put("picture", 1200, Priority.PICTURE)
    pacer.put("again", 500, Priority.REPEATED)
    assert pacer.flush(Priority.PICTURE) == ["picture"]
    assert pacer.queue_ms == 40

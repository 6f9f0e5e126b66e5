"""What is told of arrivals, and how often."""

from tests.unit.call.arrivals.reading import read

from teleconsole.call.webrtc.arrivals.record import ArrivalRecord


def told(record: ArrivalRecord) -> list[tuple[int, bool]]:
    """Return of all messages now: number and whether it arrived."""
    return [(number, at is not None) for packet in record.messages(1, 2) for number, at in read(packet).arrivals]


def test_each_packet_is_told_once_and_losses_between_messages_too() -> None:
    record = ArrivalRecord()
    for number in (65_534, 65_535, 1):
        record.add(number, 1000, 10.0)
    assert told(record) == [(65_534, True), (65_535, True), (0, False), (1, True)]
    assert told(record) == []
    record.add(4, 1000, 20.0)
    assert told(record) == [(2, False), (3, False), (4, True)]


def test_late_packet_is_told_with_all_that_came_after_it() -> None:
    record = ArrivalRecord()
    for number in (1, 2, 4):
        record.add(number, 1000, 10.0)
    assert told(record) == [(1, True), (2, True), (3, False), (4, True)]
    record.add(3, 1000, 30.0)
    record.add(5, 1000, 31.0)
    assert told(record) == [(3, True), (4, True), (5, True)]


def test_packet_that_is_later_than_what_is_kept_is_not_told_nor_are_others_called_lost() -> None:
    record = ArrivalRecord()
    for number in (1, 2, 4):
        record.add(number, 1000, 10.0)
    told(record)
    record.add(5, 1000, 600.0)
    record.add(3, 1000, 601.0)
    assert told(record) == [(5, True)]


def test_copy_of_a_packet_is_told_once_with_its_first_arrival() -> None:
    record = ArrivalRecord()
    record.add(1, 1000, 10.0)
    record.add(1, 1000, 20.0)
    (packet,) = record.messages(1, 2)
    assert read(packet).arrivals == [(1, 10.0)]


def test_messages_are_counted_and_large_numbers_split() -> None:
    record = ArrivalRecord()
    for number in range(1000):
        record.add(number, 1000, number * 0.1)
    packets = record.messages(7, 8)
    messages = [read(packet) for packet in packets]
    assert [(m.base, len(m.arrivals), m.count, m.sender_ssrc, m.media_ssrc) for m in messages] == [
        (0, 400, 0, 7, 8), (400, 400, 1, 7, 8), (800, 200, 2, 7, 8),
    ]  # fmt: skip
    assert max(len(packet) for packet in packets) < 1200


def test_jump_of_the_numbers_is_a_new_beginning() -> None:
    record = ArrivalRecord()
    record.add(1, 1000, 0.0)
    told(record)
    record.add(20_000, 1000, 1.0)
    assert told(record) == [(20_000, True)]


def test_outage_tells_of_the_end_of_what_was_lost() -> None:
    record = ArrivalRecord()
    record.add(1, 1000, 0.0)
    told(record)
    record.add(1_500, 1000, 5_000.0)
    lost = told(record)
    assert lost[-1] == (1_500, True) and len(lost) <= 400 and not any(arrived for _, arrived in lost[:-1])


def test_messages_are_rarer_where_little_arrives() -> None:
    record = ArrivalRecord()
    assert record.every_ms() == 200.0
    now_ms = 0.0
    for number in range(50):  # 60 kbit/s
        now_ms = number * 20.0
        record.add(number, 150, now_ms)
    assert 150 <= record.every_ms() <= 200
    for number in range(50, 400):  # 2.5 Mbit/s
        now_ms += 4.0
        record.add(number, 1250, now_ms)
    assert record.every_ms() == 50.0
    assert not record.is_idle(now_ms + 900) and record.is_idle(now_ms + 1100)


def test_what_is_kept_is_bounded() -> None:
    record = ArrivalRecord()
    for number in range(0, 300_000, 3):
        record.add(number % 65_536, 100, number * 0.001)
    assert len(record._arrived) <= 4_001


def full_link() -> ArrivalRecord:
    """Pictures came until 2, then much was lost, and two packets of the voice came."""
    record = ArrivalRecord()
    for number in (1, 2):
        record.add(number, 1000, 10.0, is_picture=True)
    for number in (14, 16):
        record.add(number, 100, 20.0)
    return record


def test_where_much_is_lost_behind_the_last_picture_only_what_came_is_told() -> None:
    record = full_link()
    assert told(record) == [(1, True), (2, True), (14, True), (16, True)]
    record.add(19, 1000, 30.0, is_picture=True)
    assert told(record) == [(17, False), (18, False), (19, True)]


def test_on_a_narrow_link_few_losses_are_enough_for_that() -> None:
    record = ArrivalRecord()
    for number, is_picture in ((1, True), (3, True), (5, False)):
        record.add(number, 1000, 10.0, is_picture=is_picture)
    packets = record.messages(1, 2, is_narrow=True)
    assert [(read(one).base, len(read(one).arrivals)) for one in packets] == [(1, 3), (5, 1)]


def test_few_losses_behind_the_last_picture_are_told() -> None:
    record = ArrivalRecord()
    record.add(1, 1000, 10.0, is_picture=True)
    record.add(4, 100, 20.0)
    assert told(record) == [(1, True), (2, False), (3, False), (4, True)]


def test_losses_of_a_voice_alone_are_told() -> None:
    record = ArrivalRecord()
    record.add(1, 100, 10.0)
    record.add(20, 100, 400.0)
    assert len(told(record)) == 20

from datetime import UTC, datetime, timedelta

import pytest

from teleconsole.demo.appointments import start_times
from teleconsole.demo.population import Population


@pytest.mark.parametrize("hour, minute", [(0, 0), (9, 12), (14, 59), (22, 10), (23, 20)])
def test_five_visits_start_soon_and_on_the_same_day(hour: int, minute: int) -> None:
    now = datetime(2026, 11, 24, hour, minute, 40, tzinfo=UTC)
    starts = start_times(now)
    assert len(set(starts)) == 5
    assert starts == sorted(starts)
    assert now < starts[0] <= now + timedelta(minutes=5)
    assert {start.date() for start in starts} == {now.date()}


def test_visits_are_virtual_booked_and_have_ids_for_their_links(sixty: Population) -> None:
    appointments = sixty.appointments
    assert len(appointments) == 5
    assert len({one["participant"][0]["actor"]["reference"] for one in appointments}) == 5
    for one in appointments:
        assert one["status"] == "booked"
        assert one["serviceType"][0]["coding"][0]["code"] == "VR"
        assert one["identifier"][0]["system"] == "urn:teleconsole:visit"
        assert one["participant"][1]["actor"]["display"] == "Dr Ruth Calder"
    assert sum("supportingInformation" in one for one in appointments) == 4

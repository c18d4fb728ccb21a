"""The PUK is sealed, shown to its owner alone, written down and told; settings go by SMS, not often (CAB-14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.identity import freezing
from abonent.domains.identity.models import SecurityEvent
from abonent.domains.lines import actions, models, queries, sims
from abonent.domains.lines.actions import NewLine, open_lines
from abonent.domains.lines.bars import actions as bars
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.queries import Line
from abonent.domains.messaging.models import Message
from tests.factories import catalog, customers, identity

pytestmark = pytest.mark.django_db
NUMBER, PUK = "+79000000001", "04281975"
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)


def opened() -> tuple[Line, int]:
    """Return a line whose SIM has a PUK, and its account."""
    open_lines([
        NewLine(
            customers.contract(), "mobile", NUMBER, catalog.small(), 10, AT - timedelta(days=30), is_main=True,
            imsi="250990000000001", puk=PUK,
        )
    ])  # fmt: skip
    line = queries.served_by_number(NUMBER)
    assert line
    return line, actions.open_line(line_id=line.id, language="ru", at=AT)


def test_cab_14_the_puk_is_sealed_and_each_look_is_written_down_and_told() -> None:
    line, account_id = opened()
    kept = models.Sim.objects.values_list("puk", flat=True).get()
    assert PUK not in kept
    assert sims.show_puk(line=line, account_id=account_id, at=AT) == PUK
    assert sims.show_puk(line=line, account_id=account_id, at=AT) == PUK
    events = SecurityEvent.objects.filter(account_id=account_id, kind="puk shown")
    assert [event.detail for event in events] == [{"number": NUMBER}] * 2, "and never the code itself"
    jobs = [job["event"] for job in ProcrastinateJob.objects.filter(task_name="react").values_list("args", flat=True)]
    assert len([one for one in jobs if one.get("kind") == "puk shown" and one["not_to"] == ""]) == 2
    assert PUK not in str(jobs)


def test_cab_14_a_puk_belongs_to_its_card_however_late_the_network_tells() -> None:
    line, account_id = opened()
    network.note_sim_replaced(number=NUMBER, imsi="250990000000002", at=AT, key="new")
    with pytest.raises(sims.NoPuk):
        sims.show_puk(line=line, account_id=account_id, at=AT)
    network.note_sim_replaced(number=NUMBER, imsi="250990000000001", at=AT + timedelta(hours=1), key="back")
    assert sims.show_puk(line=line, account_id=account_id, at=AT) == PUK


def test_cab_14_no_puk_is_shown_while_the_cabinet_is_protected_or_the_phone_lost() -> None:
    line, account_id = opened()
    bars.report_lost(line_id=line.id, by="self", at=AT)
    with pytest.raises(sims.NoPuk):
        sims.show_puk(line=line, account_id=account_id, at=AT)
    bars.found_again(line_id=line.id, by="self", at=AT)
    freezing.freeze(account_id=account_id, event_id=None, at=AT)
    with pytest.raises(freezing.Frozen):
        sims.show_puk(line=line, account_id=account_id, at=AT)
    assert not SecurityEvent.objects.filter(kind="puk shown").exists()


def test_cab_14_puks_are_sealed_anew_with_the_present_key_and_one_that_cannot_be_read_is_not_known(
    settings: Any,
) -> None:
    line, account_id = opened()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of the tests, quite long enough to be one"
    assert (sims.seal_anew(), sims.seal_anew()) == (1, 0)
    settings.SECRET_KEY_FALLBACKS = []
    assert sims.show_puk(line=line, account_id=account_id, at=AT) == PUK
    settings.SECRET_KEY = "a third key, that nobody had when it was sealed anew"
    assert sims.seal_anew() == 0
    with pytest.raises(sims.NoPuk):
        sims.show_puk(line=line, account_id=account_id, at=AT)


def test_cab_14_internet_settings_go_by_sms_three_times_a_day(settings: Any) -> None:
    line, _ = opened()
    settings.APN = "internet.test"
    with time_machine.travel(AT, tick=False):
        assert [sims.send_internet_settings(line=line, at=AT) for _ in range(4)] == [True, True, True, False]
    assert Message.objects.filter(template="internet settings", recipient=NUMBER).count() == 3
    assert "APN internet.test" in identity.last_text(NUMBER)
    tomorrow = AT + timedelta(days=1, seconds=1)
    with time_machine.travel(tomorrow, tick=False):
        assert sims.send_internet_settings(line=line, at=tomorrow)

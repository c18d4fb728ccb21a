"""CAB-19: how a number wants to be told: topics, e-mail, quiet hours; what always comes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from procrastinate.contrib.django.models import ProcrastinateJob

from abonent.domains.messaging import actions, models, preferences, queries
from abonent.domains.messaging import rules_topics as topics
from abonent.domains.messaging.rules_topics import Quiet, Topic, Wishes
from abonent.domains.messaging.states import State
from abonent.domains.messaging.texts import email as texts_email
from abonent.domains.messaging.texts import sms as texts
from abonent.foundation.clock import now

NUMBER = "+79000000001"
NIGHT = Quiet(22, 8)
MOSCOW = ZoneInfo("Europe/Moscow")
hour = st.integers(0, 23)


def test_cab_19_every_text_has_a_topic_or_always_comes() -> None:
    assert topics.OF.keys() | topics.ALWAYS == texts.TEMPLATES.keys() | texts_email.TEMPLATES.keys()
    assert not topics.OF.keys() & topics.ALWAYS
    assert topics.ALWAYS.issuperset(topics.SHOWN)
    assert set(topics.OF.values()) == set(Topic)
    assert topics.OF.keys() <= texts_email.TEMPLATES.keys(), "each can be asked for by e-mail"


@given(from_h=hour, until_h=hour, local=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))  # noqa: DTZ001 - made local below
def test_cab_19_quiet_hours_end_within_a_day_outside_of_themselves(from_h: int, until_h: int, local: datetime) -> None:
    if from_h == until_h:
        with pytest.raises(ValueError, match="another"):
            Quiet(from_h, until_h)
        return
    quiet, local = Quiet(from_h, until_h), local.replace(tzinfo=MOSCOW)
    end = quiet.ends_after(local)
    if end is None:
        return
    assert local < end <= local + timedelta(days=1)
    assert (end.hour, end.minute) == (until_h, 0)
    assert quiet.ends_after(end) is None


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-03-31 21:59", None), ("2026-03-31 22:00", "2026-04-01 08:00"), ("2026-04-01 00:00", "2026-04-01 08:00"),
        ("2026-04-01 07:59", "2026-04-01 08:00"), ("2026-04-01 08:00", None),
    ],
)  # fmt: skip
def test_cab_19_a_night_lasts_over_midnight(at: str, ends: str | None) -> None:
    local = datetime.fromisoformat(at).replace(tzinfo=MOSCOW)
    assert NIGHT.ends_after(local) == (datetime.fromisoformat(ends).replace(tzinfo=MOSCOW) if ends else None)


def wish(**wished: object) -> None:
    preferences.set_wishes(recipient=NUMBER, wishes=Wishes(**wished), at=now())  # type: ignore[arg-type]


def tell(template: str = "topped up", **params: str) -> models.Message:
    params = params or {"sum": "15000", "balance": "20000"}
    return models.Message.objects.get(
        id=actions.send(recipient=NUMBER, template=template, params=params, language="ru")
    )


@pytest.mark.django_db
def test_cab_19_what_is_not_wanted_by_sms_stands_in_the_cabinet_alone() -> None:
    wish(sms_off=frozenset({Topic.PAYMENTS}))
    assert tell().state == State.KEPT
    assert ProcrastinateJob.objects.count() == 0
    assert tell("security", kind="password set").state == State.QUEUED
    assert tell("fee paid", tariff="A", sum="100", number=NUMBER).state == State.QUEUED
    assert ProcrastinateJob.objects.count() == 2
    seen = queries.notices(recipient=NUMBER, since=now() - timedelta(hours=1), language="ru", limit=10)
    assert [(one.topic, one.state) for one in seen] == [
        (Topic.FEES, State.QUEUED), (None, State.QUEUED), (Topic.PAYMENTS, State.KEPT),
    ]  # fmt: skip
    assert "150" in seen[2].text


@pytest.mark.django_db
@time_machine.travel("2026-11-20T20:30:00Z", tick=False)
def test_cab_19_in_quiet_hours_an_sms_waits_and_what_always_comes_does_not() -> None:
    wish(quiet=NIGHT)
    tell()
    tell("security", kind="password set")
    jobs = ProcrastinateJob.objects.order_by("id").values_list("scheduled_at", flat=True)
    assert list(jobs) == [datetime(2026, 11, 21, 5, tzinfo=UTC), None]


@pytest.mark.django_db
def test_cab_19_a_topic_goes_by_e_mail_as_well_until_the_address_goes() -> None:
    wish(email_on=frozenset({Topic.ORDERS}), email="anna@mail.example")
    order = {"name": "ru=Турбо|en=Turbo", "number": NUMBER, "act": "connect", "order": "x"}
    tell("order done", **order)
    assert list(models.Message.objects.order_by("channel").values_list("channel", "recipient")) == [
        ("email", "anna@mail.example"), ("sms", NUMBER),
    ]  # fmt: skip
    kept = {"recipient": NUMBER, "template": "order done", "params": order, "language": "ru", "withheld": True}
    actions.send(**kept)  # type: ignore[arg-type] # as the caller gives it
    assert models.Message.objects.filter(state=State.WITHHELD).count() == 2, "withheld on every way"
    models.Message.objects.filter(state=State.WITHHELD).delete()
    preferences.change_address(old="anna@mail.example", new="")
    tell("order done", **order)
    assert models.Message.objects.filter(channel="email").count() == 1


@pytest.mark.django_db
def test_cab_19_who_has_the_number_next_is_told_everything() -> None:
    wish(sms_off=frozenset(Topic), quiet=NIGHT)
    preferences.forget(recipient=NUMBER)
    assert preferences.wishes_of(NUMBER) == Wishes()
    wish(email_on=frozenset({Topic.FEES}), email="anna@mail.example")
    actions.forget(recipients=["anna@mail.example"])
    assert preferences.wishes_of(NUMBER).email == ""
    actions.forget(recipients=[NUMBER])
    assert models.Preference.objects.count() == 0


@pytest.mark.django_db
def test_cab_19_neither_secrets_nor_what_was_before_the_number_was_ones_own_are_shown() -> None:
    tell()
    tell("keyword help", none="")
    models.Message.objects.create(
        channel="sms", sender="3339", recipient=NUMBER, template="code", secret_kind="code", secret_ref="1",
        language="ru", priority=100, created_at=now(),
    )  # fmt: skip
    assert len(queries.notices(recipient=NUMBER, since=now() - timedelta(hours=1), language="en", limit=10)) == 1
    assert queries.notices(recipient=NUMBER, since=now() + timedelta(hours=1), language="en", limit=10) == []


@pytest.mark.django_db
def test_cab_19_what_cannot_be_worded_any_more_hides_nothing_else() -> None:
    tell("topped up", sum="15000", balance="0")
    tell("topped up", of_a_year_ago="1")
    assert len(queries.notices(recipient=NUMBER, since=now() - timedelta(hours=1), language="en", limit=10)) == 1

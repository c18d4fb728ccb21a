"""What needs the owner stands above the home page, for one query more."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from abonent.domains.identity import erasing, freezing
from abonent.foundation.clock import now
from tests.factories import cabinet, lines, security, statement

pytestmark = pytest.mark.django_db
NEW_DEVICE = "Вход с нового устройства"


def test_sec_says_that_the_cabinet_is_protected_or_to_be_deleted() -> None:
    client = security.browser(cabinet.line())
    assert "под защитой" not in cabinet.words(client)
    account = security.account_of(client)
    erasing.ask(account_id=account.pk, at=now())
    assert "Кабинет будет удалён" in cabinet.words(client)
    freezing.freeze(
        account_id=account.pk, event_id=security.event(account.pk), at=now(), keep=client.session.session_key
    )
    text = cabinet.words(client)
    assert "под защитой" in text
    assert "Кабинет будет удалён" not in text


def test_sec_tells_of_a_new_device_until_it_was_looked_at_but_not_that_device_itself() -> None:
    line = cabinet.line()
    client = security.browser(line, mark="mine")
    assert NEW_DEVICE not in cabinet.words(client), "its own entry is no news"
    with time_machine.travel(now() + timedelta(minutes=5)):
        theirs = security.browser(line, mark="theirs")
        assert NEW_DEVICE in cabinet.words(client)
        assert NEW_DEVICE not in cabinet.words(theirs)
        client.get("/security/changes/")
    with time_machine.travel(now() + timedelta(minutes=10)):
        assert NEW_DEVICE not in cabinet.words(client)
        security.browser(line, mark="a third")
        assert NEW_DEVICE in cabinet.words(client)


def test_sec_tells_of_a_device_that_came_since_this_one_was_last_here() -> None:
    line = cabinet.line()
    security.browser(line, mark="mine")
    with time_machine.travel(now() + timedelta(days=3)):
        security.browser(line, mark="theirs")
    with time_machine.travel(now() + timedelta(days=5)):
        assert NEW_DEVICE in cabinet.words(security.browser(line, mark="mine"))
    with time_machine.travel(now() + timedelta(days=9)):
        assert NEW_DEVICE not in cabinet.words(security.browser(line, mark="mine")), "it was told five days ago"


def test_perf_the_home_page_takes_six_queries_with_services_and_notices() -> None:
    line = cabinet.line()
    statement.use(line, [statement.Used(now(), statement.CONTENT, peer="Гороскоп на день", amount_minor=390)])
    client = security.browser(line)
    cabinet.queries_of(client)
    assert cabinet.queries_of(client) <= 6
    assert lines.queries.of_account(security.account_of(client).pk)

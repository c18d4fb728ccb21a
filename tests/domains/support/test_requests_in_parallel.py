"""Both sides at once about one request, and one form many times (CAB-18): on PostgreSQL, with real threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import storages
from django.db import close_old_connections, connection, transaction

from abonent.domains.support import models
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests.rules import TooMany
from abonent.domains.support.requests.states import Event, NotNow, State
from abonent.domains.support.rules import Refused
from abonent.foundation.clock import now
from tests.domains.identity.test_guards import at_once
from tests.factories import requests as make
from tests.factories import support

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _leave_no_connection():
    yield
    close_old_connections()


def test_cab_18_answering_and_calling_off_at_once_ends_in_one_of_both() -> None:
    line, agent, colleague = support.customer(), support.agent(), support.agent()
    request_id = make.opened(line)
    taken = at_once(lambda number: make.take((agent, colleague)[number % 2], request_id), 6)
    assert sorted({type(one) for one in taken}, key=str) == [type(None), Refused]
    holder = agent if models.Request.objects.get().agent_id == agent.id else colleague

    def act(number: int) -> None:
        if number % 2:
            make.say(holder, request_id)
        else:
            make.end(line, request_id, Event.CALLED_OFF)

    said = at_once(act, 8)
    assert {type(one) for one in said} <= {type(None), NotNow}, said
    request = models.Request.objects.get()
    answers = models.RequestNote.objects.filter(agent__isnull=False).count()
    assert (request.state, answers) in ((State.CANCELLED, 0), (State.RESOLVED, 1)), said
    assert (request.answered_at is not None) == (answers == 1)


def test_cab_18_a_form_sent_many_times_is_one_request_and_many_forms_are_ten() -> None:
    line, key = support.customer(), uuid4()
    account = make.account_of(line)
    assert account
    new = make.new(line, key=key)
    same = at_once(lambda _: requests.open_request(new=new, at=now()), 6)
    assert len({one[0] for one in same if isinstance(one, tuple)}) == 1, same
    assert sum(one[1] for one in same if isinstance(one, tuple)) == 1
    forms = [make.new(line) for _ in range(14)]
    many = at_once(lambda number: requests.open_request(new=forms[number], at=now()), len(forms))
    assert sum(isinstance(one, TooMany) for one in many) == 5, many
    assert models.Request.objects.count() == 10


def test_cab_18_files_of_a_form_that_is_being_sent_are_not_forgotten(settings, tmp_path: Path) -> None:
    mine = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "requests", "base_url": None},
    }
    settings.STORAGES = settings.STORAGES | {"requests": mine}
    line, key, at = support.customer(), uuid4(), now()
    kept = make.file(line, key, at=at - timedelta(days=2))
    make.file(line, uuid4(), "never sent.txt", b"x", at=at - timedelta(days=2))

    def forget() -> int:
        try:
            return requests_files.forget(at=at)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            request_id = make.opened(line, key=key, at=at)
            forgotten = pool.submit(forget)
            waits = False
            while not waits and not forgotten.done():
                cursor.execute("select exists (select from pg_locks where not granted)")
                (waits,) = cursor.fetchone() or (False,)
        assert forgotten.result(timeout=30) == 1
    assert requests_files.content(file_id=kept, request_id=request_id, account_id=None)[1]
    assert len(storages["requests"].listdir("")[1]) == 1

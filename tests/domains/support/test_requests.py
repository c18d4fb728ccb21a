"""Requests of customers (CAB-18): once, told, talked about, opened again, forgotten; each only to whom it belongs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.storage import storages

from abonent.domains.identity import erasing
from abonent.domains.lines.queries import Line
from abonent.domains.messaging import models as messaging
from abonent.domains.support import models
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests import queries as requests_queries
from abonent.domains.support.requests import rules as requests_rules
from abonent.domains.support.requests import staff as requests_staff
from abonent.domains.support.requests.contents import BadFile, Fault
from abonent.domains.support.requests.rules import Channel, Kind, TooMany, Unclear
from abonent.domains.support.requests.states import Event, NotNow, State
from abonent.domains.support.rules import NotThere, Refusal, Refused, Role
from abonent.foundation import vault
from abonent.foundation.clock import now
from tests.factories import identity, support
from tests.factories import requests as make

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    """Keep the files of each test to itself."""
    options = {"location": tmp_path / "requests", "base_url": None}
    mine = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"requests": mine}
    return tmp_path / "requests"


def seen(line: Line, request_id: int) -> requests_queries.Request:
    return requests_queries.request(request_id, make.account_of(line))


def test_cab_18_it_is_written_once_told_by_message_and_says_nothing_of_the_text() -> None:
    line, wanted = support.customer(), uuid4()
    first = requests.open_request(new=make.new(line, key=wanted), at=now())
    again = requests.open_request(new=make.new(line, key=wanted), at=now())
    assert (first[1], again) == (True, (first[0], False))
    request = seen(line, first[0])
    assert (request.state, request.due_at - request.opened_at) == (State.ACKNOWLEDGED, DAY)
    told = identity.last_text(line.number)
    assert request.number in told
    assert f"/requests/{request.id}/" in told
    assert "сети" not in told
    assert messaging.Message.objects.filter(template="request").count() == 1
    with pytest.raises(NotThere):
        requests.open_request(new=make.new(support.customer(), key=wanted), at=now())


def test_cab_18_it_goes_from_the_question_to_the_answer_and_back_again() -> None:
    line, agent, colleague, at = support.customer(), support.agent(), support.agent(), now()
    request_id = make.opened(line, at=at)
    make.take(agent, request_id, at)
    make.take(agent, request_id, at)
    for refused, act in (
        (Refusal.TAKEN, lambda: make.take(colleague, request_id)),
        (Refusal.TAKEN, lambda: make.say(colleague, request_id)),
        (Refusal.NOT_ALLOWED, lambda: make.take(support.agent(Role.SHOP), request_id)),
    ):
        with pytest.raises(Refused) as why:
            act()
        assert why.value.refusal is refused
    make.say(colleague, request_id, None, "Похоже на вышку 12")
    make.say(agent, request_id, Event.ASKED, "Какой у вас телефон?", at=at + timedelta(hours=2))
    assert seen(line, request_id).state is State.PENDING
    make.write(line, request_id, "Кнопочный", at=at + timedelta(hours=20))
    # The hours in which we waited are not ours.
    assert seen(line, request_id).due_at == at + timedelta(hours=44)
    key = uuid4()
    for _ in range(2):
        make.say(agent, request_id, key=key, at=at + timedelta(hours=21))
    talk = requests_queries.conversation(request_id)
    assert [note.text for note in talk] == [make.TEXT, "Какой у вас телефон?", "Кнопочный", "Вышку починили"]
    assert "Похоже на вышку 12" in [note.text for note in requests_queries.conversation(request_id, internal=True)]
    make.write(line, request_id, "Снова нет", at=at + 2 * DAY)
    request = seen(line, request_id)
    assert (request.state, request.agent_id, request.due_at) == (State.ACKNOWLEDGED, None, at + 3 * DAY)
    make.answered(colleague, request_id, at + 2 * DAY)
    for _ in range(2):
        make.end(line, request_id, Event.ACCEPTED)
    assert seen(line, request_id).state is State.CLOSED
    whats = list(messaging.Message.objects.filter(template="request").order_by("created_at"))
    assert [one.params["what"] for one in whats] == ["received", "asked", "answered", "answered"]


def test_cab_18_it_is_opened_again_for_two_weeks_and_not_after() -> None:
    line, agent, at = support.customer(), support.agent(), now()
    first, second = make.opened(line, at=at), make.opened(line, at=at)
    for one in (first, second):
        make.answered(agent, one, at)
    assert requests.close_due(at=at + 7 * DAY - timedelta(seconds=1)) == 0
    assert requests.close_due(at=at + 7 * DAY) == 2
    assert requests.close_due(at=at + 7 * DAY) == 0
    make.write(line, first, at=at + 13 * DAY)
    assert seen(line, first).state is State.ACKNOWLEDGED
    with pytest.raises(NotNow):
        make.write(line, second, at=at + 14 * DAY)
    make.end(line, first, Event.CALLED_OFF)
    for act in (lambda: make.write(line, first), lambda: make.take(agent, first), lambda: make.say(agent, first)):
        with pytest.raises((NotNow, Refused)):
            act()
    third = make.opened(line, at=at)
    make.take(agent, third, at)
    make.say(agent, third, Event.ASKED, at=at)
    assert requests.close_due(at=at + 14 * DAY) == 1
    make.write(line, third, at=at + 15 * DAY)
    assert seen(line, third).state is State.ACKNOWLEDGED


def test_cab_18_one_that_is_not_closed_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    line, agent, at = support.customer(), support.agent(), now()
    ids = [make.opened(line, at=at) for _ in range(2)]
    for one in ids:
        make.answered(agent, one, at)
    close = requests._close

    def fail(request_id: int, at: datetime) -> bool:
        if request_id == ids[0]:
            raise ValueError
        return close(request_id, at)

    monkeypatch.setattr(requests, "_close", fail)
    with pytest.raises(ExceptionGroup):
        requests.close_due(at=at + 7 * DAY)
    assert [seen(line, one).state for one in ids] == [State.RESOLVED, State.CLOSED]


def test_cab_18_somebody_elses_is_not_there_and_a_flood_is_refused() -> None:
    line, other, agent = support.customer(), support.customer(), support.agent()
    key = uuid4()
    file_id = make.file(line, key)
    request_id = make.opened(line, key=key)
    stranger = make.account_of(other)
    for act in (
        lambda: requests_queries.request(request_id, stranger),
        lambda: make.write(other, request_id),
        lambda: make.end(other, request_id, Event.CALLED_OFF),
        lambda: requests_files.content(file_id=file_id, request_id=request_id, account_id=stranger),
        lambda: requests_files.content(file_id=file_id, request_id=make.opened(other), account_id=stranger),
        lambda: requests_files.content(file_id=file_id, request_id=request_id + 1, account_id=None),
        lambda: make.take(agent, 10**9),
        lambda: requests_staff.assign(
            agent=support.agent(Role.SUPERVISOR), request_id=request_id, to=support.agent(Role.ENGINEER).id,
            origin="", at=now(),
        ),
    ):  # fmt: skip
        with pytest.raises(NotThere):
            act()
    for _ in range(9):
        make.opened(line)
    with pytest.raises(TooMany, match="open"):
        make.opened(line)
    with pytest.raises(Unclear):
        make.opened(other, text="  ")
    for _ in range(requests_rules.NOTES_A_DAY_MAX - 10):
        make.write(line, request_id)
    with pytest.raises(TooMany, match="notes"):
        make.write(line, request_id)


def test_cab_18_it_is_told_where_the_customer_wants_it() -> None:
    line = support.customer()
    models_before = messaging.Message.objects.filter(template="request").count()
    make.opened(line, channel=Channel.CABINET)
    assert messaging.Message.objects.filter(template="request").count() == models_before
    # No address is confirmed any more: the number is still there.
    make.opened(line, channel=Channel.EMAIL)
    message = messaging.Message.objects.filter(template="request").get()
    assert (message.channel, message.recipient) == ("sms", line.number)


def test_cab_18_a_file_is_sealed_kept_under_a_random_name_and_read_by_its_owner(folder: Path) -> None:
    line, key = support.customer(), uuid4()
    file_id = make.file(line, key, "Мой дом.jpg")
    assert make.file(line, key, "Мой дом.jpg") == file_id
    # Another one of that name and length is another one.
    assert make.file(line, key, "1.txt", b"one") != make.file(line, key, "1.txt", b"two")
    for one in requests_files.of_form(make.account_of(line), key):
        if one.name == "1.txt":
            requests_files.let_go(account_id=make.account_of(line), key=key, file_id=one.id)
    text_id = make.file(line, key, "a.txt", "адрес: Ленина, 12".encode())
    requests_files.let_go(account_id=make.account_of(line), key=key, file_id=make.file(line, key, "b.txt", b"no"))
    request_id = make.opened(line, key=key)
    assert [one.name for one in requests_queries.conversation(request_id)[0].files] == ["Мой дом.jpg", "a.txt"]
    names = [path.name for path in folder.iterdir()]
    assert len(names) == 2
    assert all(len(name) == 32 and name.isalnum() for name in names)
    assert not any("Ленина".encode() in path.read_bytes() for path in folder.iterdir())
    found, content = requests_files.content(file_id=text_id, request_id=request_id, account_id=make.account_of(line))
    assert (found.name, content.decode()) == ("a.txt", "адрес: Ленина, 12")
    sealed = next(folder.iterdir()).read_bytes()
    with pytest.raises(vault.CannotUnseal):
        vault.unseal_bytes(sealed, purpose="another")
    with pytest.raises(vault.CannotUnseal):
        vault.unseal_bytes(sealed[:-1] + b"\x00", purpose=requests_files.PURPOSE)


def test_cab_18_five_files_go_with_a_form_and_thirty_on_a_day() -> None:
    line, key = support.customer(), uuid4()
    for number in range(5):
        make.file(line, key, f"{number}.txt", f"text {number}".encode())
    with pytest.raises(BadFile) as bad:
        make.file(line, key, "6.txt", b"one more")
    assert bad.value.fault is Fault.MANY
    for number in range(25):
        make.file(line, uuid4(), "x.txt", f"text {number:02}".encode())
    with pytest.raises(BadFile):
        make.file(line, uuid4(), "x.txt", b"the thirty-first")
    make.file(line, uuid4(), "x.txt", b"tomorrow", at=now() + DAY + timedelta(seconds=1))


def test_cab_18_files_go_when_their_time_is_over_and_with_their_account(folder: Path) -> None:
    line, agent, at, key = support.customer(), support.agent(), now(), uuid4()
    kept = make.file(line, key, at=at)
    request_id = make.opened(line, key=key, at=at)
    make.file(line, uuid4(), "never sent.txt", b"x", at=at)
    make.answered(agent, request_id, at)
    make.end(line, request_id, Event.ACCEPTED, at)
    assert requests_files.forget(at=at + timedelta(hours=23)) == 0
    assert requests_files.forget(at=at + DAY) == 1
    assert requests_files.forget(at=at + 90 * DAY) == 1
    assert not list(folder.iterdir())
    assert requests_queries.conversation(request_id)[0].files[0].gone
    with pytest.raises(NotThere):
        requests_files.content(file_id=kept, request_id=request_id, account_id=None)
    make.file(line, uuid4(), "y.txt", b"y", at=at)
    erasing.erase(account_id=make.account_of(line), recipients=[])
    assert not models.Request.objects.exists()
    # A file that no row knows goes with the next sweep, when nobody can be writing it any more.
    assert requests_files.forget(at=now() + 2 * DAY) == 1
    assert storages["requests"].listdir("")[1] == []


def test_ops_1_the_report_tells_the_middle_time_and_who_came_too_late() -> None:
    line, agent, at = support.customer(), support.agent(), now()
    for hours in (1, 3, 30):
        make.answered(agent, make.opened(line, at=at - timedelta(hours=40)), at - timedelta(hours=40 - hours))
    make.opened(line, at=at - timedelta(hours=30))
    make.opened(line, at=at)
    make.end(line, make.opened(line, at=at - timedelta(hours=50)), Event.CALLED_OFF)
    make.opened(line, kind=Kind.ROAMING, at=at)
    by_kind = {one.kind: one for one in requests_queries.report(at)}
    found = by_kind[Kind.QUESTION]
    assert (found.count, found.said, found.median, found.in_time, found.late) == (5, 3, timedelta(hours=3), 2, 2)
    assert by_kind[Kind.ROAMING].median is None
    waiting = requests_queries.queue()
    assert [one.is_late(at) for one in waiting] == [True, False, False]
    assert requests_queries.count_waiting() == 3


def test_ops_1_a_supervisor_hands_on_and_an_agent_gives_back() -> None:
    line, agent, other, senior = support.customer(), support.agent(), support.agent(), support.agent(Role.SUPERVISOR)
    request_id = make.opened(line)
    with pytest.raises(Refused):
        make.say(agent, request_id)
    with pytest.raises(Refused):
        requests_staff.assign(agent=agent, request_id=request_id, to=other.id, origin="", at=now())
    for to in (agent, other):
        requests_staff.assign(agent=senior, request_id=request_id, to=to.id, origin="", at=now())
    assert [one.id for one in requests_queries.queue(agent_id=other.id)] == [request_id]
    with pytest.raises(Refused):
        requests_staff.give_back(agent=agent, request_id=request_id, origin="", at=now())
    make.say(other, request_id, Event.ASKED)
    requests_staff.assign(agent=senior, request_id=request_id, to=agent.id, origin="", at=now())
    assert requests_queries.for_staff(request_id).state is State.PENDING
    make.write(line, request_id)
    for _ in range(2):
        requests_staff.give_back(agent=agent, request_id=request_id, origin="", at=now())
    assert requests_queries.for_staff(request_id).agent_id is None

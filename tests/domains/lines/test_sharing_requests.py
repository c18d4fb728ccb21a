"""Requests for another number of one's own (CAB-15): of one owner and region, told to the number, answered in time."""

from __future__ import annotations

import pytest

from abonent.domains.lines import models, queries
from abonent.domains.lines.queries import Line
from abonent.domains.lines.sharing import requests as sharing_requests
from abonent.domains.lines.sharing.queries import NoSuchShare, requests_of
from abonent.domains.lines.sharing.requests import Decided, NotOneOwner, Outcome, TooManyRequests
from abonent.domains.lines.sharing.rules import Reason, RequestState, Role
from abonent.domains.messaging.models import Message
from abonent.foundation.clock import now
from abonent.foundation.values import Msisdn
from tests.factories import lines, support
from tests.factories import sharing as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def mine() -> Line:
    return lines.line(is_main=False)


@pytest.fixture
def second(mine: Line) -> Line:
    return lines.line(contract_id=mine.contract_id, is_main=False)


def ask(line: Line, number: str) -> int:
    return sharing_requests.ask(account_id=make.account(line), line=line, number=Msisdn(number), at=now())


def sees(line: Line, other: Line) -> str | None:
    return next((one.role for one in queries.seen_by(make.account(line)) if one.id == other.id), None)


def test_cab_15_a_number_of_the_same_owner_is_told_and_added_when_staff_agree(mine: Line, second: Line) -> None:
    request_id = ask(mine, second.number)
    assert ask(mine, second.number) == request_id, "asked again it is the same"
    assert Message.objects.filter(recipient=second.number, template="number asked", state="queued").count() == 1
    assert sees(mine, second) is None
    sharing_requests.approve(request_id=request_id, at=now())
    assert sees(mine, second) == Role.FULL
    with pytest.raises(Decided):
        sharing_requests.refuse(request_id=request_id, reason=Reason.DOCUMENT, at=now())


def test_cab_15_what_does_not_fit_the_books_cannot_be_approved(mine: Line) -> None:
    stranger, region, main = make.boris(), lines.line(contract_id=mine.contract_id, is_main=False), None
    models.Line.objects.filter(id=region.id).update(region="north")
    main = lines.line(contract_id=mine.contract_id)
    for number in (stranger.number, region.number, main.number, "+79001112200"):
        request_id = ask(mine, number)
        with pytest.raises(NotOneOwner):
            sharing_requests.approve(request_id=request_id, at=now())
        sharing_requests.refuse(request_id=request_id, reason=Reason.NOT_YOURS, at=now())
    assert not models.Share.objects.exists()
    asked = Message.objects.filter(template="number asked", state="queued").values_list("recipient", flat=True)
    assert stranger.number not in asked, "a stranger bothers nobody"


def test_cab_15_the_number_may_object_and_strangers_requests_are_not_shown_to_it(mine: Line, second: Line) -> None:
    request_id = ask(mine, second.number)
    strangers = ask(make.boris(), second.number)
    [shown] = sharing_requests.about([second.number])
    assert (shown.id, "•" in shown.viewer_number) == (request_id, True)
    with pytest.raises(NoSuchShare):
        sharing_requests.object_to(request_id=request_id, own_numbers=[mine.number], at=now())
    sharing_requests.object_to(request_id=request_id, own_numbers=[second.number], at=now())
    assert models.NumberRequest.objects.get(id=request_id).state == RequestState.REFUSED
    assert models.NumberRequest.objects.get(id=strangers).state == RequestState.ASKED
    with pytest.raises(Decided):
        sharing_requests.approve(request_id=request_id, at=now())


def test_cab_15_it_is_called_off_by_who_asked_and_few_wait_at_a_time(mine: Line) -> None:
    ids = [ask(mine, f"+7900111220{number}") for number in range(5)]
    with pytest.raises(TooManyRequests):
        ask(mine, "+79001112209")
    with pytest.raises(NoSuchShare):
        sharing_requests.call_off(request_id=ids[0], account_id=make.account(make.boris()), at=now())
    sharing_requests.call_off(request_id=ids[0], account_id=make.account(mine), at=now())
    assert len(requests_of(make.account(mine))) == 4
    ask(mine, "+79001112209")


def test_cab_15_a_text_from_the_number_asks_for_its_owners_other_cabinet(mine: Line, second: Line) -> None:
    assert sharing_requests.ask_from_number(line_id=second.id, at=now()) is Outcome.NOBODY
    make.account(mine)
    assert sharing_requests.ask_from_number(line_id=second.id, at=now()) is Outcome.ASKED
    assert sharing_requests.ask_from_number(line_id=second.id, at=now()) is Outcome.ASKED
    request = models.NumberRequest.objects.get()
    assert (request.number, request.viewer_line_id, request.from_number) == (second.number, mine.id, True)
    sharing_requests.approve(request_id=request.pk, at=now())
    assert sharing_requests.ask_from_number(line_id=second.id, at=now()) is Outcome.ALREADY
    support.swap_sim(second)
    assert sharing_requests.ask_from_number(line_id=second.id, at=now()) is Outcome.HELD

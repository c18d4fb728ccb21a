"""Tones are set, copied, told to the platform (VAS-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from abonent.domains.identity import freezing
from abonent.domains.identity.freezing import Frozen
from abonent.domains.lines.network import actions as network
from abonent.domains.lines.numbers import actions as numbers
from abonent.domains.lines.queries import Line, served_by_id
from abonent.domains.voice import models, reactions
from abonent.domains.voice.embedded import PlatformInHouse
from abonent.domains.voice.ports import NoAnswer
from abonent.domains.voice.tones import actions as tones
from abonent.domains.voice.tones import queries as tones_queries
from abonent.domains.voice.tones import telling as tones_telling
from abonent.domains.voice.tones.rules import RULES_MAX, Rule, Why
from abonent.foundation.values import Msisdn
from tests.factories import forwarding, lines, voice
from tests.factories.orders import AT

pytestmark = pytest.mark.django_db
FRIEND = "+79000000002"


@pytest.fixture
def ids() -> dict[str, int]:
    return voice.catalogue()


@pytest.fixture
def line(ids: dict[str, int]) -> Line:
    found = voice.give(lines.line(), ids["tones"], AT)
    forwarding.account(found)
    return found


def add(line: Line, rule: Rule) -> Rule:
    return tones.add(line=line, rule=rule, account_id=forwarding.account(line), at=AT)


def refused(line: Line, rule: Rule) -> Why:
    before = tones_queries.rules_of(line.id)
    with pytest.raises(tones.Refused) as error:
        add(line, rule)
    assert tones_queries.rules_of(line.id) == before
    return error.value.why


def test_vas_4_a_tone_is_set_once_replaced_by_another_and_the_platform_plays_it(line: Line) -> None:
    first = add(line, tones.for_everybody("one"))
    assert add(line, tones.for_everybody("one")) == first
    add(line, tones.for_everybody("two"))
    add(line, Rule(0, "one", caller=FRIEND))
    assert not tones_queries.overview(line, AT).is_told
    assert tones_telling.tell(line_id=line.id)
    assert tones_queries.overview(line, AT).is_told
    heard = PlatformInHouse().heard
    assert (heard(line.number, FRIEND, AT), heard(line.number, "", AT), heard(FRIEND, "", AT)) == ("one", "two", "")
    for rule in tones_queries.rules_of(line.id):
        tones.remove(line=line, rule_id=rule.id)
    tones_telling.tell_due()
    assert heard(line.number, FRIEND, AT) == ""


def test_vas_4_says_what_is_missing_and_changes_nothing(ids: dict[str, int], line: Line) -> None:
    other = lines.line(number="+79000000005")
    assert refused(other, tones.for_everybody("one")) is Why.NO_SERVICE
    assert refused(line, tones.for_everybody("hit")) is Why.NO_HITS
    assert refused(line, Rule(0, "one", caller=line.number)) is Why.SELF
    with pytest.raises(tones_queries.NoSuchTone):
        add(line, tones.for_everybody("three"))
    voice.give(line, ids["hits"], AT)
    add(line, tones.for_everybody("hit"))
    for number in range(RULES_MAX - 1):
        add(line, Rule(0, "one", from_min=number + 1, until_min=number + 2))
    assert refused(line, Rule(0, "two", from_min=500, until_min=900)) is Why.MANY
    freezing.freeze(account_id=forwarding.account(line), event_id=None, at=AT)
    with pytest.raises(Frozen):
        add(line, tones.for_everybody("two"))
    assert len(tones_queries.rules_of(line.id)) == RULES_MAX


def test_vas_4_a_friend_s_tone_is_found_only_when_the_friend_lets_it(ids: dict[str, int], line: Line) -> None:
    friend = voice.give(lines.line(number=FRIEND), ids["tones"], AT)
    account_id = forwarding.account(line)

    def look(number: str = FRIEND) -> object:
        try:
            return tones.look(line=line, number=Msisdn(number), account_id=account_id, at=AT).code
        except tones.Refused as error:
            return error.why

    add(friend, tones.for_everybody("two"))
    add(friend, Rule(0, "one", caller=line.number))
    assert look() is Why.NOT_COPIED
    assert look("+79000000099") is Why.NOT_COPIED, "a number of nobody is the same answer"
    tones.let_copy(line=friend, may=True)
    assert look() == "two", "what everybody hears, not what is for one"
    assert look(line.number) is Why.SELF
    tones.let_copy(line=friend, may=False)
    assert [look() for _ in range(8)] == [Why.NOT_COPIED] * 7 + [Why.OFTEN]
    tones.forget(before=AT + timedelta(hours=1))
    assert look() is Why.NOT_COPIED


def test_vas_4_what_the_platform_did_not_hear_is_told_again_and_what_is_late_changes_nothing(
    line: Line, settings: Any
) -> None:
    settings.TONE_PLATFORM = "tests.domains.voice.test_tones.Deaf"
    add(line, tones.for_everybody("one"))
    assert not tones_telling.tell(line_id=line.id)
    assert not tones_queries.overview(line, AT).is_told
    settings.TONE_PLATFORM = "abonent.domains.voice.embedded.PlatformInHouse"
    tones_telling.tell_due()
    assert tones_queries.overview(line, AT).is_told
    known = models.PlatformRules.objects.get()
    PlatformInHouse().play(line.number, known.revision - 1, [])
    assert PlatformInHouse().heard(line.number, "", AT) == "one"


def test_vas_4_a_line_given_away_plays_nothing(line: Line) -> None:
    add(line, tones.for_everybody("one"))
    tones_telling.tell(line_id=line.id)
    network.note_released(number=line.number, at=AT, key="away")
    reactions.forget_line(line.id)
    tones_telling.tell_due()
    assert PlatformInHouse().heard(line.number, "", AT) == ""
    wish = models.ToneWish.objects.get(line_id=line.id)
    assert wish.told == wish.said, "nothing of it is left to be told"


def test_vas_4_tones_go_along_to_another_number_and_play_on_the_old_one_no_more(
    ids: dict[str, int], line: Line
) -> None:
    later = voice.give(lines.line(number=FRIEND), ids["tones"], AT)
    add(later, tones.for_everybody("two"))
    tones_telling.tell_due()
    numbers.renumber(line_id=later.id, number="+79000000003", at=AT)
    reactions.follow_number(later.id)
    tones_telling.tell_due()
    heard = PlatformInHouse().heard
    assert (heard("+79000000003", "", AT), heard(FRIEND, "", AT)) == ("two", "")
    numbers.renumber(line_id=line.id, number=FRIEND, at=AT + timedelta(days=40))
    moved = served_by_id(line.id)
    assert moved
    add(moved, tones.for_everybody("one"))
    tones_telling.tell_due()
    assert heard(FRIEND, "", AT) == "one", "whoever was there first, who has the number now counts"
    add(later, Rule(0, "one", caller=line.number))
    tones_telling.tell_due()
    assert heard(FRIEND, "", AT) == "one", "what was its number is nothing to a line any more"


class Deaf:
    """A platform that never answers."""

    def play(self, *_: object) -> None:
        raise NoAnswer("nobody there")

"""Help without a database (CAB-18): texts, what was typed, hours, the file."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abonent.domains.help import rules, rules_search, rules_text, rules_yaml
from abonent.domains.help.rules import BadHelp, Help
from abonent.domains.help.rules_text import BadText, Span

GOOD = """\
topics:
  a: {icon: key, name: {ru: Вход, en: Entry}}
questions:
  one:
    topic: a
    ru: {title: Как войти, body: Так}
    en: {title: How to enter, also: sign in, body: So}
contacts:
  - {kind: phone, value: "0890", name: {ru: Бесплатно, en: Free}}
cities:
  town: {name: {ru: Город, en: Town}, time_zone: Europe/Moscow, drawn: []}
shops:
  s: {city: town, address: {ru: Ленина, en: Lenin}, hours: {mon-fri: "09:00-20:00"}, at: [55.7, 37.6]}
"""
BOTH = ("ru", "en")


def test_ops_3_a_file_is_read_and_written_as_it_was() -> None:
    found = rules_yaml.read(GOOD, BOTH)
    assert found.questions
    assert found.questions[0].texts["en"].also == "sign in"
    assert rules_yaml.read(rules_yaml.write(found), BOTH) == found
    # Some of it is a file as well, and says nothing of the rest.
    some = rules_yaml.read("contacts:\n  - {kind: email, value: a@b.example, name: {ru: П, en: M}}", BOTH)
    assert (some.questions, some.shops, len(some.contacts or ())) == (None, None, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("icon: key, ", "", "topics, a: 'icon' is missing"), ("topic: a", "topic: b", "one: there is no topic b"),
        ("body: Так", "body: '[x](https://elsewhere.example/)'", "leads out of the site"),
        ("body: Так", "body: '[x](javascript:alert(1))'", "leads out of the site"),
        ("body: Так", "body: '[x](//elsewhere.example)'", "leads out of the site"),
        ("    en: {title: How to enter, also: sign in, body: So}\n", "", "questions, one: 'en' is missing"),
        ("title: Как войти", "title: [1]", "title is a text"), ("title: Как войти", "title: ''", "title is a text"),
        ("kind: phone", "kind: fax", "a contact is one of"), ("ru: Бесплатно", "ru: Да, всё", "in quotes"),
        ("city: town", "city: nowhere", "s: there is no city"),
        ("Europe/Moscow", "Mars/Base", "there is no time zone"), ("09:00-20:00", "20:00-09:00", "ends before it"),
        ("mon-fri", "fri-mon", "ends before it begins"), ("55.7, 37.6", "155.7, 37.6", "latitude and longitude"),
        ("55.7, 37.6", "55.7", "shops, s"), ("  one:", "  Один:", "small Latin letters"),
        ("topics:", "topic:", "has topics"), ("contacts:", "contacts: 5\nx:", "a file of help has"),
        ("shops:", "cities:", "stands here twice"), ("  - {kind", "  - [kind", "no YAML"),
    ],
)  # fmt: skip
def test_ops_3_a_file_with_a_fault_is_refused_with_what_is_wrong(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(BadHelp) as bad:
        rules_yaml.read(GOOD.replace(old, new, 1), BOTH)
    assert said in str(bad.value)


@given(st.text(max_size=200) | st.builds(lambda text: f"topics: {text}", st.text(max_size=60)))
def test_ops_3_whatever_is_no_help_is_refused_and_breaks_nothing(text: str) -> None:
    with suppress(BadHelp):
        assert isinstance(rules_yaml.read(text, BOTH), Help)


def test_cab_18_a_text_is_read_into_blocks_and_nothing_of_it_is_a_mark_of_the_page() -> None:
    blocks = rules_text.read(
        "Так **надо** [сюда](/topup/).\nИ дальше.\n- раз\n- два\n\n1. шаг\n2) ещё\n   длинный\n\n<b>"
    )
    assert [(block.kind, len(block.items)) for block in blocks] == [("p", 1), ("ul", 2), ("ol", 2), ("p", 1)]
    assert blocks[0].items[0] == (
        Span("Так "), Span("надо", bold=True), Span(" "), Span("сюда", address="/topup/"), Span(". И дальше."),
    )  # fmt: skip
    assert blocks[2].items[1] == (Span("ещё длинный"),)
    assert blocks[3].items[0] == (Span("<b>"),)
    assert rules_text.plain("**a** [b](/c/)\n- d\n- e") == "a b\nd; e"


@given(st.text(alphabet="ab *[]()-1.\n/:<>\\tel", max_size=80))
def test_cab_18_any_text_is_read_or_refused_and_no_link_leads_out(text: str) -> None:
    try:
        blocks = rules_text.read(text)
    except BadText:
        return
    links = [span.address for block in blocks for item in block.items for span in item if span.address]
    assert all(
        link.startswith("tel:") or (link.startswith("/") and not link.startswith(("//", "/\\"))) for link in links
    )


@given(st.text(max_size=250))
def test_cab_18_whatever_is_typed_is_words_and_operators_of_ours(typed: str) -> None:
    wanted = rules_search.wanted(typed)
    for part in (wanted.every, wanted.some):
        assert part.count("'") % 2 == 0
        assert part.count("(") == part.count(")")
        outside = "".join(part.split("'")[::2])
        assert set(outside) <= set(" ()&|:*"), part
    assert rules_search.corrected(typed, {"пароль", "баланс"}) is not None


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("парль", {"пароль"}, "пароль"), ("роумнг", {"роуминг"}, "роуминг"), ("баланс", {"баланс"}, "баланс"),
        ("автоплатеж", {"автоплатеж"}, "автоплатеж"), ("gfhjkm", {"пароль"}, "gfhjkm"), ("gfhkm", {"пароль"}, "пароль"),
        ("дом", {"том"}, "дом"), ("роаминг забыл", {"роуминг"}, "роуминг забыл"), ("Парроль", {"пароль"}, "пароль"),
        ("детализция", {"детализация"}, "детализация"), ("зззззззз", {"детализация"}, "зззззззз"),
    ],
)  # fmt: skip
def test_cab_18_a_near_miss_is_understood(typed: str, known: set[str], meant: str) -> None:
    assert rules_search.corrected(typed, known) == meant


WEEK = (*((time(9), time(20)),) * 5, (time(10), time(0)), None)


@pytest.mark.parametrize(
    ("when", "is_open", "opens"),
    [
        # A Monday, its night, Saturday until midnight, Sunday.
        ("2026-11-30 09:00", True, (1, time(9))), ("2026-11-30 08:59", False, (0, time(9))),
        ("2026-11-30 20:00", False, (1, time(9))), ("2026-12-05 23:59", True, (2, time(9))),
        ("2026-12-06 12:00", False, (1, time(9))), ("2026-12-04 21:00", False, (1, time(10))),
    ],
)  # fmt: skip
def test_cab_18_a_shop_is_open_by_its_own_clock(when: str, is_open: bool, opens: tuple[int, time]) -> None:
    local = datetime.fromisoformat(when).replace(tzinfo=UTC)
    assert rules.is_open(WEEK, local) == is_open
    assert rules.opens(WEEK, local) == opens
    assert rules.opens((None,) * 7, local) is None
    assert [run[:2] for run in rules.runs(WEEK)] == [(0, 4), (5, 5), (6, 6)]

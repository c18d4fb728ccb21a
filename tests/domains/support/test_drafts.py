"""Drafts of the catalogue and the help: one writes, another publishes, on conditions of the day (OPS-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from abonent.domains.billing import models as billing
from abonent.domains.catalog import queries as catalog
from abonent.domains.catalog import tariffs_yaml
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers import yaml as offers_yaml
from abonent.domains.catalog.offers.rules import BadCatalogue, Catalogue
from abonent.domains.help import queries as helping
from abonent.domains.support.drafts import actions as drafts
from abonent.domains.support.drafts import offers as drafts_offers
from abonent.domains.support.drafts import queries as drafts_queries
from abonent.domains.support.drafts import questions as drafts_questions
from abonent.domains.support.drafts import rules as drafts_rules
from abonent.domains.support.drafts import tariffs as drafts_tariffs
from abonent.domains.support.drafts.rules import Event, Kind, Pair, State
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import PERMISSIONS, NotThere, Permission, Refusal, Refused, Role
from abonent.foundation.audit import verify
from abonent.foundation.clock import now
from tests.factories import drafts as make
from tests.factories import offers, support

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_head(settings, tmp_path) -> None:
    settings.AUDIT_HEAD = tmp_path / "audit-head"


@pytest.fixture
def writer() -> Agent:
    offers.load()
    return support.agent(Role.PRODUCT)


@pytest.fixture
def lead() -> Agent:
    return support.agent(Role.PRODUCT_LEAD)


def refusal(act, *given, **named) -> Refusal:
    with pytest.raises(Refused) as refused:
        act(*given, **named)
    return refused.value.refusal


def problems(act, *given, **named) -> str:
    with pytest.raises(BadCatalogue) as refused:
        act(*given, **named)
    return f"{refused.value}"


def standing(draft_id: int) -> tuple[object, ...]:
    found = drafts_queries.draft(draft_id)
    return found.state, found.revision, found.text, len(drafts_queries.steps(draft_id)), offers_queries.catalogue()


def test_ops_3_what_another_person_publishes_is_sold_from_its_day_on(writer: Agent, lead: Agent) -> None:
    draft_id = make.handed_over(writer)
    assert "novel" not in {one.code for one in offers_queries.catalogue().versions}
    make.publish(lead, draft_id)
    assert "novel" not in {one.code for one in offers_queries.sold_on(make.tomorrow(0), "mobile")}
    assert "novel" in {one.code for one in offers_queries.sold_on(make.tomorrow(), "mobile")}
    assert [one.event for one in drafts_queries.steps(draft_id)] == [Event.PUBLISHED, Event.HANDED_OVER, Event.MADE]
    records = [entry.action for entry in verify.newest(3)]
    assert sorted(records) == ["draft handed over", "draft made", "draft published"]


def test_ops_3_who_wrote_never_publishes(lead: Agent) -> None:
    offers.load()
    draft_id = make.handed_over(lead)
    before = standing(draft_id)
    assert refusal(drafts.publish, make.step(lead, draft_id), seen=make.seen(draft_id)) is Refusal.OWN_DRAFT
    assert refusal(drafts.send_back, make.step(lead, draft_id, "x")) is Refusal.OWN_DRAFT
    assert standing(draft_id) == before


def test_ops_3_who_only_corrected_it_never_publishes_either(writer: Agent, lead: Agent) -> None:
    draft_id = make.make(writer)
    drafts.save(make.step(lead, draft_id), text=make.text(fee_minor=7_700))
    drafts.hand_over(make.step(writer, draft_id))
    assert refusal(drafts.publish, make.step(lead, draft_id), seen=make.seen(draft_id)) is Refusal.OWN_DRAFT


def test_ops_3_who_may_only_write_publishes_nothing(writer: Agent) -> None:
    draft_id = make.handed_over(writer)
    other = support.agent(Role.PRODUCT)
    assert refusal(drafts.publish, make.step(other, draft_id), seen=make.seen(draft_id)) is Refusal.NOT_ALLOWED
    outsider = support.agent(Role.SUPERVISOR)
    assert refusal(make.make, outsider) is Refusal.NOT_ALLOWED
    assert refusal(drafts.discard, make.step(outsider, draft_id)) is Refusal.NOT_ALLOWED


def test_ops_3_what_waits_is_not_edited_and_what_is_taken_back_is_seen_anew(writer: Agent, lead: Agent) -> None:
    draft_id = make.handed_over(writer)
    looked_at = make.step(lead, draft_id)
    before, seen = standing(draft_id), make.seen(draft_id)
    assert refusal(drafts.save, make.step(writer, draft_id), text=make.text(fee_minor=1)) is Refusal.NOT_IN_STATE
    assert standing(draft_id) == before
    drafts.take_back(make.step(writer, draft_id))
    drafts.save(make.step(writer, draft_id), text=make.text(fee_minor=99_900))
    drafts.hand_over(make.step(writer, draft_id))
    assert refusal(drafts.publish, looked_at, seen=seen) is Refusal.CHANGED
    assert "novel" not in {one.code for one in offers_queries.catalogue().versions}


def test_ops_3_what_it_takes_the_place_of_is_part_of_what_is_agreed_to(writer: Agent, lead: Agent) -> None:
    other = support.agent(Role.PRODUCT_LEAD)
    first = make.handed_over(writer, make.text("monthly", valid_from=make.tomorrow(3), fee_minor=9_500))
    second = make.handed_over(writer, make.text("monthly", valid_from=make.tomorrow(9), fee_minor=9_900))
    seen = make.seen(second)
    make.publish(lead, first)
    assert refusal(drafts.publish, make.step(other, second), seen=seen) is Refusal.CHANGED
    make.publish(other, second)
    versions = offers_queries.of_offers(["monthly"])
    assert [one.fee_minor for one in versions] == [9_000, 9_500, 9_900]
    assert [one.valid_until for one in versions] == [make.tomorrow(3), make.tomorrow(9), None]


def test_ops_3_it_is_sent_back_with_a_reason_and_comes_again(writer: Agent, lead: Agent) -> None:
    draft_id = make.handed_over(writer)
    before = standing(draft_id)
    with pytest.raises(ValueError, match="reason"):
        drafts.send_back(make.step(lead, draft_id, "  "))
    assert standing(draft_id) == before
    drafts.send_back(make.step(lead, draft_id, "Цена ниже себестоимости."))
    assert drafts_queries.steps(draft_id)[0].said == "Цена ниже себестоимости."
    drafts.save(make.step(writer, draft_id), text=make.text(fee_minor=12_000))
    drafts.hand_over(make.step(writer, draft_id))
    make.publish(lead, draft_id)
    assert offers_queries.of_offers(["novel"])[0].fee_minor == 12_000


def test_ops_3_a_text_saved_by_another_meanwhile_is_not_overwritten(writer: Agent) -> None:
    draft_id = make.make(writer)
    stale = make.step(writer, draft_id)
    drafts.save(make.step(support.agent(Role.PRODUCT), draft_id), text=make.text(fee_minor=1_000))
    before = standing(draft_id)
    assert refusal(drafts.save, stale, text=make.text(fee_minor=2_000)) is Refusal.CHANGED
    assert standing(draft_id) == before


def test_ops_3_what_is_thrown_away_or_not_there_is_neither_edited_nor_published(writer: Agent, lead: Agent) -> None:
    draft_id = make.make(writer)
    drafts.discard(make.step(writer, draft_id))
    assert refusal(drafts.hand_over, make.step(writer, draft_id)) is Refusal.NOT_IN_STATE
    with pytest.raises(NotThere):
        drafts.hand_over(make.step(writer, 2**40, revision=1))


BAD = {
    "ring": (
        lambda: make.text("base", valid_from=make.tomorrow(), requires=("above",), category="travel"),
        "in a ring",
    ),
    "negative": (lambda: make.text(fee_minor=-1), "a price is not negative"),
    "language": (lambda: make.text().replace("    en: What", "    fr: What"), "missing in en"),
    "in force": (lambda: make.text("monthly", valid_from=offers.FROM, fee_minor=1), "never edited"),
    "past": (lambda: make.text("monthly", valid_from=date(2025, 6, 1)), "begins after today"),
    "unknown": (lambda: make.text(requires=("nobody",)), "nobody, which is not there"),
    "shelf": (lambda: make.text(category="nowhere"), "there is no category nowhere"),
    "twice": (lambda: make.text() + make.text(), "stands there twice"),
    "deep": (lambda: "a: " + "[" * 100, "deeper than"),
    "long": (lambda: "a" * 50_001, "more than 50000 characters"),
}


@pytest.mark.parametrize("name", BAD)
def test_ops_3_a_text_with_a_fault_is_refused_whole_with_its_reason(writer: Agent, name: str) -> None:
    written, says = BAD[name]
    code = {"ring": "base", "in force": "monthly", "past": "monthly"}.get(name, "novel")
    draft_id = make.make(writer, make.text(code))
    before = standing(draft_id)
    assert says in problems(drafts.save, make.step(writer, draft_id), text=written())
    assert standing(draft_id) == before


def test_ops_3_a_draft_stays_of_its_own_thing(writer: Agent) -> None:
    draft_id = make.make(writer)
    assert "another draft" in problems(drafts.save, make.step(writer, draft_id), text=make.text("else"))


def test_ops_3_what_can_be_published_no_more_stays_a_draft(writer: Agent, lead: Agent, monkeypatch) -> None:
    draft_id = make.handed_over(writer, make.text("monthly"))
    later = replace(make.step(lead, draft_id), at=now() + make.timedelta(days=5))
    seen, before = make.seen(draft_id), standing(draft_id)
    assert "begins after today" in problems(drafts.publish, later, seen=seen)
    assert standing(draft_id) == before


def test_ops_3_withdrawn_from_a_day_on_it_is_sold_no_more_and_holders_keep_it(writer: Agent, lead: Agent) -> None:
    held = offers_queries.of_offers(["monthly"])[0]
    text = drafts_offers.begin("monthly", since=offers.FROM, anew=None)
    draft_id = make.make(writer, text)
    ends = offers_yaml.write(Catalogue((), (replace(held, valid_until=make.tomorrow(10)),)))
    drafts.save(make.step(writer, draft_id), text=ends)
    drafts.hand_over(make.step(writer, draft_id))
    make.publish(lead, draft_id)
    assert "monthly" in {one.code for one in offers_queries.sold_on(make.tomorrow(9), "mobile")}
    assert "monthly" not in {one.code for one in offers_queries.sold_on(make.tomorrow(10), "mobile")}
    kept = offers_queries.offer_versions([held.id])[held.id]
    assert replace(kept, valid_until=None) == held


def test_ops_3_a_tariff_is_published_with_the_reason_for_those_who_have_it(writer: Agent, lead: Agent) -> None:
    sheet = make.published_tariff()
    draft_id = make.handed_over(writer, make.dearer(sheet), Kind.TARIFF)
    make.publish(lead, draft_id)
    versions = [one.version for one in catalog.of_tariff("svobodny")]
    assert [one.fee_minor - sheet.version.fee_minor for one in versions] == [0, 5_000]
    assert billing.PriceReason.objects.get().why == {"ru": "Связь дорожает.", "en": "It costs more."}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda sheet: make.dearer(sheet, days=3), "told in advance"),
        (
            lambda sheet: make.dearer(replace(sheet, version=replace(sheet.version, names={"ru": "Н", "en": "N"}))),
            "keeps",
        ),
        (lambda sheet: make.dearer(replace(sheet, sold_until=make.tomorrow(0))), "sold until a day to come"),
        (lambda sheet: make.dearer(sheet).replace("why:", "whys:"), "has no “whys”"),
        (
            lambda sheet: tariffs_yaml.write(replace(sheet, version=replace(sheet.version, fee_minor=1))),
            "published and never edited",
        ),
    ],
    ids=["soon", "name", "sold", "word", "edited"],
)
def test_ops_3_a_tariff_with_a_fault_is_refused(writer: Agent, change, says: str) -> None:
    sheet = make.published_tariff()
    draft_id = make.make(writer, make.dearer(sheet), Kind.TARIFF)
    before = [catalog.of_tariff("svobodny"), standing(draft_id)]
    assert says in problems(drafts.save, make.step(writer, draft_id), text=change(sheet))
    assert [catalog.of_tariff("svobodny"), standing(draft_id)] == before
    assert not billing.PriceReason.objects.exists()


def test_ops_3_a_tariff_is_withdrawn_by_the_day_until_which_it_is_sold(writer: Agent, lead: Agent) -> None:
    sheet = make.published_tariff()
    text = tariffs_yaml.write(replace(sheet, sold_until=make.tomorrow(5)))
    make.publish(lead, make.handed_over(writer, text, Kind.TARIFF))
    assert [one.sold_until for one in catalog.of_tariff("svobodny")] == [make.tomorrow(5)]


def test_ops_3_a_question_is_published_changed_and_taken_away(writer: Agent, lead: Agent) -> None:
    make.publish(lead, make.handed_over(writer, make.QUESTION, Kind.QUESTION))
    assert helping.answer("change-number", "ru").title == "Как сменить номер?"
    text = drafts_questions.begin("change-number").replace("Как сменить номер?", "Можно ли сменить номер?")
    make.publish(lead, make.handed_over(writer, text, Kind.QUESTION))
    assert helping.answer("change-number", "ru").title == "Можно ли сменить номер?"
    assert helping.answer("change-number", "en").title == "How do I change my number?"
    gone = drafts.make(
        agent=writer, kind=Kind.QUESTION, text=drafts_questions.begin("change-number", gone=True),
        code="change-number", origin="", at=now(),
    )  # fmt: skip
    drafts.hand_over(make.step(writer, gone))
    make.publish(lead, gone)
    with pytest.raises(helping.NoSuchQuestion):
        helping.answer("change-number", "ru")


def test_ops_3_a_question_that_leads_out_of_the_site_is_refused(writer: Agent) -> None:
    draft_id = make.make(writer, make.QUESTION, Kind.QUESTION)
    text = make.QUESTION.replace("/help/shops/", "https://example.com/")
    assert "leads out of the site" in problems(drafts.save, make.step(writer, draft_id), text=text)


def test_ops_3_a_tariff_of_the_demo_is_written_as_it_is_read() -> None:
    for sheet in (make.tariff(one.tariff_code) for one in make.demo.tariffs()):
        text = tariffs_yaml.write(sheet)
        again = tariffs_yaml.read(text)
        assert again == sheet
        assert tariffs_yaml.write(again) == text


def test_ops_3_each_field_that_differs_is_told_and_no_other(writer: Agent) -> None:
    text = make.text("monthly", fee_minor=9_100, once_minor=3_000, names={"ru": "Иначе", "en": "Monthly"})
    (pair,) = drafts_offers.pairs(text, "monthly")
    told = {".".join(one.path): (one.was, one.becomes) for one in pair.differences()}
    assert told == {
        "from": ("2025-01-01", f"{make.tomorrow()}"),
        "name.ru": ("Услуга Monthly", "Иначе"),
        "fee_minor": (9_000, 9_100),
    }
    sheet = make.published_tariff()
    cheaper = replace(sheet.version.terms.prices[0], price_minor=7)
    version = replace(
        sheet.version, terms=replace(sheet.version.terms, prices=(cheaper, *sheet.version.terms.prices[1:]))
    )
    (pair,) = drafts_tariffs.pairs(tariffs_yaml.write(replace(sheet, version=version)), "svobodny")
    assert [one.path for one in pair.differences()] == [("prices", cheaper.code, "price_minor")]


def test_ops_3_what_is_alike_has_no_difference() -> None:
    document = {"a": 1, "b": {"c": ["x"], "d": [{"code": "y", "e": 2}]}}
    assert Pair("z", document, document).differences() == []
    paths = [".".join(one.path) for one in Pair("z", None, document).differences()]
    assert paths == ["a", "b.c", "b.d.y.code", "b.d.y.e"]


@pytest.mark.parametrize("role", Role)
def test_ops_3_only_who_looks_after_the_catalogue_may_write_or_publish(role: Role) -> None:
    may = {Permission.DRAFTS, Permission.PUBLISH} & PERMISSIONS[role]
    assert len(may) == {Role.PRODUCT: 1, Role.PRODUCT_LEAD: 2}.get(role, 0)


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("state", State)
def test_ops_3_no_event_leads_out_of_an_end(state: State, event: Event) -> None:
    everything = frozenset(Permission)
    if (state, event) in drafts_rules.MOVES:
        writers = {1} if event is Event.TAKEN_BACK else {2}
        after = drafts_rules.check(event, state, by=1, writers=writers, permissions=everything)
        assert (after in drafts_rules.OPEN) == (event not in (Event.PUBLISHED, Event.DISCARDED))
    else:
        writers = {1, 2} if event is Event.TAKEN_BACK else {2}
        refused = refusal(drafts_rules.check, event, state, by=1, writers=writers, permissions=everything)
        assert refused is Refusal.NOT_IN_STATE


@pytest.mark.parametrize(
    ("was", "becomes", "cut"),
    [
        ("a b c", "a x c", ("a", "b", "x", "c")),
        ("a b", "a b c", ("a b", "", "c", "")),
        ("a", "a", ("a", "", "", "")),
        ("a a", "a", ("a", "a", "", "")),
    ],
)
def test_ops_3_of_two_texts_only_the_middle_differs(was: str, becomes: str, cut: tuple[str, ...]) -> None:
    assert drafts_rules.changed_words(was, becomes) == cut

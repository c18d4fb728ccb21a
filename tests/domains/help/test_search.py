"""The search of help on PostgreSQL (CAB-18): what is found, what is meant, what it costs; texts are published whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abonent.demo import helping
from abonent.domains.help import actions, models, queries, queries_search
from abonent.domains.help.rules import Help, Text
from abonent.foundation.clock import now

pytestmark = pytest.mark.django_db

# What people type, the language, the question that comes first.
SEARCHES = (
    ("забыл пароль", "ru", "forgot-password"), ("забыла пароли", "ru", "forgot-password"),
    ("не приходит смс", "ru", "code-does-not-come"), ("код", "ru", "code-does-not-come"),
    ("ошибочный платеж", "ru", "wrong-number-paid"), ("обещ", "ru", "promised"), ("автопл", "ru", "autopay"),
    ("интернет за границей", "ru", "roaming-internet"), ("роуминг цена", "ru", "roaming-internet"),
    ("украли телефон", "ru", "lost-phone"), ("лимит", "ru", "limit"), ("ВАЙ-ФАЙ", "ru", "router"),
    ("счёт на оплату", "ru", "bill"), ("счет на оплату", "ru", "bill"), ("кэшбэк", "ru", "cashback"),
    # The other keyboard, whole words and beginnings.
    ("gfhjkm pf,sk", "ru", "forgot-password"), ("hjevbyu wtyf", "ru", "roaming-internet"), ("fdnjgk", "ru", "autopay"),
    # Near misses.
    ("детализацыя", "ru", "statement"), ("кешбек", "ru", "cashback"), ("hjevby", "ru", "roaming-internet"),
    ("forgot my password", "en", "forgot-password"), ("topping up", "en", "top-up"), ("roam", "en", "roaming-before"),
    ("stolen phones", "en", "lost-phone"), ("wi-fi router", "en", "router"), ("ыефеуьуте", "en", "statement"),
    ("statment", "en", "statement"), ("limits", "en", "limit"), ("SIM", "en", "no-sim"),
)  # fmt: skip


@pytest.fixture
def _texts() -> None:
    helping.publish()


@pytest.mark.usefixtures("_texts")
def test_cab_18_people_find_what_they_mean() -> None:
    found = {(typed, language): queries_search.search(typed, language) for typed, language, _ in SEARCHES}
    wrong = {
        (typed, code): [hit.code for hit in found[typed, language].hits[:3]]
        for typed, language, code in SEARCHES
        if code not in [hit.code for hit in found[typed, language].hits[:2]]
    }
    assert not wrong
    first = sum(found[typed, language].hits[0].code == code for typed, language, code in SEARCHES)
    assert first >= len(SEARCHES) * 0.8
    assert found["детализацыя", "ru"].instead.startswith("детализац")
    assert found["забыл пароль", "ru"].instead == ""
    marked = [words for words, is_marked in found["забыл пароль", "ru"].hits[0].pieces if is_marked]
    assert marked
    for typed in ("", " ", "!!!", "'", "a:* | b", "%", "\\", "ж" * 300, "щщщщщ", "и", "the"):
        assert isinstance(queries_search.search(typed, "ru").hits, tuple), typed
        queries_search.search(typed, "en")


@pytest.mark.usefixtures("_texts")
def test_ops_3_what_is_published_again_stays_and_what_changed_is_a_new_version() -> None:
    texts = helping.read()
    assert texts.questions
    assert len(texts.questions) >= 40
    again = actions.load(texts, at=now())
    assert (again.new, again.retired, again.known) == (0, 0, 2 * len(texts.questions))
    first = texts.questions[0]
    other = replace(first, texts=dict(first.texts) | {"ru": Text("Другое", "", "Иначе")})
    done = actions.load(Help(topics=texts.topics, questions=(other, *texts.questions[2:])), at=now())
    assert (done.new, done.retired) == (1, 3)
    assert queries.answer(first.code, "ru").title == "Другое"
    with pytest.raises(queries.NoSuchQuestion):
        queries.answer(texts.questions[1].code, "ru")
    assert models.Question.objects.filter(code=first.code, language="ru").count() == 2
    assert queries.contacts(), "what the file does not speak of stays"
    exported = queries.published()
    assert exported.shops == texts.shops
    assert {one.code for one in exported.questions or ()} == {one.code for one in (other, *texts.questions[2:])}


def test_cab_18_it_is_counted_whom_an_answer_helped() -> None:
    for helped in (True, False, False):
        actions.note_helped(code="one", helped=helped, day=date(2026, 12, 1))
    actions.note_helped(code="one", helped=True, day=date(2026, 12, 2))
    actions.note_helped(code="two", helped=True, day=date(2026, 12, 2))
    assert queries.judged() == [("one", 2, 2), ("two", 1, 0)]


def test_cab_18_five_thousand_questions_are_searched_by_one_scan_of_one_index() -> None:
    models.Topic.objects.create(code="all", place=0, icon="key", names={"ru": "Все", "en": "All"})
    said = "Так же длинно, как отвечают на самом деле: сначала что проверить, потом что нажать и куда позвонить. " * 4
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into help_question (code, language, topic_id, place, title, also, body, plain, published_at)
               select 'q-' || n, 'ru', 'all', n, 'Вопрос ' || n, 'редкость' || n, %s, %s, now()
                 from generate_series(1, 5000) n""",
            [said, said],
        )
        cursor.execute("analyze help_question")
    with CaptureQueriesContext(connection) as asked:
        found = queries_search.search("редкость17 вопрос", "ru")
    assert found.hits[0].code == "q-17"
    assert len(asked) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"explain {asked[0]['sql']}".replace("вопрос", "редкость18"))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("Index Scan") == 1, plan
    assert "help_questions_found" in plan, plan
    assert "Seq Scan" not in plan, plan

"""A draft of a question of the help: read, set beside what is published, published; without a question, it goes."""

from __future__ import annotations

from datetime import date, datetime

from django.conf import settings

from abonent.domains.catalog.offers.rules import BadCatalogue, Problem
from abonent.domains.help import actions, queries, rules_yaml
from abonent.domains.help.rules import BadHelp, Help, Question
from abonent.domains.support.drafts.rules import Pair
from abonent.foundation.said import N_, said


def read(text: str) -> Help:
    """Return the topic and the question; raises `BadCatalogue`."""
    try:
        return rules_yaml.read(text, [code for code, _ in settings.LANGUAGES])
    except BadHelp as error:
        words = N_("the help refuses it: %(reason)s")
        raise BadCatalogue(Problem(0, said(words, reason=reason)) for reason in error.problems) from None


def subject(text: str) -> tuple[tuple[str, ...], date | None]:
    """Return the code of the question; of one that is to go the draft knows it. Raises `BadCatalogue`."""
    return tuple(one.code for one in read(text).questions or ()), None


def publish(text: str, code: str, at: datetime) -> None:
    """Publish the question among the others, in its place, or take it away; raises `BadCatalogue`."""
    found = read(text)
    try:
        actions.change(code=code, becomes=found, at=at)
    except queries.NoSuchQuestion:
        raise BadCatalogue([Problem(0, said(N_("there is no such question")), code)]) from None


def pairs(text: str, code: str) -> list[Pair]:
    """Return the question beside the published one."""
    becomes = next(iter(read(text).questions or ()), None)
    was = next((one for one in queries.published().questions or () if one.code == code), None)
    return [Pair(code, _document(was) if was else None, _document(becomes) if becomes else None)]


def begin(code: str, *, gone: bool = False) -> str:
    """Return the text of a published question, or of its absence."""
    published = queries.published()
    question = next(one for one in published.questions or () if one.code == code)
    topics = tuple(one for one in published.topics or () if one.code == question.topic)
    return rules_yaml.write(Help(topics=() if gone else topics, questions=() if gone else (question,)))


def _document(question: Question) -> dict[str, object]:
    texts = {
        language: {"title": text.title, "also": text.also, "body": text.body}
        for language, text in question.texts.items()
    }
    return {"topic": question.topic, **texts}

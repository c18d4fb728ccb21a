"""Reads of help; values, not models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Sum

from abonent.domains.help import models
from abonent.domains.help.rules import City, Contact, Day, Drawn, Help, Question, Shop, Text, Topic


class NoSuchQuestion(LookupError):
    """There is no such question in that language, or none any more."""


class NoSuchShop(LookupError):
    """There is no such shop, or none any more."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A topic in one language with its questions: code and title of each."""

    code: str
    icon: str
    name: str
    questions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with its answer in one language."""

    code: str
    topic: str
    topic_name: str
    title: str
    body: str
    published_at: datetime


def shelves(language: str) -> list[Shelf]:
    """Return every topic that has questions, in the order of the operator."""
    rows = models.Question.objects.filter(retired_at=None, language=language).order_by("topic__place", "place")
    grouped: dict[str, tuple[models.Topic, list[tuple[str, str]]]] = {}
    for row in rows.select_related("topic").defer("search", "body", "plain"):
        grouped.setdefault(row.topic_id, (row.topic, []))[1].append((row.code, row.title))
    return [
        Shelf(topic.code, topic.icon, topic.names[language], tuple(questions)) for topic, questions in grouped.values()
    ]  # fmt: skip


def answer(code: str, language: str) -> Answer:
    """Return one question; raise `NoSuchQuestion`."""
    rows = models.Question.objects.filter(code=code, language=language, retired_at=None)
    row = rows.select_related("topic").defer("search", "plain").first()
    if row is None:
        raise NoSuchQuestion(code)
    return Answer(row.code, row.topic_id, row.topic.names[language], row.title, row.body, row.published_at)


def topics() -> list[Topic]:
    """Return every shelf, those without a question as well, in the order of the operator."""
    return [Topic(row.code, row.icon, row.names) for row in models.Topic.objects.order_by("place")]


def contacts() -> list[Contact]:
    """Return the ways to reach us."""
    return [Contact(row.kind, row.value, row.names) for row in models.Contact.objects.order_by("place")]


def cities() -> list[City]:
    """Return where there are shops."""
    return [
        City(
            row.code, row.names, row.time_zone,
            tuple(
                Drawn(line["kind"], line["names"], tuple((point[0], point[1]) for point in line["points"]))
                for line in row.drawn
            ),
        )
        for row in models.City.objects.order_by("place")
    ]  # fmt: skip


def shops(city: str = "") -> list[Shop]:
    """Return the shops, of one city or of all."""
    rows = models.Shop.objects.order_by("city__place", "place")
    if city:
        rows = rows.filter(city_id=city)
    return [
        Shop(
            row.code, row.city_id, row.addresses, row.about, tuple(_day(day) for day in row.hours), row.latitude,
            row.longitude,
        )
        for row in rows
    ]  # fmt: skip


def published() -> Help:
    """Return everything as it is published, for a file."""
    rows = list(models.Question.objects.filter(retired_at=None).defer("search").order_by("place", "language"))
    used = {row.topic_id for row in rows}
    return Help(
        topics=tuple(topic for topic in topics() if topic.code in used),
        questions=tuple(_questions(rows)),
        contacts=tuple(contacts()),
        cities=tuple(cities()),
        shops=tuple(shops()),
    )


def _questions(rows: Iterable[models.Question]) -> list[Question]:
    texts: dict[str, tuple[str, dict[str, Text]]] = {}
    for row in rows:
        texts.setdefault(row.code, (row.topic_id, {}))[1][row.language] = Text(row.title, row.also, row.body)
    return [Question(code, topic, said) for code, (topic, said) in texts.items()]


def _day(written: list[str] | None) -> Day:
    return None if written is None else (time.fromisoformat(written[0]), time.fromisoformat(written[1]))


def judged() -> list[tuple[str, int, int]]:
    """Return each question that was judged with how many it helped, and how many not; the worst first."""
    rows = (
        models.Helped.objects.values("code")
        .annotate(helped=Sum("yes"), not_helped=Sum("no"))
        .order_by("-not_helped", "code")
    )
    return [(row["code"], row["helped"], row["not_helped"]) for row in rows]

"""Writes of help: a file is published whole; who found an answer good is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from abonent.domains.help import models, queries, rules_search, rules_text
from abonent.domains.help.rules import City, Contact, Help, Question, Shop, Topic


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file did to the texts: those that are new or read otherwise, those taken away, those left as they were."""

    new: int
    retired: int
    known: int


@transaction.atomic
def load(found: Help, *, at: datetime) -> Loaded:
    """Publish a file: what a part of it does not name is there no more; what reads the same stays as it was."""
    _take_turn()
    loaded = Loaded(0, 0, 0)
    if found.topics is not None and found.questions is not None:
        loaded = _publish(found.topics, found.questions, at)
    if found.contacts is not None:
        _set_contacts(found.contacts)
    if found.cities is not None and found.shops is not None:
        _set_shops(found.cities, found.shops)
    return loaded


@transaction.atomic
def change(*, code: str, becomes: Help, at: datetime) -> Loaded:
    """Publish the one question of `becomes` in the place of that with the code, or at the end; with none, it goes.

    A topic that is there stays as it is. Raises `queries.NoSuchQuestion` when there is none to take away.
    """
    _take_turn()
    published = queries.published()
    new = {one.code: one for one in becomes.questions or ()}
    topics = {one.code: one for one in queries.topics()}
    for topic in becomes.topics or ():
        topics.setdefault(topic.code, topic)
    known = published.questions or ()
    if not new and code not in {one.code for one in known}:
        raise queries.NoSuchQuestion(code)
    kept = [new.pop(one.code, one) for one in known if one.code != code or code in new]
    return _publish(tuple(topics.values()), (*kept, *new.values()), at)


@transaction.atomic
def change_shop(*, code: str, becomes: Help) -> None:
    """Publish the one shop of `becomes` in the place of that with the code, or at the end; with none, it goes.

    Its city becomes what is said of it, with its map. Raises `queries.NoSuchShop` when there is none to take away.
    """
    _take_turn()
    known, new = queries.shops(), {one.code: one for one in becomes.shops or ()}
    cities = {one.code: one for one in (*queries.cities(), *(becomes.cities or ()))}
    if not new and code not in {one.code for one in known}:
        raise queries.NoSuchShop(code)
    kept = [new.pop(one.code, one) for one in known if one.code != code or code in new]
    _set_shops(tuple(cities.values()), (*kept, *new.values()))


_COUNT = """
    insert into help_helped as helped (code, day, yes, no) values (%(code)s, %(day)s, %(yes)s, %(no)s)
    on conflict (code, day) do update set yes = helped.yes + excluded.yes, no = helped.no + excluded.no
"""


def note_helped(*, code: str, helped: bool, day: date) -> None:
    """Count one who says whether an answer helped; whoever calls has seen that there is such a question."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"code": code, "day": day, "yes": int(helped), "no": int(not helped)})


def _take_turn() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('load help'))")


def _publish(topics: tuple[Topic, ...], questions: tuple[Question, ...], at: datetime) -> Loaded:
    for place, topic in enumerate(topics):
        values = {"place": place, "icon": topic.icon, "names": dict(topic.names)}
        models.Topic.objects.update_or_create(code=topic.code, defaults=values)
    stored = {(row.code, row.language): row for row in models.Question.objects.filter(retired_at=None)}
    written = {
        (question.code, language): models.Question(
            code=question.code, language=language, topic_id=question.topic, place=place, title=text.title,
            also=text.also, body=text.body, plain=rules_text.plain(text.body), published_at=at,
        )
        for place, question in enumerate(questions)
        for language, text in question.texts.items()
    }  # fmt: skip
    same = {key for key, row in written.items() if key in stored and _says(row) == _says(stored[key])}
    gone = [row.pk for key, row in stored.items() if key not in same]
    # Where a question stands is not what it says.
    moved = [key for key in same if stored[key].place != written[key].place]
    for key in moved:
        stored[key].place = written[key].place
    models.Question.objects.bulk_update([stored[key] for key in moved], ["place"], batch_size=500)
    models.Question.objects.filter(id__in=gone).update(retired_at=at)
    models.Question.objects.bulk_create([row for key, row in written.items() if key not in same], batch_size=500)
    _learn_words(list(written.values()))
    # A shelf that is not named any more keeps what is retired, and is seen by nobody.
    return Loaded(len(written) - len(same), len(gone), len(same))


def _says(row: models.Question) -> tuple[str, ...]:
    return row.topic_id, row.title, row.also, row.body


def _learn_words(rows: list[models.Question]) -> None:
    words = {(row.language, word) for row in rows for word in rules_search.words(f"{row.title} {row.also}")}
    models.Word.objects.all().delete()
    models.Word.objects.bulk_create(
        [models.Word(language=language, word=word) for language, word in sorted(words) if len(word) <= 60],
        batch_size=1000,
    )


def _set_contacts(contacts: tuple[Contact, ...]) -> None:
    models.Contact.objects.all().delete()
    models.Contact.objects.bulk_create(
        models.Contact(place=place, kind=one.kind, value=one.value, names=dict(one.names))
        for place, one in enumerate(contacts)
    )


def _set_shops(cities: tuple[City, ...], shops: tuple[Shop, ...]) -> None:
    models.Shop.objects.all().delete()
    models.City.objects.all().delete()
    models.City.objects.bulk_create(
        models.City(
            code=city.code, place=place, names=dict(city.names), time_zone=city.time_zone,
            drawn=[
                {"kind": line.kind, "names": dict(line.names), "points": [list(point) for point in line.points]}
                for line in city.drawn
            ],
        )
        for place, city in enumerate(cities)
    )  # fmt: skip
    models.Shop.objects.bulk_create(
        models.Shop(
            code=shop.code, city_id=shop.city, place=place, addresses=dict(shop.addresses), about=dict(shop.about),
            hours=[None if day is None else [f"{one:%H:%M}" for one in day] for day in shop.hours],
            latitude=shop.latitude, longitude=shop.longitude,
        )
        for place, shop in enumerate(shops)
    )  # fmt: skip

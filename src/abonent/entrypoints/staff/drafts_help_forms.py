"""What is typed into a draft of the help: a question, a shop."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from babel.dates import get_day_names
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from abonent.domains.help import rules_text, rules_yaml
from abonent.domains.help.rules import City, Day, Drawn, Help, Question, Shop, Text, Topic
from abonent.domains.help.rules_text import BadText
from abonent.domains.help.rules_yaml import DAYS
from abonent.entrypoints.staff.drafts_forms import LANGUAGES, DraftForm, code_field, text_field

_HOURS_HINT = gettext_lazy("For example 09:00-20:00; 00:00-24:00 is day and night; empty: closed")
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,9})?")


class QuestionForm(DraftForm):
    """A question of the help in both languages."""

    code = code_field()
    topic = forms.ChoiceField(label=gettext_lazy("Topic"))
    title_ru = text_field(gettext_lazy("Question in Russian"), 200)
    also_ru = text_field(gettext_lazy("Other words for it, in Russian"), 500, hint=gettext_lazy("What people type"))
    body_ru = text_field(gettext_lazy("Answer in Russian"), 6000, area=True)
    title_en = text_field(gettext_lazy("Question in English"), 200)
    also_en = text_field(gettext_lazy("Other words for it, in English"), 500)
    body_en = text_field(gettext_lazy("Answer in English"), 6000, area=True)

    def __init__(
        self, *args: Any, question: Question | None, topics: Mapping[str, Topic], language: str, is_new: bool = False,
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.initial = _of_question(question)
        self.known, self.topics = question, topics
        self._offer_choices("topic", [(one.code, one.names.get(language, one.code)) for one in topics.values()])
        if not is_new:
            del self.fields["code"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        code = self._code() if "code" in self.fields else self.known.code if self.known else ""
        texts = {}
        for one in LANGUAGES:
            body = self._said(f"body_{one}")
            try:
                rules_text.read(body)
            except BadText:
                self.add_error(
                    f"body_{one}", _("A link leads to a page of this site, as /help/, or to a number, as tel:0890")
                )
            title = self._said(f"title_{one}", _("Enter the question"))
            texts[one] = Text(title, str(given.get(f"also_{one}") or "").strip(), body.replace("\r\n", "\n"))
        given["question"] = Question(code, given.get("topic", ""), texts)
        return given

    def written(self) -> str:
        """Return the draft's text."""
        question: Question = self.cleaned_data["question"]
        return rules_yaml.write(Help(topics=(self.topics[question.topic],), questions=(question,)))


def _of_question(question: Question | None) -> dict[str, object]:
    if question is None:
        return {}
    said = {
        f"{name}_{one}": getattr(text, name)
        for one, text in question.texts.items()
        for name in ("title", "also", "body")
    }
    return {"topic": question.topic, **said}


class ShopForm(DraftForm):
    """A shop of the help, with the lines of its city's map."""

    code = code_field()
    city = forms.ChoiceField(label=gettext_lazy("City"))
    address_ru = text_field(gettext_lazy("Address in Russian"), rules_yaml.NAME_LENGTH_MAX)
    address_en = text_field(gettext_lazy("Address in English"), rules_yaml.NAME_LENGTH_MAX)
    about_ru = text_field(gettext_lazy("What to know, in Russian"), rules_yaml.NAME_LENGTH_MAX)
    about_en = text_field(gettext_lazy("What to know, in English"), rules_yaml.NAME_LENGTH_MAX)
    latitude = text_field(gettext_lazy("Latitude"), 20, hint=gettext_lazy("For example 55.7355"))
    longitude = text_field(gettext_lazy("Longitude"), 20, hint=gettext_lazy("For example 37.2080"))
    drawn = text_field(
        gettext_lazy("Lines of the city's map"), 10_000, area=True,
        hint=gettext_lazy(
            "One a line: river or street; its name in Russian; in English; points as latitude and longitude, with a "
            "comma between points"
        ),
    )  # fmt: skip

    def __init__(
        self, *args: Any, shop: Shop | None, cities: Mapping[str, City], language: str, is_new: bool = False,
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **options)
        self.known, self.cities, self.language = shop, cities, language
        names = get_day_names(locale=language)
        for day, name in enumerate(DAYS):
            hint = "" if day else _HOURS_HINT
            self.fields[f"hours_{name}"] = text_field(names[day].capitalize(), 40, hint=hint)
        first = shop.city if shop else next(iter(cities), "")
        self.initial = _of_shop(shop, cities.get(first))
        self._offer_choices("city", [(one.code, one.names.get(language, one.code)) for one in cities.values()])
        if not is_new:
            del self.fields["code"]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the shop, when it is open, and the map."""
        hours = [self[f"hours_{name}"] for name in DAYS]
        place = [self[name] for name in ("latitude", "longitude", "drawn")]
        others = [one for one in self.visible_fields() if one not in (*hours, *place)]
        return [("", others), (_("Opening hours"), hours), (_("On the map"), place)]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        code = self._code() if "code" in self.fields else self.known.code if self.known else ""
        about = {one: str(given.get(f"about_{one}") or "").strip() for one in LANGUAGES}
        if any(about.values()):
            about = self._in_languages("about")
        given["shop"] = Shop(
            code, given.get("city", ""), self._in_languages("address"),
            about if any(about.values()) else {}, tuple(self._hours(f"hours_{name}") for name in DAYS),
            self._degrees("latitude"), self._degrees("longitude"),
        )  # fmt: skip
        city = self.cities.get(given.get("city", ""))
        # Another city has lines of its own: what was shown is not its map.
        if city is not None and city.code == (self.known.city if self.known else next(iter(self.cities))):
            city = replace(city, drawn=self._drawn())
        given["of_city"] = city
        return given

    def written(self) -> str:
        """Return the draft's text."""
        return rules_yaml.write(Help(cities=(self.cleaned_data["of_city"],), shops=(self.cleaned_data["shop"],)))

    def _hours(self, name: str) -> Day:
        typed = "".join(str(self.cleaned_data.get(name) or "").split()).replace("–", "-")
        try:
            return rules_yaml.hours({"mon": typed})[0] if typed else None
        except ValueError:
            self.add_error(name, _("Write hours as 09:00-20:00; leave the day empty when it is closed"))
            return None

    def _degrees(self, name: str) -> float:
        typed = str(self.cleaned_data.get(name) or "").strip().replace(",", ".")
        most = 85 if name == "latitude" else 180
        try:
            if not _DEGREES.fullmatch(typed) or not -most <= float(typed) <= most:
                raise ValueError(typed)
        except ValueError:
            self.add_error(name, _("Enter degrees, for example 55.7355"))
            return 0
        return float(typed)

    def _drawn(self) -> tuple[Drawn, ...]:
        found = []
        for number, line in enumerate(str(self.cleaned_data.get("drawn") or "").splitlines(), 1):
            if not line.strip():
                continue
            try:
                found.append(_line(line))
            except ValueError:
                words = _("Line %(line)s: write river; name in Russian; name in English; 55.7 37.1, 55.8 37.2")
                self.add_error("drawn", words % {"line": number})
        return tuple(found)


def _line(typed: str) -> Drawn:
    """Return a line of a map; raise `ValueError`."""
    kind, name_ru, name_en, points = (one.strip() for one in typed.split(";"))
    if kind not in rules_yaml.DRAWN or not name_ru or not name_en:
        raise ValueError(typed)
    return Drawn(
        kind, {"ru": name_ru, "en": name_en}, tuple(rules_yaml.point(one.split()) for one in points.split(","))
    )


def _told(degrees: float) -> str:
    """Return degrees as they are typed: never by a power of ten."""
    return f"{Decimal(repr(degrees)):f}"


def _of_shop(shop: Shop | None, city: City | None) -> dict[str, object]:
    drawn = "\n".join(
        f"{line.kind}; {line.names['ru']}; {line.names['en']}; "
        + ", ".join(f"{latitude} {longitude}" for latitude, longitude in line.points)
        for line in (city.drawn if city else ())
    )
    if shop is None:
        return {"city": city.code if city else "", "drawn": drawn}
    return {
        "city": shop.city, "latitude": _told(shop.latitude), "longitude": _told(shop.longitude), "drawn": drawn,
        **{f"address_{one}": shop.addresses.get(one, "") for one in LANGUAGES},
        **{f"about_{one}": shop.about.get(one, "") for one in LANGUAGES},
        **{f"hours_{name}": rules_yaml.told_hours(day) for name, day in zip(DAYS, shop.hours, strict=True)},
    }  # fmt: skip

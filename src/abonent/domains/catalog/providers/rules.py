"""What content providers sell by subscription, and what is wrong with a list of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self

Per = Literal["day", "week", "month"]
PERS: tuple[Per, ...] = ("day", "week", "month")
CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,18}")
SHORT_NUMBER = re.compile(r"[0-9]{3,6}")
PRICE_MAX_MINOR = 5_000_00
LANGUAGES = ("ru", "en")
FIELDS = ("code", "names", "contact", "short_number", "phone", "services")
SERVICE_FIELDS = ("code", "names", "price_minor", "per", "words")


class BadProvider(ValueError):
    """The terms of a provider cannot be offered: the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Service:
    """One subscription: `price_minor`, VAT included, for each day, week or month (`per`).

    A text of one of `words` to the provider's short number asks for it.
    """

    code: str
    names: Mapping[str, str]
    price_minor: int
    per: Per
    words: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "code": self.code, "names": dict(self.names), "price_minor": self.price_minor, "per": self.per,
            "words": list(self.words),
        }  # fmt: skip

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        """Return the service that was written down; one that `to_json` wrote is never wrong."""
        per: Per = next(per for per in PERS if per == written["per"])
        return cls(written["code"], written["names"], written["price_minor"], per, tuple(written["words"]))


@dataclass(frozen=True, slots=True)
class Provider:
    """A company whose subscriptions are paid from the account, on the terms of `valid_from` and later.

    `contact` is its address for letters, `phone` where it helps people, `url` where it hears what began and ended
    (empty: it asks us).
    """

    code: str
    names: Mapping[str, str]
    contact: str
    short_number: str
    phone: str
    services: tuple[Service, ...]
    valid_from: date
    url: str = ""
    id: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the document that `from_json` reads."""
        return {
            "code": self.code, "names": dict(self.names), "contact": self.contact, "short_number": self.short_number,
            "phone": self.phone, "url": self.url, "services": [one.to_json() for one in self.services],
        }  # fmt: skip

    def service(self, code: str) -> Service | None:
        """Return the service of that code, None: the provider has none."""
        return next((one for one in self.services if one.code == code), None)

    def by_word(self, text: str) -> Service | None:
        """Return the service that a text asks for, however it was typed."""
        word = "".join(text.split()).casefold()
        return next((one for one in self.services if word in one.words), None)


def key(provider: str, service: str) -> str:
    """Return what names a service among those of all providers."""
    return f"{provider}/{service}"


def full_names(provider: Provider, service: Service) -> dict[str, str]:
    """Return what a service is called where nothing says whose it is."""
    return {language: f"{service.names[language]} · {provider.names[language]}" for language in LANGUAGES}


def check(provider: Provider) -> None:
    """Raise `BadProvider` when somebody could not find, understand or leave what is sold."""
    if not CODE.fullmatch(provider.code):
        raise BadProvider("a provider has a code of 2 to 19 small letters, digits and hyphens")
    if not _is_named(provider.names):
        raise BadProvider(f"{provider.code} needs a name in each of {', '.join(LANGUAGES)}")
    if not SHORT_NUMBER.fullmatch(provider.short_number):
        raise BadProvider(f"{provider.code} needs a short number of 3 to 6 digits, or nobody could leave it by SMS")
    if not provider.contact.strip() or not provider.phone.strip():
        raise BadProvider(f"{provider.code} needs a contact and a phone that helps people")
    if provider.url and not provider.url.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise BadProvider(f"{provider.code} is told of subscriptions by https only")
    if not provider.services or len({one.code for one in provider.services}) < len(provider.services):
        raise BadProvider(f"{provider.code} sells at least one service, each under a code of its own")
    words = [word for one in provider.services for word in one.words]
    if len(set(words)) < len(words):
        raise BadProvider(f"{provider.code} has one word for two services")
    for service in provider.services:
        _check_service(provider, service)


def _check_service(provider: Provider, service: Service) -> None:
    where = key(provider.code, service.code)
    if not CODE.fullmatch(service.code) or not _is_named(service.names):
        raise BadProvider(f"{where} needs a code and a name in each of {', '.join(LANGUAGES)}")
    if not 0 < service.price_minor <= PRICE_MAX_MINOR:
        raise BadProvider(f"{where} costs more than nothing and {PRICE_MAX_MINOR // 100} roubles at most")
    if any(not word or word != "".join(word.split()).casefold() for word in service.words):
        raise BadProvider(f"the words of {where} are written small and without blanks")


def from_json(written: object, valid_from: date) -> Provider:
    """Return the provider of a document, as docs/content-providers.md has it; raise `BadProvider` for any other."""
    if not isinstance(written, dict) or not set(FIELDS) <= set(written) <= {*FIELDS, "url"}:
        raise BadProvider(f"these are asked for, and no others but url: {', '.join(FIELDS)}")
    services = written["services"]
    texts = [written[name] for name in ("code", "contact", "short_number", "phone")] + [written.get("url", "")]
    if not isinstance(services, list) or not all(isinstance(text, str) for text in texts):
        raise BadProvider("services are a list, all else but names is text")
    provider = Provider(
        code=texts[0], names=_names(written["names"]), contact=texts[1], short_number=texts[2], phone=texts[3],
        services=tuple(_service(one) for one in services), valid_from=valid_from, url=texts[4],
    )  # fmt: skip
    check(provider)
    return provider


def _service(written: object) -> Service:
    if not isinstance(written, dict) or set(written) != set(SERVICE_FIELDS):
        raise BadProvider(f"of a service these are asked for, and no others: {', '.join(SERVICE_FIELDS)}")
    price_minor, words, per = written["price_minor"], written["words"], written["per"]
    if not isinstance(price_minor, int) or isinstance(price_minor, bool) or per not in PERS:
        raise BadProvider(f"price_minor is a whole number, per one of {', '.join(PERS)}")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadProvider("words are a list of texts, empty when it cannot be asked for by SMS")
    if not isinstance(written["code"], str):
        raise BadProvider("the code of a service is text")
    return Service(written["code"], _names(written["names"]), price_minor, per, tuple(words))


def _names(written: object) -> dict[str, str]:
    if not isinstance(written, dict) or not all(isinstance(name, str) for name in written.values()):
        raise BadProvider(f"names are texts by language: {', '.join(LANGUAGES)}")
    return {language: written.get(language, "") for language in LANGUAGES}


def in_force(versions: Iterable[Provider], day: date) -> list[Provider]:
    """Return the terms of each provider that hold on the day, in the order of codes."""
    newest: dict[str, Provider] = {}
    for one in sorted(versions, key=lambda one: one.valid_from):
        if one.valid_from <= day:
            newest[one.code] = one
    return [newest[code] for code in sorted(newest)]


def shared_numbers(versions: Sequence[Provider]) -> set[str]:
    """Return the short numbers that more than one provider has: a text to one of them would be nobody's."""
    owners = {(one.short_number, one.code) for one in versions}
    numbers = [number for number, _ in owners]
    return {number for number in numbers if numbers.count(number) > 1}


def _is_named(names: Mapping[str, str]) -> bool:
    return all(names.get(language, "").strip() for language in LANGUAGES)

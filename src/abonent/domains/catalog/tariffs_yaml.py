"""A tariff as YAML: what is said of it, and the terms of a version from a day on. Pure.

Read with the line of everything that is wrong, written as it is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from abonent.domains.catalog import rules, rules_yaml
from abonent.domains.catalog.offers.rules import BadCatalogue
from abonent.domains.catalog.rules import Access, Allowance, FeeTerms, Price, RollOver, Switching, TariffVersion, Terms
from abonent.domains.catalog.rules_yaml import NAME_LENGTH_MAX, Reading
from abonent.foundation.said import N_, said

ABOUT_LENGTH_MAX = 300
WHY_LENGTH_MAX = 500
SERVICES = ("mobile", "internet", "tv", "satellite")
CATEGORIES = ("phone", "computer", "special", "fixed")
TARIFF_KEYS = ("service", "category", "name", "about", "sold_until", "versions")
VERSION_KEYS = ("fee_minor", "why", "fee", "switching", "access", "allowances", "prices")
ACCESS_KEYS = ("down_kbps", "up_kbps", "channels")
PRICE_KEYS = ("code", "kind", "direction", "price_minor", "unit_size", "destination", "zone", "bucket")
_YES = "yes"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tariff on paper: its version with the names, what is said of it, until when it is sold (None: it is).

    `why` by language is what those are told who have the tariff already.
    """

    version: TariffVersion
    about: Mapping[str, str]
    sold_until: date | None
    why: Mapping[str, str]


def read(text: str) -> Sheet:
    """Return the tariff in the text; raise `BadCatalogue` with everything that is wrong and where."""
    reading = _Reading()
    sheet = reading.sheet(rules_yaml.composed(text))
    if reading.problems or sheet is None:
        raise BadCatalogue(reading.problems)
    return sheet


def write(sheet: Sheet) -> str:
    """Return a tariff as text that `read` takes."""
    version = sheet.version
    document: dict[str, Any] = {
        "service": version.service, "category": version.category, "name": dict(version.names),
        "about": dict(sheet.about),
    }  # fmt: skip
    if sheet.sold_until is not None:
        document["sold_until"] = sheet.sold_until
    document["versions"] = {version.valid_from: told(version, sheet.why)}
    return rules_yaml.dumped({"tariffs": {version.tariff_code: document}})


def told(version: TariffVersion, why: Mapping[str, str]) -> dict[str, Any]:
    """Return the terms of a version as the document of its text."""
    terms = version.terms
    fee: dict[str, Any] = {"per": terms.fee.per, "by_days": _yes(terms.fee.by_days), "shortage": terms.fee.shortage,
                           "resumes": terms.fee.resumes}  # fmt: skip
    document: dict[str, Any] = {"fee_minor": version.fee_minor, "fee": fee}
    if why:
        document["why"] = dict(why)
    if terms.switching != rules.FREELY:
        document["switching"] = {
            "price_minor": terms.switching.price_minor, "personal": _yes(terms.switching.personal)
        }  # fmt: skip
    if terms.access != rules.NO_ACCESS:
        document["access"] = {name: value for name in ACCESS_KEYS if (value := getattr(terms.access, name))}
    if terms.allowances:
        document["allowances"] = {one.bucket: _told_of_allowance(one) for one in terms.allowances}
    document["prices"] = [
        {
            name: value
            for name in PRICE_KEYS
            if (value := getattr(price, name)) not in ("", None) or name in ("code", "kind", "price_minor")
        }
        for price in terms.prices
    ]
    return document


def _told_of_allowance(one: Allowance) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if one.amount is not None:
        told["amount"] = one.amount
    if one.then_kbps is not None:
        told["then_kbps"] = one.then_kbps
    if one.roll_over is not None:
        told["roll_over"] = {"periods": one.roll_over.periods, "most": one.roll_over.most}
    return told


def _yes(value: bool) -> str:
    return _YES if value else "no"


class _Reading(Reading):
    """Reads one tariff."""

    def sheet(self, root: yaml.Node | None) -> Sheet | None:
        tariffs = list(self._pairs(self._mapping(root, ("tariffs",), "the file").get("tariffs")))
        if len(tariffs) != 1:
            self._wrong(root, said(N_("one tariff is asked for")))
            return None
        key, node = tariffs[0]
        code = self._code(key)
        parts = self._mapping(node, TARIFF_KEYS, code)
        for name in TARIFF_KEYS:
            if name not in parts and name != "sold_until":
                self._wrong(node, said(N_("%(name)s is missing"), name=name), code)
        versions = list(self._pairs(parts.get("versions")))
        if len(versions) != 1:
            self._wrong(parts.get("versions", node), said(N_("one version is asked for")), code)
            return None
        day_key, of_version = versions[0]
        known = self._mapping(of_version, VERSION_KEYS, code)
        terms = self._terms(code, of_version, known)
        version = TariffVersion(
            tariff_code=code,
            service=self._word(parts.get("service"), SERVICES),
            category=self._word(parts.get("category"), CATEGORIES),
            names=self._languages(parts.get("name"), NAME_LENGTH_MAX),
            valid_from=self._day(day_key),
            fee_minor=self._price(known.get("fee_minor"), code),
            terms=terms,
        )
        return Sheet(
            version=version,
            about=self._languages(parts.get("about"), ABOUT_LENGTH_MAX),
            sold_until=self._day(parts["sold_until"]) if "sold_until" in parts else None,
            why=self._languages(known["why"], WHY_LENGTH_MAX) if "why" in known else {},
        )

    def _terms(self, code: str, node: yaml.Node, parts: Mapping[str, yaml.Node]) -> Terms:
        for name in ("fee_minor", "prices"):
            if name not in parts:
                self._wrong(node, said(N_("%(name)s is missing"), name=name), code)
        before = len(self.problems)
        terms = Terms(
            allowances=tuple(self._allowance(key, value) for key, value in self._pairs(parts.get("allowances"))),
            prices=tuple(self._price_rule(one) for one in self._list(parts.get("prices"))),
            fee=self._fee(parts["fee"]) if "fee" in parts else rules.AS_ALWAYS,
            switching=self._switching(parts["switching"]) if "switching" in parts else rules.FREELY,
            access=self._access(parts["access"]) if "access" in parts else rules.NO_ACCESS,
        )
        if len(self.problems) == before:
            # A fault of one part would be told again as one of the whole.
            try:
                rules.check(terms)
            except rules.InvalidTerms as error:
                self._wrong(parts.get("prices", node), error.reason, code)
        return terms

    def _allowance(self, key: yaml.Node, node: yaml.Node) -> Allowance:
        parts = self._mapping(node, ("amount", "then_kbps", "roll_over"), "an allowance")
        rolls = None
        if "roll_over" in parts:
            of_rolls = self._mapping(parts["roll_over"], ("periods", "most"), "roll_over")
            rolls = RollOver(self._count(of_rolls.get("periods")), self._count(of_rolls.get("most")))
        return Allowance(
            bucket=self._word(key, ("voice", "data", "sms")),  # type: ignore[arg-type] # one of those
            amount=self._count(parts["amount"]) if "amount" in parts else None,
            then_kbps=self._count(parts["then_kbps"]) if "then_kbps" in parts else None,
            roll_over=rolls,
        )

    def _price_rule(self, node: yaml.Node) -> Price:
        parts = self._mapping(node, PRICE_KEYS, "a price")
        code = self._code(parts["code"]) if "code" in parts else ""
        if not code:
            self._wrong(node, said(N_("%(name)s is missing"), name="code"))
        return Price(
            code=code,
            kind=self._word(parts.get("kind"), rules.KINDS),  # type: ignore[arg-type] # one of those
            direction=self._word(parts["direction"], ("out", "in")) if "direction" in parts else "",  # type: ignore[arg-type] # one of those
            price_minor=self._price(parts.get("price_minor"), code),
            unit_size=self._count(parts["unit_size"]) if "unit_size" in parts else 1,
            destination=self._code(parts["destination"]) if "destination" in parts else rules.ANY,
            zone=self._code(parts["zone"]) if "zone" in parts else rules.ANY,
            bucket=self._word(parts["bucket"], ("voice", "data", "sms")) if "bucket" in parts else None,  # type: ignore[arg-type] # one of those
        )

    def _fee(self, node: yaml.Node) -> FeeTerms:
        parts = self._mapping(node, ("per", "by_days", "shortage", "resumes"), "fee")
        said_of = {
            "per": ("month", "day"), "shortage": ("charge", "wait", "daily"), "resumes": ("period", "payment"),
        }  # fmt: skip
        words = {name: self._word(parts[name], known) for name, known in said_of.items() if name in parts}
        return FeeTerms(by_days=self._is_yes(parts.get("by_days")), **words)  # type: ignore[arg-type] # some of those

    def _switching(self, node: yaml.Node) -> Switching:
        parts = self._mapping(node, ("price_minor", "personal"), "switching")
        return Switching(self._price(parts["price_minor"], "switching") if "price_minor" in parts else 0,
                         self._is_yes(parts.get("personal")))  # fmt: skip

    def _access(self, node: yaml.Node) -> Access:
        parts = self._mapping(node, ACCESS_KEYS, "access")
        return Access(**{name: self._count(parts[name]) for name in ACCESS_KEYS if name in parts})

    def _list(self, node: yaml.Node | None) -> list[yaml.Node]:
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, said(N_("a list is asked for")))
            return []
        return list(node.value)

    def _word(self, node: yaml.Node | None, known: tuple[str, ...]) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.value not in known:
            self._wrong(node, said(N_("one of %(known)s is asked for"), known=", ".join(known)))
            return known[0]
        return str(node.value)

    def _price(self, node: yaml.Node | None, code: str) -> int:
        if node is None:
            return 0
        price = self._sum(node)
        if price < 0:
            self._wrong(node, said(N_("a price is not negative")), code)
        return price

    def _count(self, node: yaml.Node | None) -> int:
        if node is None:
            self._wrong(node, said(N_("a whole number is asked for")))
            return 1
        return self._scalar(node, r"[0-9]{1,15}", int, 1, N_("a whole number is asked for"))

    def _is_yes(self, node: yaml.Node | None) -> bool:
        return self._scalar(node, "yes|no", _YES.__eq__, False, N_("yes or no is asked for")) if node else False

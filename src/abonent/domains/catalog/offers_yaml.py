"""A catalogue of service offers as YAML: read with the line of everything that is wrong, written as it is read. Pure.

Categories by code with their names, then offers by code; each has its versions by their first day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import yaml

from abonent.domains.catalog import offers_rules
from abonent.domains.catalog.family_rules import Family
from abonent.domains.catalog.offers_rules import BadCatalogue, Catalogue, Category, OfferVersion, Problem
from abonent.domains.catalog.packages_rules import Hours, Package

T = TypeVar("T")

SIZE_MAX = 5_000_000
NAME_LENGTH_MAX = 100
TEXT_LENGTH_MAX = 2_000
# What stands in an address of ours, and in a word of the network.
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
VERSION_KEYS = (
    "name", "text", "category", "for", "until", "once_minor", "fee_minor", "per", "requires", "conflicts", "regions",
    "network", "package", "family",
)  # fmt: skip
# `amount` is in bytes, seconds or messages; without it there is no limit.
FAMILY_KEYS = ("members_most", "common_first", "tariffs")
PACKAGE_KEYS = ("of", "amount", "days", "hours", "renews")


def read(text: str) -> Catalogue:
    """Return the checked catalogue in the text, or raise `BadCatalogue` with everything that is wrong and where."""
    if len(text) > SIZE_MAX:
        raise BadCatalogue([Problem(0, f"more than {SIZE_MAX} characters")])
    try:
        # Nodes, not values: they know their lines. No tag of the file makes an object.
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "the file cannot be read"
        raise BadCatalogue([Problem(mark.line + 1 if mark else 0, f"no YAML: {reason}")]) from None
    reading = _Reading()
    catalogue = reading.catalogue(root)
    if reading.problems:
        raise BadCatalogue(reading.problems)
    offers_rules.check(catalogue)
    return catalogue


def write(catalogue: Catalogue) -> str:
    """Return the catalogue as text that `read` takes."""
    offers: dict[str, Any] = {}
    for version in sorted(catalogue.versions, key=lambda version: (version.code, version.valid_from)):
        offers.setdefault(version.code, {})[version.valid_from] = _told(version)
    document = {
        "categories": {category.code: dict(category.names) for category in catalogue.categories},
        "offers": offers,
    }
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=120)


def _told(version: OfferVersion) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": dict(version.names),
        "text": dict(version.texts),
        "category": version.category,
        "for": list(version.services),
        "once_minor": version.once_minor,
        "fee_minor": version.fee_minor,
        "per": version.per,
    }
    if version.valid_until is not None:
        told["until"] = version.valid_until
    for name in ("requires", "conflicts", "regions", "network"):
        if getattr(version, name):
            told[name] = list(getattr(version, name))
    if version.package is not None:
        told["package"] = _told_of_package(version.package)
    if version.family is not None:
        told["family"] = _told_of_family(version.family)
    return told


def _told_of_package(package: Package) -> dict[str, Any]:
    told: dict[str, Any] = {"of": package.bucket, "days": package.days}
    if package.amount is not None:
        told["amount"] = package.amount
    if package.hours is not None:
        told["hours"] = f"{package.hours.first}-{package.hours.end}"
    if package.renews:
        told["renews"] = "yes"
    return told


def _told_of_family(family: Family) -> dict[str, Any]:
    told: dict[str, Any] = {"members_most": family.members_most}
    if family.common_first:
        told["common_first"] = "yes"
    if family.tariffs:
        told["tariffs"] = list(family.tariffs)
    return told


@dataclass
class _Reading:
    """Reads nodes into values and gathers what is wrong on the way; what cannot be read becomes something harmless."""

    problems: list[Problem] = field(default_factory=list)

    def catalogue(self, root: yaml.Node | None) -> Catalogue:
        parts = self._mapping(root, ("categories", "offers"), "the file")
        categories = tuple(
            Category(self._code(key), self._languages(value, NAME_LENGTH_MAX))
            for key, value in self._pairs(parts.get("categories"))
        )
        versions: list[OfferVersion] = []
        lines: dict[tuple[str, date], int] = {}
        for key, of_offer in self._pairs(parts.get("offers")):
            code = self._code(key)
            for day_key, value in self._pairs(of_offer):
                version = self._version(code, self._day(day_key), value)
                versions.append(version)
                lines[code, version.valid_from] = _line(day_key)
        return Catalogue(categories, tuple(versions), lines)

    def _version(self, code: str, valid_from: date, node: yaml.Node) -> OfferVersion:
        parts = self._mapping(node, VERSION_KEYS, code)
        for name in ("name", "text", "category", "for"):
            if name not in parts:
                self._wrong(node, f"{code}: {name} is missing")
        return OfferVersion(
            code=code,
            category=self._code(parts["category"]) if "category" in parts else "",
            services=self._codes(parts.get("for")),
            valid_from=valid_from,
            valid_until=self._day(parts["until"]) if "until" in parts else None,
            names=self._languages(parts.get("name"), NAME_LENGTH_MAX),
            texts=self._languages(parts.get("text"), TEXT_LENGTH_MAX),
            once_minor=self._sum(parts.get("once_minor")),
            fee_minor=self._sum(parts.get("fee_minor")),
            per=self._text(parts["per"], 5) if "per" in parts else "month",  # type: ignore[arg-type] # checked later
            requires=self._codes(parts.get("requires")),
            conflicts=self._codes(parts.get("conflicts")),
            regions=self._codes(parts.get("regions")),
            network=self._codes(parts.get("network")),
            package=self._package(parts["package"], code) if "package" in parts else None,
            family=self._family(parts["family"], code) if "family" in parts else None,
        )

    def _family(self, node: yaml.Node, code: str) -> Family:
        parts = self._mapping(node, FAMILY_KEYS, f"{code}: the family")
        most = parts.get("members_most")
        if most is None:
            self._wrong(node, f"{code}: members_most of the family is missing")
        return Family(
            members_most=self._scalar(most, r"[0-9]{1,2}", int, 1, "a whole number") if most else 1,
            common_first=self._scalar(parts["common_first"], "yes|no", "yes".__eq__, False, "yes or no")
            if "common_first" in parts
            else False,
            tariffs=self._codes(parts.get("tariffs")),
        )

    def _package(self, node: yaml.Node, code: str) -> Package:
        parts = self._mapping(node, PACKAGE_KEYS, f"{code}: the package")
        for name in ("of", "days"):
            if name not in parts:
                self._wrong(node, f"{code}: {name} of the package is missing")
        count = (r"[0-9]{1,15}", int, 1, "a whole number")
        return Package(
            bucket=self._text(parts["of"], 5) if "of" in parts else "data",  # type: ignore[arg-type] # checked later
            amount=self._scalar(parts["amount"], *count) if "amount" in parts else None,
            days=self._scalar(parts["days"], *count) if "days" in parts else 1,
            hours=self._scalar(parts["hours"], r"[0-9]{1,2}-[0-9]{1,2}", _hours, None, "hours as 1-7")
            if "hours" in parts
            else None,
            renews=self._scalar(parts["renews"], "yes|no", "yes".__eq__, False, "yes or no")
            if "renews" in parts
            else False,
        )

    def _wrong(self, node: yaml.Node | None, reason: str) -> None:
        self.problems.append(Problem(_line(node), reason))

    def _pairs(self, node: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """Yield keys and values; a key that stands there twice would hide the first."""
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, "names with values are asked for")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                self._wrong(key, f"{key.value} stands there twice")
            seen.add(str(key.value))
            yield key, value

    def _mapping(self, node: yaml.Node | None, known: Sequence[str], where: str) -> dict[str, yaml.Node]:
        if node is None:
            self._wrong(node, f"{where} is empty")
        found: dict[str, yaml.Node] = {}
        for key, value in self._pairs(node):
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name not in known:
                self._wrong(key, f"{where} has no “{name[:40]}”, only {', '.join(known)}")
            found[name] = value
        return found

    def _text(self, node: yaml.Node, length_max: int) -> str:
        if not isinstance(node, yaml.ScalarNode) or not 1 <= len(node.value.strip()) <= length_max:
            self._wrong(node, f"a text of 1 to {length_max} characters is asked for")
            return ""
        return str(node.value).strip()

    def _languages(self, node: yaml.Node | None, length_max: int) -> Mapping[str, str]:
        if node is None:
            return {}
        told = self._mapping(node, offers_rules.LANGUAGES, "a text by languages")
        for language in offers_rules.LANGUAGES:
            if language not in told:
                self._wrong(node, f"the text is missing in {language}")
        return {language: self._text(value, length_max) for language, value in told.items()}

    def _code(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or not CODE.fullmatch(node.value):
            self._wrong(node, "a code is asked for: small Latin letters, digits and hyphens, 40 at most")
            return ""
        return str(node.value)

    def _codes(self, node: yaml.Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, "a list is asked for")
            return ()
        found = tuple(self._code(one) for one in node.value)
        if len(set(found)) != len(found):
            self._wrong(node, "something stands in the list twice")
        return found

    def _sum(self, node: yaml.Node | None) -> int:
        return self._scalar(node, r"-?[0-9]{1,13}", int, 0, "a sum in minor units, a whole number") if node else 0

    def _day(self, node: yaml.Node) -> date:
        pattern = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
        return self._scalar(node, pattern, date.fromisoformat, date.min, "a day as 2026-12-31")

    def _scalar(self, node: yaml.Node, pattern: str, made: Callable[[str], T], instead: T, asked: str) -> T:
        text = node.value if isinstance(node, yaml.ScalarNode) else ""
        try:
            if re.fullmatch(pattern, text, re.ASCII):
                return made(text)
        except ValueError:
            pass
        self._wrong(node, f"{asked} is asked for")
        return instead


def _hours(text: str) -> Hours | None:
    first, _, end = text.partition("-")
    return Hours(int(first), int(end))


def _line(node: yaml.Node | None) -> int:
    return node.start_mark.line + 1 if node is not None else 0

"""A catalogue of service offers as YAML: read with the line of everything that is wrong, written as it is read. Pure.

Categories by code with their names, then offers by code; each has its versions by their first day.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import yaml

from abonent.domains.catalog import rules_yaml
from abonent.domains.catalog.family_rules import Family
from abonent.domains.catalog.offers import rules as offers_rules
from abonent.domains.catalog.offers.rules import BadCatalogue, Catalogue, Category, OfferVersion
from abonent.domains.catalog.packages_rules import Hours, Package
from abonent.domains.catalog.rules_yaml import NAME_LENGTH_MAX, TEXT_LENGTH_MAX, Reading, line_of
from abonent.foundation.said import N_, said

VERSION_KEYS = (
    "name", "text", "category", "for", "until", "once_minor", "fee_minor", "per", "requires", "conflicts", "regions",
    "network", "package", "family",
)  # fmt: skip
FAMILY_KEYS = ("members_most", "common_first", "tariffs")
# `amount` is in bytes, seconds or messages; without it there is no limit.
PACKAGE_KEYS = ("of", "amount", "days", "hours", "renews")


def read(text: str) -> Catalogue:
    """Return the checked catalogue in the text, or raise `BadCatalogue` with everything that is wrong and where."""
    catalogue = parse(text)
    offers_rules.check(catalogue)
    return catalogue


def parse(text: str) -> Catalogue:
    """Return the catalogue in the text, which may name what stands elsewhere; else as `read`."""
    reading = _Reading()
    catalogue = reading.catalogue(rules_yaml.composed(text))
    if reading.problems:
        raise BadCatalogue(reading.problems)
    return catalogue


def write(catalogue: Catalogue) -> str:
    """Return the catalogue as text that `read` takes."""
    offers: dict[str, Any] = {}
    for version in sorted(catalogue.versions, key=lambda version: (version.code, version.valid_from)):
        offers.setdefault(version.code, {})[version.valid_from] = told(version)
    document: dict[str, Any] = {
        "categories": {category.code: dict(category.names) for category in catalogue.categories},
        "offers": offers,
    }
    if not catalogue.categories:
        del document["categories"]
    return rules_yaml.dumped(document)


def told(version: OfferVersion) -> dict[str, Any]:
    """Return a version as the document of its text."""
    document: dict[str, Any] = {
        "name": dict(version.names),
        "text": dict(version.texts),
        "category": version.category,
        "for": list(version.services),
        "once_minor": version.once_minor,
        "fee_minor": version.fee_minor,
        "per": version.per,
    }
    if version.valid_until is not None:
        document["until"] = version.valid_until
    for name in ("requires", "conflicts", "regions", "network"):
        if getattr(version, name):
            document[name] = list(getattr(version, name))
    if version.package is not None:
        document["package"] = _told_of_package(version.package)
    if version.family is not None:
        document["family"] = _told_of_family(version.family)
    return document


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


class _Reading(Reading):
    """Reads a whole catalogue."""

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
                lines[code, version.valid_from] = line_of(day_key)
        return Catalogue(categories, tuple(versions), lines)

    def _version(self, code: str, valid_from: date, node: yaml.Node) -> OfferVersion:
        parts = self._mapping(node, VERSION_KEYS, code)
        for name in ("name", "text", "category", "for"):
            if name not in parts:
                self._wrong(node, said(N_("%(name)s is missing"), name=name), code)
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
        parts = self._mapping(node, FAMILY_KEYS, code)
        most, order = parts.get("members_most"), parts.get("common_first")
        if most is None:
            self._wrong(node, said(N_("%(name)s of the family is missing"), name="members_most"), code)
        return Family(
            members_most=self._scalar(most, r"[0-9]{1,2}", int, 1, N_("a whole number is asked for")) if most else 1,
            common_first=order is not None
            and self._scalar(order, "yes|no", "yes".__eq__, False, N_("yes or no is asked for")),
            tariffs=self._codes(parts.get("tariffs")),
        )

    def _package(self, node: yaml.Node, code: str) -> Package:
        parts = self._mapping(node, PACKAGE_KEYS, f"{code}: the package")
        for name in ("of", "days"):
            if name not in parts:
                self._wrong(node, said(N_("%(name)s of the package is missing"), name=name), code)
        count = (r"[0-9]{1,15}", int, 1, N_("a whole number is asked for"))
        return Package(
            bucket=self._text(parts["of"], 5) if "of" in parts else "data",  # type: ignore[arg-type] # checked later
            amount=self._scalar(parts["amount"], *count) if "amount" in parts else None,
            days=self._scalar(parts["days"], *count) if "days" in parts else 1,
            hours=self._scalar(parts["hours"], r"[0-9]{1,2}-[0-9]{1,2}", _hours, None, N_("hours as 1-7 are asked for"))
            if "hours" in parts
            else None,
            renews=self._scalar(parts["renews"], "yes|no", "yes".__eq__, False, N_("yes or no is asked for"))
            if "renews" in parts
            else False,
        )


def _hours(text: str) -> Hours | None:
    first, _, end = text.partition("-")
    return Hours(int(first), int(end))

"""Service offers as values, and what a catalogue of them must be like as a whole. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Literal

from abonent.domains.catalog.family_rules import Family
from abonent.domains.catalog.packages_rules import Package
from abonent.domains.catalog.rules import FeeTerms, TariffVersion, Terms
from abonent.foundation.said import N_, Said, said

LANGUAGES = ("ru", "en")
LINE_SERVICES = ("mobile", "internet", "tv", "satellite")
Per = Literal["month", "day"]
PERS: tuple[Per, ...] = ("month", "day")
# A prepaid service without money waits; of a month only the days are paid on which it is there.
FEE_TERMS: Mapping[Per, FeeTerms] = {
    "month": FeeTerms(by_days=True, shortage="wait", resumes="payment"),
    "day": FeeTerms(per="day", shortage="wait"),
}


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of the catalogue with its names by language, in the order of the file."""

    code: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class OfferVersion:
    """The terms of a service from `valid_from` to before `valid_until` (None: still sold); `id` None: not stored.

    `services` are the kinds of lines it is for. It costs `once_minor` when it is connected and `fee_minor` per month or
    day. It works only beside all that it `requires` and beside nothing that it `conflicts` with. It is sold in
    `regions` (none named: everywhere). `network` are the features that the network must have for it. With a `package`
    it is none that stays: who buys it has so much more to use, for its time. With a `family` its owner may let others
    use from theirs.
    """

    code: str
    category: str
    services: tuple[str, ...]
    valid_from: date
    valid_until: date | None
    names: Mapping[str, str]
    texts: Mapping[str, str]
    once_minor: int = 0
    fee_minor: int = 0
    per: Per = "month"
    requires: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    package: Package | None = None
    family: Family | None = None
    id: int | None = None

    def sold_on(self, day: date) -> bool:
        """Return whether it can be connected on that local day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def as_fee(self) -> TariffVersion:
        """Return its fee as that of a tariff: one set of rules says how both are taken."""
        terms = Terms(fee=FEE_TERMS[self.per])
        return TariffVersion(
            self.code, "", self.category, self.names, self.valid_from, self.fee_minor, terms, id=self.id
        )


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Categories and every version of every offer. `lines`: where in the file a version stands."""

    categories: tuple[Category, ...] = ()
    versions: tuple[OfferVersion, ...] = ()
    lines: Mapping[tuple[str, date], int] = field(default_factory=dict, compare=False)

    def line_of(self, version: OfferVersion) -> int:
        """Return the line of the file in which the version begins; 0 when it was not read from one."""
        return self.lines.get((version.code, version.valid_from), 0)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a catalogue, `of` which thing, and in which line of its file (0: nowhere in particular)."""

    line: int
    reason: Said
    of: str = ""

    def __str__(self) -> str:
        reason = f"{self.of}: {self.reason}" if self.of else f"{self.reason}"
        return f"line {self.line}: {reason}" if self.line else reason


class BadCatalogue(ValueError):
    """A catalogue that is refused whole; the message has a line for each problem."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems), key=lambda problem: (problem.line, str(problem)))
        super().__init__("\n".join(map(str, self.problems)))


def conflicting(one: OfferVersion, other: OfferVersion) -> bool:
    """Return whether the two cannot be on one line; it is enough that one of them says so."""
    return other.code in one.conflicts or one.code in other.conflicts


def check(catalogue: Catalogue) -> None:
    """Raise `BadCatalogue` with everything that is wrong with it."""
    problems = [
        *_doubled(catalogue),
        *_faults(catalogue),
        *_overlapping(catalogue),
        *_cycles(catalogue),
    ]
    if problems:
        raise BadCatalogue(problems)


def check_change(catalogue: Catalogue, stored: Iterable[OfferVersion], today: date) -> None:
    """Raise `BadCatalogue` when the catalogue would edit what began already, or begin something in the past."""
    before = {(version.code, version.valid_from): version for version in stored}
    known = {code for code, _ in before}
    problems = []
    for version in catalogue.versions:
        line, old = catalogue.line_of(version), before.get((version.code, version.valid_from))
        if old is None:
            if version.code in known and version.valid_from <= today:
                words = N_("a new version begins after today, %(day)s")
                problems.append(Problem(line, said(words, day=today), version.code))
        elif version.valid_from <= today and _fixed(version) != _fixed(old):
            words = N_("what is in force since %(day)s is never edited; let it end, and begin another version")
            problems.append(Problem(line, said(words, day=version.valid_from), version.code))
        elif version.valid_until != old.valid_until and _reaches_back(version, old, today):
            words = N_("what was sold until today stays sold until today, %(day)s")
            problems.append(Problem(line, said(words, day=today), version.code))
    if problems:
        raise BadCatalogue(problems)


def merged(stored: Iterable[OfferVersion], catalogue: Catalogue) -> Catalogue:
    """Return what is there after the catalogue is loaded: what it does not name stays."""
    every = {(version.code, version.valid_from): version for version in stored}
    every |= {(version.code, version.valid_from): version for version in catalogue.versions}
    return Catalogue(catalogue.categories, tuple(every.values()), catalogue.lines)


def _reaches_back(version: OfferVersion, old: OfferVersion, today: date) -> bool:
    """Return whether another end changes on which past days, today included, the version was sold."""
    ends = [end for end in (version.valid_until, old.valid_until) if end is not None]
    return min(ends) <= today and version.valid_from <= today


def _fixed(version: OfferVersion) -> tuple[object, ...]:
    """Return the part of a version that cannot change once it began; names and texts may be corrected."""
    return (
        version.once_minor, version.fee_minor, version.per, sorted(version.services), sorted(version.requires),
        sorted(version.conflicts), sorted(version.regions), sorted(version.network), version.package,
        version.family,
    )  # fmt: skip


def _doubled(catalogue: Catalogue) -> Iterator[Problem]:
    for code, times in sorted(Counter(category.code for category in catalogue.categories).items()):
        if times > 1:
            yield Problem(0, said(N_("the category %(code)s stands there twice"), code=code))


def _faults(catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what is wrong with each version by itself, and with what it names."""
    shelves = {category.code for category in catalogue.categories}
    offers = _by_code(catalogue.versions)
    for version in catalogue.versions:
        line, code = catalogue.line_of(version), version.code
        for reason in _own_faults(version):
            yield Problem(line, reason, code)
        if version.category not in shelves:
            yield Problem(line, said(N_("there is no category %(category)s"), category=version.category), code)
        for reason in _of_others(version, offers):
            yield Problem(line, reason)


def _of_others(version: OfferVersion, offers: Mapping[str, Sequence[OfferVersion]]) -> Iterator[Said]:
    code = version.code
    for other in version.requires:
        if other == code:
            yield said(N_("%(code)s requires itself"), code=code)
        elif other not in offers:
            yield said(N_("%(code)s requires %(other)s, which is not there"), code=code, other=other)
    for other in version.conflicts:
        if other == code:
            yield said(N_("%(code)s conflicts with itself"), code=code)
        elif other not in offers:
            yield said(N_("%(code)s conflicts with %(other)s, which is not there"), code=code, other=other)
    for other in version.requires:
        if any(conflicting(version, one) for one in offers.get(other, ())):
            yield said(N_("%(code)s requires %(other)s, with which it conflicts"), code=code, other=other)


def _own_faults(version: OfferVersion) -> Iterator[Said]:
    if version.once_minor < 0 or version.fee_minor < 0:
        yield said(N_("a price is not negative"))
    if version.per not in PERS:
        yield said(N_("a fee is per month or per day"))
    if not version.services or set(version.services) - set(LINE_SERVICES):
        yield said(N_("it is for some of %(kinds)s"), kinds=", ".join(LINE_SERVICES))
    if version.valid_until is not None and version.valid_until <= version.valid_from:
        yield said(N_("it ends before it begins"))
    yield from _kind_faults(version)
    for language in LANGUAGES:
        if not version.names.get(language, "").strip():
            yield said(N_("its name is missing in %(language)s"), language=language)
        if not version.texts.get(language, "").strip():
            yield said(N_("its text is missing in %(language)s"), language=language)


def _kind_faults(version: OfferVersion) -> Iterator[Said]:
    """Yield what is wrong with what is none of the usual services."""
    if version.package is not None:
        yield from version.package.faults()
        if version.fee_minor or version.network or set(version.services) != {"mobile"}:
            yield said(N_("a package is for mobile lines, is paid once, and the network has no part in it"))
    if version.family is not None:
        yield from version.family.faults()
        if version.package or set(version.services) != {"mobile"}:
            yield said(N_("a family is a service for mobile lines, and no package"))


def _overlapping(catalogue: Catalogue) -> Iterator[Problem]:
    for versions in _by_code(catalogue.versions).values():
        for one, following in pairwise(versions):
            if one.valid_from == following.valid_from:
                reason = said(N_("two versions begin on %(day)s"), day=one.valid_from)
            elif one.valid_until is None or one.valid_until > following.valid_from:
                words = N_("this version begins on %(day)s, while the one of %(other)s is in force")
                reason = said(words, day=following.valid_from, other=one.valid_from)
            else:
                continue
            yield Problem(catalogue.line_of(following), reason, one.code)


def _by_code(versions: Iterable[OfferVersion]) -> dict[str, list[OfferVersion]]:
    found: dict[str, list[OfferVersion]] = {}
    for version in sorted(versions, key=lambda version: (version.code, version.valid_from)):
        found.setdefault(version.code, []).append(version)
    return found


def _cycles(catalogue: Catalogue) -> Iterator[Problem]:
    """Yield each offer from which requirements lead back to itself, whatever version says so."""
    needs: dict[str, set[str]] = {}
    for version in catalogue.versions:
        needs.setdefault(version.code, set()).update(set(version.requires) - {version.code})
    rings = _in_rings(needs)
    for code, versions in _by_code(catalogue.versions).items():
        if code in rings and (way := _way_back(code, rings)):
            words = N_("requirements go round in a ring: %(way)s")
            yield Problem(catalogue.line_of(versions[-1]), said(words, way=" → ".join(way)))


def _in_rings(needs: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Return rings and what needs them: what is left when all is taken away, again and again, that needs nothing."""
    needed_by: dict[str, list[str]] = {}
    left = {code: {one for one in needed if one in needs} for code, needed in needs.items()}
    for code, needed in left.items():
        for one in needed:
            needed_by.setdefault(one, []).append(code)
    free = [code for code, needed in left.items() if not needed]
    while free:
        done = free.pop()
        del left[done]
        for code in needed_by.get(done, ()):
            left[code].discard(done)
            if not left[code]:
                free.append(code)
    return left


def _way_back(code: str, needs: Mapping[str, set[str]]) -> Sequence[str]:
    """Return a shortest way along requirements from an offer back to itself; nothing when there is none."""
    ways: list[list[str]] = [[code]]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        for needed in sorted(needs.get(way[-1], ())):
            if needed == code:
                return [*way, code]
            if needed not in seen:
                seen.add(needed)
                ways.append([*way, needed])
    return ()

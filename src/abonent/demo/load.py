"""Loads the fictional operator: through the domains' own actions, in steps that can be broken off anywhere.

Each step is written together with its mark or may be done again without harm, so whoever comes next goes on, and the
end is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings
from django.db import transaction

from abonent.demo import (
    blocks,
    cashback,
    catalogue,
    connected,
    families,
    fees,
    files,
    helping,
    numbers,
    promised,
    tones,
    wired,
)
from abonent.demo.models import Loading
from abonent.demo.payments import payments
from abonent.demo.people import GROUP, Group, Person, PlannedContract, World, groups, number_of
from abonent.demo.providers import sold
from abonent.domains.billing import actions as billing
from abonent.domains.billing import equipment
from abonent.domains.billing.bills import actions as bills
from abonent.domains.billing.bills.rules import month_after, period_of
from abonent.domains.billing.queries_bulk import spent_by_day
from abonent.domains.catalog import actions as catalog
from abonent.domains.catalog.offers import actions as offers
from abonent.domains.catalog.words import actions as words
from abonent.domains.customers import actions as customers
from abonent.domains.lines import actions as lines
from abonent.domains.lines import queries as line_queries
from abonent.domains.lines import queries_bulk

Progress = Callable[[str, int, int], None]
T = TypeVar("T")

NUMBERS_AT_ONCE = 2_000
# Files of a larger operator would fill the disk: they go when they are imported.
KEPT_SUBSCRIBERS_MAX = 10_000
STEPS_A_FILE = 100
PEOPLE, USAGE, MONEY = "Subscribers", "Usage records", "Fees and payments"
STORIES = (
    "prepaid, with everything: calls, data, roaming, subscriptions, home internet and TV",
    "a contract paid by its bill, with a child's number beside it",
    "a pensioner who has talked a lot and not paid for a while",
)


class DifferentOperator(Exception):
    """Another operator is loaded here already; the message is one line that says what to do."""


class BadUsageFile(Exception):
    """The import did not take every row of a file that the demo wrote: one of them has a fault."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is there now: numbers to sign in with, each with its story, and the end of the traffic.

    `contracts` are numbers of contracts and accounts that open a cabinet, too, each with where its code goes;
    `people` what the first of them answer when somebody asks who they are.
    """

    numbers: list[tuple[str, str]]
    now: datetime
    contracts: list[tuple[str, str]] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


def load(*, subscribers: int, days: int, seed: int, now: datetime, folder: Path, progress: Progress) -> Loaded:
    """Load the operator, or go on where a former attempt stopped, up to that attempt's `now`.

    `subscribers` are mobile numbers; traffic of `days` days before today goes through usage files in `folder`.
    `progress` gets a phase's name, how much of it is done, and how much there is. Raises `DifferentOperator` when
    other parameters were loaded, `ValueError` for parameters that make no operator.
    """
    if not 1 <= subscribers <= 99_999_999 or not 1 <= days <= 3650:
        raise ValueError("an operator has 1 to 99,999,999 subscribers and traffic of 1 to 3,650 days")
    loading = _loading(World(subscribers, days, seed, now))
    world = World(subscribers, days, seed, loading.now)
    if not loading.finished:
        _load_people(world, _publish(), progress)
        wired.furnish(world)
        _load_usage(world, folder, progress)
        _load_money(world, progress)
        promised.lend(world)
        connected.connect(world)
        families.gather(world)
        tones.choose(world)
        sold.subscribe(world)
        cashback.buy(world, folder)
        _load_bills(world)
        Loading.objects.update(finished=True)
    offered = min(subscribers, len(STORIES))
    numbers = [(number_of(place), STORIES[place]) for place in range(offered)]
    if owes := promised.borrower(world):
        numbers.append((owes, "a promised payment to repay"))
    if owner := families.owner(world):
        numbers.append((owner, "a package that two relatives use, too"))
    first = next(groups(world))
    return Loaded(numbers, world.now, _ways_in(first), _answers(first, offered))


def _ways_in(group: Group) -> list[tuple[str, str]]:
    """Return the contract and account numbers of the first group that open a cabinet, and where the code goes."""
    return [
        (f"{contract.number} / {contract.account_number}", contract.contact_number)
        for contract in group.contracts
        if contract.entered
    ]


def _answers(group: Group, offered: int) -> list[str]:
    """Return what the people of the first numbers would tell an agent."""
    told = []
    for place in range(offered):
        line = next(line for line in group.lines if line.number == number_of(place))
        person = group.parties[group.contracts[line.contract].party]
        told.append(
            f"{person.family_name} {person.given_name} {person.patronymic}, {person.papers.birth_date:%d.%m.%Y}, "
            f"{person.papers.document}, «{person.papers.code_word}»"
        )
    return told


def _loading(wanted: World) -> Loading:
    found, _ = Loading.objects.get_or_create(
        id=1,
        defaults={"subscribers": wanted.subscribers, "days": wanted.days, "seed": wanted.seed, "now": wanted.now},
    )
    if (found.subscribers, found.days, found.seed) != (wanted.subscribers, wanted.days, wanted.seed):
        raise DifferentOperator(
            f"an operator of {found.subscribers} subscribers, {found.days} days and seed {found.seed} is here already; "
            "go on with it, or delete it with `make reset`"
        )
    return found


def _publish() -> dict[str, int]:
    """Store geography, services and tariffs; return version ids by tariff code."""
    catalog.set_geography(catalogue.geography())
    offers.load(catalogue.offers(), today=catalogue.VALID_FROM)
    promised.publish()
    helping.publish()
    sold.publish()
    blocks.publish()
    numbers.publish()
    wired.publish()
    tones.publish()
    published = {version.tariff_code: catalog.publish(version) for version in catalogue.tariffs()}
    for code, (russian, english) in catalogue.ABOUT.items():
        sold_until = catalogue.SOLD_UNTIL.get(code)
        catalog.present(tariff_code=code, about={"ru": russian, "en": english}, sold_until=sold_until)
    words.load(catalogue.words())
    return published


def _load_people(world: World, versions: dict[str, int], progress: Progress) -> None:
    done = 0
    while done < world.subscribers:
        progress(PEOPLE, done, world.subscribers)
        done = _open_some(world, versions)
    progress(PEOPLE, world.subscribers, world.subscribers)


@transaction.atomic
def _open_some(world: World, versions: dict[str, int]) -> int:
    """Register the next people and open their lines; return how many numbers are open now."""
    loading = Loading.objects.select_for_update().get()
    first = loading.people_until
    if first >= world.subscribers:
        return first
    parties: list[customers.NewParty] = []
    signed: list[customers.NewContract] = []
    planned: list[tuple[int, Group]] = []
    for group in groups(world, first, first + NUMBERS_AT_ONCE):
        planned.append((len(signed), group))
        signed += [_contract(world, contract, len(parties) + contract.party) for contract in group.contracts]
        parties += [_party(person) for person in group.parties]
    contract_ids = customers.register(parties=parties, contracts=signed)
    lines.open_lines(
        [
            lines.NewLine(
                contract_id=contract_ids[before + line.contract],
                service=line.service,
                number=line.number,
                tariff_version_id=versions[line.tariff],
                period_day=line.period_day,
                opened_at=line.opened_at,
                is_main=line.is_main,
                imsi=line.imsi,
                puk=line.puk,
            )
            for before, group in planned
            for line in group.lines
        ]
    )
    billing.open_accounts(contract_ids=contract_ids)
    loading.people_until = min(first + NUMBERS_AT_ONCE, world.subscribers)
    loading.save(update_fields=["people_until"])
    return loading.people_until


def _contract(world: World, planned: PlannedContract, party: int) -> customers.NewContract:
    return customers.NewContract(
        number=planned.number,
        party=party,
        payment=planned.payment,
        opened_on=planned.opened_on,
        account_number=planned.account_number,
        contact_number=planned.contact_number,
        contact_email=planned.contact_email,
        entered_at=world.now if planned.entered else None,
    )


def _party(person: Person) -> customers.NewParty:
    return customers.NewParty(
        given_name=person.given_name,
        patronymic=person.patronymic,
        family_name=person.family_name,
        birth_date=person.papers.birth_date,
        document=person.papers.document,
        code_word=person.papers.code_word,
    )


def _load_usage(world: World, folder: Path, progress: Progress) -> None:
    """Write the traffic as files and import them as anybody's; what was imported is not written again."""
    folder.mkdir(parents=True, exist_ok=True)
    done = Loading.objects.get().deliveries
    waiting = list(files.deliveries(world))
    total = len(waiting) * STEPS_A_FILE
    for place, delivery in enumerate(waiting[done:], done):
        progress(USAGE, place * STEPS_A_FILE, total)
        written = files.write(world, delivery, folder)
        for turn, path in enumerate(written):
            _import(path, _Part(progress, place, turn, len(written), total))
            if world.subscribers > KEPT_SUBSCRIBERS_MAX:
                path.unlink()
        Loading.objects.update(deliveries=place + 1)
    progress(USAGE, total, total)


@dataclass(frozen=True, slots=True)
class _Part:
    """Tells how far a delivery is while one of its files goes in."""

    progress: Progress
    place: int
    turn: int
    files: int
    total: int

    def __call__(self, done: int, size: int) -> None:
        share = (self.turn + done / max(size, 1)) / self.files
        self.progress(USAGE, self.place * STEPS_A_FILE + int(share * STEPS_A_FILE), self.total)


def _import(path: Path, progress: Callable[[int, int], None]) -> None:
    result = billing.import_usage(path=path, progress=progress)
    if result.rejected or result.parked or result.damage:
        raise BadUsageFile(f"{path.name}: {result}")


def _load_money(world: World, progress: Progress) -> None:
    progress(MONEY, 0, world.subscribers)
    for some in _chunks(groups(world), NUMBERS_AT_ONCE // GROUP):
        # What waits for money is charged from what is there: these payments come first.
        billing.top_up_many(fees.payments_in_time(world, some))
    billing.charge_fees(until=world.now)
    equipment.charge_due(at=world.now)
    done = 0
    for some in _chunks(groups(world), NUMBERS_AT_ONCE // GROUP):
        billing.top_up_many(_payments(world, some))
        done += len(some) * GROUP
        progress(MONEY, min(done, world.subscribers), world.subscribers)


def _load_bills(world: World) -> None:
    """Issue the bills of the closed months that have traffic, as on their day; nobody is told of the past."""
    zone = ZoneInfo(settings.TIME_ZONE)
    month = (world.now.astimezone(zone).date() - timedelta(days=world.days)).replace(day=1)
    while (end := period_of(month, zone).end) + timedelta(days=settings.BILL_DAY - 1) <= world.now:
        bills.issue(month=month, at=end + timedelta(days=settings.BILL_DAY - 1, hours=12), told=False)
        month = month_after(month)


def _payments(world: World, some: Sequence[Group]) -> list[billing.NewPayment]:
    """Return what the contracts of the groups pay, told by what their lines were charged."""
    served = line_queries.served(numbers=[line.number for group in some for line in group.lines])
    ids = {line.number: line.line_id for line in served}
    contracts = dict(queries_bulk.assignments(ids.values()).select("line_id", "contract_id").iter_rows())
    owners = pl.DataFrame({"line_id": list(contracts), "contract_id": list(contracts.values())})
    by_contract = spent_by_day(ids.values()).join(owners, on="line_id").group_by("contract_id", "day").agg(
        pl.col("amount_minor").sum()
    )  # fmt: skip
    spent: dict[int, dict[date, int]] = {}
    for contract_id, day, amount in by_contract.iter_rows():
        spent.setdefault(contract_id, {})[day] = amount
    made = []
    for group in some:
        for place, contract in enumerate(group.contracts):
            own = [line for line in group.lines if line.contract == place]
            if fees.wait_for_money(contract, own):
                continue
            contract_id = contracts[ids[own[0].number]]
            opened_at = min(line.opened_at for line in own)
            made += [
                billing.NewPayment(payment.payment_id, contract_id, payment.amount_minor, payment.at, payment.method)
                for payment in payments(world, contract, opened_at, spent.get(contract_id, {}))
            ]
    return made


def _chunks(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while some := list(islice(items, size)):
        yield some

"""Contracts of the demo whose fees wait for money, and what is paid for them in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo

from abonent.demo import catalogue
from abonent.demo.payments import payments_for_fees
from abonent.demo.people import MOSCOW, Group, PlannedContract, PlannedLine, World
from abonent.domains.billing.actions import NewPayment
from abonent.domains.billing.fees import rules as fees_rules
from abonent.domains.billing.fees.rules import FeeLine
from abonent.domains.billing.queries_bulk import spent_by_day
from abonent.domains.billing.rules import Assigned
from abonent.domains.catalog.rules import TariffVersion
from abonent.domains.lines import queries as lines
from abonent.domains.lines import queries_bulk

ZONE = ZoneInfo("Europe/Moscow")


def wait_for_money(contract: PlannedContract, own: Sequence[PlannedLine]) -> bool:
    """Return whether every fee of the contract waits, or is paid by days, when there is not enough."""
    tariffs = _tariffs()
    return contract.payment == "prepaid" and all(tariffs[line.tariff].terms.fee.shortage != "charge" for line in own)


def payments_in_time(world: World, some: Sequence[Group]) -> list[NewPayment]:
    """Return what is paid for such contracts of the groups."""
    served = lines.served(numbers=[line.number for group in some for line in group.lines])
    ids = {line.number: line.line_id for line in served}
    spent: dict[int, dict[date, int]] = defaultdict(dict)
    for line_id, day, amount in spent_by_day(ids.values(), fees=False).iter_rows():
        spent[line_id][day] = amount
    contracts = dict(queries_bulk.assignments(ids.values()).select("line_id", "contract_id").iter_rows())
    made = []
    for group in some:
        for place, contract in enumerate(group.contracts):
            own = [line for line in group.lines if line.contract == place]
            if wait_for_money(contract, own):
                contract_id = contracts[ids[own[0].number]]
                opened_at = min(line.opened_at for line in own)
                made += [
                    NewPayment(payment.payment_id, contract_id, payment.amount_minor, payment.at, payment.method)
                    for payment in payments_for_fees(
                        world, contract, opened_at, _due(world, own), spent[ids[own[0].number]]
                    )
                ]
    return made


def _due(world: World, own: Sequence[PlannedLine]) -> dict[date, int]:
    fees: dict[date, int] = {}
    for line in own:
        fee_line = FeeLine(0, 0, line.period_day, line.opened_at, None, True)
        assigned = [Assigned(_tariffs()[line.tariff], line.opened_at, None)]
        for fee in fees_rules.due(fee_line, None, assigned, world.now, ZONE)[0]:
            day = fee.at.astimezone(MOSCOW).date()
            fees[day] = fees.get(day, 0) + fee.amount_minor
    return fees


@cache
def _tariffs() -> dict[str, TariffVersion]:
    return {version.tariff_code: version for version in catalogue.tariffs()}

"""Two partners of the fictional operator, and purchases of the first subscribers through a partner's own file."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from abonent.demo.people import World, number_of
from abonent.domains.billing.cashback import actions as cashback
from abonent.domains.billing.cashback.rules import COLUMNS, Terms

VALID_FROM = date(2024, 1, 1)
PARTNERS = (
    ("kometa", "«Комета»", Terms(300, 1_500_00, 3_000_00, 14, ("подарочные карты",))),
    ("lavka", "«Лавка у дома»", Terms(500, 150_00, 500_00, 3, ("табак", "алкоголь"))),
)
# Days ago, partner, roubles, what came back of it, category; of the first subscribers, one after the other.
PURCHASES = (
    (25, "kometa", "12990.00", "", "чайники"),
    (18, "lavka", "1843.50", "", "продукты"),
    (16, "kometa", "5400.00", "5400.00", "пылесосы"),
    (9, "lavka", "620.00", "120.00", "продукты"),
    (6, "kometa", "24990.00", "", "телевизоры"),
    (5, "lavka", "990.00", "", "табак"),
    (2, "lavka", "2310.40", "", "продукты"),
)


def buy(world: World, folder: Path) -> None:
    """Publish the partners and let their files come in: what was bought, then what was brought back."""
    for code, name, terms in PARTNERS:
        cashback.publish(code=code, name=name, valid_from=VALID_FROM, terms=terms)
        path = folder / f"cashback-{code}.csv"
        path.write_text("\n".join([",".join(COLUMNS), *_rows(world, code)]) + "\n")
        cashback.import_file(path=path, code=code, at=world.now)
    cashback.accrue_due(at=world.now)


def _rows(world: World, code: str) -> list[str]:
    rows = []
    for place in range(min(3, world.subscribers)):
        for ago, partner, amount, back, category in PURCHASES:
            if partner != code or ago >= world.days:
                continue
            name, day = f"{code}-{place}-{ago}", world.now.date() - timedelta(days=ago)
            rows.append(f"{name},{number_of(place)},{amount},{day},bought,{category}")
            if back:
                rows.append(f"{name},{number_of(place)},{back},{day},returned,{category}")
    return rows

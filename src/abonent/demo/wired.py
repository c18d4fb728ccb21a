"""Where lines by wire and dish of «Орбита» end, what they are used with, and how technicians come."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

from abonent.demo.people import PlannedLine, World, groups
from abonent.domains.lines import queries as lines
from abonent.domains.lines.equipment import actions as equipment
from abonent.domains.lines.equipment.actions import Handed
from abonent.domains.lines.equipment.rules import Kind, Offer, Terms, Way, check_digit
from abonent.domains.support.visits import calendar as visits_calendar
from abonent.domains.support.visits.rules import Terms as VisitTerms

VALID_FROM = date(2024, 1, 1)
# Whose first lines are furnished: more would take long with a large operator, and show nothing new.
GROUPS = 10
DISTRICTS = ("Центр", "Заречье", "Северный")
STREETS = ("ул. Звёздная", "пр. Космонавтов", "ул. Лётная", "пер. Тихий", "ул. Садовая")
SERVED = VisitTerms(
    weekdays=(0, 1, 2, 3, 4, 5), windows=((9, 12), (12, 15), (15, 18), (18, 21)), capacity=2, lead_h=4,
    ahead_days=14, change_until_h=3,
)  # fmt: skip
RENTED = Terms("rented", month_minor=9900)
IN_PARTS = Terms("instalments", price_minor=479900, parts=24)
YEAR = timedelta(days=365)


def publish() -> None:
    """Store how the districts are served."""
    for district in DISTRICTS:
        visits_calendar.publish(district=district, valid_from=VALID_FROM, terms=SERVED)
    _publish_things()


def _publish_things() -> None:
    boxes = {Way.RENT: Terms("rented", month_minor=14900), Way.INSTALMENTS: IN_PARTS,
             Way.SALE: Terms("instalments", price_minor=449900, parts=1)}  # fmt: skip
    routers = {Way.RENT: RENTED, Way.SALE: Terms("instalments", price_minor=349000, parts=1)}
    for code, kind, model, ways, months in (
        ("wave-6", Kind.ROUTER, "Orbita Wave 6", routers, 24),
        ("box-4k", Kind.BOX, "Orbita Box 4K", boxes, 24),
        ("sky-hd", Kind.BOX, "Orbita Sky HD", boxes, 24),
        ("cam", Kind.MODULE, "Orbita CAM", {Way.SALE: Terms("instalments", price_minor=199000, parts=1)}, 12),
        ("sky-card", Kind.CARD, "Orbita Sky", {Way.FREE: Terms()}, 0),
    ):
        equipment.publish(code=code, valid_from=VALID_FROM, offer=Offer(kind, model, months, ways))


def furnish(world: World) -> None:
    """Write down where the first fixed lines end and what they have; the same again changes nothing."""
    for group in islice(groups(world), GROUPS):
        planned = [line for line in group.lines if line.service != "mobile"]
        ids = {one.number: one.line_id for one in lines.served(numbers=[line.number for line in planned])}
        for place, line in enumerate(planned):
            _furnish(line, ids[line.number], group.place + place)


def card(place: int) -> str:
    """Return the number of the smart card of the line at `place`."""
    digits = f"8800{place + 1:07d}"
    return digits + check_digit(digits)


def _furnish(line: PlannedLine, line_id: int, place: int) -> None:
    # Those of a household live together: their contract is one.
    home = line.contract + place // 10
    street = STREETS[home % len(STREETS)]
    equipment.place(
        line_id=line_id, district=DISTRICTS[home % len(DISTRICTS)],
        address=f"{street}, {3 + home % 40}, кв. {1 + home % 90}",
    )  # fmt: skip
    since = line.opened_at.date()
    for handed in _things(line, line_id, place, since):
        equipment.hand_out(handed=handed)


def _things(line: PlannedLine, line_id: int, place: int, since: date) -> list[Handed]:
    serial = f"{place:05d}"
    if line.service == "internet":
        return [Handed(line_id, Kind.ROUTER, "Orbita Wave 6", f"OW6A{serial}7K", RENTED, since)]
    box = Handed(line_id, Kind.BOX, "Orbita Box 4K", f"OB4K{serial}2M", IN_PARTS, since, since + 2 * YEAR)
    if line.service == "tv":
        module = Handed(line_id, Kind.MODULE, "Orbita CAM", f"OCAM{serial}9T", Terms(), since, since + YEAR)
        return [box, module]
    return [
        Handed(line_id, Kind.CARD, "Orbita Sky", card(place), Terms(), since),
        Handed(line_id, Kind.BOX, "Orbita Sky HD", f"OSHD{serial}4S", IN_PARTS, since, since + 2 * YEAR),
    ]

"""Another SIM and another number at «Орбита»: what they cost, numbers to choose from, blank cards."""

from __future__ import annotations

from datetime import date

from abonent.demo.dice import key, throw
from abonent.demo.network.esims import iccid
from abonent.domains.lines import sims as cards
from abonent.domains.lines.numbers import actions as free
from abonent.domains.orders.numbers import actions as numbers
from abonent.domains.orders.numbers.rules import Beauty, Terms
from abonent.domains.orders.sims import actions as sims
from abonent.domains.orders.sims.rules import Terms as SimTerms
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.rules import Terms as Porting

VALID_FROM = date(2024, 1, 1)
SIMS = SimTerms(esim_minor=9_900, shop_minor=15_000, card_minor=0, esim_days=14, shop_days=14)
NUMBERS = Terms(
    price_minor=10_000,
    hold_min=15,
    wait_min=3,
    rest_days=30,
    beauties=(
        Beauty(
            "platinum", {"ru": "Платиновый", "en": "Platinum"}, 1_500_000,
            ("AAAAA", "AAABBB", "ABABAB", "1234567", "ABCABC"),
        ),
        Beauty(
            "gold", {"ru": "Золотой", "en": "Gold"}, 500_000,
            ("AAAA", "ABCDABC", "AABBCC", "12345", "ABBBA"),
        ),
        Beauty("silver", {"ru": "Серебряный", "en": "Silver"}, 150_000, ("AABB", "ABAB", "ABBA", "1234", "000", "777")),
        Beauty("bronze", {"ru": "Бронзовый", "en": "Bronze"}, 50_000, ("AAA", "AA*AA", "1*1*1", "ABA")),
    ),
    regions={
        "sreda": {"ru": "Среда", "en": "Sreda"},
        "pomorye": {"ru": "Поморье", "en": "Pomorye"},
        "zarechye": {"ru": "Заречье", "en": "Zarechye"},
    },
)  # fmt: skip
PORTING = Porting(price_minor=10_000, days_min=8, days_max=180, cutoff_h=24, fresh_sim_h=72, lately_days=60)
# Each region has a block of numbers far from those of subscribers, and of its block so many.
BLOCKS = {"sreda": 79007000000, "pomorye": 79007300000, "zarechye": 79007600000}
IN_BLOCK = 400
# Endings that people look for, in each block.
BEAUTIFUL = (10_000, 11_111, 77_777, 12_345, 70_007, 22_33, 45_45, 123_123, 200_200, 55_555)
CARDS, CARD_BODY, CARD_IMSI = 5, 899990100000000000, 999014000000000


def publish() -> None:
    """Store the terms, numbers that nobody has, and blank cards; the same again changes nothing."""
    sims.publish_rules(valid_from=VALID_FROM, terms=SIMS)
    numbers.publish_rules(valid_from=VALID_FROM, terms=NUMBERS)
    bringing.publish_rules(valid_from=VALID_FROM, terms=PORTING)
    for region, first in BLOCKS.items():
        thrown = {throw(key("free numbers", region), place, 300_000) for place in range(IN_BLOCK)}
        free.add(numbers=[f"+{first + ending}" for ending in sorted(thrown | set(BEAUTIFUL))], region=region)
    cards.add_cards(cards=[(card(place), f"{CARD_IMSI + place}", f"{60000000 + place}") for place in range(CARDS)])


def card(place: int) -> str:
    """Return the number printed on a blank card."""
    return iccid(CARD_BODY + place)

"""Other SIMs and other numbers, as people order them, and a server of eSIM profiles in memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from abonent.demo.network.esims import iccid
from abonent.domains.help import models as help_models
from abonent.domains.lines import actions, esims, models
from abonent.domains.lines import queries as lines
from abonent.domains.lines import sims as cards
from abonent.domains.lines.numbers import actions as kept
from abonent.domains.lines.ports import Fetched, NoAnswer, Profile
from abonent.domains.lines.queries import Line
from abonent.domains.orders.numbers import actions as numbers
from abonent.domains.orders.numbers import queries as numbers_queries
from abonent.domains.orders.numbers.rules import Beauty, Terms
from abonent.domains.orders.sims import actions as sims
from abonent.domains.orders.sims import esims as sims_esims
from abonent.domains.orders.sims import queries as sims_queries
from abonent.domains.orders.sims.rules import Form
from abonent.domains.orders.sims.rules import Terms as SimTerms
from tests.factories import orders
from tests.factories.orders import AT

VALID_FROM = date(2025, 1, 1)
SIMS = SimTerms(esim_minor=9_900, shop_minor=15_000, card_minor=0, esim_days=14, shop_days=7)
NUMBERS = Terms(
    price_minor=10_000, hold_min=15, wait_min=10, rest_days=30,
    beauties=(
        Beauty("gold", {"ru": "Золотой", "en": "Gold"}, 500_000, ("AAAA", "ABCABC")),
        Beauty("silver", {"ru": "Серебряный", "en": "Silver"}, 20_000, ("AABB", "ABAB")),
    ),
    regions={"sreda": {"ru": "Среда", "en": "Sreda"}, "pomorye": {"ru": "Поморье", "en": "Pomorye"}},
)  # fmt: skip
PLAIN, SILVER, GOLD = "+79007001852", "+79007003344", "+79007007777"
CARD, CARD_IMSI = iccid(899990100000000000), "999014000000001"
SHOP = "shop-one"


@dataclass
class Server:
    """Keeps profiles; `down` answers nothing. `states` are what it says by wish, `asked` what it was asked."""

    profiles: dict[UUID, Profile] = field(default_factory=dict)
    states: dict[UUID, Fetched] = field(default_factory=dict)
    withdrawn: list[UUID] = field(default_factory=list)
    down: bool = False

    def prepare(self, wish: UUID) -> Profile:
        self._hear()
        place = len(self.profiles)
        made = Profile(iccid(899990150000000000 + place), f"{999015000000000 + place}", "smdp.test", f"SECRET{place}")
        return self.profiles.setdefault(wish, made)

    def state(self, wish: UUID) -> Fetched:
        self._hear()
        return self.states.get(wish, Fetched.WAITING)

    def withdraw(self, wish: UUID) -> None:
        self._hear()
        self.withdrawn.append(wish)

    def _hear(self) -> None:
        if self.down:
            raise NoAnswer("the server is down")


def open_server(settings: Any) -> Server:
    """Have the settings name a server in memory, fresh; return it."""
    settings.ESIM_SERVER = "tests.factories.numbers.Server"
    esims._load.cache_clear()
    found = esims.server()
    assert isinstance(found, Server)
    return found


def rules() -> None:
    """Put terms in force, free numbers on the shelf, a blank card into hands, and open a shop."""
    sims.publish_rules(valid_from=VALID_FROM, terms=SIMS)
    numbers.publish_rules(valid_from=VALID_FROM, terms=NUMBERS)
    kept.add(numbers=[PLAIN, SILVER, GOLD], region="sreda")
    kept.add(numbers=["+79007301111"], region="pomorye")
    cards.add_cards(cards=[(CARD, CARD_IMSI, "12345678")])
    city = help_models.City.objects.create(code="city", place=1, names={"ru": "Город", "en": "City"}, time_zone="UTC")
    help_models.Shop.objects.create(
        code=SHOP, city=city, place=1, addresses={"ru": "Улица, 1", "en": "Street, 1"}, hours=[None] * 7, latitude=55,
        longitude=37,
    )  # fmt: skip


def account(line: Line) -> int:
    """Return the account that the line opens, made when it was not there."""
    return actions.open_line(line_id=line.id, language="ru", at=AT)


def with_sim(line: Line, imsi: str = "250990000000042") -> Line:
    models.Sim.objects.create(line_id=line.id, imsi=imsi, since=line.opened_at)
    return line


def now(line: Line) -> Line:
    """Return the line as it is now."""
    found = lines.served_by_id(line.id)
    assert found
    return found


def sim_wish(line: Line, form: Form = Form.ESIM, *, at: datetime = AT, **known: Any) -> sims.Wish:
    """Return what a form asks for that was shown at `at`."""
    found = sims_queries.in_force(at.date())
    assert found
    given: dict[str, Any] = {
        "order_id": uuid4(), "line": line, "form": form, "rules_id": found.id,
        "total_minor": found.terms.price_minor(form), "channel": "web", "account_id": account(line), "proved_at": at,
        "iccid": CARD if form is Form.CARD else "", "shop": SHOP if form is Form.SHOP else "",
    }  # fmt: skip
    return sims.Wish(**given | known)


def order_sim(line: Line, form: Form = Form.ESIM, *, at: datetime = AT, **known: Any) -> UUID:
    """Order a SIM as a form does; return the order."""
    return sims.place(wish=sim_wish(line, form, at=at, **known), at=at).id


def number_wish(line: Line, number: str = PLAIN, *, at: datetime = AT, **known: Any) -> numbers.Wish:
    found = numbers_queries.in_force(at.date())
    given: dict[str, Any] = {
        "order_id": uuid4(), "line": line, "number": number, "rules_id": found.id,
        "total_minor": found.terms.price_of(number), "channel": "web", "account_id": account(line),
    }  # fmt: skip
    return numbers.Wish(**given | known)


def order_number(line: Line, number: str = PLAIN, *, at: datetime = AT, **known: Any) -> UUID:
    """Hold a number and order it, as forms do; return the order."""
    numbers.hold(line=line, number=number, account_id=account(line), at=at)
    return numbers.place(wish=number_wish(line, number, at=at, **known), at=at).id


def changed(line: Line, number: str = PLAIN, *, at: datetime = AT) -> UUID:
    """Change the number of a line from the order to its end; return the order."""
    order_id = order_number(line, number, at=at)
    orders.work(at + timedelta(minutes=NUMBERS.wait_min))
    return order_id


def work(at: datetime = AT) -> None:
    """Do what workers do at that moment."""
    sims_esims.look_after(at=at)
    sims_esims.look_after(at=at)
    orders.work(at)


def shown(found: Iterable[numbers_queries.Offered]) -> list[str]:
    return [one.free.number for one in found]

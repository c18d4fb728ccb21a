"""Who the subscribers are: households in groups of ten numbers, each group a function of the seed and its place.

Nothing is remembered between groups, so a million subscribers cost as little memory as ten. The first group is
written by hand: its first three numbers are the ones people sign in with, and each tells its own story.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, timezone

from abonent.demo import names
from abonent.demo.dice import key, pick, throw
from abonent.demo.papers import Papers, papers

MOSCOW = timezone(timedelta(hours=3))
GROUP = 10
FIRST_NUMBER = 79000000001

# A household is its people, a person the contracts signed, a contract the numbers on it, a number one letter:
# Adult, Child, Elder, Tablet, Modem, Gadget, number in an app on Someone's computer.
Household = tuple[tuple[str, ...], ...]
SINGLE: Household = (("A",),)
ELDER: Household = (("E",),)
COUPLE: Household = (("A",), ("A",))
PARENT: Household = (("A", "C"),)
FAMILY: Household = (("A", "CC"), ("A",), ("E",))
TABLET: Household = (("AT",),)
WATCH: Household = (("AG",),)
OFFICE: Household = (("A", "S"),)
MODEM: Household = (("A", "M"),)
GROUPS: tuple[tuple[Household, ...], ...] = (
    (FAMILY, COUPLE, TABLET, SINGLE),
    (FAMILY, SINGLE, SINGLE, ELDER, WATCH),
    (COUPLE, PARENT, OFFICE, SINGLE, SINGLE, SINGLE, ELDER),
    (COUPLE, COUPLE, MODEM, TABLET, SINGLE, SINGLE),
    (FAMILY, COUPLE, SINGLE, SINGLE, SINGLE),
)
FIRST_GROUP: tuple[Household, ...] = (TABLET, PARENT, ELDER, COUPLE, OFFICE, SINGLE)
# Which place in the first group each of its numbers gets: the three to sign in with come first.
FIRST_GROUP_ORDER = (0, 3, 1, 4, 2, 5, 6, 7, 8, 9)

# Tariffs of a role, each with how many in a hundred have it.
TARIFFS: dict[str, tuple[tuple[str, int], ...]] = {
    "A": (("svobodny", 35), ("legky", 22), ("prostor", 14), ("bez-kraya", 8), ("poputny", 21)),
    "C": (("svetlyachok", 75), ("legky", 25)),
    "E": (("zabota", 75), ("poputny", 25)),
    "T": (("parus", 100),),
    "M": (("mayak", 100),),
    "G": (("iskorka", 100),),
    "S": (("sputnik-app", 100),),
}
POSTPAID_PERCENT = 20
INTERNET_PERCENT = 55
TV_PERCENT = 45
NEWCOMER_PERCENT = 5
FORGETFUL_PERCENT = 4
# Of so many home contracts in a hundred an agent has entered whose they are: only these open by contract number.
ENTERED_PERCENT = 80
# The network of the demo is a test network.
NETWORK_CODE = "99901"
# Numbers that only contracts name are far above those of subscribers.
# Of the first group, the number whose fee waits for money: one in an app, with a contract of its own.
WAITING_SLOT = 8
WAITING_BEGAN = 3
SATELLITE_CONTACT = "+79009990001"


@dataclass(frozen=True, slots=True)
class Person:
    """A party to register."""

    given_name: str
    patronymic: str
    family_name: str
    papers: Papers


@dataclass(frozen=True, slots=True)
class PlannedContract:
    """A contract to sign; `party` is its index in the group. `last_payment` as in `Story`."""

    number: str
    party: int
    payment: str
    opened_on: date
    last_payment: int = 0
    account_number: str | None = None
    contact_number: str = ""
    contact_email: str = ""
    entered: bool = False


@dataclass(frozen=True, slots=True)
class Habits:
    """How a line is used: calls and messages against the average, a month's data against what its tariff includes."""

    calls: float = 1.0
    data: float = 0.5
    traveller: bool = False
    subscription: bool = False


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line to open; `contract` is its index in the group.

    `role` is a letter as above, or `I` (internet), `V` (TV), `D` (a dish).
    """

    contract: int
    role: str
    service: str
    number: str
    tariff: str
    opened_at: datetime
    is_main: bool
    habits: Habits

    @property
    def period_day(self) -> int:
        return self.opened_at.astimezone(MOSCOW).day

    @property
    def imsi(self) -> str:
        """How the network knows the line's SIM; empty when it has none."""
        return f"{NETWORK_CODE}{self.number[2:]}" if self.service == "mobile" else ""

    @property
    def puk(self) -> str:
        """What unlocks the line's SIM; empty when it has none."""
        return f"{int(self.number[4:]) * 48271 % 10**8:08d}" if self.service == "mobile" else ""


@dataclass(slots=True)
class Group:
    """People, their contracts and lines (mobile first, in order); `place` of the first number counts from 0."""

    place: int
    parties: list[Person] = field(default_factory=list)
    contracts: list[PlannedContract] = field(default_factory=list)
    lines: list[PlannedLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class World:
    """What everything in the demo is a function of; `now` is aware."""

    subscribers: int
    days: int
    seed: int
    now: datetime

    @property
    def today(self) -> date:
        return self.now.astimezone(MOSCOW).date()

    @property
    def first_day(self) -> date:
        return self.today - timedelta(days=self.days)


def number_of(place: int) -> str:
    """Return the E.164 number of the subscriber at `place`."""
    return f"+{FIRST_NUMBER + place}"


def groups(world: World, first: int = 0, until: int | None = None) -> Iterator[Group]:
    """Yield the groups of the subscribers from place `first` (a multiple of ten) up to `until` (all when None)."""
    end = world.subscribers if until is None else min(until, world.subscribers)
    for place in range(first, end, GROUP):
        yield _Builder(world, place).build(min(GROUP, end - place))


@dataclass(frozen=True, slots=True)
class _Home:
    """What a household has on the wire: throws of a hundred."""

    internet: int
    tv: int
    payment: int
    speed: int
    films: int
    opened_at: datetime


class _Builder:
    """Makes one group; every decision is a throw of the group's own key."""

    def __init__(self, world: World, place: int) -> None:
        self.world = world
        self.place = place
        self.key = key(world.seed, "people", place)
        self.throws = 0
        self.group = Group(place)

    def build(self, size: int) -> Group:
        households = FIRST_GROUP if self.place == 0 else pick(GROUPS, self.key, 0)
        order = iter(FIRST_GROUP_ORDER if self.place == 0 else range(GROUP))
        for household in households:
            self._household(household, order, size)
        if self.place == 0:
            self._satellite()
        self.group.lines.sort(key=lambda line: (line.service != "mobile", line.number))
        return self.group

    def _throw(self, sides: int) -> int:
        self.throws += 1
        return throw(self.key, self.throws, sides)

    def _household(self, household: Household, order: Iterator[int], size: int) -> None:
        """Add a household; lines beyond `size` are thrown for too, so that a larger demo begins like this one."""
        surname = names.SURNAMES[self._throw(len(names.SURNAMES))]
        woman = bool(self._throw(2))
        home: _Home | None = _Home(
            internet=self._throw(100),
            tv=self._throw(100),
            payment=self._throw(100),
            speed=self._throw(100),
            films=self._throw(100),
            opened_at=self._opening(newcomers=False),
        )
        for person in household:
            party = self._party(surname, woman, elder=person[0].startswith("E"))
            woman = not woman
            main = True
            for roles in person:
                drafts = [(next(order), self._mobile(role)) for role in roles]
                postpaid = roles.startswith("A") and self._throw(100) < POSTPAID_PERCENT
                kept = [(slot, draft) for slot, draft in drafts if slot < size]
                if not kept:
                    continue
                opened_at = min(draft.opened_at for _, draft in kept)
                contract = self._contract(party, kept[0][0], opened_at, postpaid)
                for slot, draft in kept:
                    self._add(draft, contract, slot, main)
                    main = False
                if home:
                    self._wire(home, party, kept[0][0])
                    home = None

    def _party(self, surname: tuple[str, str], woman: bool, *, elder: bool) -> int:
        given = names.WOMEN if woman else names.MEN
        patronymic = names.PATRONYMICS[self._throw(len(names.PATRONYMICS))][woman]
        given_name, index = given[self._throw(len(given))], len(self.group.parties)
        own = papers(self.world.seed, self.place, index, elder=elder)
        self.group.parties.append(Person(given_name, patronymic, surname[woman], own))
        return index

    def _contract(self, party: int, slot: int, opened_at: datetime, postpaid: bool, series: int = 1) -> int:
        opened_on, last_payment = opened_at.astimezone(MOSCOW).date(), 0
        story = STORIES.get(slot) if self.place == 0 and series == 1 else None
        if story:
            opened_on = _before(self.world.first_day, self.world.today - timedelta(days=story.period_began))
            postpaid, last_payment = story.postpaid, story.last_payment
        elif not postpaid and self._throw(100) < FORGETFUL_PERCENT:
            last_payment = 10 + self._throw(25)
        tail = f"{self.place + slot + 1:08d}"
        payment = "postpaid" if postpaid else "prepaid"
        contract = PlannedContract(f"{series}{tail}", party, payment, opened_on, last_payment)
        if series > 1:
            own = key(self.world.seed, "contact", self.place + slot)
            contract = replace(
                contract,
                account_number=f"77{tail}",
                contact_number=number_of(self.place + slot),
                contact_email=f"home{tail}@mail.example",
                entered=self.place + slot == 0 or throw(own, 0, 100) < ENTERED_PERCENT,
            )
        if self.place == 0 and slot == WAITING_SLOT and series == 1:
            contract = replace(contract, last_payment=WAITING_BEGAN + 1, opened_on=self._waiting_since().date())
        self.group.contracts.append(contract)
        return len(self.group.contracts) - 1

    def _waiting_since(self) -> datetime:
        """Return when the number was opened whose fee waits: on the day of the month on which it was due lately."""
        return _opened(_before(self.world.first_day, self.world.today - timedelta(days=WAITING_BEGAN)))

    def _mobile(self, role: str) -> PlannedLine:
        habits = Habits(
            calls=(0.4 + self._throw(100) / 80) * (0.6 if role == "C" else 1.0),
            # Most stay within what they paid for; the last tenth runs dry before the month ends.
            data=0.15 + self._throw(100) / 105,
            traveller=role == "A" and self._throw(100) < 60,
            subscription=role in "ACE" and self._throw(100) < 14,
        )
        return PlannedLine(-1, role, "mobile", "", self._tariff(role), self._opening(), False, habits)

    def _add(self, draft: PlannedLine, contract: int, slot: int, main: bool) -> None:
        tariff, opened_at, habits = draft.tariff, draft.opened_at, draft.habits
        if self.place == 0 and slot in STORIES:
            story = STORIES[slot]
            tariff, habits = story.tariff, story.habits
            opened_at = _opened(_before(self.world.first_day, self.world.today - timedelta(days=story.period_began)))
        if self.place == 0 and slot == WAITING_SLOT:
            opened_at = self._waiting_since()
        number = number_of(self.place + slot)
        self.group.lines.append(PlannedLine(contract, draft.role, "mobile", number, tariff, opened_at, main, habits))

    def _wire(self, home: _Home, party: int, slot: int) -> None:
        """Add home internet, and maybe TV, on a contract of their own; the first household has both."""
        first = self.place + slot == 0
        if home.internet >= INTERNET_PERCENT and not first:
            return
        contract = self._contract(party, slot, home.opened_at, home.payment < 50, series=2)
        tag = f"{self.place + slot + 1:06d}"
        habits = Habits(data=0.3 + home.payment / 80)
        tariff = "dom-500" if home.speed < 35 else "dom-100"
        lines = self.group.lines
        lines.append(PlannedLine(contract, "I", "internet", f"net-{tag}", tariff, home.opened_at, False, habits))
        if home.tv < TV_PERCENT or first:
            tariff = "ekran-kino" if home.films < 50 else "ekran"
            lines.append(PlannedLine(contract, "V", "tv", f"tv-{tag}", tariff, home.opened_at, False, Habits()))

    def _satellite(self) -> None:
        """Add somebody with a dish and no number of ours: the way in is the contract, or the number it names."""
        opened_at = self._opening(newcomers=False)
        surname = names.SURNAMES[self._throw(len(names.SURNAMES))]
        party = self._party(surname, woman=True, elder=False)
        self.group.contracts.append(
            PlannedContract(
                "300000001", party, "prepaid", opened_at.astimezone(MOSCOW).date(), account_number="8800000001",
                contact_number=SATELLITE_CONTACT, contact_email="dish@mail.example", entered=True,
            )
        )  # fmt: skip
        contract = len(self.group.contracts) - 1
        self.group.lines.append(
            PlannedLine(contract, "D", "satellite", "sat-000001", "nebo", opened_at, True, Habits())
        )

    def _tariff(self, role: str) -> str:
        turn = self._throw(100)
        for tariff, percent in TARIFFS[role]:
            if turn < percent:
                return tariff
            turn -= percent
        raise AssertionError("the percentages of a role add up to a hundred")

    def _opening(self, newcomers: bool = True) -> datetime:
        """Return when a line was opened: in the month before the traffic begins, for a few newcomers within it."""
        day = self.world.first_day - timedelta(days=1 + self._throw(28))
        new = self._throw(100) < NEWCOMER_PERCENT
        later = self._throw(max(self.world.days - 7, 1))
        if new and newcomers and self.world.days > 14:
            day = self.world.first_day + timedelta(days=later)
        return _opened(day.replace(day=min(day.day, 28)), 9 * 3600 + self._throw(9 * 3600))


def _opened(day: date, second: int = 12 * 3600) -> datetime:
    return datetime.combine(day, time.min, MOSCOW) + timedelta(seconds=second)


def _before(first_day: date, like: date) -> date:
    """Return the last day before `first_day` that has the same number in its month as `like` (28 at most)."""
    wanted = min(like.day, 28)
    day = first_day - timedelta(days=1)
    while day.day != wanted:
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True, slots=True)
class Story:
    """What one of the first numbers is meant to show; `period_began` is how many days ago its period started."""

    tariff: str
    postpaid: bool
    period_began: int
    habits: Habits
    # Days before the end of the traffic on which the last payment was made; 0: pays as needed.
    last_payment: int = 0


STORIES = {
    # A busy prepaid phone with everything on it, a tablet, and the home's internet and TV.
    0: Story("svobodny", False, 17, Habits(calls=2.6, data=1.0, traveller=True, subscription=True)),
    # A contract that is paid once a month by its bill, with a child's number beside it.
    1: Story("prostor", True, 9, Habits(calls=1.6, data=0.8, traveller=True)),
    # A pensioner who calls a lot, runs out of minutes and has not paid for a while.
    2: Story("zabota", False, 25, Habits(calls=2.6, data=1.15, subscription=True), last_payment=29),
    # The tablet of the first.
    3: Story("parus", False, 17, Habits(data=0.7)),
}

"""Numbers that change their operator, and a central database in memory that says what it is told to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from abonent.domains.identity.guards import Origin
from abonent.domains.identity.queries import code
from abonent.domains.identity.rules import Purpose
from abonent.domains.lines.queries import Line
from abonent.domains.porting import gateway, models, queries
from abonent.domains.porting.bringing import actions as bringing
from abonent.domains.porting.bringing import asking as bringing_asking
from abonent.domains.porting.bringing.actions import Wish
from abonent.domains.porting.ports import Bringing, NoAnswer, Standing, Taking
from abonent.domains.porting.rules import Form, Owner, Terms
from abonent.domains.porting.taking import asking as taking_asking
from abonent.foundation.values import Msisdn
from tests.factories import catalog, numbers

VALID_FROM = date(2025, 1, 1)
TERMS = Terms(price_minor=10_000, days_min=8, days_max=180, cutoff_h=24, fresh_sim_h=72, lately_days=60)
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
NUMBER, DONOR = "+79009990001", "Вега"
OWNER = Owner("Орлова", "Анна", "Ивановна", date(1990, 5, 17), "4509123456")
TARIFF = "poputny"
WINDOW = datetime(2026, 3, 19, 21, tzinfo=UTC)


@dataclass
class Central:
    """Answers as it is set; `down` answers nothing. `heard` is what it was asked, in order."""

    states: dict[UUID, Standing] = field(default_factory=dict)
    asked: dict[UUID, Taking] = field(default_factory=dict)
    heard: list[tuple[str, UUID, object]] = field(default_factory=list)
    down: bool = False

    def bring(self, request: Bringing) -> Standing:
        self._hear("bring", request.id, request)
        return self.states.setdefault(request.id, Standing("checking", AT, operator=DONOR))

    def cancel(self, request: UUID) -> Standing:
        self._hear("cancel", request)
        known = self.states.get(request)
        if known is None or known.state in ("checking", "accepted"):
            self.states[request] = Standing("cancelled", AT, operator=DONOR)
        return self.states[request]

    def standing(self, request: UUID) -> Standing:
        self._hear("standing", request)
        return self.states[request]

    def taking(self, request: UUID) -> Taking:
        self._hear("taking", request)
        return self.asked[request]

    def waiting(self) -> Sequence[UUID]:
        if self.down:
            raise NoAnswer("down")
        return list(self.asked)

    def answer(self, request: UUID, *, accepts: bool, reason: str) -> Standing:
        self._hear("answer", request, (accepts, reason))
        state = "accepted" if accepts else "refused"
        self.states[request] = replace(self.states[request], state=state, reason=reason)
        return self.states[request]

    def _hear(self, what: str, request: UUID, about: object = None) -> None:
        if self.down:
            raise NoAnswer("down")
        self.heard.append((what, request, about))

    def say(self, request: UUID, state: str, *, reason: str = "", at: datetime = AT) -> None:
        """Have the request stand so from now on."""
        self.states[request] = Standing(state, at, reason, DONOR, WINDOW, WINDOW + timedelta(hours=6))

    def want(self, number: str, *, document: str = OWNER.document, answer_by: datetime | None = None) -> UUID:
        """Have another operator ask for a number of ours."""
        ref = uuid4()
        self.say(ref, "checking")
        self.asked[ref] = Taking(ref, number, document, answer_by or AT + timedelta(hours=12), self.states[ref])
        return ref


def open_central(settings: Any) -> Central:
    """Have the settings name a central database in memory, fresh; return it."""
    settings.PORTING = "tests.factories.porting.Central"
    gateway._load.cache_clear()
    found = gateway.central()
    assert isinstance(found, Central)
    return found


def rules() -> None:
    """Put terms in force, tariffs on sale, a shop and blank cards there."""
    numbers.rules()
    catalog.of_the_demo(TARIFF)
    bringing.publish_rules(valid_from=VALID_FROM, terms=TERMS)


def wish(line: Line | None = None, **known: Any) -> Wish:
    """Return what a form asks for: somebody from outside, unless a line says who."""
    found = queries.in_force(AT.date())
    assert found
    given: dict[str, Any] = {
        "number": Msisdn(NUMBER), "tariff_code": TARIFF, "form": Form.ESIM, "shop": "", "owner": OWNER,
        "day": date(2026, 3, 20), "rules_id": found.id, "price_minor": found.terms.price_minor, "language": "ru",
        "account_id": numbers.account(line) if line else None, "line": line,
    }  # fmt: skip
    return Wish(**given | known)


def send_code(ref: UUID, at: datetime = AT) -> UUID:
    return bringing.send_code(
        ref=ref, again=None, origin=Origin(), host="abonent.test", language="ru", at=at
    )  # fmt: skip


def prove(ref: UUID, at: datetime = AT) -> None:
    """Type the code that came to the number."""
    challenge = send_code(ref, at)
    number = models.PortIn.objects.get(ref=ref).number
    bringing.prove(challenge_id=challenge, typed=code(challenge, Purpose.PORTING, number), at=at)


def asked(line: Line | None = None, *, at: datetime = AT, **known: Any) -> UUID:
    """Ask that a number is brought, as forms do; return the request."""
    ref = bringing.draft(wish=wish(line, **known), at=at)
    prove(ref, at)
    return ref


def work(at: datetime = AT) -> None:
    """Do what workers do at that moment."""
    for pk in bringing_asking.due(at):
        bringing_asking.ask(pk=pk, at=at)
    for pk in taking_asking.due(at):
        taking_asking.look(pk=pk, at=at)


def hear(ref: UUID, at: datetime = AT) -> None:
    """Do what follows from a callback about the request."""
    if not bringing_asking.ask_soon(ref=ref, at=at):
        taking_asking.hear(ref=ref, at=at)
    work(at)


def accepted(central: Central, line: Line | None = None, *, at: datetime = AT, **known: Any) -> UUID:
    """Have a request accepted, with its window."""
    ref = asked(line, at=at, **known)
    work(at)
    central.say(ref, "accepted")
    hear(ref, at)
    return ref

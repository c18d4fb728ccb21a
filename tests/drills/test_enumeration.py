"""Finding out who is a customer: by what the server says, and by how long it takes to say it."""

from __future__ import annotations

import gc
import random
import re
import time
from collections.abc import Callable
from statistics import median

import pytest

from tests.drills.browser import Answer, Http
from tests.drills.conftest import Target

pytestmark = pytest.mark.slow

# Of our ranges, and nobody's.
FREE = [f"+7900{place:07d}" for place in range(7770001, 7770100)]
MEDIANS_MAY_DIFFER = 0.05
MEASURED_MAX = 6


class Doors:
    """One login at each door, from a browser that was never here: every answer on the way, in order."""

    def __init__(self, target: Target) -> None:
        self.target = target

    def of_number(self, number: str) -> dict[str, Answer]:
        said: dict[str, Answer] = {}
        self._code(said, "/login/", {"number": number})
        return said | self._of_login(number)

    def of_address(self, address: str) -> dict[str, Answer]:
        said: dict[str, Answer] = {}
        self._code(said, "/login/email/", {"email": address})
        return said | self._of_login(address)

    def of_contract(self, number: str) -> dict[str, Answer]:
        said: dict[str, Answer] = {}
        self._code(said, "/login/contract/", {"number": number, "channel": "sms"})
        self._code(said, "/login/contract/", {"number": number, "channel": "email"})
        return said | self._of_login(number)

    def _of_login(self, login: str) -> dict[str, Answer]:
        said: dict[str, Answer] = {}
        self._code(said, "/login/forgot/", {"login": login, "channel": "sms"})
        self._code(said, "/login/forgot/", {"login": login, "channel": "email"})
        self._password(said, login)
        return said

    def _code(self, said: dict[str, Answer], path: str, fields: dict[str, str]) -> None:
        name = f"{path} {fields.get('channel', '')}"
        self.target.a_day_later_for_all()
        browser = self.target.browser()
        said[f"{name} form"] = browser.get(path)
        said[f"{name} asked"] = asked = browser.post(path, fields)
        assert asked.status == 302, asked.words
        said[f"{name} page"] = browser.get(asked.location)
        said[f"{name} twice"] = browser.post(path, fields)
        said[f"{name} again"] = browser.post(f"{asked.location}again/")
        for tried in range(4):
            said[f"{name} wrong {tried}"] = browser.post(asked.location, {"code": "000000"})
        # A stranger at the same login, right after it.
        other = self.target.browser()
        other.get(path)
        said[f"{name} other"] = other.post(path, fields)

    def _password(self, said: dict[str, Answer], login: str) -> None:
        name = "/login/password/"
        self.target.a_day_later_for_all()
        browser = self.target.browser()
        browser.get("/login/password/")
        for tried in range(4):
            said[f"{name} wrong {tried}"] = self.target.by_password(browser, login, "не тот пароль")
        said[f"{name} temporary"] = self.target.by_password(browser, login, "abcdefghjk")


def test_id_2_ops_1_answers_are_the_same_for_customers_and_for_nobody(target: Target) -> None:
    number = target.person()
    owners = target.sign_in(number)
    target.set_password(owners)
    address = "enumerated.customer@example.org"
    target.set_email(owners, address)
    contract = target.one(
        "select number from customers_contract where entered_at is not null and contact_number <> '' limit 1"
    )
    # Of the same length, since what was typed is shown again.
    nobodys = target.one("select translate(%s, '0123456789', '9876543210')", contract)
    assert target.one("select count(*) from customers_contract where number = %s", nobodys) == 0
    doors = Doors(target)
    unknown = doors.of_number(FREE[0])
    assert likened(doors.of_number(number)) == likened(unknown)
    # Served, but nobody opened a cabinet with it yet.
    assert likened(doors.of_number(target.person())) == likened(unknown)
    assert likened(doors.of_address(address)) == likened(doors.of_address("enumerated.nobodyis@example.org"))
    assert likened(doors.of_contract(contract)) == likened(doors.of_contract(nobodys))


def likened(said: dict[str, Answer]) -> dict[str, tuple[object, ...]]:
    """Return what the answers tell, without what was typed."""
    found = {}
    for name, answer in said.items():
        *rest, page = answer.outline
        found[name] = (*rest, re.sub(r"enumerated\.\w+@", "@", str(page)))
    return found


def test_ops_1_the_question_for_people_comes_to_customers_and_to_nobody_alike(target: Target) -> None:
    said = {}
    for number in (target.person(), FREE[1]):
        target.a_day_later_for_all()
        # So many from one address, none with a mark: hardly people.
        target.database.execute(
            "insert into identity_sendflow (key, window_start, sends, entered)"
            " values ('address 203.0.113.0/24', date_bin('10 minutes', now(), '1970-01-01Z'), 500, 0)"
        )
        browser = target.browser(X_Forwarded_For="203.0.113.7")
        browser.get("/login/")
        asked = browser.post("/login/", {"number": number})
        page = browser.get("/login/")
        wrong = browser.post("/login/", {"number": number, "captcha": "11111"})
        said[number] = [asked, page, wrong, browser.get("/login/")]
        assert asked.location == wrong.location == "/login/"
        assert "captcha" in page.text
    first, second = said.values()
    for known, unknown in zip(first, second, strict=True):
        assert known.outline == unknown.outline


Ask = Callable[[Http, bool], Answer]


def measure(target: Target, tries: int, ask: Ask, ratios: list[float]) -> float:
    """Return by which part known and unknown differ in the median of all pairs, after so many more pairs.

    What else the machine does meets both of a pair, which comes in any order. Before each try all limits are as if
    nobody had tried.
    """
    browser = target.browser()
    browser.get("/login/password/")
    gc.collect()
    gc.disable()
    try:
        for _ in range(tries):
            taken = {known: time_of(target, browser, known, ask) for known in random.sample((True, False), 2)}
            ratios.append(taken[True] / taken[False])
    finally:
        gc.enable()
    return abs(median(ratios) - 1)


def time_of(target: Target, browser: Http, known: bool, ask: Ask) -> float:
    target.a_day_later_for_all()
    browser.cookies.pop("code-entry", None)
    begun = time.perf_counter()
    answer = ask(browser, known)
    taken = time.perf_counter() - begun
    assert answer.status in (200, 302), (answer.status, answer.words)
    return taken


def within(target: Target, tries: int, ask: Ask) -> None:
    """Fail when they differ by more than they may, on a busy machine after several times as many tries."""
    ratios: list[float] = []
    measured = [measure(target, tries, ask, ratios)]
    while measured[-1] >= MEDIANS_MAY_DIFFER and len(measured) < MEASURED_MAX:
        measured.append(measure(target, tries, ask, ratios))
    assert measured[-1] < MEDIANS_MAY_DIFFER, f"medians differ by {measured}"


def test_ops_1_the_code_door_takes_as_long_for_nobody_as_for_a_customer(target: Target) -> None:
    served = [number for (number,) in target.rows("select number from lines_line where service = 'mobile' limit 40")]
    numbers = {True: served, False: FREE[10 : 10 + len(served)]}

    def ask(browser: Http, known: bool) -> Answer:
        answer = browser.post("/login/", {"number": random.choice(numbers[known])})
        assert answer.location == "/login/code/", (answer.status, answer.words)
        return answer

    within(target, 250, ask)


def test_ops_1_the_password_door_takes_as_long_for_nobody_as_for_a_customer(target: Target) -> None:
    number = target.person()
    target.set_password(target.sign_in(number))
    within(
        target, 40, lambda browser, known: target.by_password(browser, number if known else FREE[50], "не тот пароль")
    )

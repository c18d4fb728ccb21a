"""Staff of the running operator at their consoles, each in a browser that remembers every answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from abonent.demo import staff as demo
from tests.drills.browser import Answer, Http
from tests.drills.conftest import Target
from tests.drills.hands import run, totp

AGENT, SHOP, SUPERVISOR, ENGINEER = "titova", "gushin", "maslova", "orehov"
EVERYBODY = (AGENT, SHOP, SUPERVISOR, ENGINEER)
# Whose papers the demo tells: the first three numbers.
CALLER, VISITOR, GUESSED = "+79000000001", "+79000000003", "+79000000002"
BOTH = "both-roles"


class Console(Http):
    """A browser of staff that remembers every answer it ever got."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.seen: list[Answer] = []
        self.cookies["language"] = "en"

    def request(self, *arguments: object, **more: object) -> Answer:
        answer = super().request(*arguments, **more)  # type: ignore[arg-type]
        self.seen.append(answer)
        return answer

    def key(self, address: str) -> str:
        """Return the key of the form that stands at the address."""
        page = self.get(address)
        assert page.hidden("key"), (address, page.status, page.words)
        return page.hidden("key")


@dataclass
class Staff:
    """Everybody of staff, signed in with both proofs."""

    target: Target
    browsers: dict[str, Console] = field(default_factory=dict)

    def __getitem__(self, login: str) -> Console:
        return self.browsers[login]

    def hired(self, login: str) -> demo.Hired:
        return next(one for one in demo.hired(self.target.operator.var / "demo") if one.login == login)

    def owes_second(self, login: str) -> Console:
        """Return a browser that showed the password, and nothing else."""
        browser, one = Console(self.target.address), self.hired(login)
        asked = browser.post("/staff/login/", {"login": login, "password": one.password})
        assert asked.location == "/staff/login/second/", asked.words
        return browser

    def enter(self, login: str) -> None:
        browser = self.owes_second(login)
        entered = browser.post("/staff/login/second/", {"code": totp(self.hired(login).key)})
        if entered.location != "/staff/":
            # Hired within these 30 seconds, and the app shows the next one in a moment.
            entered = browser.post("/staff/login/second/", {"code": totp(self.hired(login).key, 1)})
        assert entered.location == "/staff/", entered.words
        self.browsers[login] = browser

    def hire_both(self) -> None:
        """Hire somebody who calls customers and approves, as no operator should, and sign them in."""
        done = run(
            self.target,
            "staff",
            "add",
            "--login",
            BOTH,
            "--name",
            "Both",
            "--role",
            "contact-centre",
            "--role",
            "supervisor",
        )
        assert done.returncode == 0, done.stderr
        browser = Console(self.target.address)
        first = done.stdout.split()[-1]
        led = browser.post("/staff/login/", {"login": BOTH, "password": first})
        assert led.location == "/staff/login/factor/", "nobody gets in without a second factor"
        page = browser.get("/staff/login/factor/")
        found = re.search(r"\b(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}\b", page.words)
        assert found, page.words
        assert browser.get("/staff/").location == "/staff/login/"
        led = browser.post("/staff/login/factor/", {"code": totp(found[0])})
        assert led.location == "/staff/login/password/", led.words
        assert browser.get("/staff/").location == "/staff/login/", "the first password opens nothing"
        assert browser.post("/staff/login/password/", {"password": "kedr-ozero-parus-52"}).location == "/staff/"
        self.browsers[BOTH] = browser

    def line_of(self, number: str) -> str:
        return str(self.target.one("select id from lines_line where number = %s and closed_at is null", number))

    def open(self, login: str, number: str, contact: str) -> str:
        """Open a talk about the number, whatever talk went on before; return its address."""
        self.leave(login)
        opened = self[login].post("/staff/case/", {"line": self.line_of(number), "contact": contact})
        assert re.fullmatch(r"/staff/case/\d+/", opened.location), opened.words
        return opened.location

    def leave(self, login: str) -> None:
        query = ("select c.id from support_case c join support_agent a on a.id = c.agent_id"
                 " where a.login = %s and closed_at is null")  # fmt: skip
        for (case_id,) in self.target.rows(query, login):
            self[login].post(f"/staff/case/{case_id}/close/", {"outcome": "done"})

    def papers(self, number: str) -> tuple[str, str, str]:
        """Return document, birth date and code word of the owner, as the demo tells them."""
        told = next(person for person in self.target.operator.people if person.number == number)
        return told.document, told.born, told.code_word

    def check_caller(self, case: str, number: str, login: str = AGENT) -> None:
        _, born, word = self.papers(number)
        for question, said in (("code word", word), ("birth date", born)):
            assert self[login].post(f"{case}answer/", {"question": question, "said": said}).location == case
        assert self.is_checked(case)

    def check_visitor(self, case: str, number: str) -> None:
        document, born, _ = self.papers(number)
        shown = {"kind": "passport", "number": document, "birth_date": born, "owner": "on"}
        assert self[SHOP].post(f"{case}document/", shown).location == case
        assert self.is_checked(case)

    def is_checked(self, case: str) -> bool:
        return bool(
            self.target.one("select checked_at is not null from support_case where id = %s", case.split("/")[-2])
        )

    def done(self) -> int:
        return int(self.target.one("select count(*) from support_done"))

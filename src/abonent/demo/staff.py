"""Staff of the fictional operator, with logins, passwords and authenticator keys that anybody may know."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.factors import rules as factor_rules
from abonent.domains.support import queries, staff
from abonent.domains.support.rules import Role
from abonent.foundation.audit import Actor

FILE = "staff.json"
DEMO = Actor("command", "demo")
PEOPLE = (
    ("titova", "О. Титова", "Контакт-центр", Role.CONTACT_CENTRE, "Sosna-Lodka-Vesna-17"),
    ("gushin", "А. Гущин", "Салон «Ленина, 12»", Role.SHOP, "Reka-Bereg-Kamen-28"),
    ("maslova", "Е. Маслова", "Старший смены", Role.SUPERVISOR, "Zima-Sneg-Valenok-39"),
    ("orehov", "И. Орехов", "Сеть", Role.ENGINEER, "Pole-Veter-Oblako-41"),
    ("belova", "Н. Белова", "Бухгалтерия", Role.ACCOUNTING, "Iva-Rucheyok-Mostik-53"),
    ("lebedeva", "К. Лебедева", "Каталог", Role.PRODUCT, "Klyon-Parus-Ozero-64"),
    ("zhukov", "П. Жуков", "Каталог, согласование", Role.PRODUCT_LEAD, "Tropa-Luna-Yakor-75"),
    ("ryabov", "С. Рябов", "Выездная служба", Role.TECHNICIAN, "Lestnica-Kabel-Gvozd-86"),
)


@dataclass(frozen=True, slots=True)
class Hired:
    """Somebody to sign in as; `key` is what the authenticator app would hold (base32)."""

    login: str
    password: str
    name: str
    role: str
    key: str


def hire(folder: Path, at: datetime) -> list[Hired]:
    """Add whoever is not there yet and return everybody; keys are kept in `folder`."""
    kept = {one.login: one for one in hired(folder)}
    for login, name, position, role, password in PEOPLE:
        if login in kept and queries.by_login(login) is not None:
            continue
        if queries.by_login(login) is None:
            staff.add(staff.NewAgent(login, name, [role], position), actor=DEMO, at=at)
        else:
            # A former attempt was broken off before the key was kept.
            staff.reset(login=login, actor=DEMO, at=at)
        kept[login] = Hired(login, password, name, role, _settle(login, password, at))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps([asdict(one) for one in kept.values()], ensure_ascii=False))
    return list(kept.values())


def hired(folder: Path) -> list[Hired]:
    """Return who was hired."""
    path = folder / FILE
    return [Hired(**one) for one in json.loads(path.read_text())] if path.exists() else []


def code(key: str, at: datetime) -> str:
    """Return what the authenticator app shows."""
    return factor_rules.totp(base64.b32decode(key), factor_rules.step_of(at))


def seconds_left(at: datetime) -> int:
    """Return how long the app shows the same code."""
    return factor_rules.STEP_S - int(at.timestamp()) % factor_rules.STEP_S


def _settle(login: str, password: str, at: datetime) -> str:
    """Give somebody the known password and an authenticator app; return its key."""
    agent = queries.by_login(login)
    if agent is None:
        raise LookupError(login)
    staff.set_password(agent=agent, password=password, at=at)
    factors.start_totp(account_id=agent.account_id, at=at)
    key = factors.totp_begun(agent.account_id) or ""
    # The code of the step before: the one shown now can still be used.
    step = factor_rules.step_of(at) - 1
    factors.confirm_totp(account_id=agent.account_id, typed=factor_rules.totp(base64.b32decode(key), step), at=at)
    return key

"""The page of the audit trail: in the reader's language, whatever was recorded."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from django.utils.translation import override

from abonent.domains.support.drafts import rules as drafts_rules
from abonent.domains.support.requests.states import Event
from abonent.domains.support.rules import Role
from abonent.entrypoints.staff import trail_words
from abonent.foundation import audit
from abonent.foundation.audit import Actor
from abonent.foundation.clock import now
from tests.architecture.test_house import PACKAGE
from tests.factories import support
from tests.factories.cabinet import words

LATIN = re.compile("[A-Za-z]{3,}")


def recorded() -> Iterator[str]:
    """Yield what is written in the code as what a record of the trail is about."""
    for path in sorted(PACKAGE.joinpath("domains").rglob("*.py")):
        if not re.search(r"\baudit\b", path.read_text()):
            continue
        for call in [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]:
            called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if called not in {"record", "_record"}:
                continue
            given = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "action")]
            for value in given:
                for one in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                    if isinstance(one, ast.Constant) and isinstance(one.value, str):
                        yield one.value


def test_ops_1_whatever_is_recorded_has_words_in_both_languages() -> None:
    acts = set(recorded()) | {f"request {event}" for event in Event}
    acts |= {"visit done", "visit missed"} | {f"draft {event}" for event in drafts_rules.Event}
    assert len(acts) > 30
    with override("ru"):
        assert [act for act in sorted(acts) if LATIN.search(trail_words.action(act))] == []
    with override("en"):
        assert [act for act in sorted(acts) if trail_words.action(act) == act] == []


@pytest.mark.django_db
def test_ops_1_the_trail_is_read_in_russian() -> None:
    for actor, subject in (
        (Actor("system", "customer"), "request 12"),
        (Actor("system", "erasing"), "number request 3"),
    ):
        audit.record(actor=actor, action="request opened", subject=subject, on_behalf_of="party 7", at=now())
    body = words(support.browser(support.agent(Role.SUPERVISOR)), "/staff/audit/")
    for said in ("Клиент написал нам", "Вопрос или жалоба 12", "Заявка на номер 3", "Клиент 7", "Система"):
        assert said in body

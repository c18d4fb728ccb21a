"""Accounts of staff: made and blocked by a command, opened by login and password, and never without a second factor."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from abonent.domains.identity import actions as identity
from abonent.domains.identity import hashing
from abonent.domains.identity.factors import actions as factors
from abonent.domains.identity.passwords import actions as passwords
from abonent.domains.identity.passwords import rules as rules_passwords
from abonent.domains.support import models, queries, rules
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import Role
from abonent.foundation import audit
from abonent.foundation.audit import Actor

LANGUAGE = "ru"


class WrongEntry(Exception):
    """The login or the password is not right, or the person is blocked: which, nobody is told."""


class Paused(Exception):
    """No password is looked at before `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until)
        self.until = until


class BadAgent(ValueError):
    """Somebody cannot be added or changed so; the message says why."""


@dataclass(frozen=True, slots=True)
class NewAgent:
    """Somebody to add; `roles` are `rules.Role`."""

    login: str
    name: str
    roles: Sequence[str]
    position: str = ""


def add(new: NewAgent, *, actor: Actor, at: datetime) -> str:
    """Add a member of staff and return the first password: it is told once, and changed at the first entry."""
    if not rules.LOGIN.fullmatch(new.login):
        raise BadAgent("a login has 3 to 40 small Latin letters, digits, dots, hyphens, and begins with a letter")
    if not new.name.strip():
        raise BadAgent("give the name colleagues know the person by")
    unknown = [role for role in new.roles if role not in set(Role)]
    if unknown or not new.roles:
        raise BadAgent(f"a role is one of {', '.join(Role)}")
    if models.Agent.objects.filter(login=new.login).exists():
        raise BadAgent(f"{new.login} is there already")
    password = _first_password()
    kept = hashing.made(password)
    with transaction.atomic():
        account_id = identity.open_account(language=LANGUAGE)
        passwords.keep(account_id=account_id, kept=kept, at=at, keep_session=None)
        agent = models.Agent.objects.create(
            account_id=account_id, login=new.login, name=new.name.strip(), position=new.position.strip(),
            roles=list(dict.fromkeys(new.roles)), first_password_until=at + rules.FIRST_PASSWORD_LIFE,
            created_at=at, sessions_from=at,
        )  # fmt: skip
        _record(actor, "staff added", agent.pk, {"login": new.login, "roles": " ".join(new.roles)}, at)
    return password


def block(*, login: str, actor: Actor, at: datetime) -> None:
    """Let somebody in no more, and end what is open; raises `BadAgent`."""
    with transaction.atomic():
        agent = _locked(login)
        agent.active, agent.sessions_from = False, at
        agent.save(update_fields=["active", "sessions_from"])
        models.Case.objects.filter(agent=agent, closed_at=None).update(closed_at=at, outcome="agent blocked")
        _record(actor, "staff blocked", agent.pk, {"login": login}, at)


def reset(*, login: str, actor: Actor, at: datetime) -> str:
    """Let somebody begin anew, with a first password and a second factor to set up; return the password."""
    password = _first_password()
    kept = hashing.made(password)
    with transaction.atomic():
        agent = _locked(login)
        passwords.keep(account_id=agent.account_id, kept=kept, at=at, keep_session=None)
        factors.remove_all(account_id=agent.account_id, at=at, by=f"{actor.kind}:{actor.id}")
        agent.active, agent.sessions_from = True, at
        agent.first_password_until = at + rules.FIRST_PASSWORD_LIFE
        agent.save()
        _forgive(login)
        _record(actor, "staff reset", agent.pk, {"login": login}, at)
    return password


_TAKE = """
insert into support_entryguard as guard (login_hash, failures_in_a_row, failed_at) values (%(login)s, 1, %(now)s)
on conflict (login_hash) do update set failures_in_a_row = guard.failures_in_a_row + 1, failed_at = %(now)s
 where guard.failures_in_a_row < %(most)s or guard.failed_at <= %(paused_since)s
"""


def enter(*, login: str, password: str, at: datetime) -> Agent:
    """Return who has this login and password: the first of two proofs. Outside any transaction.

    A try is used up before anything is hashed. After five wrong ones in a row one is looked at each quarter of an hour.
    A login that nobody has costs the same and is paused the same. Raises `WrongEntry`, `Paused`, `hashing.Busy`.
    """
    login = login.strip().lower()
    with hashing.pool().place():
        _take(login, at)
        agent = queries.by_login(login)
        right = hashing.is_right(password, _kept_password(agent))
    if agent is None or not right or not agent.active:
        raise WrongEntry
    if agent.first_password_until is not None and agent.first_password_until <= at:
        raise WrongEntry
    _forgive(login)
    return agent


def set_password(*, agent: Agent, password: str, at: datetime) -> None:
    """Make the password the agent's own, in place of the first one; raises `passwords.NotGood`, `hashing.Busy`."""
    own_words = [agent.login, agent.name]
    found = passwords.problems(password, rules_passwords.words_of(numbers=[], names=own_words, born=None))
    if _is_present(password, agent):
        found = [*found, rules_passwords.Problem.OWN_WORD]
    if found:
        raise passwords.NotGood(found)
    kept = hashing.made(password)
    with transaction.atomic():
        passwords.keep(account_id=agent.account_id, kept=kept, at=at, keep_session=None)
        models.Agent.objects.filter(id=agent.id).update(first_password_until=None, sessions_from=at)
        _record(agent.actor, "staff password set", agent.id, {}, at)


def _is_present(password: str, agent: Agent) -> bool:
    with hashing.pool().place():
        return hashing.is_right(password, _kept_password(agent))


def note_entry(*, agent: Agent, origin: str, at: datetime) -> None:
    """Record that somebody of staff is in, both proofs shown."""
    audit.record(actor=agent.actor, action="signed in", subject=f"agent {agent.id}", origin=origin, at=at)


def in_session(*, agent_id: int, since: datetime) -> Agent | None:
    """Return who has a session that began `since`, None when it counts no more."""
    valid = models.Agent.objects.filter(id=agent_id, active=True, sessions_from__lte=since, first_password_until=None)
    return queries.agent(agent_id) if valid.exists() else None


def forget_entries(*, before: datetime) -> int:
    """Forget wrong passwords that count for nothing any more; return of how many logins."""
    return models.EntryGuard.objects.filter(failed_at__lt=before).delete()[0]


def _take(login: str, at: datetime) -> None:
    """Use up a try of the login for good; raise `Paused` when there is none."""
    values: dict[str, str | int | datetime] = {
        "login": _hash(login),
        "now": at,
        "most": rules.WRONG_PASSWORDS_MAX,
        "paused_since": at - rules.WRONG_PASSWORDS_PAUSE,
    }
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        taken = bool(cursor.rowcount)
    if taken:
        return
    failed_at = models.EntryGuard.objects.filter(login_hash=_hash(login)).values_list("failed_at", flat=True).first()
    if failed_at is None:
        # Somebody's right password forgave the login meanwhile.
        _take(login, at)
        return
    raise Paused(failed_at + rules.WRONG_PASSWORDS_PAUSE)


def _forgive(login: str) -> None:
    models.EntryGuard.objects.filter(login_hash=_hash(login)).delete()


def _hash(login: str) -> str:
    # People type their password into the wrong field: what was typed is not kept.
    return salted_hmac("abonent.support.login", login, algorithm="sha256").hexdigest()


def _kept_password(agent: Agent | None) -> str | None:
    if agent is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("select password from identity_account where id = %s", [agent.account_id])
        return str(cursor.fetchone()[0])


def _first_password() -> str:
    return rules_passwords.generated(secrets.token_bytes(32))


def _locked(login: str) -> models.Agent:
    agent = models.Agent.objects.select_for_update(no_key=True).filter(login=login).first()
    if agent is None:
        raise BadAgent(f"there is nobody with the login {login}")
    return agent


def _record(actor: Actor, action: str, agent_id: int, details: dict[str, audit.Detail], at: datetime) -> None:
    audit.record(actor=actor, action=action, subject=f"agent {agent_id}", details=details, at=at)

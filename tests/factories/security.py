"""Accounts with a history: entries, devices, sessions, things that changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.test import Client

from abonent.domains.identity import actions, journal, models, rules
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import EventKind, Proof, Way
from abonent.domains.identity.sessions import SIGN_IN, SessionStore
from abonent.domains.lines import actions as line_actions
from abonent.domains.lines import queries as line_queries
from abonent.domains.lines.queries import Line
from abonent.foundation.clock import now

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.1 Mobile/15E148 Safari/604.1"
)


def account(**fields: object) -> models.Account:
    """Make an account; with a password set unless something else is said."""
    made = models.Account.objects.create(**{"password": "argon2$kept", "password_set_at": now()} | fields)  # type: ignore[misc]
    assert made.pk
    return made


def entry(account_id: int, *, mark: str = "a", agent: str = CHROME, at: datetime | None = None, way: Way = Way.CODE,
          in_app: bool = False) -> int:  # fmt: skip
    """Record an entry by the device with `mark`."""
    return actions.record_sign_in(
        account_id=account_id, way=way, origin=Origin("203.0.113.0/24", mark), agent=agent, in_app=in_app,
        at=at or now(),
    )  # fmt: skip


def session(account_id: int, *, mark: str = "a", agent: str = CHROME) -> SessionStore:
    """Open a session by an entry of its own."""
    store = SessionStore()
    store.create()
    store.update({SESSION_KEY: str(account_id), SIGN_IN: entry(account_id, mark=mark, agent=agent)})
    store.save()
    return store


def is_open(store: SessionStore) -> bool:
    """Return whether the session still is one."""
    return SESSION_KEY in SessionStore(store.session_key)


def event(
    account_id: int, kind: EventKind = EventKind.PASSWORD_SET, *, by: str = "self", at: datetime | None = None
) -> int:
    """Write something that changed into the account's journal; return its id."""
    journal.note(account_id=account_id, kind=kind, at=at or now(), by=by, tell=False)
    found = models.SecurityEvent.objects.filter(account_id=account_id, kind=kind).order_by("-id").first()
    assert found
    return found.pk


def known(account_id: int, mark: str) -> bool:
    """Return whether the account knows the device."""
    return models.Device.objects.filter(account_id=account_id, mark=rules.mark_hash(mark)).exists()


def browser(
    line: Line, *, mark: str = "a", agent: str = CHROME, by: Proof | None = Proof.SMS, in_app: bool = False
) -> Client:
    """Return a browser signed in by `line`, with a proof shown right now unless `by` is None."""
    account_id = line_queries.account_of(line.id)
    if account_id is None:
        account_id = account().pk
        line_actions.give_access(line_id=line.id, account_id=account_id, at=now())
    at = int(now().timestamp())
    store = SessionStore()
    store.create()
    held = {
        SESSION_KEY: str(account_id),
        SIGN_IN: entry(account_id, mark=mark, agent=agent, in_app=in_app),
        "way": "code",
        "in_app": in_app,
        "line": line.id,
        "proven_line": line.id,
        "seen_at": at,
    }
    store.update(held | ({"proven_at": at, "proof_used_at": at, "proven_by": str(by)} if by else {}))
    store.set_expiry(now() + (timedelta(days=30) if in_app else timedelta(hours=24)))
    store.save()
    client = Client(headers={"user-agent": agent})
    client.cookies[settings.SESSION_COOKIE_NAME] = str(store.session_key)
    return client


def account_of(client: Client) -> models.Account:
    """Return the account that the browser is signed in to."""
    return models.Account.objects.get(id=client.session[SESSION_KEY])

"""Who of staff is here: sessions of their own, short, with both proofs shown; each page asks for its permission.

A session of a subscriber opens no page of staff, and one of staff none of the cabinet: they share no word.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth import SESSION_KEY
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.http.request import split_domain_port
from django.middleware.csrf import rotate_token

from abonent.domains.identity.rules import address_prefix
from abonent.domains.support import queries, rules, staff
from abonent.domains.support.queries import Agent
from abonent.domains.support.rules import NotThere, Permission
from abonent.foundation.clock import now
from abonent.web.address import address_of

LOGIN = "/staff/login/"
DESK = "/staff/"
# What a session knows; times are whole seconds since 1970.
AGENT = "staff"
SINCE = "staff_since"
SEEN = "staff_seen"
PENDING = "staff_pending"
PENDING_S = 10 * 60
SEEN_EVERY_S = 20

Page = Callable[Concatenate[HttpRequest, Agent, ...], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, ...], HttpResponseBase]


def only(permission: Permission | None = None) -> Callable[[Page], View]:
    """Give the view the agent who has the permission, `view(request, agent, …)`; None: whoever is of staff."""

    def around(view: Page) -> View:
        @wraps(view)
        def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refuse_subscribers(request)
            agent = agent_of(request)
            if agent is None:
                return kept_nowhere(HttpResponseRedirect(LOGIN))
            if permission is not None and permission not in agent.permissions:
                raise PermissionDenied
            try:
                return kept_nowhere(view(request, agent, *args, **kwargs))
            except NotThere:
                raise Http404 from None

        return page

    return around


def refuse_subscribers(request: HttpRequest) -> None:
    """Answer somebody signed in to the cabinet as if nothing were here."""
    if request.session.get(SESSION_KEY) is not None:
        raise Http404


def agent_of(request: HttpRequest) -> Agent | None:
    """Return who of staff is here; a session that is idle, too old or counts no more ends."""
    agent_id, since, seen = (request.session.get(name) for name in (AGENT, SINCE, SEEN))
    if agent_id is None or since is None or seen is None:
        return None
    at = _seconds(now())
    agent = None
    if at - seen <= rules.IDLE_FOR.total_seconds() and at - since <= rules.SESSION_FOR.total_seconds():
        agent = staff.in_session(agent_id=agent_id, since=_moment(since))
    if agent is None:
        request.session.flush()
        return None
    if at - seen > SEEN_EVERY_S:
        request.session[SEEN] = at
    return agent


def wait(request: HttpRequest, agent: Agent) -> None:
    """Keep, in a session of its own, who showed the password and owes the second proof."""
    request.session.flush()
    request.session[PENDING] = {"agent": agent.id, "since": _seconds(now())}
    request.session.set_expiry(PENDING_S)


def pending(request: HttpRequest) -> Agent | None:
    """Return who showed the password within ten minutes."""
    held = request.session.get(PENDING)
    if not held or held["since"] + PENDING_S <= _seconds(now()):
        return None
    agent = queries.agent(held["agent"])
    if agent is None or not agent.active or agent.sessions_from > _moment(held["since"]):
        return None
    return agent


def let_in(request: HttpRequest, agent: Agent) -> HttpResponseBase:
    """Open the session of somebody who showed both proofs."""
    at = now()
    staff.note_entry(agent=agent, origin=origin_of(request), at=at)
    request.session.flush()
    rotate_token(request)
    request.session.update({AGENT: agent.id, SINCE: _seconds(at), SEEN: _seconds(at)})
    request.session.set_expiry(at + rules.SESSION_FOR)
    return kept_nowhere(HttpResponseRedirect(DESK))


def origin_of(request: HttpRequest) -> str:
    """Return the network prefix that the request came from, for the trail."""
    return address_prefix(address_of(request))


def host_of(request: HttpRequest) -> str:
    """Return the host name of ours that was opened, without the port."""
    return split_domain_port(request.get_host())[0]


def kept_nowhere(response: HttpResponseBase) -> HttpResponseBase:
    """Let no cache keep the page, the browser's own for "back" included."""
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _moment(since: int) -> datetime:
    """Return when something that is kept in whole seconds began, at the latest."""
    return datetime.fromtimestamp(since + 1, UTC)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())

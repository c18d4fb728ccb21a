"""Sessions: written once when they begin, never brought back when somebody has ended them."""

from __future__ import annotations

import math
from typing import Any

import pytest
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, UpdateError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from abonent.domains.identity.sessions import KEY_LENGTH, SessionStore

pytestmark = pytest.mark.django_db


def begun() -> SessionStore:
    session = SessionStore()
    session.cycle_key()
    session["line"] = 1
    session.save()
    return session


def test_perf_a_new_session_is_written_once_with_all_it_holds() -> None:
    with CaptureQueriesContext(connection) as captured:
        session = begun()
    assert len(captured) == 1
    session["line"] = 2
    session.save()
    assert dict(SessionStore(session.session_key).items()) == {"line": 2}


def test_sec_a_session_that_was_ended_stays_ended() -> None:
    session = begun()
    other = SessionStore(session.session_key)
    assert other["line"] == 1
    session.flush()
    other["line"] = 2
    with pytest.raises(UpdateError):
        other.save()
    assert not SessionStore().exists(other.session_key)


def test_sec_a_new_key_keeps_what_the_session_holds_and_ends_the_old_one() -> None:
    session = begun()
    old = session.session_key
    session.cycle_key()
    session.save()
    assert session.session_key != old
    assert dict(SessionStore(session.session_key).items()) == {"line": 1}
    assert dict(SessionStore(old).items()) == {}


def test_sec_an_id_is_drawn_with_more_than_128_bits_and_never_twice() -> None:
    keys = {begun().session_key or "" for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key) == KEY_LENGTH and set(key) <= set(VALID_KEY_CHARS) for key in keys)
    assert KEY_LENGTH * math.log2(len(VALID_KEY_CHARS)) > 128


def test_sec_a_new_secret_key_without_the_old_one_ends_every_session(settings: Any) -> None:
    key, old = begun().session_key, settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [old]
    assert dict(SessionStore(key).items()) == {"line": 1}
    settings.SECRET_KEY_FALLBACKS = []
    assert dict(SessionStore(key).items()) == {}

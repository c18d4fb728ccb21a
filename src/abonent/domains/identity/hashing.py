"""Hashing of passwords: slow on purpose, so bounded; a flood of guesses takes neither the memory nor the processor.

Argon2id over a keyed hash of the password: who steals the table without the key cannot even begin to guess. Why the
pool is as it is stands in docs/decisions/0011-hashing-and-password-guards.md.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from typing import TypeVar

from argon2 import low_level
from argon2.exceptions import InvalidHashError, VerificationError
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.utils.crypto import get_random_string

from abonent.domains.identity.passwords.rules import normalised

T = TypeVar("T")

HASHES_PER_CORE = 2
# Threads of a server process that hashing never holds, so that everything else goes on during a flood.
THREADS_KEPT_FREE = 2
NICENESS = 10
BUSY_FOR_S = 5
CODE_SALT_BYTES = CODE_HASH_BYTES = 16
# More tries than hashing can do are turned away at the door, with something to spare for those that need none.
TAKEN_IN_OVER_HASHED = 1.25


class Busy(Exception):
    """All places for hashing are taken right now; nothing was counted or checked. Another way in is open."""


class PepperedArgon2(Argon2PasswordHasher):
    """Django's hasher with the parameters that OWASP names, over a keyed hash of the password."""

    algorithm = "peppered_argon2"
    time_cost = 2
    memory_cost = 19456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        return super().encode(_peppered(password), salt)

    def verify(self, password: str, encoded: str) -> bool:
        return super().verify(_peppered(password), encoded)


def _peppered(password: str) -> str:
    key = settings.PASSWORD_PEPPER.encode()
    return hmac.digest(key, normalised(password).encode("utf-8", "surrogatepass"), hashlib.sha256).hex()


def running_at_once(cores: int, processes: int) -> int:
    """Return how many hashes one of `processes` server processes does at once: two a core over all of them."""
    return max(1, HASHES_PER_CORE * cores // max(1, processes))


def waiting_at_once(running: int, threads: int) -> int:
    """Return how many more may wait in a process of `threads`, with some left over for everything else."""
    return max(0, min(running, threads - running - THREADS_KEPT_FREE))


class Pool:
    """Threads that hash, `running` of them, and places for `waiting` more; beyond that it is `Busy` at once.

    The threads step back for everybody else (`nice`): a guesser gets the processor that nobody needs.
    """

    def __init__(self, *, running: int, waiting: int) -> None:
        self.places = running + waiting
        self._taken = 0
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(running, thread_name_prefix="hashing", initializer=_step_back)

    @property
    def is_full(self) -> bool:
        """Return whether the next one would be `Busy`."""
        return self._taken >= self.places

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for what is hashed in the block; raise `Busy` when there is none, before anything happens."""
        with self._lock:
            if self.is_full:
                raise Busy
            self._taken += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1

    def run(self, hashing: Callable[[], T]) -> T:
        """Return what `hashing` returns, done by one of the pool's threads; the caller holds a place."""
        return self._threads.submit(hashing).result()


class Door:
    """Lets in tries while the pool has a place, up to `per_second`, and turns the rest away for nothing.

    Tries that need no hash (a login that is closed) leave the pool empty: those the rate keeps out.
    """

    def __init__(self, pool: Pool, per_second: float) -> None:
        self._pool = pool
        self.per_second = per_second
        self._left = per_second
        self._at = time.monotonic()
        self._lock = threading.Lock()

    def lets_in(self) -> bool:
        """Return whether one more try may come in now."""
        if self._pool.is_full:
            return False
        with self._lock:
            at = time.monotonic()
            self._left = min(self.per_second, self._left + (at - self._at) * self.per_second)
            self._at = at
            if self._left < 1:
                return False
            self._left -= 1
            return True


@cache
def door() -> Door:
    """Return this process's door; how much it lets in is measured by hashing a little, once.

    That is what the whole machine can do: now and then all connections are one process's.
    """
    fastest_s = min(_seconds_of(_made_for_nobody) for _ in range(3))
    return Door(pool(), TAKEN_IN_OVER_HASHED * _cores() / fastest_s)


@cache
def pool() -> Pool:
    """Return this process's pool; made at first use, so that each server process has its own."""
    running = running_at_once(_cores(), settings.SERVER_PROCESSES)
    return Pool(running=running, waiting=waiting_at_once(running, settings.SERVER_THREADS))


def made(password: str) -> str:
    """Return what is kept of a new password; raise `Busy`."""
    with pool().place():
        return pool().run(lambda: make_password(password))


def is_right(password: str, kept: str | None) -> bool:
    """Return whether `password` is the one of which `kept` was kept; the caller holds a place of the pool.

    None costs the same hash and is never right, as what another hasher made.
    """
    ours = kept is not None and kept.startswith(f"{PepperedArgon2.algorithm}$")
    encoded = kept if ours and kept is not None else nobodys()
    hashed, secret = encoded.partition("$")[2].encode(), _peppered(password).encode()
    # Nothing but the hashing itself is done by the pool's thread: one that has stepped back should not hold up the
    # interpreter's lock for the others.
    return pool().run(partial(_verified, b"$" + hashed, secret)) and ours


def of_code(code: str, salt: bytes) -> str:
    """Return 64 hex digits to keep of a code that is too short for a plain hash: the salt and what Argon2id makes.

    The same for the same salt, so that one hash finds a code among those made together. It waits for a thread without
    holding a place: whoever comes here showed a first proof, and used up one of few tries.
    """
    hasher, secret = PepperedArgon2(), _peppered(code).encode()
    hashed = pool().run(
        partial(
            low_level.hash_secret_raw,
            secret, salt, hasher.time_cost, hasher.memory_cost, hasher.parallelism, CODE_HASH_BYTES, low_level.Type.ID,
        )
    )  # fmt: skip
    return salt.hex() + hashed.hex()


def salt_of(kept: str) -> bytes:
    """Return the salt of what `of_code` returned."""
    return bytes.fromhex(kept[: 2 * CODE_SALT_BYTES])


def _verified(hashed: bytes, secret: bytes) -> bool:
    try:
        return low_level.verify_secret(hashed, secret, low_level.Type.ID)
    except (VerificationError, InvalidHashError):
        return False


@cache
def nobodys() -> str:
    """Return what a password that nobody knows would leave behind."""
    return _made_for_nobody()


def _made_for_nobody() -> str:
    hasher = PepperedArgon2()
    salt = "0" * len(hasher.salt())
    # As long as any other, and right for nothing: verifying takes the same time whatever the hash says.
    return hasher.encode(get_random_string(40), salt)


def _seconds_of(work: Callable[[], object]) -> float:
    # Of the processor alone: a start beside other busy processes must not leave the door half shut for good.
    start = time.thread_time()
    work()
    return time.thread_time() - start


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _step_back() -> None:
    if sys.platform == "linux":
        # On Linux a thread has a niceness of its own.
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)

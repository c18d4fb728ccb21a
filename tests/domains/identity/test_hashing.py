"""Hashing: what is kept, who may read it, how many at once."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from abonent.domains.identity import hashing
from abonent.domains.identity.hashing import Busy, Pool


def is_right(password: str, kept: str | None) -> bool:
    with hashing.pool().place():
        return hashing.is_right(password, kept)


def test_it_is_argon2id_with_the_parameters_asked_for() -> None:
    kept = hashing.made("verbose otter 19")
    assert kept.startswith("peppered_argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_right("verbose otter 19", kept)
    assert not is_right("verbose otter 20", kept)
    assert check_password("verbose otter 19", kept), "Django's own door agrees"
    assert identify_hasher(kept).algorithm == "peppered_argon2"
    assert hashing.made("verbose otter 19") != kept, "salted"


def test_without_the_pepper_a_stolen_table_is_worth_nothing(settings: Any) -> None:
    kept = hashing.made("verbose otter 19")
    settings.PASSWORD_PEPPER = "another " * 5
    assert not is_right("verbose otter 19", kept)


@pytest.mark.parametrize(
    ("set_as", "typed"),
    [("cafe\u0301 noir", "café noir"), ("ｖｅｒｂｏｓｅ", "verbose"), ("a\u00a0b c d e", "a b c d e")],
)
def test_every_keyboard_opens_with_the_same_password(set_as: str, typed: str) -> None:
    assert is_right(typed, hashing.made(set_as))


@pytest.mark.parametrize("typed", ["verbose otter 19", "Verbose Otter 19 ", " Verbose Otter 19", "Verbose Otter 1", ""])
def test_every_character_counts(typed: str) -> None:
    assert not is_right(typed, hashing.made("Verbose Otter 19"))
    assert not is_right("x7Rk" * 32, hashing.made("x7Rk" * 32 + "x"))


@pytest.mark.parametrize(
    "kept", [None, "", "!", "!unusable", "md5$x$y", "peppered_argon2$", "peppered_argon2$argon2id$v=19$m=1"]
)
def test_what_is_no_hash_of_ours_is_never_right(kept: str | None) -> None:
    assert not is_right("verbose otter 19", kept)
    assert not is_right("", kept)


def test_nobody_costs_one_hash_of_the_same_size() -> None:
    assert hashing.nobodys().split("$")[:4] == make_password("x").split("$")[:4]
    assert len(hashing.nobodys()) == len(make_password("x"))


@pytest.mark.parametrize(
    ("cores", "processes", "running"), [(2, 2, 2), (16, 16, 2), (16, 4, 8), (1, 1, 2), (1, 4, 1), (2, 1, 4)]
)
def test_two_hashes_a_core_over_all_processes(cores: int, processes: int, running: int) -> None:
    assert hashing.running_at_once(cores, processes) == running


@pytest.mark.parametrize(
    ("running", "threads", "waiting"), [(2, 4, 0), (2, 6, 2), (2, 5, 1), (4, 4, 0), (2, 32, 2), (2, 1, 0)]
)
def test_some_threads_of_a_process_are_left_to_others(running: int, threads: int, waiting: int) -> None:
    assert hashing.waiting_at_once(running, threads) == waiting


def test_a_full_pool_is_busy_at_once_and_never_runs_more_than_its_threads() -> None:
    pool, go, at_work, most = Pool(running=2, waiting=1), threading.Event(), [], []

    def work() -> None:
        at_work.append(1)
        most.append(len(at_work))
        go.wait(10)
        at_work.pop()

    def one() -> str:
        try:
            with pool.place():
                pool.run(work)
        except Busy:
            return "busy"
        return "done"

    with ThreadPoolExecutor(10) as guesses:
        said = [guesses.submit(one) for _ in range(10)]
        while sum(answer.done() for answer in said) < 7 or len(at_work) < 2:
            pass
        assert pool.is_full
        go.set()
        counted = sorted(answer.result() for answer in said)
    assert counted == ["busy"] * 7 + ["done"] * 3
    assert max(most) == 2
    assert not pool.is_full, "the places are free again"


def test_a_place_is_given_back_when_something_fails() -> None:
    pool = Pool(running=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), pool.place():
            pool.run(lambda: 1 // 0)
    assert not pool.is_full


def test_the_threads_step_back_for_everybody_else() -> None:
    pool = Pool(running=1, waiting=0)
    with pool.place():
        assert pool.run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())) == hashing.NICENESS
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == 0

"""A worker killed in the middle: another takes its job up, and nobody sees that anything happened."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from abonent.demo.phone.models import PhoneMessage
from abonent.domains.messaging.models import Message
from abonent.foundation.jobs import worker
from abonent.foundation.jobs.jobs import STALLED_AFTER_S, retry_stalled
from tests.factories import identity

ROOT = Path(__file__).resolve().parents[3]
NUMBER = "+79000000001"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def killed_worker() -> Iterator[None]:
    """A worker that showed the message on the phone, and was killed before it could write that down."""
    clear_jobs()
    identity.challenge(NUMBER)
    command = [sys.executable, "-m", "tests.foundation.jobs.worker", connection.settings_dict["NAME"]]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        assert worker.stdout.readline().strip() == "shown"
        worker.kill()
    yield
    clear_jobs()


def clear_jobs() -> None:
    """Empty the queue: its tables are not Django's, which empties its own only."""
    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers cascade")


def work_once() -> None:
    """Let the upkeep run as every minute, then a living worker do what there is to do."""
    with suppress(AlreadyEnqueued):  # the killed worker queues it, too, when it is a new minute
        retry_stalled.defer(timestamp=0)
    for queue in ("upkeep", "messages"):
        with worker.app() as app:
            app.run_worker(wait=False, queues=[queue], install_signal_handlers=False, listen_notify=False)


def delivery_job() -> str:
    return str(ProcrastinateJob.objects.values_list("status", flat=True).get(task_name="deliver_message"))


def state() -> tuple[str, int]:
    message = Message.objects.get()
    return message.state, message.attempts


def test_ch_5_its_job_is_taken_up_by_another_and_the_message_is_on_the_phone_once(killed_worker: None) -> None:
    assert (delivery_job(), state()) == ("doing", ("sending", 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "update procrastinate_workers set last_heartbeat = now() - make_interval(secs => %s)",
            [STALLED_AFTER_S + 1],
        )
    work_once()
    assert (delivery_job(), state()) == ("succeeded", ("sent", 2))
    shown = PhoneMessage.objects.get()
    assert shown.text == identity.last_text(NUMBER)
    assert shown.message_id == Message.objects.get().id


def test_a_worker_that_still_gives_signs_of_life_keeps_its_job(killed_worker: None) -> None:
    work_once()
    assert (delivery_job(), state()) == ("doing", ("sending", 1))


def test_a_worker_whose_row_is_gone_is_dead(killed_worker: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_workers")
    work_once()
    assert (delivery_job(), state()) == ("succeeded", ("sent", 2))
    assert PhoneMessage.objects.count() == 1


def test_cab_5_a_round_that_its_killed_like_would_lock_out_is_done_and_so_is_what_stalled_beside_it(
    killed_worker: None,
) -> None:
    """A round killed in the middle holds its lock; the next one waits behind it, and only one of them can wait."""
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_workers")
        cursor.execute(
            """insert into procrastinate_jobs (task_name, queue_name, lock, queueing_lock, args, status)
               select 'expire_pending', 'messages', 'a round', 'a round', '{"timestamp": 0}', status
                 from unnest('{doing,todo}'::procrastinate_job_status[]) status"""
        )
        # Before what else stalled, as it comes in the list.
        cursor.execute("update procrastinate_jobs set id = -id where lock = 'a round' and status = 'doing'")
    work_once()
    rounds = ProcrastinateJob.objects.filter(lock="a round").order_by("id")
    assert list(rounds.values_list("status", flat=True)) == ["aborted", "succeeded"]
    assert (delivery_job(), state()) == ("succeeded", ("sent", 2))

"""A worker in a process of its own, to be killed: `python -m tests.foundation.jobs.worker DATABASE`.

It prints `shown` when the phone on screen has a message, and then never learns that it has: the answer is lost.
"""

from __future__ import annotations

import os
import sys
import time
from uuid import UUID

import django
from django.conf import settings

NEVER_S = 600


class AnswerLost:
    """The phone on screen, whose answer does not come back."""

    def send(self, *, message_id: UUID, sender: str, recipient: str, text: str) -> str:
        from abonent.demo.phone.gateway import PhoneOnScreen

        PhoneOnScreen().send(message_id=message_id, sender=sender, recipient=recipient, text=text)
        print("shown", flush=True)
        time.sleep(NEVER_S)
        raise TimeoutError


def main(database: str) -> None:
    django.setup()
    settings.DATABASES["default"]["NAME"] = database
    settings.SMS_GATEWAY = "tests.foundation.jobs.worker.AnswerLost"
    from abonent.entrypoints.cli import processes

    processes.work(concurrency=1)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abonent.config.settings")
    main(sys.argv[1])

"""What is written down of requests, and what is not."""

from __future__ import annotations

import logging
from http import HTTPStatus


class Refusals(logging.Filter):
    """A request refused for what it is (a forged host, too many fields) is one line: no error of ours, no stack.

    Anybody could fill the log with stacks otherwise.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, those of refusals without their stack; none of what is closed or busy on purpose."""
        if getattr(record, "status_code", 0) == HTTPStatus.SERVICE_UNAVAILABLE:
            # Said as often as anybody asks, and at its fullest when there is no time for it.
            return False
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True

"""What is written down of requests, and what is not."""

from __future__ import annotations

import logging


class Refusals(logging.Filter):
    """A request refused for what it is (a forged host, too many fields) is one line: no error of ours, no stack.

    Anybody could fill the log with stacks otherwise.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep every record, those of refusals without their stack."""
        if record.name.startswith("django.security."):
            record.exc_info = record.exc_text = None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True

"""The central database behind HTTP: signed questions, its page, JSON for tests, and hints that go to the site."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from abonent.demo.network import central_page
from abonent.demo.network.central import Central
from abonent.demo.network.central_store import FLAGS, CentralStore
from abonent.foundation.clock import now

log = logging.getLogger(__name__)

CALLBACK = "/callbacks/porting"
TIMEOUT_S = 10
DAYS_MAX, MINUTES_MAX = 365, 10_000


class Desk:
    """What answers for the central database; `site` is where it tells of requests, `key` signs both ways."""

    def __init__(self, *, file: Path, key: str, site: str) -> None:
        self.key, self._site = key, site
        self.store = CentralStore(file)
        self.central = Central(self.store, self._announce)

    def is_signed(self, *, timestamp: str, path: str, body: bytes, given: str) -> bool:
        return hmac.compare_digest(_signature(self.key, timestamp, path, body), given)

    def page(self, language: str, fields: Mapping[str, str]) -> str | None:
        """Do what the form on the page says and return the page with what is wrong; None: it is done."""
        wrong = self.do(fields) if fields else ""
        if fields and not wrong:
            return None
        say = central_page.WORDS[language]
        return central_page.page(language, self.store.mischief(), self.store.ports(), say["wrong"] if wrong else "")

    def do(self, given: Mapping[str, Any]) -> str:
        """Set what goes wrong, have a number taken, or move a request on; return why not."""
        try:
            if given.get("act") == "take":
                days, minutes = int(given.get("days") or 8), int(given.get("minutes") or 0)
                number = str(given.get("number", "")).strip()
                if not number.startswith("+") or not 0 <= days <= DAYS_MAX or not 0 <= minutes <= MINUTES_MAX:
                    return "number, days or minutes"
                self.central.want(number, str(given.get("document", "")), days=days, minutes=minutes)
            elif given.get("act") == "set":
                self.store.set_mischief(dict.fromkeys(FLAGS, False) | dict(given))
            elif not self.central.act(str(given.get("ref")), str(given.get("state")), str(given.get("reason", ""))):
                return "state"
        except ValueError as error:
            return str(error)
        return ""

    def _announce(self, ref: str, after_s: int) -> None:
        if self._site:
            soon = Timer(after_s, self._send, args=[ref])
            soon.daemon = True
            soon.start()

    def _send(self, ref: str) -> None:
        address = urlsplit(self._site)
        body, timestamp = json.dumps({"request": ref}).encode(), str(int(now().timestamp()))
        line = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_S)
        try:
            line.request(
                "POST", CALLBACK, body,
                {
                    "Content-Type": "application/json", "X-Abonent-Timestamp": timestamp,
                    "X-Abonent-Signature": _signature(self.key, timestamp, CALLBACK, body),
                },
            )  # fmt: skip
            line.getresponse().read()
        except (OSError, HTTPException) as error:
            # It is asked for what is waiting, too: a hint that is lost costs a minute.
            log.warning("the site was not told (%s)", type(error).__name__)
        finally:
            line.close()


def _signature(key: str, timestamp: str, path: str, body: bytes) -> str:
    return hmac.new(key.encode(), f"{timestamp}\n{path}\n".encode() + body, hashlib.sha256).hexdigest()

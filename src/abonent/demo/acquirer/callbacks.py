"""Callbacks to the shop: signed, tried again until they are heard, made again on purpose."""

from __future__ import annotations

import hashlib
import hmac
import threading
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from abonent.demo.acquirer.mischief import Mischief
from abonent.demo.acquirer.store import Order, Store
from abonent.foundation.clock import now

TIMEOUT_S = 5
TRIES_MAX = 40
PAUSE_MAX_S = 20
IDLE_S = 0.5
LIAR = "deposited"


def checksum(key: str, said: dict[str, str]) -> str:
    """Return the checksum of fields: HMAC-SHA256 of `name;value;` in the order of names."""
    text = "".join(f"{name};{said[name]};" for name in sorted(said))
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest().upper()


class Callbacks:
    """Makes the calls in threads of its own; what is to be said lies in the store, so nothing is forgotten."""

    def __init__(self, store: Store, *, address: str, key: str) -> None:
        self._store, self._address, self._key = store, address, key
        self._wake = threading.Event()
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="callbacks")

    def start(self) -> None:
        """Begin to call."""
        threading.Thread(target=self._run, daemon=True, name="callbacks").start()

    def plan(self, order: Order, operation: str, mischief: Mischief, *, succeeded: bool = True) -> None:
        """Note, in the transaction of the caller, that the shop is to hear of it."""
        if mischief.silent:
            return
        said = self.said(order, operation, succeeded=succeeded)
        at = now().timestamp()
        for copy in range(1 + mischief.repeat):
            self._store.call_later(said, at + copy * 0.7)
        self._wake.set()

    def said(self, order: Order, operation: str, *, succeeded: bool = True) -> dict[str, str]:
        """Return the signed fields of a callback."""
        said = {
            "mdOrder": order.id,
            "orderNumber": order.number,
            "operation": operation,
            "status": "1" if succeeded else "0",
            "amount": str(order.amount),
        }
        return said | {"checksum": checksum(self._key, said)}

    def lie(self, order: Order, kind: str) -> None:
        """Say that an order was paid which was not."""
        said = self.said(order, LIAR)
        if kind == "unsigned":
            said["checksum"] = "0" * 64
        self._pool.submit(self.call, said)

    def call(self, said: dict[str, str]) -> bool:
        """Call the shop now; return whether there is nothing more to say."""
        try:
            with urllib.request.urlopen(f"{self._address}?{urllib.parse.urlencode(said)}", timeout=TIMEOUT_S) as answer:  # noqa: S310 - the demo's own address
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            # Nobody believes it: saying it again does not help.
            return error.code in (400, 404)
        except (OSError, ValueError):
            return False

    def _run(self) -> None:
        while True:
            due = self._store.calls_due(now().timestamp())
            for call_id, said, tries in due:
                self._pool.submit(self._try, call_id, said, tries)
            if not due:
                self._wake.wait(IDLE_S)
                self._wake.clear()

    def _try(self, call_id: int, said: dict[str, str], tries: int) -> None:
        if self.call(said) or tries >= TRIES_MAX:
            self._store.call_done(call_id)
        else:
            self._store.call_again(call_id, now().timestamp() + min(2**tries, PAUSE_MAX_S))

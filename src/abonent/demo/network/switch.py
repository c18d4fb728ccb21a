"""The network of the demo as one thing that answers: our signed commands, and a page that sets what goes wrong."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from abonent.demo.network import central, central_page, control, esims, mischief
from abonent.demo.network.central_desk import Desk
from abonent.demo.network.mischief import FLAGS, Mischief
from abonent.demo.network.store import Store
from abonent.foundation.clock import now

BODY_MAX = 1024 * 1024
BASE = "/provisioning/"
HTML, JSON = "text/html; charset=utf-8", "application/json"
SIGNED_FOR_S = 300


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    body: bytes = b""
    timestamp: str = ""
    signature: str = ""
    wished: str = ""


@dataclass(frozen=True)
class Answer:
    """What goes back."""

    status: int
    kind: str
    body: bytes
    location: str = ""


class Switch:
    """The application; `key` signs what is asked of it."""

    def __init__(self, *, file: Path, key: str, central: Desk | None = None) -> None:
        self.store = Store(file)
        self._key, self._central = key, central
        self._mischief = mischief.changed(Mischief(), self.store.mischief())

    def answer(self, asked: Asked) -> Answer | None:
        """Return the answer; None when it is lost on purpose."""
        if asked.path.startswith(BASE):
            return self._provisioning(asked)
        if self._central is not None and asked.path.startswith((central.BASE, central_page.PATH)):
            return self._of_numbers(asked, self._central)
        if asked.path == "/control.json":
            if asked.method == "POST" and (wrong := self.set(_object(asked.body))):
                return _json({"error": wrong}, 400)
            return _json(self._mischief.to_json())
        if asked.path == esims.PHONES and asked.method == "POST":
            # A phone fetches a profile: what it shows for a proof is the code itself.
            return _json({"installed": esims.install(self.store, str(_object(asked.body).get("code", "")))})
        if asked.path in ("/", "/control/"):
            return self._control(asked)
        return _json({"error": "there is no such page"}, 404)

    def set(self, given: Mapping[str, Any]) -> str:
        """Set what goes wrong from now on; return why not, in words."""
        try:
            self._mischief = mischief.changed(self._mischief, given)
        except (ValueError, TypeError) as error:
            return str(error)
        self.store.set_mischief(self._mischief.to_json())
        return ""

    def _control(self, asked: Asked) -> Answer:
        wrong = ""
        if asked.method == "POST":
            fields = dict(parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True)[:20])
            given = Mischief().to_json() if fields.get("act") == "reset" else dict.fromkeys(FLAGS, False) | fields
            wrong = self.set(given)
            if not wrong:
                return Answer(303, HTML, b"", "/control/")
        language = "en" if asked.wished.lower().startswith("en") else "ru"
        page = control.page(language, self._mischief, self.store.latest(), wrong)
        return Answer(422 if wrong else 200, HTML, page.encode())

    def _of_numbers(self, asked: Asked, desk: Desk) -> Answer | None:
        """Answer for the central database of numbers, or show its page."""
        if asked.path.startswith(central_page.PATH):
            if asked.path.endswith(".json"):
                wrong = desk.do(_object(asked.body))
                return _json({"error": wrong}, 400 if wrong else 200)
            typed = parse_qsl(asked.body.decode("utf-8", "replace"), keep_blank_values=True)[:20]
            language = "en" if asked.wished.lower().startswith("en") else "ru"
            page = desk.page(language, dict(typed) if asked.method == "POST" else {})
            if page is None:
                return Answer(303, HTML, b"", central_page.PATH)
            return Answer(422 if asked.method == "POST" else 200, HTML, page.encode())
        fresh = asked.timestamp.isdecimal() and abs(now().timestamp() - int(asked.timestamp)) <= SIGNED_FOR_S
        if not fresh or not desk.is_signed(
            timestamp=asked.timestamp, path=asked.path, body=asked.body, given=asked.signature
        ):
            return _json({"error": "not signed"}, 403)
        answer = desk.central.answer(asked.path, _object(asked.body))
        return None if answer is None else _json(answer[1], answer[0])

    def _provisioning(self, asked: Asked) -> Answer | None:
        set_now = self._mischief
        if set_now.down:
            return None
        time.sleep(set_now.slow_ms / 1000)
        if not self._is_signed(asked):
            return _json({"error": "not signed"}, 403)
        what, _, name = asked.path.removeprefix(BASE).partition("/")
        said = _object(asked.body)
        if what == "features":
            return _json({"features": {line: self.store.features(line) for line in map(str, said.get("lines", []))}})
        if what == "esims":
            found = esims.answer(self.store, name)
            return _json(found) if found else _json({"error": "there is no such profile"}, 404)
        if what != "commands" or not name:
            return _json({"error": "there is no such thing"}, 404)
        answer = self._carry_out(name, said, set_now)
        return None if set_now.loses_this else answer

    def _carry_out(self, command_id: str, said: Mapping[str, Any], set_now: Mischief) -> Answer:
        """Do a command once: what comes again under its id is answered, not done."""
        text = json.dumps(said, sort_keys=True)
        line, at = str(said.get("line", "")), now().timestamp()
        with self.store.changing():
            known = self.store.command(command_id)
            if known is not None and known[0] != text:
                return _json({"error": "another command has this id"}, 409)
            if known is None:
                refused = set_now.refuse or not line
                state = "refused" if refused else "accepted"
                known = (text, state, "no free resources" if refused else "", at + set_now.accept_s)
                self.store.keep(command_id, line, *known)
            _, state, reason, ready = known
            if state == "accepted" and ready <= at:
                state = "done"
                self.store.keep(command_id, line, text, state, "", ready)
                if not set_now.forget:
                    self.store.switch(line, said)
        return _json({"state": state, "reason": reason})

    def _is_signed(self, asked: Asked) -> bool:
        if not asked.timestamp.isdecimal() or abs(now().timestamp() - int(asked.timestamp)) > SIGNED_FOR_S:
            return False
        signed = f"{asked.timestamp}\n{asked.path}\n".encode() + asked.body
        right = hmac.new(self._key.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(right, asked.signature)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _json(document: object, status: int = 200) -> Answer:
    return Answer(status, JSON, json.dumps(document).encode())

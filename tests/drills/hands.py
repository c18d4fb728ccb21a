"""What attackers and their victims hold: an authenticator app, a login elsewhere, a SIM, a gateway's signature."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import subprocess
import sys
import time
import uuid
from http.client import HTTPConnection
from itertools import product
from urllib.parse import parse_qsl, urlencode, urlsplit

from abonent.domains.identity.factors import rules as factor_rules
from abonent.entrypoints.callbacks.bodies import signature
from abonent.foundation.clock import now
from tests.drills.browser import Answer, Http
from tests.drills.conftest import GATEWAY_KEY, Target
from tests.running import WAIT_S

INBOUND = "/callbacks/sms/inbound"
TEMPORARY = re.compile(r"[2-9a-hjkmnp-z]{10}\b")
NETWORK_CODE = "99901"
VERA, LEV, MAYA = "100000001", "100000002", "100000003"


def totp(secret: str, steps: int = 0) -> str:
    """Return what the authenticator app shows, `steps` of 30 seconds later."""
    return factor_rules.totp(base64.b32decode(secret.replace(" ", "")), factor_rules.step_of(now()) + steps)


def add_authenticator(browser: Http) -> str:
    """Give the account of a browser signed in lately a second factor; return its secret. Its next code is unused."""
    assert browser.post("/security/factors/app/", {"start": "1"}).status == 302
    page = browser.get("/security/factors/app/")
    found = re.search(r'class="secret"><bdi>([A-Z2-7 ]+)<', page.text)
    assert found, page.words
    added = browser.post("/security/factors/app/", {"code": totp(found[1], -1)})
    assert added.location == "/security/factors/codes/", added.words
    return found[1]


def go_elsewhere(browser: Http, person: str, *, service: str = "other", add: bool = False) -> Answer:
    """Go to another service, be that person there, and come back; return what the site answers to that."""
    page = browser.post(*(("/security/links/add/", {"service": service}) if add else (f"/login/with/{service}/", ())))
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)
    assert found, page.words
    parts = urlsplit(html.unescape(found[1]))
    connection = HTTPConnection(parts.netloc, timeout=WAIT_S)
    body = urlencode(dict(parse_qsl(parts.query)) | {"person": person})
    connection.request("POST", parts.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
    back = urlsplit(connection.getresponse().getheader("Location") or "")
    connection.close()
    return browser.get(f"{back.path}?{back.query}")


def network_does(target: Target, number: str, act: str) -> None:
    """Let the network do something to a number, on screen: sim, forward, stay, release, terminate, unused, used."""
    answer = target.browser().post("/phone/network/", {"number": number, "act": act, "key": str(uuid.uuid4())})
    assert "noted=done" in answer.location, answer.location


def a_day_after_the_network(target: Target, number: str) -> None:
    """A day passes since what the network did to the number."""
    line = "(select id from lines_line where number = %s and closed_at is null)"
    for table, column in product(("sim", "forwarding"), ("until", "since")):
        target.database.execute(
            f"update lines_{table} set {column} = {column} - interval '25 hours' where line_id = {line}"
            f" and {column} > now() - interval '2 hours'", [number],
        )  # fmt: skip
    target.a_day_later(number)


def imsi_of(number: str) -> str:
    """Return the SIM that a number of the demo began with."""
    return f"{NETWORK_CODE}{number[2:]}"


def run(target: Target, *words: str, given: str = "", module: str = "") -> subprocess.CompletedProcess[str]:
    """Run `abonent …`, or a line of Python with all of it loaded, on the operator's database."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ABONENT_")}
    program = ["-m", "abonent.entrypoints.cli.main", *words] if not module else ["-c", module]
    return subprocess.run(
        [sys.executable, *program], input=given, capture_output=True, text=True, timeout=300, check=False,
        env=own | {"ABONENT_VAR": str(target.operator.var), "ABONENT_DEMO": "1"},
    )  # fmt: skip


def sms(
    target: Target, sender: str, text: str, *, to: str = "3339", imsi: str | None = None, key: str = "", **lies: str
) -> Answer:
    """Let our own gateway bring an SMS; `lies` take the place of what it would say itself."""
    fields = {"sender": sender, "recipient": to, "text": text, "key": key or str(uuid.uuid4())}
    if imsi is None:
        imsi = imsi_of(sender) if sender.startswith("+7900") else ""
    return callback(target, INBOUND, json.dumps(fields | {"imsi": imsi}).encode(), **lies)


def callback(target: Target, path: str, body: bytes, **lies: str) -> Answer:
    timestamp = lies.get("timestamp", str(int(time.time())))
    signed = lies.get("signature") or signature(lies.get("signed_by", GATEWAY_KEY), timestamp, path, body)
    headers = {"X-Abonent-Timestamp": timestamp, "X-Abonent-Signature": signed, "Content-Type": "application/json"}
    return Http(target.address).request("POST", path, body, headers)


def temporary_password(target: Target, number: str, *, after: int = 0) -> str:
    """Wait for the one-time password on the handset beyond its first `after` messages."""

    def newest() -> str:
        texts = [message["text"] for message in target.operator.messages(number)[after:]]
        return next((found[0] for text in reversed(texts) if (found := TEMPORARY.match(text))), "")

    return str(target.wait_for(newest))

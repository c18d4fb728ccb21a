"""A browser without a face: it keeps cookies, sends forms with their token, and hides nothing of what came back."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from http.cookies import SimpleCookie
from typing import TypeVar
from urllib.parse import urlencode, urljoin, urlsplit

TIMEOUT_S = 120
REDIRECTS_MAX = 8
TOKEN = "csrfmiddlewaretoken"

Fields = Mapping[str, str] | Sequence[tuple[str, str]] | bytes


@dataclass(frozen=True)
class Answer:
    """What came back, as it came: `location` is empty unless the answer leads elsewhere."""

    path: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def words(self) -> str:
        """What a person reads: the text without tags, blanks as one."""
        visible = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", self.text, flags=re.S)
        return " ".join(unescape(visible).split())

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def cookies(self) -> dict[str, dict[str, str]]:
        """The cookies it sets: value and attributes by name, attributes in small letters."""
        found = {}
        for line in self.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                given = {key.lower(): str(value) for key, value in morsel.items() if value}
                found[name] = given | {"value": morsel.value}
        return found

    @property
    def outline(self) -> tuple[object, ...]:
        """Everything that an answer tells, but for what differs each time: tokens, digits, what was asked.

        Status, headers with their values, cookies with their attributes and lengths, the whole page.
        """
        page = re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]+"|(/picture/\?)[0-9a-f]+', r"\1\2", self.text)
        headers = sorted(
            (name, re.sub(r"\d", "0", value))
            for name, value in self.headers.items()
            if name.lower() not in ("set-cookie", "date")
        )
        cookies = sorted(
            (name, len(given["value"]), sorted((k, v) for k, v in given.items() if k not in ("value", "expires")))
            for name, given in self.cookies.items()
        )
        return self.status, headers, cookies, re.sub(r"\d", "0", page)

    def hidden(self, name: str) -> str:
        """Return the value of the hidden field, empty when the page has none."""
        found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', self.text)
        return unescape(found[1]) if found else ""


class Http:
    """One browser: its own connection, its own cookies. `headers` go with every request.

    A redirect is followed only by `follow` and `open`, so that each answer can be looked at.
    """

    def __init__(self, address: str, **headers: str) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, None, headers)

    def post(self, path: str, fields: Fields = (), *, token: bool = True, **headers: str) -> Answer:
        """Send a form as a page of ours would; `token=False` leaves out what a foreign page cannot know."""
        if token and "csrf" not in self.cookies:
            self.open("/login/")
        if isinstance(fields, bytes):
            body = fields
        else:
            pairs = list(fields.items() if isinstance(fields, Mapping) else fields)
            body = urlencode([(TOKEN, self.cookies.get("csrf", "")), *pairs] if token else pairs).encode()
        return self.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"} | headers)

    def open(self, path: str) -> Answer:
        """Get a page and whatever it leads to."""
        return self.follow(self.get(path))

    def follow(self, answer: Answer) -> Answer:
        for _ in range(REDIRECTS_MAX):
            if not answer.location:
                return answer
            answer = self.get(self.path_of(answer))
        raise AssertionError(f"redirects without end: {answer.path}")

    def path_of(self, answer: Answer) -> str:
        """Return where the answer leads on this site."""
        parts = urlsplit(urljoin(self.address + answer.path, answer.location))
        assert f"{parts.scheme}://{parts.netloc}" == self.address, f"{answer.path} leads to {answer.location}"
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def copy(self) -> Http:
        """Return another tab of the same browser: the cookies as they are now, a connection of its own."""
        tab = Http(self.address)
        tab.headers, tab.cookies = dict(self.headers), dict(self.cookies)
        return tab

    def request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Send exactly this, and keep the cookies that come back."""
        sent = {"Accept": "text/html", **self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.cookies and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self._send(method, path, body, sent)
        for name, cookie in answer.cookies.items():
            if cookie.get("max-age") == "0" or "1970" in cookie.get("expires", ""):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie["value"]
        return answer

    def _send(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        # The server may have closed a connection that nobody used for a while: then once more on a new one.
        for fresh in (self._connection is None, True):
            if self._connection is None or fresh:
                self._connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=TIMEOUT_S)
            try:
                # One that answers before it has heard all hears no more: the answer counts.
                with suppress(BrokenPipeError):
                    self._connection.request(method, path, body, dict(headers))
                response = self._connection.getresponse()
                return Answer(path, response.status, response.headers, response.read())
            except (http.client.RemoteDisconnected, ConnectionError):
                self._connection.close()
                self._connection = None
                if fresh:
                    raise
        raise AssertionError("not reached")


def is_answered(answer: Answer) -> bool:
    """Return whether the server answered as it means to: nothing broke. It may be busy, if it says until when."""
    return answer.status < 500 or (answer.status == 503 and "Retry-After" in answer.headers)


Result = TypeVar("Result")


def at_once(acts: Iterable[Callable[[], Result]]) -> list[Result]:
    """Do all acts at the same moment, each in a thread of its own; return what each gave, in order."""
    acts = list(acts)
    ready = threading.Barrier(len(acts), timeout=60)

    def act(one: Callable[[], Result]) -> Result:
        ready.wait()
        return one()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act, acts))

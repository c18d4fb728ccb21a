"""What customers write to us."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from uuid import UUID, uuid4

from PIL import Image

from abonent.domains.lines import queries as lines
from abonent.domains.lines.queries import Line
from abonent.domains.support.queries import Agent
from abonent.domains.support.requests import actions as requests
from abonent.domains.support.requests import files as requests_files
from abonent.domains.support.requests import staff as requests_staff
from abonent.domains.support.requests.actions import New
from abonent.domains.support.requests.files import Sent
from abonent.domains.support.requests.rules import Channel, Kind
from abonent.domains.support.requests.staff import Reply
from abonent.domains.support.requests.states import Event
from abonent.foundation.clock import now

TEXT = "Второй день нет сети у дома"


def account_of(line: Line) -> int:
    found = lines.account_of(line.id)
    assert found
    return found


def new(line: Line, **more: object) -> New:
    given = {
        "key": uuid4(), "account_id": account_of(line), "holder": line, "line_id": line.id, "kind": Kind.QUESTION,
        "subject": "Нет сети", "text": TEXT, "channel": Channel.SMS, "language": "ru",
    } | more  # fmt: skip
    return New(**given)  # type: ignore[arg-type] # as the caller gives it


def opened(line: Line, *, at: datetime | None = None, **more: object) -> int:
    """Open a request and return its id."""
    return requests.open_request(new=new(line, **more), at=at or now())[0]


def write(
    line: Line, request_id: int, text: str = "Ещё вот что", *, key: UUID | None = None, at: datetime | None = None
) -> None:
    requests.write(account_id=account_of(line), request_id=request_id, key=key or uuid4(), text=text, at=at or now())


def end(line: Line, request_id: int, event: Event, at: datetime | None = None) -> None:
    requests.end(account_id=account_of(line), request_id=request_id, event=event, at=at or now())


def take(by: Agent, request_id: int, at: datetime | None = None) -> None:
    requests_staff.take(agent=by, request_id=request_id, origin="", at=at or now())


def say(
    by: Agent, request_id: int, event: Event | None = Event.ANSWERED, text: str = "Вышку починили",
    *, key: UUID | None = None, at: datetime | None = None,
) -> None:  # fmt: skip
    said = Reply(key or uuid4(), text, event)
    requests_staff.reply(agent=by, request_id=request_id, said=said, origin="", at=at or now())


def answered(by: Agent, request_id: int, at: datetime | None = None) -> None:
    """Take a request and answer it."""
    take(by, request_id, at)
    say(by, request_id, at=at)


def photo() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), (90, 120, 40)).save(out, "JPEG")
    return out.getvalue()


def file(
    line: Line, key: UUID, name: str = "photo.jpg", content: bytes | None = None, at: datetime | None = None
) -> UUID:
    sent = Sent(name, photo() if content is None else content)
    return requests_files.receive(account_id=account_of(line), key=key, sent=sent, at=at or now())

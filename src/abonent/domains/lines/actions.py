"""Writes of lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from abonent.domains.customers import queries as customers
from abonent.domains.identity import actions as identity
from abonent.domains.identity.guards import Origin
from abonent.domains.identity.rules import Channel, CodeExpired, Purpose, WrongCode
from abonent.domains.lines import models, queries, sims
from abonent.domains.lines.events import LinesOpened, TariffChanged
from abonent.domains.lines.numbers import actions as numbers
from abonent.domains.lines.rules import hold_of
from abonent.foundation import outbox
from abonent.foundation.values import Msisdn


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to open on a contract, with the tariff version it starts on."""

    contract_id: int
    service: str
    number: str
    tariff_version_id: int
    period_day: int
    opened_at: datetime
    is_main: bool = False
    # How the network knows its SIM, when that is known.
    imsi: str = ""
    puk: str = ""


@transaction.atomic
def open_lines(lines: Sequence[NewLine]) -> list[int]:
    """Store lines with their first tariff, all or none; announce `LinesOpened`; return their ids in order.

    Raises `IntegrityError` when a number is already served, `numbers.NotFree` when somebody has ordered it.
    """
    numbers.take_out(numbers=[line.number for line in lines])
    opened = models.Line.objects.bulk_create(
        [
            models.Line(
                contract_id=line.contract_id,
                service=line.service,
                number=line.number,
                is_main=line.is_main,
                period_day=line.period_day,
                opened_at=line.opened_at,
            )
            for line in lines
        ]
    )
    models.TariffAssignment.objects.bulk_create(
        [
            models.TariffAssignment(line=row, tariff_version_id=line.tariff_version_id, valid_from=line.opened_at)
            for row, line in zip(opened, lines, strict=True)
        ]
    )
    models.Sim.objects.bulk_create(
        [
            models.Sim(line=row, imsi=line.imsi, since=line.opened_at, puk=sims.sealed(line.puk))
            for row, line in zip(opened, lines, strict=True)
            if line.imsi
        ]
    )
    line_ids = [row.pk for row in opened]
    if line_ids:
        outbox.announce(LinesOpened(line_ids))
    return line_ids


@transaction.atomic
def give_tariff(*, line_ids: Collection[int], tariff_version_id: int, since: datetime) -> list[int]:
    """Let the lines have another tariff version from `since` on, announce `TariffChanged`; return those that get it.

    A line keeps what it has when that is the version already, or begins at `since` or later: what was agreed for
    another day is not overruled.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """with ended as (
                update lines_tariffassignment set valid_until = %(since)s
                 where id in (select assignment.id
                                from lines_tariffassignment assignment join lines_line line on line.id = line_id
                               where line_id = any(%(lines)s) and valid_until is null and valid_from < %(since)s
                                 and tariff_version_id <> %(version)s
                                 and (line.closed_at is null or line.closed_at > %(since)s)
                               order by line_id for no key update of assignment)
                returning line_id
            )
            insert into lines_tariffassignment (line_id, tariff_version_id, valid_from)
            select line_id, %(version)s, %(since)s from ended order by line_id returning line_id""",
            {"since": since, "lines": list(line_ids), "version": tariff_version_id},
        )
        changed = [line_id for (line_id,) in cursor.fetchall()]
    if changed:
        outbox.announce(TariffChanged(changed))
    return changed


def give_access(*, line_id: int, account_id: int, at: datetime) -> None:
    """Record that `account_id` proved the line at `at`; a line answers to one account."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into lines_lineaccess (line_id, account_id, proven_at) values (%s, %s, %s)
               on conflict (line_id) do update set account_id = excluded.account_id, proven_at = excluded.proven_at""",
            [line_id, account_id, at],
        )


@dataclass(frozen=True, slots=True)
class Entered:
    """Who got in, and by which line; `held`: its SIM or forwarding changed lately, so this was no fresh proof."""

    account_id: int
    line_id: int
    held: bool = False


def request_code(
    *,
    number: Msisdn,
    purpose: Purpose,
    again: UUID | None,
    origin: Origin,
    host: str,
    language: str,
    at: datetime,
    channel: Channel = Channel.SMS,
    solved: bool = False,
) -> UUID:
    """Send a code to `number` (of our ranges), or say it in a call, and return the challenge of the browser that asked.

    A number that nobody uses costs the same work, gives the same answer and gets nothing. A number whose calls are
    forwarded is not called. `again` is the browser's own challenge, whose code is repeated while it lives; `solved`:
    a captcha was answered for this. Raises `identity.rules.TooMany`, `identity.rules.CaptchaNeeded`.
    """
    reached = queries.reached_by(number.e164)
    return identity.send_code(
        purpose=purpose,
        number=number.e164,
        subject=reached.line_id if reached else None,
        withheld=channel is Channel.VOICE and reached is not None and reached.forwarded,
        solved=solved,
        again=again,
        origin=origin,
        host=host,
        language=language,
        at=at,
        channel=channel,
    )


# One statement for whoever was here before. The row of the line is locked first, so that two first entries at once
# agree on one account.
_OPEN = f"""
with served as (
    select id, service, contract_id from lines_line where id = %(line)s and closed_at is null for no key update
), opened as (
    update lines_lineaccess access set proven_at = %(at)s from served where access.line_id = served.id
    returning access.account_id
)
select served.service, served.contract_id, (select account_id from opened), {queries.CHANGES} from served
"""


def enter(*, challenge_id: UUID, typed: str, language: str, at: datetime) -> Entered:
    """Open the account of the line whose code `typed` is; the first time, make it.

    Raises what `identity.actions.check_code` raises. A number given to somebody else since is another line, so
    its old code opens nothing.
    """
    right = identity.check_code(challenge_id=challenge_id, purpose=Purpose.ENTRY, typed=typed, at=at)
    with transaction.atomic():
        # The line first, then the code: in the order in which an event of the network takes them.
        entered = _open(line_id=right.subject, number=right.number, language=language, at=at)
        identity.use_code(right, at=at)
    return entered


def open_line(*, line_id: int, language: str, at: datetime) -> int:
    """Return the account of a line that was just proven; the first time, make it. Raises `CodeExpired`: closed."""
    return _open(line_id=line_id, number="", language=language, at=at).account_id


def _open(*, line_id: int, number: str, language: str, at: datetime) -> Entered:
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"line": line_id, "at": at})
        row = cursor.fetchone()
    if row is None:
        raise CodeExpired
    service, contract_id, account_id, sim, forwarding = row
    if service != "mobile":
        # The code went to the number that a contract names.
        return open_contract(contract_id=contract_id, sent_to=number, language=language, at=at)
    if account_id is None:
        # Whoever was first has made it by now, and this statement sees it.
        account_id = queries.account_of(line_id) or identity.open_account(language=language)
        give_access(line_id=line_id, account_id=account_id, at=at)
    hold = hold_of(sim_replaced_at=sim, forwarding_changed_at=forwarding, now=at)
    return Entered(int(account_id), line_id, held=hold is not None)


class ContractEnded(Exception):
    """The contract whose code was right has no line any more; `at` is when the last was closed."""

    def __init__(self, at: datetime | None) -> None:
        super().__init__(at)
        self.at = at


_OPEN_CONTRACT = """
insert into lines_lineaccess (line_id, account_id, proven_at)
select line.id, %(account)s, %(at)s from lines_line line
 where line.contract_id = %(contract)s and line.closed_at is null
on conflict (line_id) do update set account_id = excluded.account_id, proven_at = excluded.proven_at
"""


def open_contract(*, contract_id: int, sent_to: str, language: str, at: datetime) -> Entered:
    """Open the account of a contract that was just proven, with all its lines, in the current transaction.

    That is the account that proved it before, or else the one that proved its party's main line, or a new one.
    `sent_to` is where the code went: E.164 or an e-mail address; empty when that was settled before. Raises
    `CodeExpired` when codes of the contract go elsewhere by now, `ContractEnded` when it has no line any more.
    """
    # Two first entries at once must agree on one account.
    own = models.Line.objects.select_for_update(no_key=True).filter(contract_id=contract_id).order_by("id")
    lines = list(own.values_list("id", "closed_at"))
    contract = customers.contract(contract_id)
    if contract is None or contract.entered_at is None:
        raise CodeExpired
    if sent_to not in ("", contract.contact_number, contract.contact_email):
        raise CodeExpired
    served = [line_id for line_id, closed_at in lines if closed_at is None]
    if not served:
        raise ContractEnded(max((closed_at for _, closed_at in lines if closed_at), default=None))
    account_id = queries.account_of_contract(contract_id) or identity.open_account(language=language)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_CONTRACT, {"account": account_id, "contract": contract_id, "at": at})
    held = sent_to.startswith("+") and queries.hold_of_number(sent_to, at) is not None
    return Entered(account_id, served[0], held)


def confirm(*, challenge_id: UUID, line_id: int, typed: str, at: datetime) -> None:
    """Prove afresh that the line signed in with is in the person's hands; raises as `enter` does."""
    right = identity.check_code(challenge_id=challenge_id, purpose=Purpose.CONFIRM, typed=typed, at=at)
    if right.subject != line_id:
        raise WrongCode(0)
    identity.use_code(right, at=at)

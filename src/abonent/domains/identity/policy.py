"""The profile an operator chooses: what codes and passwords must be like. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """One profile. Lengths are in characters."""

    name: str
    code_digits: int
    # Digits and letters of both cases must be in a password.
    mixed: bool
    # The new password is typed twice.
    typed_twice: bool
    # A reminder that the password is old; None: never.
    reminded_after: timedelta | None
    # `25 <own password>` to 111 makes a password.
    password_by_sms: bool
    wrong_passwords_max: int = 3
    password_length_min: int = 8
    password_length_max: int = 128
    # Who acts for a company shows a second factor, as staff always does.
    companies_need_second_factor: bool = True


MODERN = Policy("modern", code_digits=6, mixed=False, typed_twice=False, reminded_after=None, password_by_sms=False)
CLASSIC = Policy(
    "classic",
    code_digits=4,
    mixed=True,
    typed_twice=True,
    reminded_after=timedelta(days=180),
    password_by_sms=True,
    companies_need_second_factor=False,
)
POLICIES = {policy.name: policy for policy in (MODERN, CLASSIC)}

"""Whose range a number lies in."""

from __future__ import annotations

import pytest

from abonent.domains.lines.rules import Holder, holder_of
from abonent.foundation.values import Msisdn


@pytest.mark.parametrize(
    ("number", "holder"),
    [
        ("+79000000001", Holder.OURS),
        ("+79010000001", Holder.OTHER),
        ("+77010000001", Holder.OTHER),
        ("+375291234567", Holder.FOREIGN),
        ("+14155550100", Holder.FOREIGN),
    ],
)
def test_a_number_is_ours_anothers_or_foreign(number: str, holder: Holder) -> None:
    assert holder_of(Msisdn(number), ranges=("+7900",), region="RU") is holder

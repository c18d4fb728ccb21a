"""A worker's round over many things: what fails holds up nothing, and is not lost."""

from __future__ import annotations

import pytest

from abonent.foundation import rounds


def test_one_that_fails_keeps_no_other_from_its_turn_and_is_raised_at_the_end() -> None:
    done: list[int] = []

    def act(number: int) -> None:
        done.append(10 // number)

    with pytest.raises(ExceptionGroup) as failed:
        rounds.each([5, 0, 2], act)
    assert done == [2, 5]
    assert [type(one) for one in failed.value.exceptions] == [ZeroDivisionError]
    assert rounds.each([1, 2], act) == 2

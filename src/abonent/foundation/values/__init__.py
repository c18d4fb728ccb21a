"""Values everybody shares: phone numbers, periods, typed sums. Pure: no Django, no clock, no network."""

from abonent.foundation.values.amount import InvalidAmount, parse_amount
from abonent.foundation.values.msisdn import InvalidNumber, Msisdn
from abonent.foundation.values.period import Period

__all__ = ["InvalidAmount", "InvalidNumber", "Msisdn", "Period", "parse_amount"]

"""Values everybody shares: phone numbers, periods. Pure: no Django, no clock, no network."""

from abonent.foundation.values.msisdn import InvalidNumber, Msisdn
from abonent.foundation.values.period import Period

__all__ = ["InvalidNumber", "Msisdn", "Period"]

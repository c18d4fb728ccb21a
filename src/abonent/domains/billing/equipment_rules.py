"""What charges for things are called. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from abonent.domains.billing.rules import Category

CATEGORY: Category = "equipment"
RENT, PART = "equipment-rent", "equipment-part"
RULE_OF: Mapping[str, str] = {"rented": RENT, "instalments": PART}

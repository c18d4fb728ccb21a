"""Services that the first subscribers of «Орбита» have from the start; its network switches them on when it is up."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from abonent.demo.people import World, number_of
from abonent.domains.catalog.offers import queries as offers_queries
from abonent.domains.catalog.offers.rules import OfferVersion
from abonent.domains.lines import queries as lines
from abonent.domains.lines.products import actions as products
from abonent.domains.lines.provisioning import actions as provisioning
from abonent.domains.lines.queries import Line

# By the place of the number; nobody with another story loses money to it.
CONNECTED = {
    0: ("roaming", "caller-name", "answering-machine", "ring-back-tone"),
    3: ("roaming",),
    4: ("missed-calls", "spam-shield"),
}


def connect(world: World) -> None:
    """Connect them; the same again changes nothing."""
    sold = {version.code: version for version in offers_queries.sold_on(world.now.date(), "mobile")}
    for place, codes in CONNECTED.items():
        line = lines.served_by_number(number_of(place)) if place < world.subscribers else None
        if line is not None:
            for code in codes:
                _connect(world, line, sold[code])


def _connect(world: World, line: Line, version: OfferVersion) -> None:
    products.begin(line_id=line.id, offer_version_id=version.id or 0, at=world.now)
    command_id = uuid5(NAMESPACE_URL, f"https://orbita.example/services/{world.seed}/{line.number}/{version.code}")
    provisioning.enqueue(command_id=command_id, line_id=line.id, on=version.network, reference=None, at=world.now)

"""The listener as a server loads it, with the operator's settings."""

from abonent.config.environment import read
from abonent.domains.identity.recognition_rules import ticket_key
from abonent.entrypoints.recogniser.listener import Options, listener

_settings = read()
application = listener(
    Options(
        key=ticket_key(_settings.recogniser.key),
        hosts=_settings.allowed_hosts,
        https=_settings.https,
        number_header=_settings.recogniser.number_header,
        line_header=_settings.recogniser.line_header,
        ranges=_settings.number_ranges,
        peers=_settings.recogniser.peers,
    )
)

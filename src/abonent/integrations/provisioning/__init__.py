"""The operator's network by HTTP: commands with an id, signed; settings `ABONENT_NETWORK_…`, docs/gateways.md."""

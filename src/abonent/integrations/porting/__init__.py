"""The central database of numbers by HTTP: requests with an id, signed; settings `ABONENT_PORTING_…`, docs/gateways.md."""

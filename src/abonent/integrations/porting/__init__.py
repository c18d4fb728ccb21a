"""The central database of numbers by HTTP: signed requests with an id; see `ABONENT_PORTING_…`, docs/gateways.md."""

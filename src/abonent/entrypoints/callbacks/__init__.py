"""What gateways tell us by HTTP: SMS from people, receipts of delivery. Signed, or it is as if nothing were here."""

"""What gateways tell us by HTTP: SMS from people, receipts of delivery, payments. Signed, or nothing is here."""

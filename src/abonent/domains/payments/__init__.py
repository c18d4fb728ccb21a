"""Money from outside: payments, refunds, saved cards. Asks a gateway and believes what it answers; knows no telecom."""

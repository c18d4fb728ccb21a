"""Why money moves on an account: rating, fees, top-ups, promises, transfers, bills; balance and the statement."""

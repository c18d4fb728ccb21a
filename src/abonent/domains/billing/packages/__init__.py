"""What a line has to use beside its tariff's allowances."""

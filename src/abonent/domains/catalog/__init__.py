"""What the operator sells: tariffs as dated versions, destinations, roaming zones, content services."""

"""Things that staff hand out, exchange and take back."""

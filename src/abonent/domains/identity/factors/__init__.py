"""Second factors: what proves them, who has which, and how often one may be wrong."""

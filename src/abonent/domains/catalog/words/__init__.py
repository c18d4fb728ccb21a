"""Words by which what is sold is asked for from a phone."""

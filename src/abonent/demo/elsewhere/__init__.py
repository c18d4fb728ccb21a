"""The other services of the demo, played on this machine: plainly fictional, so that nothing ever leaves it."""

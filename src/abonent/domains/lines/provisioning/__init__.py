"""Commands to the network: a queue that is asked until there is an answer."""

"""Home internet and TV: what they are used with, cards activated anew, technicians who come."""

"""Orders from a phone: by SMS and USSD."""

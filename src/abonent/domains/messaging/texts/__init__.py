"""What messages say: by SMS, by e-mail, by voice."""

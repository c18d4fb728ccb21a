"""SMS from people to our short numbers: which word was meant, and what is answered."""

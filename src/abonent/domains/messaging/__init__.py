"""Messages to and from people: one outbox for all channels, no secret in it, delivery with retries."""

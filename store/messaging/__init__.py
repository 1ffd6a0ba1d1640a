"""What RabbitMQ carries, and what wakes whoever waits."""

"""Where things are remembered: SQL log, outbox, inbox; the exchange; the Mongo views; the change stream; signals."""

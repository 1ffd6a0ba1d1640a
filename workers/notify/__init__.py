"""The process that tells people of their tasks: by mail and by webhooks."""

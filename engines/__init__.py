"""What an engine is to us: the protocol, the SpiffWorkflow plugin, foreign record formats, expressions."""

"""Events as they are logged, sent and read, in every version there was."""

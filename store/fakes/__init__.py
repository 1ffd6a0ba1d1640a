"""The same promises without servers, for tests."""

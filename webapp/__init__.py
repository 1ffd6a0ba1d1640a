"""How people see and answer: Flask page, REST, long poll."""

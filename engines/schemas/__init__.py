"""Forms that are JSON Schemas: looked at when they are deployed, read as fields, and judged whole.

Source: https://json-schema.org/specification, drafts 7 and 2020-12.
"""

"""What requests look like: told in full, and made once."""

from __future__ import annotations

from webapp.api.schemas import ChangesQuery, ListQuery


def test_the_schema_that_every_request_looks_at_is_made_once_per_model() -> None:
    assert ListQuery.model_json_schema() is ListQuery.model_json_schema()
    assert {"cursor", "wait", "filter"} <= ChangesQuery.model_json_schema()["properties"].keys()


def test_the_description_of_the_api_has_schemas_of_its_own() -> None:
    described = ListQuery.model_json_schema(mode="serialization")
    described.clear()
    assert ListQuery.model_json_schema(mode="serialization")

"""The business data that tasks are about, and what was done to it."""

from __future__ import annotations

from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from domain.query.fields import ENTRY
from domain.query.sort import parse_sort
from store.lists.conditions import PlainQuery
from store.lists.entry_list import NEWEST_ENTRIES
from webapp.api import answers, rendering
from webapp.api.described import SECURITY, reading
from webapp.api.listing import filters_of, place_of, shown, words
from webapp.api.schemas import EntryPath, EntryQuery, SliceQuery
from webapp.services import services
from webapp.sign_in import asker, require_sign_in

api = APIBlueprint(
    "data entries", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="data entries")], abp_security=SECURITY
)
api.before_request(require_sign_in)


@api.get("/data-entries", responses=reading(answers.EntryPage))
def data_entries(query: EntryQuery) -> Response:
    """The data entries the asker may see, the last changed first unless sorted otherwise."""
    wanted = {"application": query.application, "entryType": query.entry_type, "entryId": query.entry_id}
    equal = {name: value for name, value in wanted.items() if value is not None}
    found = PlainQuery(asker(), equal, filters_of(query, ENTRY), words(query.q))
    place = place_of(query)
    page = services().entries.find(found, parse_sort(query.sort, ENTRY, NEWEST_ENTRIES), place)
    return jsonify(shown(page, place, lambda items: [rendering.entry(one) for one in items]))


@api.get("/data-entries/<string:entry_id>", responses=reading(answers.Entry, 404))
def one_entry(path: EntryPath) -> Response:
    """One data entry; the ETag is its revision."""
    entry = rendering.entry(services().entries.get(path.entry_id, asker()), whole=True)
    response = jsonify(entry)
    response.set_etag(str(entry["revision"]))
    return response


@api.get("/data-entries/<string:entry_id>/history", responses=reading(answers.EntryHistory, 404))
def entry_history(path: EntryPath, query: SliceQuery) -> Response:
    """What was done to the entry, the newest first."""
    entry = services().entries.get(path.entry_id, asker())
    found = services().entries.history(entry["_id"], query.page, query.size)
    return jsonify(items=[rendering.entry_line(one) for one in found], page=query.page, size=query.size)

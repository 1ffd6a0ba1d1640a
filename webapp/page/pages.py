"""The page people use: signing in and out, and the task list itself."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from domain.access import User
from settings import DEMO
from store.identity.people import DEMO_GROUPS
from webapp.page import assets
from webapp.page.words import words
from webapp.problems import TooManyGuesses
from webapp.services import services
from webapp.sign_in import TOKEN, begin_session, by_password, by_session, csrf, end_sessions

page = Blueprint("page", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
_OWN = {"Cache-Control": "no-store", "Vary": "Accept-Language, Cookie"}
"""Of this user, in this language, and as it is now."""
page.add_url_rule("/service-worker.js", view_func=assets.service_worker)
page.add_url_rule("/manifest.webmanifest", view_func=assets.manifest)


@page.get("/")
def tasks() -> AnyResponse:
    """The task list, or the way to it."""
    user = _signed_in()
    if user is None:
        return redirect(url_for("page.sign_in", to=request.query_string.decode("ascii", "replace") or None))
    flower = services().settings.flower_url if user.is_operator else ""
    assigners = services().settings.assigning_groups
    told = {"user": user, "assigners": assigners, "is_demo": _is_demo(), "flower": flower}
    return Response(render_template("tasks.html", is_built=assets.is_built(), **told), headers=_OWN)


@page.get("/sign-in")
def sign_in() -> AnyResponse:
    """The form to sign in with."""
    return Response(_form(), headers=_OWN) if _signed_in() is None else redirect(_wanted())


@page.post("/sign-in")
def enter() -> AnyResponse:
    """Sign in."""
    csrf.protect()
    name = request.form.get("username", "")
    try:
        user = by_password(name, request.form.get("password", ""), request.remote_addr or "")
    except TooManyGuesses as error:
        seconds = str(error.facts["seconds"])
        wait = words()["wait"].format(seconds=seconds)
        return Response(_form(name, wait), status=429, headers={"Retry-After": seconds})
    if user is None:
        return Response(_form(name, words()["wrong"]), status=401)
    begin_session(user)
    return redirect(_wanted())


@page.post("/sign-out")
def leave() -> AnyResponse:
    """Sign out, here and in every other browser."""
    csrf.protect()
    if user := _signed_in():
        end_sessions(user.name)
    session.clear()
    return redirect(url_for("page.sign_in"))


def _signed_in() -> User | None:
    token = session.get(TOKEN)
    return by_session(token, used=True) if isinstance(token, str) else None


@page.after_request
def _keep(response: Response) -> Response:
    if request.endpoint == "page.static":
        return assets.keep_long(response, str((request.view_args or {})["filename"]), request.args.get("v"))
    return response


@page.context_processor
def _said() -> dict[str, object]:
    return {"built": assets.built, "first_parts": assets.first_parts, "words": words()}


# A link leads to what it says after signing in too: only what follows the `?` is taken, so it stays on this page.
def _wanted() -> str:
    to = request.args.get("to", "")
    return url_for("page.tasks") + (f"?{to}" if to and to.isprintable() else "")


def _form(name: str = "", error: str | None = None) -> str:
    demo = DEMO_GROUPS if _is_demo() else {}
    return render_template("sign_in.html", name=name, error=error, demo=demo, to=request.args.get("to"))


def _is_demo() -> bool:
    return services().settings.profile == DEMO

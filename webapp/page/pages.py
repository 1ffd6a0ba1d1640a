"""The page people use: signing in and out, and the task list itself."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from domain.access import User
from settings import DEMO
from store.identity.people import DEMO_GROUPS
from webapp.problems import TooManyGuesses
from webapp.services import services
from webapp.sign_in import TOKEN, begin_session, by_password, by_session, csrf, end_sessions

page = Blueprint("page", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
_BUILT = Path(__file__).parent / "static" / "built" / "page.js"
"""What setting up makes of `client/`."""


@page.get("/")
def tasks() -> AnyResponse:
    """The task list, or the way to it."""
    user = _signed_in()
    if user is None:
        return redirect(url_for("page.sign_in"))
    return Response(render_template("tasks.html", user=user, built=_BUILT.exists()))


@page.get("/sign-in")
def sign_in() -> AnyResponse:
    """The form to sign in with."""
    return Response(_form()) if _signed_in() is None else redirect(url_for("page.tasks"))


@page.post("/sign-in")
def enter() -> AnyResponse:
    """Sign in."""
    csrf.protect()
    name = request.form.get("username", "")
    try:
        user = by_password(name, request.form.get("password", ""), request.remote_addr or "")
    except TooManyGuesses as error:
        seconds = str(error.facts["seconds"])
        wait = f"Too many wrong passwords. Try again in {seconds} seconds."
        return Response(_form(name, wait), status=429, headers={"Retry-After": seconds})
    if user is None:
        return Response(_form(name, "That name and password do not belong together."), status=401)
    begin_session(user)
    return redirect(url_for("page.tasks"))


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


def _form(name: str = "", error: str | None = None) -> str:
    demo = DEMO_GROUPS if services().settings.profile == DEMO else {}
    return render_template("sign_in.html", name=name, error=error, demo=demo)

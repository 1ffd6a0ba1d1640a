"""The page people use: signing in and out, and the task list itself."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from domain.access import User
from settings import DEMO
from webapp.accounts import DEMO_GROUPS
from webapp.services import services
from webapp.sign_in import USER, csrf

page = Blueprint("page", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


@page.get("/")
def tasks() -> AnyResponse:
    """The task list, or the way to it."""
    user = _signed_in()
    if user is None:
        return redirect(url_for("page.sign_in"))
    return Response(render_template("tasks.html", user=user))


@page.get("/sign-in")
def sign_in() -> AnyResponse:
    """The form to sign in with."""
    return Response(_form()) if _signed_in() is None else redirect(url_for("page.tasks"))


@page.post("/sign-in")
def enter() -> AnyResponse:
    """Sign in."""
    csrf.protect()
    name = request.form.get("username", "")
    user = services().accounts.by_password(name, request.form.get("password", ""))
    if user is None:
        return Response(_form(name, "That name and password do not belong together."), status=401)
    session.clear()
    session[USER], session.permanent = user.name, True
    return redirect(url_for("page.tasks"))


@page.post("/sign-out")
def leave() -> AnyResponse:
    """Sign out."""
    csrf.protect()
    session.clear()
    return redirect(url_for("page.sign_in"))


def _signed_in() -> User | None:
    name = session.get(USER)
    return services().accounts.user(name) if isinstance(name, str) else None


def _form(name: str = "", error: str | None = None) -> str:
    demo = DEMO_GROUPS if services().settings.profile == DEMO else {}
    return render_template("sign_in.html", name=name, error=error, demo=demo)

"""Doing again what fails for a while: how long one waits between, which failures, for how long, and who is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_after_delay, stop_any
from tenacity.nap import sleep as nap
from tenacity.stop import stop_base
from tenacity.wait import wait_exponential

ResultT = TypeVar("ResultT")


def retry(
    work: Callable[[], ResultT],
    *,
    on: type[Exception] | tuple[type[Exception], ...],
    pause: float,
    longest: float | None = None,
    seconds: float | None = None,
    attempts: int | None = None,
    failed: Callable[[BaseException], object] = lambda _: None,
    sleep: Callable[[float], object] = nap,
) -> ResultT:
    """What `work` returns, called again after each failure named by `on`; raises any other, and the last one.

    Pauses double up to the `longest`, and are alike without one. A failure after `seconds`, or after so many
    `attempts`, is the last; without either none is. `failed` hears of each that is followed by a pause. Where `sleep`
    answers that it is time to end, as `Stop.wait` does, the failure before it is the last.
    """
    failures: list[BaseException] = []

    def tell(state: RetryCallState) -> None:
        if state.outcome is not None and (error := state.outcome.exception()):
            failures[:] = [error]
            failed(error)

    def rest(seconds: float) -> None:
        if sleep(seconds):
            raise failures[0]

    trying = Retrying(
        retry=retry_if_exception_type(on),
        wait=wait_exponential(multiplier=pause, max=pause if longest is None else longest),
        stop=stop_any(*_limits(seconds, attempts)),
        before_sleep=tell,
        sleep=rest,
        reraise=True,
    )
    return trying(work)


def _limits(seconds: float | None, attempts: int | None) -> list[stop_base]:
    return [
        *([] if seconds is None else [stop_after_delay(seconds)]),
        *([] if attempts is None else [stop_after_attempt(attempts)]),
    ]

"""Try what nobody would write, for as long as wanted: `python -m tests.fuzz models --minutes 60 --seed 7`.

Exit 1: something was found, or memory was not flat. `parser` needs atheris: `pip install -r requirements-fuzz.txt`.
"""

import argparse
import logging
import secrets
import sys
from importlib import import_module

from tests.fuzz.play import MAY_GROW, play

ROOMS = ("expressions", "models", "decisions")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("room", choices=(*ROOMS, "parser"))
    options.add_argument("--minutes", type=float, default=5.0)
    options.add_argument("--seed", type=int, default=None)
    asked = options.parse_args()
    first = secrets.randbelow(1_000_000) if asked.seed is None else asked.seed
    say(f"seed {first}")
    logging.disable()
    if asked.room == "parser":
        return import_module("tests.fuzz.parser").play(asked.minutes * 60, first)
    played = play(import_module(f"tests.fuzz.{asked.room}").ROOM, asked.minutes * 60, first, say)
    for name in played.findings:
        say(f"== {name}")
    begin, end = (played.memory[at][1] >> 20 for at in (0, -1))
    say(f"{played.examples} examples, {len(played.findings)} findings, memory {begin} MB at first, {end} MB at last,")
    say(f"{played.growth >> 20} MB more than when warm, {MAY_GROW >> 20} MB are allowed")
    return 0 if played.holds else 1


def say(line):
    print(line, flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    sys.exit(main())

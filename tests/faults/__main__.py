"""Break a system for as long as wanted: `python -m tests.faults --minutes 60 --seed 7`.

Exit 1: something did not hold, or a run of ten minutes and more hit or did too little to show that it does.
"""

import argparse
import secrets
import sys
from pathlib import Path

from tests.faults.report import as_json, lines
from tests.faults.run import play

IMPATIENCE = 0.1


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=5.0)
    options.add_argument("--seed", default=None)
    options.add_argument("--sql", choices=("postgresql", "sqlite"), default="postgresql")
    options.add_argument("--json", type=Path, default=None, help="also write the counts here")
    options.add_argument("--keep", type=Path, default=None, help="copy the logs of all processes to this folder")
    asked = options.parse_args()
    seed = asked.seed or str(secrets.randbelow(1_000_000))
    say(f"seed {seed}")
    result = play(
        seed,
        asked.minutes * 60,
        postgresql=asked.sql == "postgresql",
        impatience=IMPATIENCE,
        bombs=True,
        errands=True,
        keep=asked.keep,
        say=say,
    )
    for line in lines(result):
        say(line)
    if asked.json:
        asked.json.write_text(as_json(result))
    return 0 if result.holds else 1


def say(line):
    print(line, flush=True)  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    sys.exit(main())

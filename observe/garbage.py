"""How often a process that lives long looks for what only refers to itself."""

import gc

ALLOCATED = 10_000
"""Objects more than were given back, between two looks at the youngest; Python's own 700 costs a projector a sixth."""


def collect_seldom() -> None:
    """Never look again at what is loaded, which lives as long as the process; called when that is done."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATED, *gc.get_threshold()[1:])

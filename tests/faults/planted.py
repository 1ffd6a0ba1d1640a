"""How a defect is planted: every test runs twice, with the system as it is and with the defect in it."""

import pytest

both = pytest.mark.parametrize("broken", [False, True], ids=["as it is", "broken"])


def verdict(path, broken, *kinds):
    """Broken: all of these kinds are found. As it is: nothing is."""
    found = path.violations()
    assert found >= set(kinds) if broken else found == set(), found

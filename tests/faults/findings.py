"""What was compared, how often, and what did not hold."""

from collections import Counter


class Findings:
    """Collects comparisons by kind; a violation reads `kind: what is wrong`."""

    def __init__(self):
        self.made, self.found = Counter(), []

    def expect(self, kind, holds, words):
        self.made[kind] += 1
        if not holds:
            self.found.append(f"{kind}: {words}")

    @property
    def kinds(self):
        return {text.partition(":")[0] for text in self.found}

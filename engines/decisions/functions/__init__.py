"""The functions of FEEL itself, by name; each module declares its own."""

from engines.decisions.functions import contexts, conversions, dates, lists, numbers, ranges, sums, texts
from engines.decisions.functions.builtin import BUILTINS

__all__ = ["BUILTINS", "contexts", "conversions", "dates", "lists", "numbers", "ranges", "sums", "texts"]

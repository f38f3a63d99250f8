"""Sets of words, written as text."""

from __future__ import annotations


def words(text: str) -> frozenset[str]:
    """The words of a text, for tables that are easier to read and change as running text."""
    return frozenset(text.split())

"""Text front end: a script to sentences, words and phonemes."""

from __future__ import annotations

from avgen.text.lexicon import Lexicon, read_lexicon
from avgen.text.reader import check_script, read_script
from avgen.text.script import Mark, Note, Paragraph, Pause, Prosody, Script, Sentence, Word

__all__ = [
    "Lexicon",
    "Mark",
    "Note",
    "Paragraph",
    "Pause",
    "Prosody",
    "Script",
    "Sentence",
    "Word",
    "check_script",
    "read_lexicon",
    "read_script",
]

"""Whether a word is a verb in its sentence, told from its neighbours.

The G2P's own tagger knows the tags of common words well and guesses those of rarer ones. Words that are
pronounced as their part of speech says ("we record", "a record") deserve better than a guess, so the
few neighbours that decide are looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_REACH = 8
"""Words on either side that can tell anything; more would make long sentences slow."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_AUXILIARIES: Final = _words(
    """
    will would can could shall should may might must 'll 'd do does did ca wo sha ought cannot let gonna
    wanna
    """
)
_BE: Final = _words(
    """
    am is are was were be been being 'm 're get gets got getting seem seems seemed feel feels felt
    """
)
_HAVE: Final = _words("have has had having 've")
_DETERMINERS: Final = _words(
    """
    the a an my your his its our their these those each every any some no another 's ' whose both
    several many few
    """
)
_POSSESSIVES: Final = _words("my your his its our their")
_SUBJECTS: Final = _words("i we they he she who people")
_OBJECTS: Final = _words("it you him her them us me")
_SINGULARS: Final = _words(
    """
    he she it who which everyone everybody someone somebody anyone anybody nobody everything
    """
)
_INDEFINITE: Final = _words(
    """
    everyone everybody someone somebody anyone anybody nobody you it this that
    """
)
_CAUSATIVES: Final = _words(
    """
    let lets make makes made help helps helped have see saw watch watched hear heard helping
    """
)
_ADVERBS: Final = _words(
    """
    always never often also just still even ever really then now soon sometimes not n't usually rarely
    seldom again first only simply either
    """
)
_DEGREES: Final = _words(
    """
    very too so more most less least quite rather as such fairly pretty extremely
    """
)
_PREPOSITIONS: Final = _words(
    """
    of in on at by for with from into about under over without between against after before during per
    through via like than toward towards among within near behind beyond despite until across
    """
)
_PREPOSITIONAL_TO: Final = _words(
    """
    due according addition access response relation back similar prior close opposed contributes
    contribute lead leads led leading attention key keys answer approach solution exposure next thanks
    import export compared
    """
)
_OBJECT_STARTS: Final = _words(
    """
    the a an my your his her its our their this that these those it him them us me you everything any all
    each every some no both what everyone anyone something anything myself yourself itself himself how most
    many more several one two three whether themselves ourselves herself
    """
)
_AFTER_VERBS: Final = _words(
    """
    to with in on at into from for against between about as by over through that if when up
    """
)
_OPENERS: Final = _words("^ , ; : — – - \" “ ” ' and or then please but so just ( … . ? ! & now next first")
_CLAUSE_EDGES: Final = _words(
    """
    ^ $ , ; : — – ( ) . ? ! … and but or that which who because if when while since although where why
    how what
    """
)
_FINITE: Final = frozenset({"VBD", "VBZ", "VBP", "MD"})
_PARTS: Final = {"NN": "noun", "VB": "verb", "JJ": "adjective", "RB": "adverb"}
_NOUNS: Final = frozenset({"NN", "NNS", "NNP", "NNPS"})
_MODIFIERS: Final = frozenset({"JJ", "JJR", "JJS", "CD", "VBG"})


@dataclass(frozen=True, slots=True)
class Place:
    """A word and its neighbours, nearest first; "^" and "$" stand at the edges of what is looked at.

    Attributes:
        word: the word in small letters.
        left: (word, tag) of the words before it.
        right: (word, tag) of the words after it.
    """

    word: str
    left: tuple[tuple[str, str], ...]
    right: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The neighbourhood as words, the word itself as "@"."""
        before = " ".join(word for word, _ in reversed(self.left[:-1]))
        return f"{before} @ {' '.join(word for word, _ in self.right)}"


def place(words: Sequence[str], tags: Sequence[str], index: int) -> Place:
    """Look at a word of a sentence.

    Args:
        words: the sentence's words and punctuation marks in small letters.
        tags: their tags (Penn Treebank).
        index: position of the word.
    """
    tagged = list(
        zip(words[max(0, index - _REACH) : index], tags[max(0, index - _REACH) : index], strict=True)
    )
    left = [*tagged[::-1], ("^", ""), ("^", "")]
    stop = index + 1 + _REACH
    right = list(zip(words[index + 1 : stop], tags[index + 1 : stop], strict=True))
    return Place(words[index], tuple(left), (*right, ("$", "")))


def is_verb(here: Place) -> bool | None:
    """Tell whether a word that can be a noun (or adjective) and a verb is a verb.

    Args:
        here: the word; forms on -s count as third person or plural.

    Returns:
        None where the neighbours do not tell.
    """
    left = _without_adverbs(here.left)
    before, tag = left[0]
    third_person = here.word.endswith("s") and not here.word.endswith("ss")
    if before == "please" or (before == "'s" and left[1][0] == "let"):
        return not third_person
    for rule in (_after_to, _after_pronoun, _after_that):
        verdict = rule(left, here.right, third_person)
        if verdict is not None:
            return verdict
    if before in _AUXILIARIES or (tag == "MD" and before != "'s"):
        return not third_person
    if before in _OPENERS:
        return _is_command(left, here.right, third_person, here.word.endswith("ate"))
    if (
        here.left[0][0] in _DEGREES
        or before in _DETERMINERS | _PREPOSITIONS | _BE | _HAVE
        or before == "this"
    ):
        return False
    if tag in _MODIFIERS:
        return tag == "CD" and here.right[0][0] in _POSSESSIVES
    if tag in _NOUNS:
        return _is_predicate(left, here.right, third_person)
    return False if tag in _FINITE | {"VB", "VBN", "PRP$"} and before not in _CAUSATIVES else None


def part_of_speech(here: Place, tag: str) -> str:
    """Name the part of speech of a word.

    Args:
        here: the word.
        tag: the tagger's guess (Penn Treebank).

    Returns:
        noun, verb, adjective, adverb, or "" for all others.
    """
    guess = next((part for start, part in _PARTS.items() if tag.startswith(start)), "")
    if guess not in ("noun", "verb", "adjective"):
        return guess
    verdict = is_verb(here)
    if verdict is None:
        return guess
    return "verb" if verdict else "noun" if guess == "verb" else guess


def _without_adverbs(left: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    skipped = 0
    for word, tag in left[:-2]:
        if word not in _ADVERBS and not (tag == "RB" and word.endswith("ly")):
            break
        skipped += 1
    return left[skipped:]


def _second(left: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """The word before the word before, adverbs apart."""
    return _without_adverbs(left[1:])[0]


_Side = tuple[tuple[str, str], ...]


def _after_to(left: _Side, right: _Side, third_person: bool) -> bool | None:
    if left[0][0] != "to":
        return None
    is_preposition = _second(left)[0] in _PREPOSITIONAL_TO and right[0][0] not in _OBJECT_STARTS
    return not third_person and not is_preposition


def _after_pronoun(left: _Side, right: _Side, third_person: bool) -> bool | None:
    before, (earlier, tag) = left[0][0], _second(left)
    if before in _SINGULARS and third_person:
        return True
    if third_person or before not in _SUBJECTS | _OBJECTS | _INDEFINITE - {"this", "that"}:
        return None
    if earlier in _CAUSATIVES or earlier in _AUXILIARIES:
        return True
    if before in _SUBJECTS:
        return True
    is_object = tag.startswith("VB") or earlier in _PREPOSITIONS
    return before == "you" and not is_object


def _after_that(left: _Side, right: _Side, third_person: bool) -> bool | None:
    if left[0][0] not in ("that", "which"):
        return None
    if left[0][0] == "which":
        return left[1][0] == "," or left[1][1] in _NOUNS
    return left[1][1] == "NN" if third_person else left[1][1] in ("NNS", "NNPS")


def _is_command(left: _Side, right: _Side, third_person: bool, is_adjective: bool) -> bool | None:
    """After a border of clauses: "Import this", "cut and record it", but "Object detection".

    Words on -ate are adjectives where they are no verbs: "Elaborate on it", "Deliberate acts".
    """
    before, (earlier, tag) = left[0][0], _second(left)
    following, following_tag = right[0]
    if before in ("and", "or", "&") and tag in _NOUNS | {"JJ"} and following not in _OBJECT_STARTS:
        return False
    if before in ("and", "or") and (tag.startswith("VB") or tag == "MD") and earlier not in _BE:
        return True
    if third_person:
        return False if before == "^" else None
    if following in _OBJECT_STARTS:
        return True
    if following in ("as", "with", "into", "to", "from", "up", "down", "by") and not _has_finite(right):
        return True
    if (following.endswith("ly") or (is_adjective and following in _PREPOSITIONS)) and not _has_finite(right):
        return True
    if following in ("of", "for", "$", ".", ",") or _has_finite(right):
        return False
    return None if following_tag in _NOUNS and not is_adjective else False


def _is_predicate(left: _Side, right: _Side, third_person: bool) -> bool | None:
    """After a noun: the verb of the clause where the clause has no other."""
    noun, tag = left[0]
    is_first = left[1][0] == "^" or right[0][0] in _OBJECT_STARTS
    is_plural = tag in ("NNS", "NNPS") or (tag == "NNP" and noun.endswith("s") and is_first)
    if not third_person and (_is_asked(left) or not is_plural):
        return _is_asked(left)
    if third_person and is_plural and left[1][0] not in _PREPOSITIONS | {"the"}:
        return False
    following, tag = right[0]
    if following in _OBJECT_STARTS - {"that"}:
        return True
    if _has_finite(left) or _has_finite(right):
        return False
    if following in _AFTER_VERBS or tag in ("RB", "PRP", "PRP$", "DT", "WRB"):
        return True
    if is_plural and tag in _NOUNS | {"JJ"} and any(word in (".", "!", "?") for word, _ in right):
        return True
    ends = following in (".", "$", "?", "!", ",")
    return True if ends and any(word in _DETERMINERS for word, _ in left) else None


def _is_asked(left: _Side) -> bool | None:
    """Whether an auxiliary before its subject asks for a verb: "Will the company project growth?"."""
    asks = any(word in ("how", "what", "which", "whose") for word, _ in left)
    for index, (word, tag) in enumerate(left[1:], 1):
        if word in _AUXILIARIES:
            return any(
                edge in _CLAUSE_EDGES for edge, _ in left[index + 1 : index + 4 if asks else index + 2]
            )
        if word in _CLAUSE_EDGES or tag.startswith("VB"):
            break
    return False


def _has_finite(side: _Side) -> bool:
    """Whether another verb stands between the word and the next border of clauses."""
    for word, tag in side:
        if word in _CLAUSE_EDGES:
            return False
        if tag in _FINITE or word in _AUXILIARIES:
            return True
    return False


# --- past or present ---------------------------------------------------------------------------------

_PAST_TIME: Final = re.compile(
    r"\b(?:yesterday|ago|once|recently|somewhere|already|earlier|before (?=[.,$])|that (?:day|night)|"
    r"this morning|when (?:i|he|she|we|they) (?:was|were)|as a (?:child|kid|boy|girl)|"
    r"last (?:night|week|month|year|summer|winter|spring|fall|time|\w+day)|"
    r"(?:in|since) (?:nineteen|twenty|two thousand)(?: \w+)*)\b"
)
_HABIT: Final = re.compile(
    r"\b(?:every|each|always|usually|often|sometimes|daily|nightly|weekly|rarely|seldom|regularly|nowadays|"
    r"whenever|today|on weekends|these days|at night|in the (?:morning|evening)s?)\b"
)
_CONDITIONS: Final = _words("if when as while before after until unless whenever can")


def is_past(here: Place) -> bool:
    """Tell whether a verb whose past is spelled like its present ("read") stands in the past.

    Args:
        here: the verb.
    """
    left = _without_adverbs(here.left)
    before, tag = left[0]
    if before in _AUXILIARIES or before == "to" or (tag == "MD" and before != "'d"):
        return False
    if before in _HAVE | _BE or (before == "'s" and tag != "POS"):
        return True
    if before in _DETERMINERS or tag in _MODIFIERS:
        return False
    if (
        before in _OBJECTS | _SUBJECTS | _INDEFINITE
        and _second(left)[0] in _AUXILIARIES | _CAUSATIVES | _HAVE
    ):
        return _second(left)[0] in ("have", "has", "had", "having")
    if before in ("and", "or", "then", ","):
        return _goes_on_in_past(left)
    if before in _OPENERS:
        return False
    if before in ("that", "which", "who"):
        return left[1][1] in ("NN", "NNP") or any(tag == "VBD" for _, tag in (*left, *here.right))
    return _subject_in_past(left, here)


def _goes_on_in_past(left: _Side) -> bool:
    """After "and" the tense of the verb before it: "she sat down and read"."""
    verb = next((tag for word, tag in left if tag.startswith("VB") or tag == "MD" or word == "to"), "")
    return verb in ("VBD", "VBN")


def _subject_in_past(left: _Side, here: Place) -> bool:
    before, tag = left[0]
    if before in ("he", "she", "it") or tag in ("NN", "NNP"):
        return True  # in the present it would be "reads"
    if _HABIT.search(here.text):
        return False
    if _PAST_TIME.search(here.text):
        return True
    if before == "you" or left[1][0] in _CONDITIONS:
        return False
    if any(tag == "VBD" for _, tag in (*left, *here.right)):
        return True
    following, following_tag = here.right[0]
    return following in _OBJECT_STARTS or following in ("about", "that") or following_tag == "CD"

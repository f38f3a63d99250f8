"""What stands in a line: avgen's own marks, links, footnote marks, unfilled blanks, emphasis.

Marks: `[tomato](/təˈmAtO/)` says how a word is pronounced, `[pause 0.8]` or `[pause 800ms]` is silence,
`[emotion happy:0.7]` is how everything after it is said, `[voice ada]` is who says it, `[point you]` is what
the hands do there.
"""

from __future__ import annotations

import difflib
import re
import unicodedata

from avgen.emotion import Emotion
from avgen.errors import InputError
from avgen.gestures import ACTS, MARK, parse_act
from avgen.text import numerals
from avgen.text.emphasis import without_emphasis
from avgen.text.page import EmotionMark, Page, Place, Spoken, VoiceMark
from avgen.text.phonemes import from_ipa
from avgen.text.placeholders import note_placeholders
from avgen.text.script import Pause
from avgen.text.ssml import MAX_PAUSE, pronounced
from avgen.text.units import UNITS
from avgen.voices import Mix

_LINK = re.compile(r"\[([^\[\]]+)\]\(/([^()\n]*?)/\)")
_URL = r"\((?:[!-'*-~]|\([!-'*-~]*\))*(?: \"[^\"]*\")?\)"
_WEB_LINK = re.compile(rf"!?\[(?!\d+\]\[)([^\[\]]*)\](?:{_URL}|\[[^\[\]]*\])")
_BROKEN_LINK = re.compile(r"\[([^\[\]]+)\]\((?:/|[^\s()]*[^\x00-\x7f])[^()\n]*\)?")
_PAUSE = re.compile(r"\[ ?pause ?:? ?(\d+(?:\.\d*)?|\.\d+) ?(ms|s|sec|seconds?)? ?\]", re.IGNORECASE)
_EMOTION = re.compile(r"\[ ?emotion\b ?:? ?([^\[\]]*)\]", re.IGNORECASE)
_VOICE = re.compile(r"\[ ?voice\b(?!-) ?:? ?([^\[\]]*)\]", re.IGNORECASE)
_WITH_DETAIL = "|".join(name for name, details in ACTS.items() if all(details))
_ALONE = "|".join(name for name, details in ACTS.items() if not all(details))
_ACT = re.compile(rf"\[ ?((?:{_WITH_DETAIL}) [^\[\]]+|{_ALONE}) ?\](?![(\[])", re.IGNORECASE)
_COMMAND = re.compile(
    r"\[ ?/? ?(paus\w*)\b[^\[\]]*\]|\[ ?([a-z]+) ?(?:[:= ] ?[-+]?[\d.,]+ ?[a-z]*)? ?\]", re.IGNORECASE
)
_PAUSE_NAMES = ("pause", "break", "silence", "wait", "sleep")
_FOOTNOTE = re.compile(
    r" ?\[\^[^\[\]]{1,40}\]|(?<=[\w.,;:!?)\"”’'%\ue001\]]) ?\[\d{1,3}(?: ?[,–-] ?\d{1,3})*\](?![\w(=])"
)
_RAISED = re.compile(r"(?<=[A-Za-z.,;:!?)\"”’'])[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?:[,⁻–][⁰¹²³⁴⁵⁶⁷⁸⁹]+)*(?![\w⁺⁻ⁿ])")
_CIRCLED = re.compile("[\u2460-\u2473\u2776-\u2793\u24f5-\u24ff]")
_NUMBER_SIGN = re.compile(r"\bN[º°]\.?(?= ?\d)")
_ORDINAL = re.compile(r"(?<![\w.])([1-9])[ºª](?![\w°])")
_MEASURES = frozenset(word for unit in UNITS.values() for word in unit.split()) | {"feet", "inch", "inche"}


def read_inline(text: str, line: int, page: Page) -> str:
    """Read the marks of a line.

    Args:
        text: the line; white space is single spaces.
        line: its number, for messages.
        page: takes notes and inline values.

    Returns:
        The line with inline values in the place of avgen's marks, and without the others.

    Raises:
        InputError: a mark is broken; the message names the line.
    """
    if "[" in text:
        text = _own_marks(text, line, page)
        text = _WEB_LINK.sub(r"\1", _WEB_LINK.sub(r"\1", text))  # a picture may stand in a link
        text = _FOOTNOTE.sub(lambda match: _footnote(match, line, page), text)
    text = _RAISED.sub(lambda match: _raised(match, line, page), text)
    note_placeholders(text, line, page)
    text = _CIRCLED.sub(lambda match: _circled(match, page), text)
    text = _NUMBER_SIGN.sub(lambda match: page.put(Spoken(match[0], ("number",))), text)
    text = _ORDINAL.sub(lambda match: page.put(Spoken(match[0], (numerals.ordinal(match[1]),))), text)
    return without_emphasis(text)


def _own_marks(text: str, line: int, page: Page) -> str:
    text = _LINK.sub(lambda match: _pronunciation(match, line, page), text)
    text = _PAUSE.sub(lambda match: _pause(match, line, page), text)
    text = _EMOTION.sub(lambda match: _emotion(match, line, page), text)
    text = _VOICE.sub(lambda match: _voice(match, line, page), text)
    text = _ACT.sub(lambda match: _act(match, line, page), text)
    _reject_broken_marks(text, line, page)
    return text


def _pronunciation(match: re.Match[str], line: int, page: Page) -> str:
    words = " ".join(page.plain(match[1]).split())
    try:
        symbols = from_ipa(match[2])
    except ValueError as error:
        raise page.error(
            line,
            f"cannot speak {error} in {match[0]!r}: a pronunciation uses English phonemes, "
            "for example [tomato](/təˈmeɪtoʊ/)",
        ) from None
    if not words or not symbols.strip("ˈˌ "):
        raise page.error(line, f"nothing to say in {match[0]!r}; write for example [tomato](/təˈmeɪtoʊ/)")
    return page.put(Spoken(words, (pronounced(words, symbols),)))


def _pause(match: re.Match[str], line: int, page: Page) -> str:
    seconds = float(match[1]) / (1000 if (match[2] or "").lower() == "ms" else 1)
    if seconds > MAX_PAUSE:
        raise page.error(line, f"{match[0]!r} is longer than {MAX_PAUSE:g} seconds; use several pauses")
    return page.put(Pause(seconds))


def _emotion(match: re.Match[str], line: int, page: Page) -> str:
    try:
        return page.put(EmotionMark(Emotion.parse(match[1].strip())))
    except InputError as error:
        raise page.error(line, f"{match[0]!r}: {error}") from None


def _voice(match: re.Match[str], line: int, page: Page) -> str:
    try:
        mix = Mix.parse(match[1].strip())
        if page.voices is not None:
            mix.shares(page.voices)
    except InputError as error:
        raise page.error(line, f"{match[0]!r}: {error}") from None
    return page.put(VoiceMark(mix))


def _act(match: re.Match[str], line: int, page: Page) -> str:
    try:
        return page.put(Place(MARK + parse_act(match[1])))
    except InputError as error:
        raise page.error(line, f"{match[0]!r}: {error}") from None


def _reject_broken_marks(text: str, line: int, page: Page) -> None:
    if match := _BROKEN_LINK.search(text):
        raise page.error(
            line,
            f"{match[0]!r} is not a pronunciation; write phonemes between slashes: [{match[1]}](/təˈmeɪtoʊ/)",
        )
    for match in _COMMAND.finditer(text):
        name = (match[1] or match[2]).lower()
        if difflib.get_close_matches(name, _PAUSE_NAMES, n=1, cutoff=0.78):
            raise page.error(line, f"{match[0]!r} is not a command; write a pause in seconds: [pause 0.8]")
        if difflib.get_close_matches(name, ("emotion",), n=1, cutoff=0.78):
            raise page.error(line, f"{match[0]!r} is not a command; write an emotion: [emotion happy:0.7]")


# --- footnotes ---------------------------------------------------------------------------------------


def _footnote(match: re.Match[str], line: int, page: Page) -> str:
    """Leave out a footnote mark; an index of a name, as in x[3] or list_of[3], is none."""
    before = re.search(r"\w*$", match.string[max(0, match.start() - 40) : match.start()])
    name = before[0] if before and not match[0].startswith(" ") else ""
    is_index = len(name) == 1 or "_" in name or bool(re.search(r"[A-Za-z]\d|\d[A-Za-z]", name))
    if "^" not in match[0] and (is_index or not _are_citations(match[0])):
        return match[0]
    page.note(line, "silent", match[0])
    return ""


def _are_citations(mark: str) -> bool:
    """Tell `[3]`, `[1, 4]` and `[2-5]` from values such as [0, 1] and [8,8,2]."""
    numbers = [int(number) for number in re.findall(r"\d+", mark)]
    is_list = len(numbers) > 2 and ", " not in mark
    return numbers[0] > 0 and not is_list and numbers == sorted(set(numbers))


def _raised(match: re.Match[str], line: int, page: Page) -> str:
    """Leave out a raised number after a word or a full stop; after a unit or a letter it is a power."""
    before = re.search(r"[A-Za-z]*$", match.string[max(0, match.start() - 40) : match.start()])
    word = before[0] if before else ""
    is_power = word and (len(word) < 4 or (match[0] in "²³" and word.lower().rstrip("s") in _MEASURES))
    if is_power or (not word and match.string[match.start() - 1] in "):'\"’" and match[0] in "²³"):
        return match[0]
    page.note(line, "silent", match[0])
    return ""


def _circled(match: re.Match[str], page: Page) -> str:
    number = unicodedata.numeric(match[0])
    return page.put(Spoken(match[0], (numerals.cardinal(str(int(number))),)))

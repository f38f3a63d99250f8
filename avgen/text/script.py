"""A script as the actor will speak it: paragraphs, sentences, words, phonemes and pauses.

The values here carry the text exactly as written (subtitles need it) beside the symbols that are
spoken; `read_script` is the one door from text to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from avgen.emotion import Emotion
from avgen.text.phonemes import PUNCTUATION
from avgen.voices import Mix


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence asked for in the script or left between sentences.

    Attributes:
        seconds: length, >= 0, at a speaking rate of 1.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class Prosody:
    """How a word departs from the actor's own manner; nested marks add up.

    Attributes:
        rate: tempo as a factor, 1 for no change, greater is faster.
        pitch: semitones by which the voice is higher.
        volume: decibels by which it is louder.
    """

    rate: float = 1.0
    pitch: float = 0.0
    volume: float = 0.0

    def __add__(self, other: Prosody) -> Prosody:
        """Both at once: tempos multiply, intervals and levels add up."""
        return Prosody(self.rate * other.rate, self.pitch + other.pitch, self.volume + other.volume)


GIVEN: Final = re.compile(r"\[([^\[\]]*)\]\(/[^()]*/\)")
"""A word whose symbols are given, in a reading."""
PLAIN: Final = Prosody()
"""Nothing was asked for."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A named place in the script, SSML's `<mark name="..."/>`.

    Attributes:
        name: as written; names may repeat.
        word: index of the word in `Script.words` that follows; their number at the end of the script.
    """

    name: str
    word: int


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the text that its writer should know.

    Attributes:
        line: of the script, from 1.
        kind: `placeholder` for a blank nobody filled in, which is spoken as it stands; `silent` for text
            that is not spoken (`<think>` blocks, scripts, footnote marks).
        text: as written, shortened.
    """

    line: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """One written word and how it is said.

    Attributes:
        text: the word as written, punctuation included ("25%,", "“Hello").
        symbols: phonemes, stress marks and punctuation, one character each; spaces between the spoken
            words when one written word is read as several ("25" as "twenty five").
        reading: what the G2P reads for it: plain words, and `[text](/symbols/)` where the symbols are given.
        prosody: tempo, pitch and volume that the script asks for.
        marks: names of the marks right before it.
    """

    text: str
    symbols: tuple[str, ...]
    reading: str = ""
    prosody: Prosody = PLAIN
    marks: tuple[str, ...] = ()

    @property
    def spoken(self) -> str:
        """The plain words it is read as ("twenty five")."""
        return GIVEN.sub(r"\1", self.reading).replace("_", " ")

    @property
    def span(self) -> tuple[int, int]:
        """Range of `symbols` from the first phoneme to the last, outer punctuation left out."""
        spoken = [i for i, symbol in enumerate(self.symbols) if symbol not in PUNCTUATION and symbol != " "]
        return (spoken[0], spoken[-1] + 1) if spoken else (0, 0)

    @property
    def phonemes(self) -> tuple[str, ...]:
        """The symbols inside `span`."""
        start, stop = self.span
        return self.symbols[start:stop]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is spoken in one breath.

    Attributes:
        words: at least one.
        line: line of the script on which the sentence starts, from 1.
        complete: False where a long sentence or a `[pause]` was cut inside the sentence, so that no
            sentence silence belongs after it.
        emotion: of the last `[emotion]` mark before it, None where there is none.
        voice: of the last `[voice]` mark before it, None where there is none.
    """

    words: tuple[Word, ...]
    line: int
    complete: bool = True
    emotion: Emotion | None = None
    voice: Mix | None = None

    @property
    def text(self) -> str:
        """The sentence as written, words separated by single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def symbols(self) -> tuple[str, ...]:
        """[L] symbols of the whole sentence: the words' symbols with one space between words."""
        return tuple(" ".join("".join(word.symbols) for word in self.words))

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """For every word, the half-open range of `symbols` that holds its phonemes."""
        spans, offset = [], 0
        for word in self.words:
            start, stop = word.span
            spans.append((offset + start, offset + stop))
            offset += len(word.symbols) + 1
        return tuple(spans)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences and explicit pauses in the order of the script."""

    items: tuple[Sentence | Pause, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences without the pauses."""
        return tuple(item for item in self.items if isinstance(item, Sentence))


@dataclass(frozen=True, slots=True)
class Script:
    """A whole text, ready to be spoken.

    Attributes:
        paragraphs: in order.
        notes: what its writer should know, in the order of lines.
        closing_marks: names of the marks after the last word.
    """

    paragraphs: tuple[Paragraph, ...]
    notes: tuple[Note, ...] = ()
    closing_marks: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All sentences in order."""
        return tuple(sentence for paragraph in self.paragraphs for sentence in paragraph.sentences)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in order."""
        return tuple(word for sentence in self.sentences for word in sentence.words)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All named places in order."""
        words = self.words
        inside = [Mark(name, index) for index, word in enumerate(words) for name in word.marks]
        return (*inside, *(Mark(name, len(words)) for name in self.closing_marks))

    def timeline(self, sentence_silence: float, paragraph_silence: float) -> Iterator[Sentence | Pause]:
        """Yield sentences and every pause between them.

        A pause written in the script takes the place of the silence that would have stood there.

        Args:
            sentence_silence: seconds between two sentences of a paragraph.
            paragraph_silence: seconds between two paragraphs.

        Yields:
            Sentences, and pauses between them; no silence is added before the first or after the last.
        """
        previous: Sentence | Pause | None = None
        for paragraph in self.paragraphs:
            silence = paragraph_silence
            for item in paragraph.items:
                if isinstance(previous, Sentence) and isinstance(item, Sentence) and previous.complete:
                    yield Pause(silence)
                yield item
                previous, silence = item, sentence_silence

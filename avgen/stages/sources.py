"""What a clip is made from, read: the text, the cues or the sound that its first stages get."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from avgen.errors import InputError
from avgen.files import sha256_file
from avgen.inputs.clips import Recording, Subtitles, Text, texts_of
from avgen.inputs.lexicons import Lexicons

if TYPE_CHECKING:
    from avgen.stages.dub import SpokenCue
    from avgen.stages.transcript import Transcript
    from avgen.text import Script
    from avgen.types import Waveform


@lru_cache(maxsize=64)
def read_text(source: Text, lexicons: Lexicons | None) -> Script:
    """Read a clip's text; lines in error messages are those of its source.

    Raises:
        InputError: naming the line that cannot be spoken.
    """
    from avgen.text import read_script

    lexicon = lexicons.read() if lexicons else None
    return read_script(source.text, source=source.where, first_line=source.first_line, lexicon=lexicon)


def read_cues(source: Subtitles, lexicons: Lexicons | None) -> tuple[SpokenCue, ...]:
    """Read a clip's subtitles.

    Raises:
        InputError: naming the line that cannot be spoken.
    """
    from avgen.stages.dub import SpokenCue

    return tuple(
        SpokenCue(cue.start, read_text(text, lexicons), f"{text.where}: line {text.first_line}")
        for cue, text in zip(source.cues, texts_of(source), strict=True)
    )


def read_transcript(source: Recording, lexicons: Lexicons | None) -> Transcript | None:
    """Read what is known to be said in a clip's recording.

    Raises:
        InputError: naming the line that cannot be spoken.
    """
    from avgen.stages.transcript import Transcript

    if source.transcript is None:
        return None
    return Transcript(read_text(source.transcript, lexicons), source.transcript.where)


def read_sound(source: Recording) -> Waveform:
    """Read a clip's recording.

    Raises:
        InputError: if it cannot be read, or is not the file any more that the clip was planned with.
    """
    from avgen.speech.audio import read_recording

    recording = read_recording(source.path)
    if sha256_file(source.path) != source.sha256:
        raise InputError(f"{source.path}: the recording was changed during the run. Run it again.")
    return recording

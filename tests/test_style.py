from __future__ import annotations

import pytest

from avgen.errors import InputError
from avgen.style import PLAIN, Style


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("none", PLAIN),
        ("", PLAIN),
        ("eyelids:1", PLAIN),
        ("upper-face:1.2,lower-face:0.9", Style(1.2, 0.9)),
        (" Lip_Closing : 1.1 , EYELIDS : .5", Style(lip_closing=1.1, eyelids=0.5)),
        ("upper-face:0,eyelids:2", Style(upper_face=0.0, eyelids=2.0)),
    ],
)
def test_a_style_is_read_and_written(text: str, style: Style) -> None:
    assert Style.parse(text) == style == Style.parse(str(style))
    assert bool(style) == (style != PLAIN)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("brows:1.2", r"style: unknown part 'brows' in 'brows:1\.2'\. Known: upper-face, lower-face, "),
        ("eyelids", "style: eyelids: expected a strength from 0 to 2, got '' in 'eyelids'"),
        ("eyelids:2.1", r"style: eyelids: expected a strength from 0 to 2, got '2\.1'"),
        ("eyelids:-1", "style: eyelids: expected a strength from 0 to 2, got '-1'"),
        ("eyelids:nan", "style: eyelids: expected a strength from 0 to 2, got 'nan'"),
        ("eyelids:1,eyelids:1", "style: eyelids stands twice in 'eyelids:1,eyelids:1'"),
        ("eyelids:1,", "style: unknown part ''"),
    ],
)
def test_a_wrong_style_is_refused(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Style.parse(text)

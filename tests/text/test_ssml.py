from __future__ import annotations

import pytest

from avgen.errors import InputError
from avgen.text import Pause, Script, check_script, read_script
from avgen.text.script import Mark, Prosody


def spoken(script: Script) -> list[str]:
    return [" ".join(word.spoken for word in sentence.words) for sentence in script.sentences]


def pauses(text: str) -> list[float]:
    items = [item for paragraph in read_script(text).paragraphs for item in paragraph.items]
    return [item.seconds for item in items if isinstance(item, Pause)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ('<speak>Hi <break time="1s"/></speak>', 1.0),
        ('Hi <break time="500ms"/> there', 0.5),
        ("Hi <break time='1.5s'></break> there", 1.5),
        ("Hi <break/> there", 0.5),
        ('Hi <break strength="x-strong"/> there', 1.5),
        ('Hi\n<BREAK TIME="2s" />\nthere', 2.0),
    ],
)
def test_a_break_is_a_pause(text: str, seconds: float) -> None:
    assert pauses(text) == [seconds]


def test_no_break_is_no_pause() -> None:
    assert pauses('Hi <break strength="none"/> there') == []


def test_paragraphs_and_sentences_end_where_they_say() -> None:
    script = read_script("<speak><p><s>One here</s><s>Two here</s></p><p>Three</p></speak>")
    assert [[s.text for s in p.sentences] for p in script.paragraphs] == [["One here", "Two here"], ["Three"]]


@pytest.mark.parametrize(
    ("element", "words"),
    [
        ('<say-as interpret-as="characters">IEEE</say-as>', "I E E E"),
        ('<say-as interpret-as="spell-out">ab1</say-as>', "A B one"),
        ('<say-as interpret-as="cardinal">1,205</say-as>', "one thousand two hundred five"),
        ('<say-as interpret-as="cardinal">-3.5</say-as>', "minus three point five"),
        ('<say-as interpret-as="ordinal">21</say-as>', "twenty first"),
        ('<say-as interpret-as="digits">2026</say-as>', "two zero two six"),
        (
            '<say-as interpret-as="date" format="mdy">9/11/2001</say-as>',
            "September eleventh, two thousand one",
        ),
        (
            '<say-as interpret-as="date" format="ymd">20260105</say-as>',
            "January fifth, twenty twenty six",
        ),
        ('<say-as interpret-as="date" format="dm">5.1.</say-as>', "January fifth"),
        ('<say-as interpret-as="telephone">555-01</say-as>', "five five five, zero one"),
        ('<say-as interpret-as="currency">$5</say-as>', "five dollars"),
        ('<sub alias="World Wide Web">WWW</sub>', "World Wide Web"),
        ('<sub alias="Fish &amp; Chips">F</sub>', "Fish and Chips"),
    ],
)
def test_text_is_read_as_the_element_says(element: str, words: str) -> None:
    (sentence,) = read_script(f"Say {element}.").sentences
    assert [word.spoken for word in sentence.words] == ["Say", f"{words}."]


def test_a_word_read_as_others_keeps_its_text() -> None:
    (sentence,) = read_script('The “<sub alias="World Wide Web">W3</sub>,” here.').sentences
    assert [word.text for word in sentence.words] == ["The", "“W3,”", "here."]
    for word, (start, stop) in zip(sentence.words, sentence.spans, strict=True):
        assert sentence.symbols[start:stop] == word.phonemes


def test_a_pronunciation_reaches_the_symbols() -> None:
    (sentence,) = read_script('A <phoneme alphabet="ipa" ph="təˈmeɪtoʊ">tomato</phoneme>.').sentences
    assert "".join(sentence.words[1].phonemes) == "təmˈAtO"
    assert sentence.words[1].text == "tomato."


def test_prosody_belongs_to_its_words_and_adds_up() -> None:
    script = read_script(
        'One <prosody rate="80%" pitch="+2st" volume="+3dB">two <prosody rate="slow">three</prosody>,\n'
        "four</prosody> five."
    )
    (sentence,) = script.sentences
    assert [word.text for word in sentence.words] == ["One", "two", "three,", "four", "five."]
    outer = Prosody(0.8, 2.0, 3.0)
    nested = Prosody(0.8 * 0.8, 2.0, 3.0)
    assert [word.prosody for word in sentence.words] == [Prosody(), outer, nested, outer, Prosody()]


@pytest.mark.parametrize(
    ("attribute", "prosody"),
    [
        ('rate="fast"', Prosody(rate=1.25)),
        ('rate="-20%"', Prosody(rate=0.8)),
        ('rate="1.5"', Prosody(rate=1.5)),
        ('pitch="x-high"', Prosody(pitch=4.0)),
        ('pitch="+100%"', Prosody(pitch=12.0)),
        ('volume="soft"', Prosody(volume=-6.0)),
    ],
)
def test_values_of_prosody(attribute: str, prosody: Prosody) -> None:
    script = read_script(f"<speak><prosody {attribute}>Hi</prosody></speak>")
    assert script.words[0].prosody == prosody


def test_stressed_words_are_slower_higher_and_louder() -> None:
    moderate, strong = read_script('<emphasis>one</emphasis> <emphasis level="strong">two</emphasis>').words
    assert 1 > moderate.prosody.rate > strong.prosody.rate
    assert 0 < moderate.prosody.pitch < strong.prosody.pitch
    assert 0 < moderate.prosody.volume < strong.prosody.volume


def test_marks_keep_their_places() -> None:
    script = read_script(
        '<speak><mark name="start"/>One two. <mark name="a_b *c*"/>👋 Three<mark name="after"/>, four.\n\n'
        '<mark name="end"/></speak>'
    )
    assert script.marks == (Mark("start", 0), Mark("a_b *c*", 2), Mark("after", 3), Mark("end", 4))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<speak>Hi\n<b>x</b></speak>", "script line 2: the tag '<b>' is not an SSML element that is read"),
        ("<speak>\nHi", "script line 1: the tag '<speak>' is never closed"),
        ("Hi\n<prosody rate='slow'>there", "script line 2: the tag '<prosody rate='slow'>' is never closed"),
        ("Hi\n</prosody> there", "script line 2: the tag '</prosody>' closes what is not open"),
        ("<speak><p>Hi</speak></p>", "<p> is still open"),
        ('Hi <break time="x"/>', "wrong time; write for example"),
        ('Hi <break time="11s"/>', "longer than 10 seconds"),
        ('Hi <break strength="huge"/>', "expected none, x-weak"),
        ('Hi <break length="1s"/>', "unknown attribute 'length'; known: time, strength"),
        ('Hi\n<brake time="1s"/>', "script line 2: the tag '<brake time=\"1s\"/>' is not an SSML element"),
        ('Hi <break time="1s"', "has no end: write <break ...>"),
        ('<prosody rate="9">Hi</prosody>', "expected 0.5 to 2 times the usual rate, got 9"),
        ('<prosody pitch="200Hz">Hi</prosody>', "expected x-low, low"),
        ('<prosody volume="7">Hi</prosody>', "a change such as +6dB"),
        ('<prosody rate="60%"><prosody rate="60%">Hi</prosody></prosody>', "adds up to too much"),
        ('<emphasis level="much">Hi</emphasis>', "expected none, reduced"),
        ('<say-as interpret-as="song">Hi</say-as>', "'song' is not known; known are characters"),
        ('<say-as interpret-as="digits">Hi</say-as>', "digits are expected"),
        ('<say-as interpret-as="date" format="mdy">13/1/2020</say-as>', "'13' is no month"),
        ("<say-as>Hi</say-as>", "has no interpret-as"),
        ('<say-as interpret-as="digits">1 <break/></say-as>', "needs text alone"),
        ('Hi\n<sub alias="">x</sub>', "script line 2: the tag '<sub alias=\"\">' has no alias"),
        ('<phoneme alphabet="x-sampa" ph="a">x</phoneme>', 'write alphabet="ipa"'),
        ('<phoneme ph="χ">x</phoneme>', "cannot speak χ"),
        ("<speak><mark/>Hi</speak>", "has no name"),
        ('<voice name="x">Hi</voice>', "is not an SSML element that is read"),
        ('<!DOCTYPE speak [<!ENTITY a "b">]>\n<speak>&a;</speak>', "declarations of entities are not read"),
        ("<speak>" * 2 + "Hi" + "</speak>" * 2, "is inside another element"),
        ("<speak>" + "<s>" * 40 + "Hi", "is inside more than 32 others"),
        ('<speak><break time="1s"/></speak>', "there is nothing to speak"),
    ],
)
def test_mistakes_name_source_and_line(text: str, message: str) -> None:
    for read in (read_script, check_script):
        with pytest.raises(InputError) as error:
            read(text)
        assert message in str(error.value)


def test_what_stands_around_the_document_is_silent() -> None:
    script = read_script(
        '<?xml version="1.0"?>\n<!-- made by hand -->\n'
        '<speak version="1.1" xml:lang="en-US" xmlns="http://www.w3.org/2001/10/synthesis">\n'
        "Hi &lt;you&gt; <![CDATA[<&> now]]></speak>\n"
    )
    assert [sentence.text for sentence in script.sentences] == ["Hi <you> <&> now"]
    assert script.sentences[0].line == 4

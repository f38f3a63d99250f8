from __future__ import annotations

import pytest

from avgen.text import read_script


@pytest.mark.parametrize(
    "sentences",
    [
        ["One.", "Two!", "Three?", "Four… ", "Five"],
        ["Dr. Smith and Mrs. Jones met Prof. Lee.", "They left."],
        ["J. K. Rowling wrote it.", "J. R. R. Tolkien did not."],
        ["It costs 3.50 or .5 units.", "Not 4.", "Yes."],
        ["See example.com for v2.1.3.", "Then e.g. this, i.e. that, etc. and so on."],
        ["He lives in the U.S. with us.", "She moved to the U.S. The house is big."][:1],
        ["She moved to the U.S.", "The house is big."],
        ["The U.S. Congress met at 5 p.m. Eastern.", "Then it closed at 9 p.m.", "We left."],
        ["Acme Inc. bought Foo Ltd. today."],
        ["Come to 5 Elm St. near St. Paul.", "It is on Main St.", "The door is open."],
        ["No. 5 is alive.", "I said no.", "We went."],
        ["“Really?” she asked.", "“Yes!”", "He left."],
        ["Wait... what?", "Well…", "Fine."],
        ["Fig. 3 and pp. 5–6 and Vol. II agree.", "So does ch. 4."],
        ["It was Jan. 5 and Mon. morning.", "iPhones sold."],
        ["Plan B.", "Then we go."],
        ["(It works.)", "[Good.]"],
        ["Great! 🎉", "Next."],
        ["It rose.", "25 people left."],
        ["He said no.", "I left.", "He said no.", "A man left."],
        ["He lives in Apt. 4B.", "She lives in Apt. B now."],
        ["See Bldg. 7, Rte. 66 and Vol. I today.", "Read 1 Cor. 13 and ed. 2 now."],
        ["The Rt. Hon. John Smith met Pvt. Ryan and Atty. Gen. Lee.", "We met Amb. Rice and Mx. Lee."],
        ["The U. S. A. is big.", "She has a Ph. D. in art.", "He lives in the U. K.", "The rain falls."],
        ["I like e. g. this one.", "It was est. in 1990.", "Turn at King Jr. Dr. now."],
        ["He lives on Oak Dr.", "The door is red.", "I saw Dr. Smith.", "Dr. Jones left."],
        ["Call the mgr.", "Thx for the msg.", "Ask the ref.", "He saw it."],
        ["He works at Acme Inc.", "It's big.", "We sell cars, etc.", "Then we go."],
        ["He is 6 ft. 2 in. tall.", "The baby has 7 lbs. 3 oz. now."],
    ],
)
def test_ends_of_sentences(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert [sentence.text for sentence in read_script(text).sentences] == [s.strip() for s in sentences]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("# A title\nThe text", ["A title", "The text"]),
        ("- first point\n- second point", ["first point", "second point"]),
        (
            "Hello everyone\nWelcome to our show about trains",
            ["Hello everyone", "Welcome to our show about trains"],
        ),
        (
            "When the fog lifted,\nThe lighthouse looked closer",
            ["When the fog lifted, The lighthouse looked closer"],
        ),
        (
            "a long line that was wrapped by\nAn editor at the margin of it",
            ["a long line that was wrapped by An editor at the margin of it"],
        ),
        ("one line\nand its end", ["one line and its end"]),
    ],
)
def test_line_breaks_end_a_sentence_only_on_purpose(text: str, sentences: list[str]) -> None:
    assert [sentence.text for sentence in read_script(text).sentences] == sentences

from __future__ import annotations

import pytest

from avgen.errors import InputError
from avgen.text import read_script
from avgen.text.latex import FormulaError, read_formula


def spoken(text: str) -> str:
    return " ".join(word.spoken for word in read_script(text).words)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"E = mc^2", "E equals M C squared"),
        (r"\frac{1}{2}", "one half"),
        (r"\frac34 x", "three quarters X"),
        (r"\frac{x}{y}", "X over Y"),
        (r"\frac{x + 1}{y}", "X plus one, over Y"),
        (r"\sqrt{x+1}", "the square root of X plus one"),
        (r"\sqrt[3]{8}", "the cube root of eight"),
        (r"\sqrt[n]{x}", "the Nth root of X"),
        (r"x^3 - y^{10}", "X cubed minus Y to the tenth"),
        (r"x^n \cdot x^{-1}", "X to the Nth times X to the power of minus one"),
        (r"x_1 + x_{n+1}", "X sub one plus X sub N plus one"),
        (r"\alpha \leq \beta \neq \Gamma", "alpha is less than or equal to beta is not equal to gamma"),
        (
            r"\pm 3 \times 2 \approx \infty",
            "plus or minus three times two is approximately equal to infinity",
        ),
        (r"\sum_{k=1}^{n} k^2", "the sum from K equals one to N of K squared"),
        (r"\int_0^1 f(x)\,dx", "the integral from zero to one of F of X D X"),
        (r"\int\limits x", "the integral of X"),
        (r"\lim_{x \to 0} \frac{\sin x}{x}", "the limit as X approaches zero of sine of X over X"),
        (r"\sin^2\theta + \cos 2x", "sine squared of theta plus cosine of two X"),
        (r"\log_2 8 = 3", "log base two of eight equals three"),
        (r"(x+y)^2", "the quantity X plus Y, squared"),
        (r"\left( x \right)", "X"),
        (r"|x| < 3", "the absolute value of X is less than three"),
        (r"P(B|C)", "P of B given C"),
        (r"90^\circ", "ninety degrees"),
        (r"n! = 3.5", "N factorial equals three point five"),
        (r"\text{if } x \geq 0", "if X is greater than or equal to zero"),
        (r"\vec{v} \cdot \hat{n}", "vector V times N hat"),
        (r"\binom{n}{k}", "N choose K"),
        (r"f'(x)", "F prime X"),
        (r"[0, 1)", "zero, one"),
        (r"\mathbb{R}", "R"),
        (r"x & = 1 \\ y", "X equals one, Y"),
    ],
)
def test_formulas_are_read_as_people_do(formula: str, words: str) -> None:
    assert read_formula(formula) == words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So $E = mc^2$, he said.", "So E equals M C squared, he said."),
        (r"Take \frac{1}{2} of it.", "Take one half of it."),
        (r"It is \(x > 0\) here", "It is X is greater than zero here"),
        ("Then\n$$\nx = 1\n$$\nholds", "Then X equals one holds"),
        ("See\n\\[ \\int x \\]\n", "See the integral of X"),
        ("the $n$th and $a$, $x$-axis", "the Nth and A, X-axis"),
        (r"An \alpha of 5", "An alpha of five"),
        ("x &lt; 3 and $x &lt; 3$", "x less than three and X is less than three"),
    ],
)
def test_formulas_in_text(text: str, expected: str) -> None:
    assert spoken(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$5 and $10", "five dollars and ten dollars"),
        ("It is $5-$10 or $3.", "It is five to ten dollars or three dollars."),
        ("$5 million, then US$3", "five million dollars, then three U.S dollars"),
        ("$5 + $3 = $8", "five dollars plus three dollars equals eight dollars"),
        (r"\$5 and 3$", "five dollars and three dollars"),
        ("the $HOME/$USER folder", "the dollars HOME slash dollars USER folder"),
    ],
)
def test_money_stays_money(text: str, expected: str) -> None:
    assert spoken(text) == expected


def test_a_formula_is_one_word_with_its_own_symbols() -> None:
    (sentence,) = read_script("If $x = \\frac{1}{2}$, stop.").sentences
    assert [word.text for word in sentence.words] == ["If", "x = \\frac{1}{2},", "stop."]
    for word, (start, stop) in zip(sentence.words, sentence.spans, strict=True):
        assert sentence.symbols[start:stop] == word.phonemes


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        (r"\foo x", r"the command \foo is not known"),
        (r"\begin{matrix} 1", r"the command \begin is not known"),
        (r"\frac{1}{2", "'}' is missing"),
        (r"(x + 1", "')' is missing"),
        (r"x^", "something is missing"),
        (r"\frac{1}", "something is missing"),
        ("x }", "'}' stands where"),
        (r"\text x", "words in braces are expected"),
        ("x § y", "'§' is not read"),
        ("{" * 40 + "x" + "}" * 40, "more than 32 brackets"),
        (r"\sqrt" * 2000 + "x", "more than 32"),
    ],
)
def test_what_is_not_read_is_named(formula: str, message: str) -> None:
    with pytest.raises(FormulaError) as error:
        read_formula(formula)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Hi.\n$\\foo x$", r"script line 2: cannot read the formula '\foo x': the command \foo is not known"),
        ("Hi.\n\\section{Two}", r"script line 2: cannot read '\section{Two}': the command \section"),
    ],
)
def test_an_unknown_command_names_its_line(text: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        read_script(text)
    assert message in str(error.value)


def test_paths_are_no_commands() -> None:
    assert spoken(r"in C:\Users\alpha") == "in C: backslash Users backslash alpha"

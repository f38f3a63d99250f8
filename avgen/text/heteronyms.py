"""Words with one spelling and several sounds: their sounds, and which one a sentence asks for.

Most of them are nouns or adjectives with one sound and verbs with another; the G2P's lexicon has both,
and `tagging` tells which it is. Where the sense decides ("lead" the metal), the words around it tell.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from avgen.text.tagging import Place, is_past, is_verb, place

VARIANTS: Final[Mapping[str, Mapping[str, str]]] = {
    "address": {"DEFAULT": "ədɹˈɛs", "NOUN": "ˈædɹˌɛs"},
    "addresses": {"DEFAULT": "ədɹˈɛsᵻz", "NOUN": "ˈædɹˌɛsᵻz"},
    "aged": {"DEFAULT": "ˈAʤd", "OLD": "ˈAʤᵻd"},
    "allies": {"DEFAULT": "ˈælˌIz", "VERB": "əlˈIz"},
    "ally": {"DEFAULT": "ˈælˌI", "VERB": "əlˈI"},
    "bass": {"DEFAULT": "bˈAs", "FISH": "bˈæs"},
    "beloved": {"DEFAULT": "bəlˈʌvd", "NOUN": "bəlˈʌvᵻd", "ADJ": "bəlˈʌvᵻd"},
    "blessed": {"DEFAULT": "blˈɛst", "ADJ": "blˈɛsᵻd"},
    "bow": {"DEFAULT": "bˈO", "BEND": "bˈW"},
    "bows": {"DEFAULT": "bˈOz", "BEND": "bˈWz"},
    "combat": {"DEFAULT": "kˈɑmbˌæt", "VERB": "kəmbˈæt"},
    "combats": {"DEFAULT": "kˈɑmbˌæts", "VERB": "kəmbˈæts"},
    "does": {"DEFAULT": "dˈʌz", "DEER": "dˈOz"},
    "export": {"DEFAULT": "ˈɛkspˌɔɹt", "VERB": "ɪkspˈɔɹt"},
    "exports": {"DEFAULT": "ˈɛkspˌɔɹts", "VERB": "ɪkspˈɔɹts"},
    "houses": {"DEFAULT": "hˈWzᵻz"},
    "lead": {"DEFAULT": "lˈid", "METAL": "lˈɛd"},
    "protest": {"DEFAULT": "pɹˈOtˌɛst", "VERB": "pɹətˈɛst"},
    "protests": {"DEFAULT": "pɹˈOtˌɛsts", "VERB": "pɹətˈɛsts"},
    "resume": {"DEFAULT": "ɹəzˈum", "NOUN": "ɹˈɛzəmˌA"},
    "resumes": {"DEFAULT": "ɹəzˈumz", "NOUN": "ɹˈɛzəmˌAz"},
    "row": {"DEFAULT": "ɹˈO", "QUARREL": "ɹˈW"},
    "sewer": {"DEFAULT": "sˈuəɹ", "SEWS": "sˈOəɹ"},
    "sewers": {"DEFAULT": "sˈuəɹz", "SEWS": "sˈOəɹz"},
    "subcontract": {"DEFAULT": "sˈʌbkˌɑntɹˌækt", "VERB": "sˌʌbkəntɹˈækt"},
    "tear": {"DEFAULT": "tˈɪɹ", "RIP": "tˈɛɹ"},
    "tears": {"DEFAULT": "tˈɪɹz", "RIP": "tˈɛɹz"},
}
"""Sounds the G2P's lexicon lacks, by part of speech or by sense."""

_METAL_MATES = "tin|zinc|copper|mercury|iron|silver|cadmium|arsenic|steel|nickel|antimony|gold|asbestos|bronze|chromium"
_ROADS = (
    "road|river|path|trail|stream|street|staircase|stairway|creek|track|line|snake|procession|highway|canal|valley|"
    "route|stair|lane|brook|tunnel|story|clock|corridor|walkway|driveway|pass|wall"
)
_PERFORMED = "play|plays|played|playing|perform|performs|performed|performing|sing|sings|sang|singing|broadcast|air|aired|"
_PERFORMED += "airs|stream|streams|streamed|streaming|record|recorded|watch|watched|watching|appear|appeared|show|shown|"
_PERFORMED += "seen|heard|hear|see|talk|talking|tour|toured|debuted|shot|filmed|televised|tweeting|reporting|report|coming"
_SHIP = "ship|boat|vessel|deck|stern|hull|yacht|sail|ferry|canoe|kayak|anchor|waves|port|starboard|bowsprit|tanker"

SENSES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "aged": (
        (r"the @ (?:and|\.|\$|who|are|were|need)", "OLD"),
        (r"@ (?:man|woman|men|women|people|father|mother|parents|aunt|uncle|relatives?|care|couple)\b", "OLD"),
    ),
    "affect": (
        (r"(?:flat|positive|negative|blunted|of|in) @ (?!the|your|our|his|her|their|my|how|you|us|it)", "NN"),
        (r"@", "VB"),
    ),
    "affects": ((r"(?:positive|negative|these|of) @ (?!the|your|our|his|her|their|my|how)", "NN"), (r"@", "VB")),
    "bass": (
        (r"\b(?:fish|fishing|sea|largemouth|smallmouth|striped|white|black|caught|catch|lake|grilled|fillets?) (?:a |the "
         r"|some |big |for |of |huge |two )*@", "FISH"),
        (r"@.* (?:fish|fishing|boat|lake|pond|hook|lure|river|trout|perch|fillets?|angler|fisherman|pro)\b", "FISH"),
        (r"\b(?:fish|fishing|trout|perch|pond|angler|fisherman|cod|salmon)\b.* @", "FISH"),
    ),
    "beloved": ((r"@ by", "VBN"), (r"@", "JJ")),
    "blessed": (
        (r"\b(?:is|are|was|were|be|been|being|am|'m|'re|have|has|had|'ve|feel|felt|i|he|she|god|lord|so|and|truly) @ (?!are)",
         "VBD"),
        (r"@ (?:with|by|him|her|us|me|you|the)\b", "VBD"),
        (r"@", "JJ"),
    ),
    "bow": (
        (r"\b(?:take|took|takes|taking|taken) (?:a|his|her|their|one|my|your|our|another)? ?(?:\w+ )?@", "BEND"),
        (r"\b(?:deep|slight|low|polite|final|respectful|small|little|formal|curt|quick|stiff|graceful|mock) @ (?!tie|and)",
         "BEND"),
        (rf"@.* (?:{_SHIP})\b|\b(?:{_SHIP})(?: 's)?\b.* @|\bthe @ (?:and stern|wave)", "BEND"),
        (r"\b(?:with|tie|tied|red|blue|pink|silk|hair|big|long|cross|compound|violin|his|her|my) (?:a |the )?@ (?!to|before|"
         r"down|out|in|deeply|their|his|her|your)", "NN"),
        (r"@ (?:tie|ties|and arrows?|string|hunting|hunter)\b", "NN"),
        (r"@ (?:down|out|before|deeply|low)\b", "BEND"),
    ),
    "bows": (
        (r"@ (?:down|out|before|deeply|low|to the (?:crowd|audience|king|queen))\b", "BEND"),
        (r"\b(?:took|take|taking|takes) (?:\w+ )?@", "BEND"),
        (r"\b(?:deep|polite) @", "BEND"),
        (r"\b(?:he|she|it|who) @", "BEND"),
    ),
    "close": (
        (r"\b(?:very|so|too|as|pretty|quite|really|extremely|how|fairly|dangerously|uncomfortably|relatively|this|that) @",
         "JJ"),
        (r"\b(?:stay|stays|stayed|stand|stands|stood|standing|come|comes|came|coming|get|gets|got|getting|keep|kept|draw|"
         r"drew|hold|held|sit|sat|sitting|be|is|are|was|were|been|am|'m|'re|move|moved|live|lives|remain|remained|pulled|"
         r"grew|look|looked|up) (?:her |him |them |it |me |us |you )?@(?! (?:the|its|their|his|our|my|your) )", "JJ"),
        (r"@ (?:by|together|behind|enough|friends?|call|calls|range|contact|attention|relatives?|ties|proximity|relationship"
         r"|look|watch|family|race|game|second|quarters|knit|up (?!shop|the|at|for|my))\b", "JJ"),
        (r"\b(?:a|the) @ (?:of|\.|,|\$|at|in|on|after|for)\b|\b(?:a|the) @ (?:\.|,|\$)|\b(?:at|by|before|until) (?:the )?@ "
         r"(?:of|\.|,|\$)|\b(?:to|at) @ (?:\.|,|\$)", "NN"),
        (r"\b(?:a|an|the|his|her|their|my|our|your|its|in|with|more|most) @", "JJ"),
        (r"\b(?:will|would|can|could|should|may|might|must|'ll|do|did|does|not|n't|shall|i|you|we|they) @", "VB"),
        (r"\bto @ to\b", "JJ"),
        (r"\bto @", "VB"),
        (r"@ to\b", "JJ"),
        (r"@ (?:the|your|its|their|his|her|my|our|all|it|this|that|out|down|off|at|on|early|when|for|every)\b", "VB"),
    ),
    "content": (
        (r"\b(?:am|is|are|was|were|be|been|being|feel|feels|felt|seem|seems|seemed|perfectly|quite|completely|more|very|so|"
         r"entirely|not|n't|look|looked|remain|remained|less|fully|never|as|'m|'re) (?:always |often )?@ "
         r"(?:with|to|in|that|just|\.|,|\$|and|here|as|if|being|for|enough|on|!)", "JJ"),
        (r"\b(?:'s|is|was|be|are|were|'re) @ (?:with|to)\b", "JJ"),
        (r"@ (?:oneself|yourself|himself|herself|themselves|myself|ourselves)\b", "VB"),
        (r"^(?:\^ )?@ (?:with|to)\b|, @ (?:with|to|that|in)\b", "JJ"),
        (r"\b(?:perfectly|happy and|calm and) @", "JJ"),
        (r"@", "NN"),
    ),
    "desert": (
        (r"\bjust @", "VB"),
        (r"@ (?:him|her|them|me|us|you|his|their|your)\b", "VB"),
    ),
    "deserts": ((r"\bjust @", "VB"),),
    "does": (
        (r"\b(?:two|three|four|five|six|several|the|many|some|bucks and|bucks or|stags and|adult|female|pregnant) @ "
         r"(?:and|or|were|are|in|with|have|had|grazed|graze|give|\.|,)", "DEER"),
        (r"@ and (?:fawns?|bucks?|a buck|stags?|their fawns?)\b|\bbucks and @", "DEER"),
    ),
    "dove": (
        (r"@ (?:into|in|under|for|down|deep|headfirst|head|off|right|straight|behind|out|from|through|back|beneath|over)\b",
         "VB"),
        (r"@", "NN"),
    ),
    "invalid": (
        (r"\ban @ (?:and|who|since|for|in|after|all|\.|,|\$)", "NN"),
        (r"\b(?:the|chronic|elderly|his|her|permanent|old|bedridden) @ (?:was|who|had|in his|in her|\.|,|\$)", "NN"),
        (r"@", "JJ"),
    ),
    "invalids": ((r"@", "NN"),),
    "lead": (
        (r"@ (?:pipes?|paints?|poisoning|shot|pencils?|bullets?|acid|crystal|glass|weights?|sinkers?|ore|mines?|smelters?|"
         r"exposure|aprons?|toxicity|oxide|batter(?:y|ies)|plumbing|solder|based|free|balloon|contamination|lined|glaze|"
         r"isotopes?|sheets?|roof|roofing|coffins?|shielding|content|levels|compounds?|nitrate|acetate|azide|chromate)\b",
         "METAL"),
        (r"\b(?:made|out|full|lumps?|tons?|traces?|amounts?|levels?|pounds?|ounces?|piece|block|sheet|use|concentrations?|"
         r"balls?|pounds?) of (?:the |liquid |molten |pure )?@", "METAL"),
        (r"\b(?:like|molten|liquid|unleaded|heavy as|with|containing|contains?|contained|containing|turn|turned|turning|"
         r"toxic|pencil|pure|white|red|found|find|found high|into|from|dissolved|absorb|inhale|remove|removing) @ "
         r"(?!in the (?:race|polls|game|series|standings)|to |over|the|by|singer|role|vocal|guitar|author|actor|us|them|you)",
         "METAL"),
        (rf"\b(?:{_METAL_MATES})(?: ,)?(?: and| or| ,)? @|@(?: ,)?(?: and| or| ,) (?:{_METAL_MATES})\b", "METAL"),
        (r"@ (?:is|was|are|has|can|melts?|sinks?|weighs?) (?:\w+ )?(?:a |an |very |highly )?(?:\w+ )?(?:toxic|heavy|metal|"
         r"soft|element|poisonous|dense|bluish|harmful|accumulate|melts?|poison|dangerous|used|corrosion|leach)", "METAL"),
        (r"@ in (?:the |your |their |our |drinking |tap |blood |his |her )*(?:water|soil|paint|blood|pipes|gasoline|petrol|toys"
         r"|dust|air|food)\b|\b(?:exposed|exposure) to @|\btested for @|@ leached", "METAL"),
    ),
    "learned": (
        (r"\b(?:a|the|very|most|his|her|my) @ (?:man|men|woman|women|scholar|scholars|judge|friend|professor|colleague|"
         r"people|society|societies|journal|and|doctor|counsel)", "JJ"),
    ),
    "live": (
        (r"\b(?:go|goes|going|went|gone) @", "JJ"),
        (r"\b(?:i|you|we|they|who) (?:\w+ly |also |still |both |all |just |now |never |always |only |once )?@(?! (?:from|at "
         r"the (?:studio|stadium|arena))|ly)", "VB"),
        (r"\b(?:to|will|would|can|could|should|may|might|must|'ll|'d|do|did|does|not|n't|let|shall|ca|and let|us|we) "
         r"(?:\w+ly |ever |even |all |both |still |also |never |always )?@", "VB"),
        (rf"\b(?:{_PERFORMED}) (?:it |them |her |him |us |me |this |that |out |the \w+ |\w+ )?@", "JJ"),
        (r"\b(?:is|are|was|were|be|been|'re|'m|am|'s|being|now|a|the|this|that|our|your|his|her|its|my|first|via|with|in|"
         r"of|by|for|any|no|all|more|some|from|these|those|on|at|another|every|two|three) @", "JJ"),
        (r"@ (?:from|broadcast|stream|streams|streaming|music|show|shows|concert|concerts|tv|television|video|chat|updates?|"
         r"coverage|performances?|performing|audience|album|recordings?|demo|event|events|webinar|session|wire|ammunition|"
         r"bait|animals?|birds?|fish|action|blog|feed|on (?:tv|air|television|stage|youtube|radio)|in concert|q|now|today)\b",
         "JJ"),
        (r"@ (?:with|near|there|here|together|alone|longer|without|by|as|a|up|like|about|forever|happily|under|"
         r"among|across|abroad|close|next|far|below|above|between|inside|underground|their|your|our|his|life|free|and|off|"
         r"through|past|to|for|within|around|where|outside|apart|only|well|just|more|in|on|at|\.|until|almost)\b", "VB"),
    ),
    "lives": (
        (r"\b(?:he|she|it|who|nobody|everyone|someone|everybody|that|one|which|never|always|now|still|also|currently) @",
         "VB"),
        (r"\b(?:their|our|your|many|save|saves|saved|saving|lost|the|of|these|those|his|her|my|its|two|three|nine|"
         r"whose|more|human|people 's|past|private|daily|everyday|real|some|other|both|all|change|changes|changed|touch|and|"
         r"cost|costs|claim|claimed|claims|risk|risked|young|personal|hundred|thousand|million) @", "NN"),
        (r"@ (?:in|at|with|on|near|there|here|alone|by|across|off|up|next|under|somewhere|for|a|for|nearby|abroad|far|"
         r"upstairs|down|forever|together|close|outside|behind|between|around)\b", "VB"),
    ),
    "minute": (
        (r"@ (?:amounts?|quantit(?:y|ies)|differences?|fractions?|particles?|traces?|changes?|variations?|scale|organisms?|"
         r"fragments?|doses?|adjustments?|examination|cracks?|specks?|detail|details|creatures?|crystals?|holes?|droplets?|"
         r"inspection|portion|proportion|grains?|insects?|dust|bits?|pieces?|bubbles?)\b", "JJ"),
        (r"\b(?:so|very|extremely|almost|relatively|are|were|truly|incredibly|too|seemed?|as|only) @ "
         r"(?:\.|,|\$|and|that|in|but|compared|or|!)", "JJ"),
        (r"\b(?:is|was) @ (?:\.|,|\$|and|but|compared)", "JJ"),
        (r"@", "NN"),
    ),
    "number": ((r"@", "NN"),),
    "present": (
        (r"\b(?:are|is|was|were|be|been|being|'re|'m|am|all|those|members) @ (?:\.|,|\$|at|in|for|when|during|and|on)", "NN"),
        (r"\b(?:at|for the|the|a|birthday|christmas|past and|wedding|until the) @", "NN"),
    ),
    "resume": (
        (r"@ (?:and cover|builder|template|gap|writing|tips|advice|review|or cv|paper|today|in pdf|format)\b", "NN"),
        (r"\b(?:a|the|your|my|his|her|their|our|this|that|each|every|submit|attach|send|on|updated|new|professional|impressive|"
         r"strong|one|of|in|with|cv or|cv and) (?:\w+ )?@ (?!the|playing|playback|talks|his|her)", "NN"),
    ),
    "resumes": (
        (r"\b(?:the|your|our|their|many|of|these|those|send|review|reviewed|two|three|all|forty|hundred|read|reading|their) "
         r"(?:\w+ )?@ (?!on|at|in|after|tomorrow|today|next|when|with|as|its|his|her|the)", "NN"),
        (r"\b(?:forty|hundred|thousand|fifty|several|received|submitted|submit|screen|two|three|four|five|ten) (?:\w+ )?@", "NN"),
    ),
    "row": (
        (r"\b(?:had|have|having|blazing|huge|furious|political|diplomatic|bitter|public|family|angry|growing|a) @ "
         r"(?:over|about|with|between|erupted|broke|has|that)\b", "QUARREL"),
        (r"\b(?:blazing|furious|diplomatic|bitter|unholy) @", "QUARREL"),
    ),
    "sewer": (
        (r"\b(?:seamstress|sewing|fabric|quilt\w*|stitch\w*|hobby|tailor|dress|needle|expert|avid|experienced|beginner)\b"
         r".* @|@.* (?:seamstress|sewing|fabric|quilt\w*|stitch\w*|tailor|dress|needle|thread)\b", "SEWS"),
    ),
    "sewers": ((r"\b(?:sewing|home|quilters and|experienced|beginning|avid) @|@ and quilters", "SEWS"),),
    "sow": (
        (r"@ (?:the|seeds?|wheat|corn|discord|doubt|confusion|chaos|division|grass|in|wild|what|your|their|it)\b", "VB"),
        (r"\b(?:a|the|pregnant|old|one|two|each|mother|every|wild) @", "NN"),
    ),
    "tear": (
        (r"@ (?:gas|drop|drops|duct|ducts|stain|stained|jerker|film|rolled|ran|fell|slid|glistened|trickled|in (?:his|her|my|"
         r"your|their|the|one) eyes?|down (?:his|her|my) (?:cheek|face))\b", "NN"),
        (r"\b(?:wear and|acl|meniscus|muscle|ligament|rotator cuff|labral|tendon|retinal|small|slight|hamstring) @", "RIP"),
        (r"\ba @ in (?:the|my|your|a|this|our)\b|\b(?:'s|is) a @\b", "RIP"),
        (r"@ (?:up|down|apart|off|out|into|away|through|open|along|here|at)\b", "RIP"),
    ),
    "tears": (
        (r"@ (?:up|apart|off|out|away|open|through|into|it|the|a|easily|along)\b", "RIP"),
        (r"\b(?:ligament|muscle|acl|meniscus|tendon|small|cuff) @", "RIP"),
        (r"\b(?:he|she|it|who) @", "RIP"),
    ),
    "upset": (
        (r"\b(?:biggest|huge|major|an|stunning|the|stomach|another|shock|big|massive) @ (?!about|that|with|by|at|because|him|"
         r"me|her|them|us|customer|child|stomach|\w+s? (?:was|were))", "NN"),
        (r"@", "VB"),
    ),
    "use": (
        (r"\b(?:of|in|no|much|any|for|into|the|a|an|its|their|our|your|my|his|her|'s|single|daily|drug|fair|land|water|"
         r"personal|home|free) @(?! (?:it|them)\b)", "NN"),
    ),
    "wind": (
        (r"@ (?:up|down|back|its|the (?:clock|watch|toy|rope|string|cable|wire|yarn|thread|bobbin))\b(?! speed)", "VB"),
    ),
    "winds": (
        (rf"\b(?:{_ROADS}|it|he|she|that|which|who) (?:\w+ly |then |also |slowly )?@", "VB"),
        (r"@ (?:its|up|along|uphill|downhill)\b", "VB"),
    ),
    "wound": (
        (r"@ (?:up|down|around|through|tight|tightly|its|back|the|his|her|into|itself|round|onto|so)\b(?! (?:was|is|had|on|in))",
         "VBD"),
        (r"\b(?:tightly|was|were|been|had|has|have|is|loosely) @ (?!care|healing|dressing)", "VBD"),
        (r"@", "NN"),
    ),
}  # fmt: skip
"""By word, patterns of its neighbourhood (the word itself is "@") and the sense they show, first match wins."""

_ALIKE: Final = {"reread": "read"}
_NEITHER: Final = frozenset(
    "overweight overhead inside outside uphill downhill nearby overall underground downstairs uptown arithmetic arsenic "
    "pasty minute that AUGUST august moped dogged crooked ragged jagged learned unlearned lunged augmented alloyed allied "
    "undertaking upsetting closer used grown-up proceeds aged houses".split()
)
"""The rules for verbs do not tell their senses apart."""


class Token(Protocol):
    """What is read and set of the G2P's tokens."""

    text: str
    tag: str
    phonemes: str | None


def add_variants(entries: dict[str, str | dict[str, str]]) -> None:
    """Complete a lexicon of the G2P.

    Args:
        entries: its words and their sounds.
    """
    entries.update({word: dict(sounds) for word, sounds in VARIANTS.items()})


def settle(tokens: Sequence[Token], entries: Mapping[str, str | Mapping[str, str]]) -> None:
    """Set the tags of a sentence's heteronyms so that the lexicon gives the sound the sentence asks for.

    Args:
        tokens: the sentence, tagged.
        entries: the lexicon's words, completed by `add_variants`.
    """
    words = [token.text.lower() for token in tokens]
    for index, (word, token) in enumerate(zip(words, tokens, strict=True)):
        sounds = entries.get(word)
        if token.phonemes is None and isinstance(sounds, Mapping) and "None" not in sounds:
            here = place(words, [other.tag for other in tokens[: index + 10]], index)
            token.tag = _tag(here, sounds) or token.tag


def _tag(here: Place, sounds: Mapping[str, str]) -> str | None:
    word = _ALIKE.get(here.word, here.word)
    if word == "read":
        return "VBD" if is_past(here) else "VB"
    for pattern, sense in SENSES.get(word, ()):
        if re.search(pattern, here.text):
            return sense
    if word in _NEITHER or word.isupper():
        return None
    verb = is_verb(here)
    if verb is None:
        return None
    if verb:
        return _verb_sense(sounds)
    return "JJ" if "ADJ" in sounds and "NOUN" not in sounds else "NN"


def _verb_sense(sounds: Mapping[str, str]) -> str:
    return next((sense for sense in ("BEND", "RIP") if sense in sounds), "VB")

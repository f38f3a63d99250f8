"""The senses of heteronyms: what stands around a word when it is meant in one sense or another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GROUPS: Final[Mapping[str, str]] = {
    "metals": (
        "tin|zinc|copper|mercury|iron|silver|cadmium|arsenic|steel|nickel|antimony|gold|asbestos|"
        "bronze|chromium"
    ),
    "roads": (
        "road|river|path|trail|stream|street|staircase|stairway|creek|track|line|snake|procession|"
        "highway|canal|valley|route|stair|lane|brook|tunnel|story|clock|corridor|walkway|driveway|pass|"
        "wall"
    ),
    "performed": (
        "play|plays|played|playing|perform|performs|performed|performing|sing|sings|sang|singing|"
        "broadcast|air|aired|airs|stream|streams|streamed|streaming|record|recorded|watch|watched|"
        "watching|appear|appeared|show|shown|seen|heard|hear|see|talk|talking|tour|toured|debuted|shot|"
        "filmed|televised|tweeting|reporting|report|coming"
    ),
    "ship": (
        "ship|boat|vessel|deck|stern|hull|yacht|sail|ferry|canoe|kayak|anchor|waves|port|starboard|"
        "bowsprit|tanker"
    ),
}
"""Words that stand for each other in a pattern, where it says <name>."""

SENSES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "aged": (
        ("OLD", r"the @ (?:and|\.|\$|who|are|were|need)"),
        ("OLD", r"@ (?:man|woman|men|women|people|father|mother|parents|aunt|uncle|relatives?|care|couple)\b"
        ),
    ),
    "affect": (
        ("NN", r"(?:flat|positive|negative|blunted|of|in) @ (?!the|your|our|his|her|their|my|how|you|us|it)"
        ),
        ("VB", r"@"),
    ),
    "affects": (
        ("NN", r"(?:positive|negative|these|of) @ (?!the|your|our|his|her|their|my|how)"),
        ("VB", r"@"),
    ),
    "axes": (
        ("TOOLS", r"(?<!\S)(?:battle|stone|sharp|ice|hand|throwing|fire|their|with|swinging|saws and|"
         r"hammers and) @"),
        ("TOOLS", r"@ (?:and (?:saws|hammers|knives|shovels|swords)|chopped|swung)\b"),
    ),
    "bases": (
        ("GROUNDS", r"(?<!\S)(?:legal|scientific|factual|theoretical|moral|neural|genetic|conceptual) @|"
         r"@ of (?:our|the law)"),
    ),
    "bowed": (("BENT", r"@ (?:legs?|out|strings?|instruments?|shelf|wall|walls|wood|under the weight)\b"),),
    "bass": (
        ("FISH", r"(?<!\S)(?:fish|fishing|sea|largemouth|smallmouth|striped|white|black|caught|catch|lake|"
         r"grilled|fillets?) (?:a |the |some |big |for |of |huge |two )*@"),
        ("FISH", r"@.* (?:fish|fishing|boat|lake|pond|hook|lure|river|trout|perch|fillets?|angler|fisherman|"
         r"pro)\b"),
        ("FISH", r"(?<!\S)(?:fish|fishing|trout|perch|pond|angler|fisherman|cod|salmon)\b.* @"),
    ),
    "beloved": (
        ("VBN", r"@ by"),
        ("JJ", r"@"),
    ),
    "blessed": (
        ("VBD", r"(?<!\S)(?:is|are|was|were|be|been|being|am|'m|'re|have|has|had|'ve|feel|felt|i|he|she|god|"
         r"lord|so|and|truly) @ (?!are)"),
        ("VBD", r"@ (?:with|by|him|her|us|me|you|the)\b"),
        ("JJ", r"@"),
    ),
    "bow": (
        ("BEND", r"(?<!\S)(?:take|took|takes|taking|taken) (?:a|his|her|their|one|my|your|our|another)? "
         r"?(?:\w+ )?@"),
        ("BEND", r"(?<!\S)(?:deep|slight|low|polite|final|respectful|small|little|formal|curt|quick|stiff|"
         r"graceful|mock) @ (?!tie|and)"),
        ("BEND", r"@ (?:shocks?|waves?|thrusters?|line)\b"),
        ("NN", r"(?<!\S)(?:arrows?|archer|archers|archery|string|strings|violin|cello|viola|fiddle|ribbon|"
         r"gift|hair|draw|drew)\b.* @|@.* (?:arrows?|archer|archery|strings?|violin|cello|ribbon|"
         r"gift)\b"),
        ("BEND", r"(?<!\S)(?:at|in|on|over|to|off|toward|towards|near|across|of|from) the (?:port |starboard "
         r")?@ (?:\.|,|\$|and|of|as|with)"),
        ("BEND", r"@.* <ship>\b|(?<!\S)<ship>(?: 's)?\b.* @|\bthe @ (?:and stern|wave)"),
        ("NN", r"(?<!\S)(?:with|tie|tied|red|blue|pink|silk|hair|big|long|cross|compound|violin|his|her|"
         r"my) (?:a |the )?@ (?!to|before|down|out|in|deeply|their|his|her|your)"),
        ("NN", r"@ (?:tie|ties|and arrows?|string|hunting|hunter)\b"),
        ("BEND", r"@ (?:down|out|before|deeply|low)\b"),
    ),
    "bows": (
        ("BEND", r"@ (?:down|out|before|deeply|low|to the (?:crowd|audience|king|queen))\b"),
        ("BEND", r"(?<!\S)(?:took|take|taking|takes) (?:\w+ )?@"),
        ("BEND", r"(?<!\S)(?:deep|polite) @"),
        ("BEND", r"(?<!\S)(?:he|she|it|who) @"),
    ),
    "close": (
        ("JJ", r"(?<!\S)(?:very|so|too|as|pretty|quite|really|extremely|how|fairly|dangerously|"
         r"uncomfortably|relatively|this|that) @"),
        ("JJ", r"(?<!\S)(?:stay|stays|stayed|stand|stands|stood|standing|come|comes|came|coming|get|gets|"
         r"got|getting|keep|kept|draw|drew|hold|held|sit|sat|sitting|be|is|are|was|were|been|am|'m|"
         r"'re|move|moved|live|lives|remain|remained|pulled|grew|look|looked|up) (?:her |him |them |"
         r"it |me |us |you )?@(?! (?:the|its|their|his|our|my|your) )"),
        ("JJ", r"(?<!\S)(?:keep|kept|hold|held|bring|pull) (?:\w+ ){0,3}@ (?:\.|,|\$|to|and)"),
        ("JJ", r"@ (?:by|together|behind|enough|friends?|call|calls|range|contact|attention|relatives?|"
         r"ties|proximity|relationship|look|watch|family|race|game|second|quarters|knit|up (?!shop|"
         r"the|at|for|my))\b"),
        ("NN", r"(?<!\S)(?:a|the) @ (?:of|\.|,|\$|at|in|on|after|for)\b|(?<!\S)(?:a|the) @ (?:\.|,|\$)|"
         r"(?<!\S)(?:at|by|before|until) (?:the )?@ (?:of|\.|,|\$)|(?<!\S)(?:to|at) @ (?:\.|,|\$)"),
        ("JJ", r"(?<!\S)(?:a|an|the|his|her|their|my|our|your|its|in|with|more|most) @"),
        ("VB", r"(?<!\S)(?:will|would|can|could|should|may|might|must|'ll|do|did|does|not|n't|shall|i|you|"
         r"we|they) @"),
        ("JJ", r"\bto @ to\b"),
        ("VB", r"\bto @"),
        ("JJ", r"@ to\b"),
        ("VB", r"@ (?:the|your|its|their|his|her|my|our|all|it|this|that|out|down|off|at|on|early|when|for|"
         r"every)\b"),
    ),
    "content": (
        ("JJ", r"(?<!\S)(?:am|is|are|was|were|be|been|being|feel|feels|felt|seem|seems|seemed|perfectly|"
         r"quite|completely|more|very|so|entirely|not|n't|look|looked|remain|remained|less|fully|"
         r"become|becomes|became|becoming|stay|stayed|appear|appeared|never|as|'m|'re) (?:always |"
         r"often )?@ (?:just )?(?:with|to|in|that|\.|,|\$|and|here|as|if|being|for|enough|!)"),
        ("JJ", r"(?<!\S)(?:'s|is|was|be|are|were|'re) @ (?:with|to)\b"),
        ("JJ", r"@ with (?:themselves|himself|herself|myself|ourselves|yourself|what|who|how|life|being|so "
         r"little|second)\b"),
        ("VB", r"@ (?:oneself|yourself|himself|herself|themselves|myself|ourselves)\b"),
        ("JJ", r"^(?:\^ )?@ (?:with|to)\b|, @ (?:with|to|that|in)\b"),
        ("JJ", r"(?<!\S)(?:perfectly|happy and|calm and) @"),
        ("NN", r"@"),
    ),
    "desert": (
        ("VB", r"\bjust @"),
        ("VB", r"@ (?:him|her|them|me|us|you|his|their|your)\b"),
    ),
    "deserts": (("VB", r"\bjust @"),),
    "does": (
        ("DEER", r"(?<!\S)(?:two|three|four|five|six|several|the|many|some|bucks and|bucks or|stags and|"
         r"adult|female|pregnant) @ (?:and|or|were|are|in|with|have|had|grazed|graze|give|\.|,)"),
        ("DEER", r"@ and (?:fawns?|bucks?|a buck|stags?|their fawns?)\b|\bbucks and @"),
    ),
    "dove": (
        ("VB", r"@ (?:into|in|under|for|down|deep|headfirst|head|off|right|straight|behind|out|from|"
         r"through|back|beneath|over)\b"),
        ("NN", r"@"),
    ),
    "invalid": (
        ("NN", r"\ban @ (?:and|who|since|for|in|after|all|\.|,|\$)"),
        ("NN", r"(?<!\S)(?:the|chronic|elderly|his|her|permanent|old|bedridden) @ (?:was|who|had|in his|in "
         r"her|\.|,|\$)"),
        ("JJ", r"@"),
    ),
    "invalids": (("NN", r"@"),),
    "lead": (
        ("METAL", r"@ (?:pipes?|paints?|poisoning|shot|pencils?|bullets?|acid|crystal|glass|weights?|"
         r"sinkers?|"
         r"ore|mines?|smelters?|exposure|aprons?|toxicity|oxide|batter(?:y|ies)|plumbing|solder|"
         r"based|free|balloon|contamination|lined|glaze|isotopes?|sheets?|roof|roofing|coffins?|"
         r"shielding|content|levels|compounds?|nitrate|acetate|azide|chromate)\b"),
        ("METAL", r"(?<!\S)(?:made|out|full|lumps?|tons?|traces?|amounts?|levels?|pounds?|ounces?|piece|"
         r"block|"
         r"sheet|use|concentrations?|balls?|pounds?) of (?:the |liquid |molten |pure )?@"),
        ("METAL", r"(?<!\S)(?:like|molten|liquid|unleaded|heavy as|with|containing|contains?|contained|"
         r"containing|turn|turned|turning|toxic|pencil|pure|white|red|found|find|found high|into|"
         r"from|dissolved|absorb|inhale|remove|removing) @ (?!in the (?:race|polls|game|series|"
         r"standings)|to |over|the|by|singer|role|vocal|guitar|author|actor|us|them|you)"),
        ("METAL", r"(?<!\S)<metals>\b.*(?<!the)(?<!a) @ (?:,|\.|\$|although|which)"),
        ("METAL", r"(?<!\S)<metals>(?: ,)?(?: and| or| ,)? @|@(?: ,)?(?: and| or| ,) <metals>\b"),
        ("METAL", r"@ (?:is|was|are|has|can|melts?|sinks?|weighs?) (?:\w+ )?(?:a |an |very |highly )?(?:\w+ "
         r")?(?:toxic|heavy|metal|soft|element|poisonous|dense|bluish|harmful|accumulate|melts?|"
         r"poison|dangerous|used|corrosion|leach)"),
        ("METAL", r"\bpencils?\b.* @|@.* pencils?\b"),
        ("METAL", r"@ in (?:the |your |their |our |drinking |tap |blood |his |her )*(?:water|soil|paint|"
         r"blood|"
         r"pipes|gasoline|petrol|toys|dust|air|food)\b|(?<!\S)(?:exposed|exposure) to @|\btested for "
         r"@|@ leached"),
    ),
    "learned": (
        ("JJ", r"(?<!\S)(?:a|the|very|most|his|her|my) @ (?:man|men|woman|women|scholar|scholars|judge|"
         r"friend|professor|colleague|people|society|societies|journal|and|doctor|counsel)"),
    ),
    "live": (
        ("JJ", r"(?<!\S)(?:go|goes|going|went|gone) @"),
        ("VB", r"(?<!\S)(?:i|you|we|they|who) (?:\w+ly |also |still |both |all |just |now |never |always |"
         r"only |once )?@(?! (?:from|at the (?:studio|stadium|arena))|ly)"),
        ("VB", r"(?<!\S)(?:to|will|would|can|could|should|may|might|must|'ll|'d|do|did|does|not|n't|let|"
         r"shall|ca|and let|us|we) (?:\w+ly |ever |even |all |both |still |also |never |always )?@"),
        ("JJ", r"(?<!\S)<performed> (?:it |them |her |him |us |me |this |that |out |the \w+ |\w+ )?@"
        ),
        ("JJ", r"(?<!\S)(?:is|are|was|were|be|been|'re|'m|am|'s|being|now|a|the|this|that|our|your|his|her|"
         r"its|my|first|via|with|in|of|by|for|any|no|all|more|some|from|these|those|on|at|another|"
         r"every|two|three) @"),
        ("JJ", r"@ (?:from|broadcast|stream|streams|streaming|music|show|shows|concert|concerts|tv|"
         r"television|video|chat|updates?|coverage|performances?|performing|audience|album|"
         r"recordings?|demo|event|events|webinar|session|wire|ammunition|bait|animals?|birds?|fish|"
         r"action|blog|feed|on (?:tv|air|television|stage|youtube|radio)|in concert|q|now|today)\b"),
        ("VB", r"@ (?:with|near|there|here|together|alone|longer|without|by|as|a|up|like|about|forever|"
         r"happily|under|among|across|abroad|close|next|far|below|above|between|inside|underground|"
         r"their|your|our|his|life|free|and|off|through|past|to|for|within|around|where|outside|"
         r"apart|only|well|just|more|in|on|at|\.|until|almost)\b"),
    ),
    "lives": (
        ("VB", r"(?<!\S)(?:he|she|it|who|nobody|everyone|someone|everybody|that|one|which|never|always|now|"
         r"still|also|currently) @"),
        ("NN", r"(?<!\S)(?:their|our|your|many|save|saves|saved|saving|lost|the|of|these|those|his|her|my|"
         r"its|two|three|nine|whose|more|human|people 's|past|private|daily|everyday|real|some|other|"
         r"both|all|change|changes|changed|touch|and|cost|costs|claim|claimed|claims|risk|risked|"
         r"young|personal|hundred|thousand|million) @"),
        ("VB", r"@ (?:in|at|with|on|near|there|here|alone|by|across|off|up|next|under|somewhere|for|a|for|"
         r"nearby|abroad|far|upstairs|down|forever|together|close|outside|behind|between|around)\b"),
    ),
    "minute": (
        ("JJ", r"@ (?:amounts?|quantit(?:y|ies)|differences?|fractions?|particles?|traces?|changes?|"
         r"variations?|scale|organisms?|fragments?|doses?|adjustments?|examination|cracks?|specks?|"
         r"detail|details|creatures?|crystals?|holes?|droplets?|inspection|portion|proportion|"
         r"grains?|insects?|dust|bits?|pieces?|bubbles?)\b"),
        ("JJ", r"(?<!\S)(?:so|very|extremely|almost|relatively|are|were|truly|incredibly|too|seemed?|as|"
         r"only) @ (?:\.|,|\$|and|that|in|but|compared|or|!)"),
        ("JJ", r"(?<!\S)(?:is|was) @ (?:\.|,|\$|and|but|compared)"),
        ("NN", r"@"),
    ),
    "moderate": (("JJ", r"(?<!\S)(?:mild|light|low|slow|small|weak|minor|short|slight|none) to @"),),
    "polish": (
        ("VB", r"^\^ @ (?:the|your|my|a|it|his|her|our|them|with|until|and)\b"),
        ("JJ", r"@"),
    ),
    "present": (
        ("NN", r"(?<!\S)(?:are|is|was|were|be|been|being|'re|'m|am|all|those|members) @ (?:\.|,|\$|at|in|"
         r"for|when|during|and|on)"),
        ("NN", r"(?<!\S)(?:at|for the|the|a|birthday|christmas|past and|wedding|until the) @"),
    ),
    "resume": (
        ("NN", r"@ (?:and cover|builder|template|gap|writing|tips|advice|review|or cv|paper|today|in pdf|"
         r"format)\b"),
        ("NN", r"(?<!\S)(?:a|the|your|my|his|her|their|our|this|that|each|every|submit|attach|send|on|"
         r"updated|new|professional|impressive|strong|one|of|in|with|cv or|cv and) (?:\w+ )?@ (?!the|"
         r"playing|playback|talks|his|her|their|its|our|your|my|an? |to a )"),
    ),
    "resumes": (
        ("NN", r"(?<!\S)(?:the|your|our|their|many|of|these|those|send|review|reviewed|two|three|all|forty|"
         r"hundred|read|reading|their) (?:\w+ )?@ (?!on|at|in|after|tomorrow|today|next|when|with|as|"
         r"its|his|her|the)"),
        ("NN", r"(?<!\S)(?:forty|hundred|thousand|fifty|several|received|submitted|submit|screen|two|three|"
         r"four|five|ten) (?:\w+ )?@"),
    ),
    "row": (
        ("QUARREL", r"(?<!\S)(?:had|have|having|blazing|huge|furious|political|diplomatic|bitter|public|"
         r"family|"
         r"angry|growing|a) @ (?:over|about|with|between|erupted|broke|has|that)\b"),
        ("QUARREL", r"(?<!\S)(?:blazing|furious|diplomatic|bitter|unholy) @"),
    ),
    "sake": (
        ("DRINK", r"(?<!\S)(?:drink|drinks|drank|drinking|hot|warm|cold|sip|sipped|rice|japanese|pour|"
         r"poured|order|ordered|"
         r"serve|served|sushi and|(?:cups?|bottles?|glass|glasses|shots?) of) (?:some |the )?@"),
        ("DRINK", r"@ (?:bottle|bottles|cup|cups|bar|brewery|breweries|bomb|sommelier|set|and (?:sushi|"
         r"beer))\b"),
    ),
    "sewer": (
        ("SEWS", r"(?<!\S)(?:seamstress|sewing|fabric|quilt\w*|stitch\w*|hobby|tailor|dress|needle|expert|"
         r"avid|experienced|beginner)\b.* @|@.* (?:seamstress|sewing|fabric|quilt\w*|stitch\w*|"
         r"tailor|dress|needle|thread)\b"),
    ),
    "sewers": (
        ("SEWS", r"(?<!\S)(?:sewing|home|quilters and|experienced|beginning|avid) @|@ and quilters"),
    ),
    "sow": (
        ("VB", r"@ (?:the|seeds?|wheat|corn|discord|doubt|confusion|chaos|division|grass|in|wild|what|your|"
         r"their|it)\b"),
        ("NN", r"(?<!\S)(?:a|the|pregnant|old|one|two|each|mother|every|wild) @"),
    ),
    "tear": (
        ("NN", r"@ (?:gas|drop|drops|duct|ducts|stain|stained|jerker|film|rolled|ran|fell|slid|glistened|"
         r"trickled|in (?:his|her|my|your|their|the|one) eyes?|down (?:his|her|my) (?:cheek|face))\b"),
        ("RIP", r"(?<!\S)(?:wear and|acl|meniscus|muscle|ligament|rotator cuff|labral|tendon|retinal|small|"
         r"slight|hamstring) @"),
        ("NN", r"@ gass\w+"),
        ("RIP", r"@ (?:in|of|to|on) (?:the|my|your|a|this|our|his|her|its|one|space|that)\b|(?<!\S)(?:'s|"
         r"is) a @\b"),
        ("RIP", r"(?<!\S)(?:suffered|sustained|caused|causes|partial|complete|triceps|biceps|calf|groin|"
         r"quad|tissue|dimensional|vertical) (?:a )?@"),
        ("RIP", r"@ (?:up|down|apart|off|out|into|away|through|open|along|here|at)\b"),
    ),
    "tears": (
        ("RIP", r"@ (?:up|apart|off|out|away|open|through|into|it|the|a|easily|along)\b"),
        ("RIP", r"(?<!\S)(?:ligament|muscle|acl|meniscus|tendon|small|cuff) @"),
        ("RIP", r"(?<!\S)(?:he|she|it|who) @"),
    ),
    "upset": (
        ("NN", r"(?<!\S)(?:biggest|huge|major|an|stunning|the|stomach|another|shock|big|massive) @ "
         r"(?!about|that|with|by|at|because|him|me|her|them|us|customer|child|stomach|\w+s? (?:was|"
         r"were))"),
        ("VB", r"@"),
    ),
    "use": (
        ("NN", r"@ of\b"),
        ("VB", r", @"),
        ("NN", r"(?<!\S)(?:of|in|no|much|any|for|into|the|a|an|its|their|our|your|my|his|her|'s|single|"
         r"daily|drug|fair|land|water|personal|home|free) @(?! (?:it|them)\b)"),
    ),
    "wind": (
        ("VB", r"@ (?:up|down|back|its|the (?:clock|watch|toy|rope|string|cable|wire|yarn|thread|"
         r"bobbin))\b(?! speed)"),
    ),
    "winds": (
        ("VB", r"(?<!\S)(?:<roads>|it|he|she|that|which|who) (?:\w+ly |then |also |slowly )?@"),
        ("VB", r"@ (?:its|up|along|uphill|downhill)\b"),
    ),
    "wound": (
        ("VBD", r"@ (?:up|down|around|through|tight|tightly|its|back|the|his|her|into|itself|round|onto|"
         r"so)\b(?! (?:was|is|had|on|in))"),
        ("VBD", r"@ (?:\w+ )?(?:strings?|coils?|wires?|rotors?)\b"),
        ("VBD", r"(?<!\S)(?:tightly|was|were|been|had|has|have|is|loosely) @ (?!care|healing|dressing)"
        ),
        ("NN", r"@"),
    ),
}  # fmt: skip
"""By word (in small letters): senses and the patterns of the neighbourhood that show them, first match wins.

The word itself is "@", the edges of the sentence are "^" and "$", punctuation marks are words. A sense is a
tag the lexicon knows (VB, VBD, NN, JJ) or one of `heteronyms.VARIANTS`.
"""

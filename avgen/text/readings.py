"""Tables of readings: what short forms and symbols stand for when they are read aloud."""

from __future__ import annotations

from typing import Final

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

CURRENCIES: Final = {
    "$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"), "¥": ("yen", ""),
    "₹": ("rupee", "paisa"), "₩": ("won", ""), "₽": ("ruble", "kopek"), "₺": ("lira", ""),
    "₪": ("shekel", ""), "₫": ("dong", ""), "₴": ("hryvnia", ""), "₱": ("peso", ""), "฿": ("baht", ""),
    "¢": ("cent", ""), "₿": ("bitcoin", ""), "₦": ("naira", ""), "₵": ("cedi", ""), "₡": ("colon", ""),
    "₲": ("guarani", ""), "₸": ("tenge", ""), "₼": ("manat", ""), "₾": ("lari", ""), "₭": ("kip", ""),
    "₮": ("tugrik", ""), "₨": ("rupee", "paisa"), "USD": ("U.S dollar", "cent"), "EUR": ("euro", "cent"),
    "GBP": ("pound", "penny"), "JPY": ("yen", ""), "CHF": ("Swiss franc", ""),
    "CAD": ("Canadian dollar", "cent"), "AUD": ("Australian dollar", "cent"),
    "NZD": ("New Zealand dollar", "cent"), "SGD": ("Singapore dollar", "cent"),
    "HKD": ("Hong Kong dollar", "cent"), "INR": ("rupee", "paisa"), "Rs": ("rupee", "paisa"),
    "CNY": ("yuan", ""), "RMB": ("yuan", ""), "KRW": ("won", ""), "RUB": ("ruble", "kopek"),
    "BRL": ("Brazilian real", ""), "MXN": ("Mexican peso", ""), "ZAR": ("rand", ""), "TRY": ("lira", ""),
    "SEK": ("Swedish krona", ""), "NOK": ("Norwegian krone", ""), "DKK": ("Danish krone", ""),
    "PLN": ("zloty", ""), "CZK": ("Czech koruna", ""), "HUF": ("forint", ""), "ILS": ("shekel", ""),
    "AED": ("dirham", ""), "SAR": ("riyal", ""), "THB": ("baht", ""), "PHP": ("peso", ""),
    "IDR": ("rupiah", ""), "VND": ("dong", ""), "NGN": ("naira", ""), "UAH": ("hryvnia", ""),
    "R$": ("Brazilian real", ""), "BTC": ("bitcoin", ""), "ETH": ("ether", ""),
}  # fmt: skip
"""Singular of the unit, and what a hundredth of it is called ("" where it is not spoken of)."""
INVARIABLE: Final = (
    *("yen", "won", "baht", "dong", "yuan", "naira", "rand", "forint", "kip", "lari", "tenge"),
    *("rupiah", "ether", "zloty", "hertz"),
)
IRREGULAR: Final = {"penny": "pence", "paisa": "paise", "krona": "kronor", "krone": "kroner"}
"""Plurals of currencies."""
CURRENCY_PREFIXES: Final = {
    "US": "U.S", "AU": "Australian", "A": "Australian", "CA": "Canadian", "C": "Canadian",
    "NZ": "New Zealand", "HK": "Hong Kong", "S": "Singapore",
}  # fmt: skip
SCALES: Final = {
    "k": "thousand", "thousand": "thousand", "hundred": "hundred", "m": "million", "mm": "million",
    "mn": "million", "mil": "million", "mio": "million", "mill": "million", "million": "million",
    "b": "billion", "bn": "billion", "bil": "billion", "billion": "billion", "t": "trillion",
    "tn": "trillion", "trillion": "trillion", "lakh": "lakh", "crore": "crore", "cr": "crore",
}  # fmt: skip

BEFORE_NUMBER: Final = {
    "no": "number", "nos": "numbers", "nr": "number", "p": "page", "pp": "pages", "fig": "figure",
    "figs": "figures", "eq": "equation", "eqs": "equations", "sec": "section", "vol": "volume",
    "vols": "volumes", "ch": "chapter", "chap": "chapter", "art": "article", "ca": "circa", "c": "circa",
    "ext": "extension", "ver": "version", "apt": "apartment", "rm": "room", "ste": "suite",
    "est": "established",
}  # fmt: skip
"""Read so before a number, with a full stop; small letters or a capital."""
ABBREVIATIONS: Final = {
    "e.g.": "for example", "E.g.": "For example", "eg.": "for example", "i.e.": "that is",
    "I.e.": "That is", "ie.": "that is", "etc.": "et cetera", "etc": "et cetera", "vs.": "versus",
    "vs": "versus", "Vs.": "versus", "cf.": "compare", "Cf.": "Compare", "viz.": "namely",
    "al.": "al", "a.k.a.": "also known as", "aka": "also known as",
    "excl.": "excluding", "esp.": "especially",

    "Inc.": "Incorporated", "Ltd.": "Limited",
    "Ltd": "Limited", "Corp.": "Corporation", "Co.": "Company", "Bros.": "Brothers", "Jr.": "Junior",
    "Sr.": "Senior", "Mr.": "Mister", "Mr": "Mister", "Mrs.": "Missus", "Mrs": "Missus", "Ms.": "Miz",
    "Ms": "Miz", "Messrs.": "Messers", "Ph.D.": "PhD", "Ph.D": "PhD", "min.": "minimum", "Min.": "Minimum",
    "max.": "maximum", "Max.": "Maximum", "w/o": "without", "w/": "with",
    "n/a": "not applicable", "N/A": "not applicable", "s/he": "she or he", "and/or": "and or",
    "he/she": "he or she", "she/he": "she or he", "him/her": "him or her", "his/her": "his or her",
    "tel.": "telephone", "Tel.": "Telephone", "P.S.": "P.S",
    "Mon.": "Monday", "Tue.": "Tuesday", "Tues.": "Tuesday", "Wed.": "Wednesday", "Thu.": "Thursday",
    "Thur.": "Thursday", "Thurs.": "Thursday", "Fri.": "Friday", "Sat.": "Saturday", "Sun.": "Sunday",
    "WWI": "World War one", "WWII": "World War two", ".NET": "dot net",
    "C++": "C plus plus", "C#": "C sharp", "F#": "F sharp", "AT&T": "A.T and T",
    "'tis": "tis", "'n'": "and",
    "'em": "em", "'til": "till", "'cause": "cause",
    "p.a.": "per annum", "TL;DR": "T.L.D.R", "JSON": "Jason", "YAML": "yamel", "brr": "burr", "Brr": "burr",
    "tsk": "tisk", "Tsk": "tisk", "shh": "[shh](/ʃʃ/)",
    "Shh": "[shh](/ʃʃ/)", "psst": "[psst](/psst/)", "Psst": "[psst](/psst/)",
}  # fmt: skip
"""Read so everywhere."""

ROMAN_CARDINAL: Final = (
    *(
        "Chapter",
        "Part",
        "Act",
        "Scene",
        "Section",
        "Volume",
        "Book",
        "Phase",
        "Article",
        "World War",
    ),
    *("Mark", "Type", "Level", "Stage", "Class", "Grade", "Bowl", "Apollo", "Gemini", "Fantasy", "Episode"),
    *(
        "Round",
        "Title",
        "Appendix",
        "Table",
        "Figure",
        "Tier",
        "Category",
        "Group",
        "Unit",
        "Rocky",
        "Saturn",
    ),
)
"""A roman numeral after one of these is a number."""
NUMBERED: Final = (
    *("Chapter", "Episode", "Season", "Day", "Step", "Part", "Lesson", "Level", "Section", "Volume", "Track"),
    *("Week", "Slide", "Act", "Phase", "Figure", "Scene", "Unit", "Module", "Page", "Round", "Stage", "Book"),
    *("Take", "Item", "Question", "Exercise", "Problem", "Table", "Appendix", "Month", "Number", "Task"),
    *("Session", "Issue", "Tip", "Rule", "Version", "Series", "Test", "Entry", "Post"),
)
"""A zero before their numbers only fills the space: "Chapter 01"."""
ROMAN_ORDINAL: Final = (
    *(
        "Pope",
        "King",
        "Queen",
        "Henry",
        "Louis",
        "Edward",
        "George",
        "William",
        "Charles",
        "James",
        "Richard",
    ),
    *(
        "Elizabeth",
        "Napoleon",
        "Pius",
        "Benedict",
        "Leo",
        "Paul",
        "Ramses",
        "Frederick",
        "Philip",
        "Alexander",
    ),
    *("Nicholas", "Peter", "Catherine", "Ivan", "Umberto", "Emmanuel", "Gustav", "Christian", "Ferdinand"),
    *("Francis", "Harald", "Haakon", "Margrethe", "Mary", "Xerxes", "Darius", "Cleopatra", "Ptolemy"),
)
"""After one of these it is the rank of a ruler."""

SYMBOLS: Final = {
    "&": "and", "+": "plus", "=": "equals", "<": "less than", ">": "greater than", "@": "at",
    "%": "percent", "±": "plus or minus", "∓": "minus or plus", "×": "times", "÷": "divided by", "−": "minus",
    "≈": "about", "≃": "about", "≅": "is congruent to", "∼": "is similar to", "≡": "is identical to",
    "≠": "is not equal to", "≤": "at most", "≥": "at least", "≪": "is much less than",
    "≫": "is much greater than", "→": "to", "←": "from", "↔": "if and only if", "⇔": "if and only if",
    "⟺": "if and only if", "⇒": "implies", "⟹": "implies", "⟶": "to", "↦": "maps to", "↑": "up", "↓": "down",
    "∞": "infinity", "√": "the square root of", "∛": "the cube root of", "∜": "the fourth root of",
    "∑": "the sum of", "∏": "the product of", "∫": "the integral of", "∮": "the contour integral of",
    "∂": "partial", "∆": "delta", "∇": "nabla", "∈": "in", "∉": "not in", "∋": "contains", "∪": "union",
    "∩": "intersection", "⊂": "is a subset of", "⊆": "is a subset of", "⊃": "is a superset of",
    "⊇": "is a superset of", "∅": "the empty set", "∖": "minus", "∀": "for all", "∃": "there exists",
    "∄": "there does not exist", "¬": "not", "∧": "and", "∨": "or", "⊕": "exclusive or", "⊗": "tensor",
    "⊥": "is perpendicular to", "∥": "is parallel to", "∠": "angle", "∝": "is proportional to",
    "∴": "therefore", "∵": "because", "∘": "of", "⋅": "times", "⊢": "proves", "⊨": "models", "∎": "QED",
    "♯": "sharp", "♭": "flat", "♮": "natural", "⌘": "command", "⌥": "option", "℗": "phonogram",
    "©": "copyright", "§": "section", "¶": "paragraph", "°": "degrees", "′": "prime", "″": "double prime",
    "‰": "per mille", "‱": "per ten thousand", "#": "hash", "$": "dollars", "£": "pounds", "€": "euros",
    "\\": "backslash", "/": "slash", "Ω": "omega", "µ": "micro", "℮": "", "®": "", "™": "", "•": "", "·": "",
    "*": "", "_": "", "~": "", "^": "", "|": ",",
}  # fmt: skip
"""Read so where no rule knows better; "" is passed over."""
OPERATORS: Final = {
    "!=": "is not equal to", "==": "equals", "&&": "and", "||": "or", "<=": "at most", ">=": "at least",
}  # fmt: skip

WEB_SYMBOLS: Final = {
    ".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", ":": "colon", "?": "question mark",
    "=": "equals", "&": "and", "#": "hash", "%": "percent", "+": "plus", "~": "tilde", "*": "star",
}  # fmt: skip
TOP_LEVEL_DOMAINS: Final = (
    *("com", "org", "net", "edu", "gov", "info", "io", "co", "uk", "de", "fr", "eu", "us", "ca", "au", "tv"),
    *("me", "ai", "app", "dev", "ly", "biz", "int", "mil", "ch", "nl", "jp", "in", "it", "es", "se", "no"),
)
FILE_ENDINGS: Final = (
    *(
        "txt",
        "pdf",
        "md",
        "py",
        "js",
        "ts",
        "html",
        "htm",
        "css",
        "json",
        "csv",
        "xml",
        "yaml",
        "yml",
        "toml",
    ),
    *(
        "mp4",
        "mp3",
        "wav",
        "avi",
        "mov",
        "jpg",
        "jpeg",
        "png",
        "gif",
        "svg",
        "zip",
        "gz",
        "exe",
        "doc",
        "docx",
    ),
    *("xls", "xlsx", "ppt", "pptx", "sh", "cpp", "rs", "go", "java", "log", "cfg", "ini"),
)
SPOKEN_ENDINGS: Final = frozenset(
    (
        "com",
        "org",
        "net",
        "gov",
        "info",
        "co",
        "app",
        "dev",
        "biz",
        "zip",
        "java",
        "log",
        "go",
        "doc",
        "mov",
        "me",
    )
)
"""Endings that are said as words; the others are spelled."""

BIBLE: Final = (
    *("Genesis", "Exodus", "Leviticus", "Numbers", "Deuteronomy", "Joshua", "Judges", "Ruth", "Samuel"),
    *("Kings", "Chronicles", "Ezra", "Nehemiah", "Esther", "Job", "Psalm", "Psalms", "Proverbs"),
    *("Ecclesiastes", "Song of Songs", "Song of Solomon", "Isaiah", "Jeremiah", "Lamentations", "Ezekiel"),
    *("Daniel", "Hosea", "Joel", "Amos", "Obadiah", "Jonah", "Micah", "Nahum", "Habakkuk", "Zephaniah"),
    *("Haggai", "Zechariah", "Malachi", "Matthew", "Mark", "Luke", "John", "Acts", "Romans"),
    *("Corinthians", "Galatians", "Ephesians", "Philippians", "Colossians", "Thessalonians", "Timothy"),
    *("Titus", "Philemon", "Hebrews", "James", "Peter", "Jude", "Revelation", "Maccabees", "Sirach", "Tobit"),
    *("Surah", "Sura", "Quran", "Qur'an", "Koran", "Gita", "Alma", "Nephi", "Mosiah"),
)
"""Books whose chapters and verses are written with a colon."""
BIBLE_CUTS: Final = {
    "Gen": "Genesis", "Ex": "Exodus", "Exod": "Exodus", "Lev": "Leviticus", "Num": "Numbers",
    "Deut": "Deuteronomy", "Josh": "Joshua", "Judg": "Judges", "Sam": "Samuel", "Kgs": "Kings",
    "Chron": "Chronicles", "Chr": "Chronicles", "Neh": "Nehemiah", "Ps": "Psalm", "Pss": "Psalms",
    "Prov": "Proverbs", "Eccl": "Ecclesiastes", "Isa": "Isaiah", "Jer": "Jeremiah", "Lam": "Lamentations",
    "Ezek": "Ezekiel", "Dan": "Daniel", "Hos": "Hosea", "Mic": "Micah", "Zech": "Zechariah",
    "Mal": "Malachi", "Matt": "Matthew", "Mt": "Matthew", "Mk": "Mark", "Lk": "Luke", "Jn": "John",
    "Rom": "Romans", "Cor": "Corinthians", "Gal": "Galatians", "Eph": "Ephesians", "Phil": "Philippians",
    "Col": "Colossians", "Thess": "Thessalonians", "Tim": "Timothy", "Heb": "Hebrews", "Jas": "James",
    "Pet": "Peter", "Rev": "Revelation",
}  # fmt: skip
STATES: Final = (
    *("Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware"),
    *("Florida", "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa", "Kansas", "Kentucky"),
    *("Louisiana", "Maine", "Maryland", "Massachusetts", "Michigan", "Minnesota", "Mississippi", "Missouri"),
    *("Montana", "Nebraska", "Nevada", "Hampshire", "Jersey", "Mexico", "York", "Carolina", "Dakota", "Ohio"),
    *("Oklahoma", "Oregon", "Pennsylvania", "Island", "Tennessee", "Texas", "Utah", "Vermont", "Virginia"),
    *("Washington", "Wisconsin", "Wyoming", "Hills", "Columbia"),
)
"""Last words of what stands before an American postal code."""

EMPHASISED: Final = frozenset(
    (
        *(
            "the",
            "and",
            "but",
            "so",
            "no",
            "not",
            "do",
            "go",
            "to",
            "be",
            "by",
            "if",
            "or",
            "an",
            "as",
            "my",
            "me",
        ),
        *("we", "he", "she", "up", "on", "of", "all", "any", "did", "does", "was", "has", "had", "is", "are"),
    )
)
"""Short words that are emphasis, not acronyms, in capitals."""
NEEDS_ACCENT: Final = frozenset(
    ("résumé", "résumés", "exposé", "exposés", "rosé", "rosés", "pâté", "pâtés", "maté", "lamé")
)
"""Another word without the accent."""

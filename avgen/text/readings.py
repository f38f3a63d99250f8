"""Tables of readings: what short forms and symbols stand for when they are read aloud."""

from __future__ import annotations

from typing import Final

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

CURRENCIES: Final = {
    "$": ("dollar", "cent"), "£": ("pound", "pence"), "€": ("euro", "cent"), "¥": ("yen", ""),
    "₹": ("rupee", "paise"), "₩": ("won", ""), "₽": ("ruble", "kopek"), "₺": ("lira", ""),
    "₪": ("shekel", ""), "₫": ("dong", ""), "₴": ("hryvnia", ""), "₱": ("peso", ""), "฿": ("baht", ""),
    "¢": ("cent", ""), "₿": ("bitcoin", ""), "USD": ("U.S dollar", "cent"), "EUR": ("euro", "cent"),
    "GBP": ("pound", "pence"), "JPY": ("yen", ""), "CHF": ("Swiss franc", ""),
    "CAD": ("Canadian dollar", "cent"), "AUD": ("Australian dollar", "cent"), "INR": ("rupee", "paise"),
    "CNY": ("yuan", ""), "Rs": ("rupee", "paise"),
}  # fmt: skip
"""Singular of the unit, and what a hundredth of it is called ("" where it is not spoken of)."""
INVARIABLE: Final = ("yen", "won", "baht", "dong", "pence", "paise", "yuan", "hertz")
CURRENCY_PREFIXES: Final = {
    "US": "U.S", "AU": "Australian", "A": "Australian", "CA": "Canadian", "C": "Canadian",
    "NZ": "New Zealand", "HK": "Hong Kong", "S": "Singapore",
}  # fmt: skip
SCALES: Final = {
    "k": "thousand", "thousand": "thousand", "hundred": "hundred", "m": "million", "mn": "million",
    "mil": "million", "mio": "million", "million": "million", "b": "billion", "bn": "billion",
    "billion": "billion", "t": "trillion", "tn": "trillion", "trillion": "trillion",
}  # fmt: skip

UNITS: Final = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer",
    "nm": "nanometer", "mi": "mile", "ft": "foot", "yd": "yard", "yds": "yard", "ha": "hectare",
    "kg": "kilogram", "g": "gram", "mg": "milligram", "µg": "microgram", "mcg": "microgram", "lb": "pound",
    "lbs": "pound", "oz": "ounce", "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter",
    "cl": "centiliter", "dl": "deciliter", "cc": "cubic centimeter", "gal": "gallon", "qt": "quart",
    "tbsp": "tablespoon", "tsp": "teaspoon", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute",
    "mins": "minute", "s": "second", "sec": "second", "secs": "second", "ms": "millisecond",
    "µs": "microsecond", "ns": "nanosecond", "yr": "year", "yrs": "year", "mo": "month", "mos": "month",
    "wk": "week", "wks": "week", "mph": "mile per hour", "kph": "kilometer per hour",
    "kmh": "kilometer per hour", "km/h": "kilometer per hour", "rpm": "revolution per minute",
    "bpm": "beat per minute", "fps": "frame per second", "mpg": "mile per gallon", "dpi": "dot per inch",
    "ppm": "part per million", "Mbps": "megabit per second", "Gbps": "gigabit per second",
    "kbps": "kilobit per second", "Mbit": "megabit", "Gbit": "gigabit", "kB": "kilobyte", "KB": "kilobyte",
    "MB": "megabyte", "GB": "gigabyte", "TB": "terabyte", "PB": "petabyte", "MiB": "mebibyte",
    "GiB": "gibibyte", "KiB": "kibibyte", "px": "pixel", "MP": "megapixel", "Hz": "hertz",
    "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "W": "watt", "kW": "kilowatt",
    "MW": "megawatt", "GW": "gigawatt", "kWh": "kilowatt hour", "Wh": "watt hour", "mAh": "milliamp hour",
    "V": "volt", "mV": "millivolt", "kV": "kilovolt", "mA": "milliamp", "Ω": "ohm", "kΩ": "kiloohm",
    "Pa": "pascal", "kPa": "kilopascal", "hPa": "hectopascal", "psi": "P.S.I", "J": "joule",
    "kJ": "kilojoule", "cal": "calorie", "kcal": "kilocalorie", "dB": "decibel", "lm": "lumen",
    "sq ft": "square foot", "sq mi": "square mile", "sq m": "square meter", "sqft": "square foot",
    "fl oz": "fluid ounce",
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
    ".NET": "dot net", "C++": "C plus plus", "C#": "C sharp", "F#": "F sharp", "AT&T": "A.T and T",
    "24/7": "twenty four seven", "9/11": "nine eleven", "50/50": "fifty fifty", "'tis": "tis", "'n'": "and",
    "'em": "em", "'til": "till", "'cause": "cause", "401(k)": "four oh one K",
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
    "%": "percent", "±": "plus or minus", "×": "times", "÷": "divided by", "−": "minus", "≈": "about",
    "≠": "is not equal to", "≤": "at most", "≥": "at least", "→": "to", "⇒": "implies", "∞": "infinity",
    "√": "the square root of", "∑": "the sum of", "∏": "the product of", "∫": "the integral of",
    "∂": "partial", "∆": "delta", "©": "copyright", "§": "section", "¶": "paragraph", "°": "degrees",
    "‰": "per mille", "#": "hash", "$": "dollars", "£": "pounds", "€": "euros", "\\": "backslash",
    "/": "slash", "Ω": "omega", "µ": "micro", "℮": "", "®": "", "™": "", "•": "", "·": "", "*": "", "_": "",
    "~": "", "^": "", "|": ",",
}  # fmt: skip
"""Read so where no rule knows better; "" is passed over."""
OPERATORS: Final = {
    "!=": "is not equal to", "==": "equals", "&&": "and", "||": "or", "<=": "at most", ">=": "at least",
}  # fmt: skip

WEB_SYMBOLS: Final = {
    ".": "dot", "/": "slash", "-": "dash", "_": "underscore", "@": "at", ":": "colon", "?": "question mark",
    "=": "equals", "&": "and", "#": "hash", "%": "percent", "+": "plus", "~": "tilde",
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

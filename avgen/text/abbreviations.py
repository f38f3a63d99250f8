"""Short forms of words: titles, streets, books of the Bible, and words people cut when they type."""

from __future__ import annotations

from typing import Final

TITLES: Final = {
    "Dr": "Doctor", "Drs": "Doctors", "Prof": "Professor", "Profs": "Professors", "St": "Saint",
    "Sts": "Saints", "Mt": "Mount", "Ft": "Fort", "Pt": "Point", "Gen": "General", "Gov": "Governor",
    "Govs": "Governors", "Sen": "Senator", "Sens": "Senators", "Rep": "Representative",
    "Reps": "Representatives", "Capt": "Captain", "Cpt": "Captain", "Lt": "Lieutenant",
    "Lieut": "Lieutenant", "Col": "Colonel", "Sgt": "Sergeant", "Cmdr": "Commander", "Comdr": "Commander",
    "Cdr": "Commander", "Rev": "Reverend", "Hon": "Honorable", "Rt": "Right", "Pres": "President",
    "Supt": "Superintendent", "Cpl": "Corporal", "Maj": "Major", "Adm": "Admiral", "Brig": "Brigadier",
    "Pvt": "Private", "Pfc": "Private First Class", "Ens": "Ensign", "Spc": "Specialist",
    "Fr": "Father", "Msgr": "Monsignor", "Bp": "Bishop", "Abp": "Archbishop", "Atty": "Attorney",
    "Amb": "Ambassador", "Sec": "Secretary", "Asst": "Assistant", "Assoc": "Associate", "Insp": "Inspector",
    "Det": "Detective", "Ald": "Alderman", "Cllr": "Councillor", "Chmn": "Chairman", "Mx": "Mix",
    "Mme": "Madame", "Mmes": "Mesdames", "Mlle": "Mademoiselle",
}  # fmt: skip
"""Read so before a name, with a full stop."""
POINTLESS_TITLES: Final = (
    *(
        "Dr",
        "Drs",
        "St",
        "Mt",
        "Ft",
        "Prof",
        "Capt",
        "Lt",
        "Sgt",
        "Pvt",
        "Cpl",
        "Cmdr",
        "Cdr",
        "Msgr",
        "Supt",
    ),
    *("Pfc", "Mme", "Mlle", "Mx", "Atty", "Gov", "Sen", "Col", "Maj", "Lieut"),
)
"""Those that are no words and no names themselves: before a name they need no full stop."""

STREETS: Final = {
    "Blvd": "Boulevard", "Ave": "Avenue", "Av": "Avenue", "Hwy": "Highway", "Pkwy": "Parkway", "Rd": "Road",
    "Fwy": "Freeway", "Expy": "Expressway", "Expwy": "Expressway", "Tpke": "Turnpike", "Tpk": "Turnpike",
    "Rte": "Route", "St": "Street", "Dr": "Drive", "Ln": "Lane", "Sq": "Square", "Pl": "Place",
    "Ct": "Court", "Cir": "Circle", "Ter": "Terrace", "Terr": "Terrace", "Trl": "Trail", "Aly": "Alley",
    "Plz": "Plaza", "Xing": "Crossing", "Bldg": "Building", "Cres": "Crescent",
}  # fmt: skip
"""Read so after a name."""
SURE_STREETS: Final = (*("Blvd", "Ave", "Hwy", "Pkwy", "Rd", "Fwy", "Expy", "Expwy", "Tpke", "Rte", "Bldg"),)
"""Nothing else is written so: they need no name before them."""
DIRECTIONS: Final = {
    "N": "North", "S": "South", "E": "East", "W": "West", "NE": "Northeast", "NW": "Northwest",
    "SE": "Southeast", "SW": "Southwest",
}  # fmt: skip

NUMBERED: Final = {
    "apt": "apartment", "bldg": "building", "rte": "route", "rt": "route", "hwy": "highway", "ste": "suite",
    "rm": "room", "fl": "floor", "flr": "floor", "ed": "edition", "para": "paragraph",
    "ep": "episode", "bk": "book", "pg": "page", "pgs": "pages", "lvl": "level", "dist": "district",
    "vv": "verses", "ser": "series", "ph": "phone",
}  # fmt: skip
"""Read so before a number or a letter that numbers ("Apt. B"); small letters or a capital."""
POINTLESS_NUMBERED: Final = ("apt", "bldg", "rte", "hwy", "ste", "rm", "pg", "pgs", "lvl")
"""Those that need no full stop."""

BOOKS: Final = {
    "Exod": "Exodus", "Lev": "Leviticus", "Deut": "Deuteronomy", "Josh": "Joshua", "Judg": "Judges",
    "Kgs": "Kings", "Chron": "Chronicles", "Chr": "Chronicles", "Neh": "Nehemiah", "Ps": "Psalm",
    "Pss": "Psalms", "Prov": "Proverbs", "Eccl": "Ecclesiastes", "Isa": "Isaiah", "Lam": "Lamentations",
    "Ezek": "Ezekiel", "Hos": "Hosea", "Mic": "Micah", "Hab": "Habakkuk", "Zech": "Zechariah",
    "Matt": "Matthew", "Rom": "Romans", "Cor": "Corinthians", "Gal": "Galatians", "Eph": "Ephesians",
    "Thess": "Thessalonians", "Heb": "Hebrews", "Gen": "Genesis", "Ex": "Exodus", "Num": "Numbers",
    "Sam": "Samuel", "Jer": "Jeremiah", "Dan": "Daniel", "Mal": "Malachi", "Phil": "Philippians",
    "Col": "Colossians", "Tim": "Timothy", "Pet": "Peter", "Rev": "Revelation", "Jas": "James",
}  # fmt: skip
"""Read so between a number and a chapter, or before chapter and verse."""
SURE_BOOKS: Final = (
    *("Exod", "Lev", "Deut", "Josh", "Judg", "Prov", "Eccl", "Isa", "Ezek", "Hos", "Hab", "Zech", "Matt"),
    *("Rom", "Eph", "Heb", "Ps", "Pss", "Neh"),
)
"""Those that are nothing else before a number."""
NUMBERED_BOOKS: Final = {
    "1": "First",
    "2": "Second",
    "3": "Third",
    "I": "First",
    "II": "Second",
    "III": "Third",
}

WITH_POINT: Final = {
    "acad": "academy", "alt": "alternate", "assn": "association", "assoc": "association",
    "bldg": "building",
    "cert": "certificate", "cont": "continued", "contd": "continued", "div": "division", "ea": "each",
    "ed": "editor", "eds": "editors", "edn": "edition", "encl": "enclosed", "equiv": "equivalent",
    "esq": "esquire",
    "est": "established", "fig": "figure", "ht": "height", "ibid": "ibidem", "illus": "illustrated",
    "inst": "institute", "lang": "language", "lic": "license",
    "obj": "object", "orig": "original", "pop": "population", "prelim": "preliminary",
    "prev": "previous", "ref": "reference", "resp": "respectively",
    "std": "standard", "subj": "subject", "suppl": "supplement", "temp": "temperature",
    "trans": "translated", "univ": "university", "vol": "volume", "wt": "weight", "yr": "year",
    "yrs": "years",
}  # fmt: skip
"""Cut words that need their full stop: without it they are other words."""
ALSO_WORDS: Final = ("alt", "cert", "ed", "fig", "inst", "pop", "ref", "temp", "trans")
"""Those that are words of their own: at the end of a sentence the full stop is the sentence's."""

CUT: Final = {
    "abt": "about", "acct": "account", "accts": "accounts", "addl": "additional", "amt": "amount",
    "amts": "amounts", "approx": "approximately", "appt": "appointment", "appts": "appointments",
    "apt": "apartment", "apts": "apartments", "asst": "assistant", "attn": "attention", "avg": "average",
    "b/c": "because", "bldgs": "buildings", "blvd": "boulevard", "c/o": "care of", "ctr": "center",
    "dept": "department", "depts": "departments", "dr": "doctor", "govt": "government",
    "govts": "governments",
    "hosp": "hospital", "hwy": "highway", "incl": "including", "intl": "international", "jct": "junction",
    "mfg": "manufacturing", "mfr": "manufacturer", "mgmt": "management", "mgr": "manager",
    "mgrs": "managers", "misc": "miscellaneous", "mktg": "marketing", "msg": "message",
    "msgs": "messages", "mtg": "meeting", "mtgs": "meetings", "mtn": "mountain", "mtns": "mountains",
    "natl": "national", "nbr": "number", "pkg": "package", "pkgs": "packages", "pkwy": "parkway",
    "pls": "please", "plz": "please", "ppl": "people", "qtr": "quarter", "qtrs": "quarters",
    "qty": "quantity", "rcvd": "received", "recd": "received", "reqd": "required", "reqs": "requirements",
    "sched": "schedule", "sgd": "signed", "stmt": "statement", "svc": "service", "svcs": "services",
    "thx": "thanks", "tmrw": "tomorrow", "tmw": "tomorrow", "wkly": "weekly", "yrly": "yearly",
    "gov't": "government", "int'l": "international", "nat'l": "national", "dep't": "department",
    "cont'd": "continued", "rec'd": "received", "req'd": "required", "ass'n": "association",
    "mgm't": "management", "sec'y": "secretary", "w/in": "within", "w/out": "without", "tho": "though",
    "thru": "through", "cuz": "because", "'bout": "about", "'round": "around",
}  # fmt: skip
"""Cut words that are nothing else, with or without a full stop; small letters or a capital."""

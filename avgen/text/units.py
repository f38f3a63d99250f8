"""Units of measurement and what they are called, in the singular."""

from __future__ import annotations

from typing import Final

_NAMES: Final = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "µm": "micrometer",
    "nm": "nanometer", "dm": "decimeter", "mi": "mile", "nmi": "nautical mile", "ft": "foot", "yd": "yard",
    "yds": "yard", "ha": "hectare", "kg": "kilogram", "g": "gram", "mg": "milligram", "µg": "microgram",
    "ug": "microgram", "mcg": "microgram", "ng": "nanogram", "t": "ton", "lb": "pound", "lbs": "pound",
    "oz": "ounce", "l": "liter", "L": "liter", "ml": "milliliter", "mL": "milliliter", "µL": "microliter",
    "µl": "microliter", "cl": "centiliter", "cL": "centiliter", "dl": "deciliter", "dL": "deciliter",
    "hl": "hectoliter", "cc": "cubic centimeter", "gal": "gallon", "qt": "quart", "tbsp": "tablespoon",
    "tsp": "teaspoon", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute",
    "s": "second", "sec": "second", "secs": "second", "ms": "millisecond", "µs": "microsecond",
    "ns": "nanosecond", "yr": "year", "yrs": "year", "mo": "month", "mos": "month", "wk": "week",
    "wks": "week", "mph": "mile per hour", "kph": "kilometer per hour", "kmh": "kilometer per hour",
    "km/h": "kilometer per hour", "rpm": "revolution per minute", "bpm": "beat per minute",
    "fps": "frame per second", "mpg": "mile per gallon", "dpi": "dot per inch", "ppi": "pixel per inch",
    "ppm": "part per million", "ppb": "part per billion", "Mbps": "megabit per second",
    "Gbps": "gigabit per second", "kbps": "kilobit per second", "Tbps": "terabit per second",
    "bps": "basis point", "kbit": "kilobit", "Mbit": "megabit", "Gbit": "gigabit", "Mb": "megabit",
    "Gb": "gigabit", "kb": "kilobit", "kB": "kilobyte", "KB": "kilobyte", "MB": "megabyte", "GB": "gigabyte",
    "TB": "terabyte", "PB": "petabyte", "EB": "exabyte", "ZB": "zettabyte", "KiB": "kibibyte",
    "MiB": "mebibyte", "GiB": "gibibyte", "TiB": "tebibyte", "px": "pixel", "MP": "megapixel",
    "Hz": "hertz", "kHz": "kilohertz", "MHz": "megahertz", "GHz": "gigahertz", "THz": "terahertz",
    "W": "watt", "mW": "milliwatt", "kW": "kilowatt", "MW": "megawatt", "GW": "gigawatt", "TW": "terawatt",
    "Wh": "watt hour", "kWh": "kilowatt hour", "MWh": "megawatt hour", "GWh": "gigawatt hour",
    "TWh": "terawatt hour", "mAh": "milliamp hour", "Ah": "amp hour", "V": "volt", "mV": "millivolt",
    "kV": "kilovolt", "kVA": "kilovolt amp", "mA": "milliamp", "µA": "microamp", "kA": "kiloamp", "Ω": "ohm",
    "kΩ": "kiloohm", "MΩ": "megaohm", "µF": "microfarad", "nF": "nanofarad", "pF": "picofarad",
    "Pa": "pascal", "kPa": "kilopascal", "hPa": "hectopascal", "MPa": "megapascal", "psi": "P.S.I",
    "mbar": "millibar", "atm": "atmosphere", "mmHg": "millimeter of mercury", "inHg": "inch of mercury",
    "N": "newton", "kN": "kilonewton", "Nm": "newton meter", "N·m": "newton meter", "N-m": "newton meter",
    "lb-ft": "pound foot", "ft-lb": "foot pound", "ft-lbs": "foot pound", "hp": "horsepower", "J": "joule",
    "kJ": "kilojoule", "MJ": "megajoule", "GJ": "gigajoule", "eV": "electron volt",
    "keV": "kiloelectron volt", "MeV": "megaelectron volt", "GeV": "gigaelectron volt",
    "TeV": "teraelectron volt", "cal": "calorie", "kcal": "kilocalorie", "BTU": "B.T.U", "dB": "decibel",
    "dBA": "decibel", "dBm": "D.B.M", "lm": "lumen", "mol": "mole", "mmol": "millimole", "µmol": "micromole",
    "mEq": "milliequivalent", "IU": "international unit", "kn": "knot", "kts": "knot", "kt": "kiloton",
    "sq ft": "square foot", "sq. ft": "square foot", "sq mi": "square mile", "sq. mi": "square mile",
    "sq m": "square meter", "sq km": "square kilometer", "sq in": "square inch", "sqft": "square foot",
    "sqm": "square meter", "cu ft": "cubic foot", "cu. ft": "cubic foot", "cu in": "cubic inch",
    "cu m": "cubic meter", "fl oz": "fluid ounce", "fl. oz": "fluid ounce",
}  # fmt: skip
_ANY_CASE: Final = (
    "km", "cm", "mm", "kg", "mg", "ml", "lb", "lbs", "oz", "ft", "yd", "yds", "mph", "kph", "kmh", "km/h",
    "rpm", "bpm", "fps", "mpg", "dpi", "ppi", "ppm", "psi", "mins", "sec", "secs", "hr", "hrs", "yrs",
    "kWh", "MWh", "GWh", "kW", "GHz", "MHz", "kHz", "Hz", "GB", "TB", "Mbps", "Gbps", "kbps", "dB", "mAh",
    "kcal", "mmHg", "mg", "px", "gal", "tbsp", "tsp", "sq ft", "sqft", "kPa", "min", "hp", "BTU",
)  # fmt: skip
"""Those that mean the same in capitals, in small letters and with one capital."""

UNITS: Final = {
    **{spelt: _NAMES[u] for u in _ANY_CASE for spelt in (u.upper(), u.lower(), u.capitalize())},
    **_NAMES,
    "mb": "megabyte",
}
"""What stands after a number."""
ALONE: Final = (
    "kWh", "kwh", "KWH", "MWh", "GWh", "TWh", "Wh", "kW", "MW", "GW", "mAh", "Hz", "kHz", "khz", "MHz", "mhz",
    "GHz", "ghz", "GHZ", "MHZ", "THz", "kg", "Kg", "KG", "mg", "µg", "mcg", "km", "cm", "µm", "nm", "mL",
    "ml", "dL", "µL", "lb", "lbs", "tbsp", "tsp", "mph", "MPH", "kph", "km/h", "kbps", "Mbps", "Gbps",
    "kB", "KB", "MB", "GB", "TB", "PB", "MiB", "GiB", "dB", "kPa", "hPa", "MPa", "mmHg", "kJ", "MJ", "kcal",
    "kV", "mV", "mA", "keV", "MeV", "GeV", "TeV", "mmol", "sqft", "sq ft", "rpm", "bpm", "fps", "dpi", "ppm",
    "yrs", "hrs", "kN", "Nm", "kΩ", "MΩ", "µF", "nF",
)  # fmt: skip
"""Those that are no words or names, so that they are read without a number too ("price per kWh")."""
AFTER_PER: Final = (
    "m",
    "g",
    "s",
    "l",
    "L",
    "h",
    "hr",
    "min",
    "sec",
    "mi",
    "oz",
    "gal",
    "yr",
    "mo",
    "wk",
    "ft",
)
"""Those that are sure after "per" as well."""
UNCOUNTED: Final = ("hertz", "horsepower", ".S.I", ".T.U", ".B.M", "mercury")
"""Ends of the names that have no plural."""
COUNTED_BY: Final = (
    "day", "week", "month", "year", "hour", "minute", "second", "night", "person", "people", "capita", "user",
    "head", "household", "student", "employee", "unit", "piece", "item", "share", "serving", "dose", "mile",
    "pound", "gallon", "liter", "page", "word", "line", "seat", "room", "token", "request", "frame", "inch",
    "foot", "meter", "acre", "barrel", "ounce", "ton", "patient", "child", "cup", "bottle", "box", "set",
)  # fmt: skip
"""What a rate is counted by when a slash stands for "per"."""

from __future__ import annotations

import pytest

from avgen.text.letters import UnspeakableError, fold
from avgen.text.normalise import normalise, read_plainly

NUMBERS = {
    "25 books": "twenty five books",
    "1,250 pages": "one thousand two hundred fifty pages",
    "10 000 people": "ten thousand people",
    "3.14": "three point one four",
    "3.50": "three point five zero",
    ".5": "point five",
    "0.001": "zero point zero zero one",
    "007": "zero zero seven",
    "-7 and −8": "minus seven and minus eight",
    "+5": "plus five",
    "1000000": "one million",
    "12345678901234567890": "one two three four five six seven eight nine zero " * 2,
    "1st, 2nd, 3rd, 21st": "first, second, third, twenty first",
    "the 1,000th visitor": "the one thousandth visitor",
    "1/2 and 3/4 of it": "one half and three quarters of it",
    "½ cup, 3½ cups, 1 1/2 cups": "one half cup, three and a half cups, one and a half cups",
    "1/4 tsp, 2 1/2 tsp": "one quarter teaspoon, two and a half teaspoons",
    "2/3, 5/16": "two thirds, five sixteenths",
    "8/10 people": "eight out of ten people",
    "24/7": "twenty four seven",
    "1e-5": "one times ten to the power of minus five",
    "6.02 × 10²³": "six point zero two times ten to the power of twenty three",
    "x² + y³": "x squared plus y cubed",
    "√2": "the square root of two",
    "2+2=4": "two plus two equals four",
    "5 - 3 = 2": "five minus three equals two",
    "10/2=5": "ten divided by two equals five",
    "3 × 4": "three times four",
    "512x512": "five hundred twelve by five hundred twelve",
    "5x faster": "five times faster",
    "~5 or ≈ 6": "about five or about six",
    "1,2,3": "one, two, three",
    "5,000+ users": "five thousand plus users",
    "5M users and 3bn views": "five million users and three billion views",
    "٣ ۴": "three four",
    "① Ⅳ": "one IV",
}
DATES = {
    "Nov 21, 2026": "November twenty first, twenty twenty six",
    "November 21st": "November twenty first",
    "Nov. 3": "November third",
    "21 November 2026": "the twenty first of November twenty twenty six",
    "the 4th of July": "the fourth of July",
    "March 2026": "March twenty twenty six",
    "3/4/2025": "March fourth, twenty twenty five",
    "25/12/2024": "December twenty fifth, twenty twenty four",
    "12/25": "December twenty fifth",
    "2026-11-21": "November twenty first, twenty twenty six",
    "2026-11-21T14:05": "November twenty first, twenty twenty six, fourteen oh five",
    "21.11.2026": "November twenty first, twenty twenty six",
    "Jan. 5–7": "January fifth to seventh",
    "Jan–Mar 2025": "January to March twenty twenty five",
    "Mon–Fri": "Monday to Friday",
    "Mon. 3 Nov": "Monday the third of November",
    "in 1999": "in nineteen ninety nine",
    "in 1905": "in nineteen oh five",
    "since 2000": "since two thousand",
    "in 2005": "in two thousand five",
    "the 2020 elections": "the twenty twenty elections",
    "1500 people": "one thousand five hundred people",
    "the 1990s": "the nineteen nineties",
    "the 90s": "the nineties",
    "'80s, class of '09": "eighties, class of oh nine",
    "mid-2020s": "mid twenty twenties",
    "1990–1995": "nineteen ninety to nineteen ninety five",
    "May 5% be added": "May five percent be added",
}
TIMES = {
    "9:30 am": "nine thirty A.M",
    "9am": "nine A.M",
    "5 p.m. sharp": "five P.M sharp",
    "7.45 pm": "seven forty five P.M",
    "14:05": "fourteen oh five",
    "at 3:00.": "at three o'clock.",
    "18:00": "eighteen hundred",
    "00:00": "midnight",
    "in 9.58s": "in nine point five eight seconds",
    "1:23:45": "one twenty three and forty five seconds",
    "9:30–11:00": "nine thirty to eleven o'clock",
    "9am-5pm": "nine A.M to five P.M",
    "16:9": "sixteen to nine",
}
MONEY = {
    "$5.50": "five dollars and fifty cents",
    "$1": "one dollar",
    "$0.99": "ninety nine cents",
    "$1,234.56": "one thousand two hundred thirty four dollars and fifty six cents",
    "£3m": "three million pounds",
    "£1.20": "one pound and twenty pence",
    "€20": "twenty euros",
    "20€": "twenty euros",
    "5 USD": "five U.S dollars",
    "US$40": "forty U.S dollars",
    "$3.5 million": "three point five million dollars",
    "a $3 million deal": "a three million dollar deal",
    "a $5 bill": "a five dollar bill",
    "$5-10": "five to ten dollars",
    "$10/month": "ten dollars per month",
    "¥500": "five hundred yen",
    "50¢": "fifty cents",
    "-$5": "minus five dollars",
}
MEASURES = {
    "5 km": "five kilometers",
    "1 km": "one kilometer",
    "5km": "five kilometers",
    "a 5 km run": "a five kilometer run",
    "a 10-km race": "a ten kilometer race",
    "5–10 km": "five to ten kilometers",
    "20°C": "twenty degrees Celsius",
    "-5 °F": "minus five degrees Fahrenheit",
    "45°": "forty five degrees",
    "60 mph": "sixty miles per hour",
    "100 km/h": "one hundred kilometers per hour",
    "9.8 m/s²": "nine point eight meters per second squared",
    "20 m²": "twenty square meters",
    "1.4 GHz, 5 rpm": "one point four gigahertz, five revolutions per minute",
    "3 GB": "three gigabytes",
    "500 MB/s": "five hundred megabytes per second",
    "6 ft. tall": "six feet tall",
    "5'10\"": "five foot ten",
    'a 27" screen': "a twenty seven inch screen",
    "5 Ω": "five ohms",
    "50%": "fifty percent",
    "100 %": "one hundred percent",
    "10-20%": "ten to twenty percent",
    "10–20": "ten to twenty",
    "1080p, 4K, 3D": "ten eighty P, four K, three D",
}
CODES = {
    "call 911": "call nine one one",
    "555-1234": "five five five, one two three four",
    "Boston, MA 02139": "Boston, MA zero two one three nine",
    "(555) 123-4567": "five five five, one two three, four five six seven",
    "+44 20 7946 0958": "plus four four, two zero, seven nine four six, zero nine five eight",
    "v2.1": "version two point one",
    "1.2.3": "one point two point three",
    "192.168.1.1": "one hundred ninety two dot one hundred sixty eight dot one dot one",
    "MP3": "M.P three",
    "H₂O and CO2": "H two O and C.O two",
    "COVID-19": "COVID nineteen",
    "221B Baker Street": "two hundred twenty one B Baker Street",
    "Room 101, 4-8-15": "Room one oh one, four, eight, fifteen",
    "A380": "A three eighty",
    "BA123": "B.A one twenty three",
    "No. 5": "Number five",
    "#5": "number five",
    "pp. 5–6": "pages five to six",
    "Apt. 4B": "Apartment four B",
    "Q3 2025": "Q three twenty twenty five",
    "Chapter IV": "Chapter four",
    "World War II": "World War two",
    "Henry VIII": "Henry the eighth",
    "the part I like": "the part I like",
    "Grade C": "Grade C",
}
WORDS = {
    "Dr. Smith": "Doctor Smith",
    "5 Elm St. near St. Paul": "five Elm Street near Saint Paul",
    "Mr. and Mrs. Jones": "Mister and Missus Jones",
    "e.g. this, i.e. that, etc.": "for example this, that is that, et cetera.",
    "cats vs. dogs": "cats versus dogs",
    "J. K. Rowling": "J K Rowling",
    "the U.S.A. today": "the U.S.A today",
    "a Ph.D. thesis": "a PhD thesis",
    "Smith & Co. is big": "Smith and Company is big",
    "NASA, FBI, CPUs": "NASA, FBI, CPUs",
    "AT&T's R&D": "A.T and T's R and D",
    "TCP/IP and/or client/server": "TCP IP and or client slash server",
    "C++ and C#": "C plus plus and C sharp",
    "https://www.example.com/docs": "W.W.W dot example dot com slash docs",
    "example.com/docs.": "example dot com slash docs.",
    "me@example.com": "me at example dot com",
    "Open script.txt, README.md": "Open script dot T.X.T, README dot M.D",
    "Node.js": "Node dot J.S",
    "#HappyNewYear": "hashtag Happy New Year",
    "@john_doe": "at john doe",
    "snake_case": "snake case",
    "“Quoted” and 'single' \"straight\"": "Quoted and single straight",
    "don’t, rock 'n' roll, O'Brien, the dogs' bones": "don't, rock and roll, O'Brien, the dogs bones",
    "well-known": "well-known",
    "wait—what – hmm -- yes": "wait—what — hmm — yes",
    "so... what?! no!!!": "so… what? no!",
    "a (big) one": "a, big, one",
    "file(s)": "files",
    "© 2026": "copyright twenty twenty six",
    "A → B": "A to B",
    "A to B, vitamin A, A. J. Smith, a/b": "A to B, vitamin A, A J Smith, A slash b",
    "A test, This Is A Test, A1": "A test, This Is A Test, A one",
    "x < y ≥ z": "x less than y at least z",
    "café, naïve, résumé": "cafe, naive, résumé",
    "ﬁne ｆｕｌｌ 𝐁𝐨𝐥𝐝 Straße": "fine full Bold Strasse",
    "α and π": "alpha and pi",
    "Hello 👋 world 🎉!": "Hello world !",
    "Nooooo, sooo goood": "No, so good",
    "I am SO happy": "I am so happy",
    "GO TO THE FBI NOW": "go to the FBI now",
    "iPhone": "iPhone",
    "M&Ms, an A+ or a B-.": "M and M's, an A plus or a B minus.",
    "Open Settings > Wi-Fi": "Open Settings , Wi-Fi",
    "bye - ok": "bye — ok",
    "if (a && b) != c": "if, a and b is not equal to c",
    "Gen Z and Gen. Lee": "Gen Z and General Lee",
    ":-) fine": "fine",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [pair for table in (NUMBERS, DATES, TIMES, MONEY, MEASURES, CODES, WORDS) for pair in table.items()],
)
def test_reads_as_a_person_would(text: str, expected: str) -> None:
    assert read_plainly(text) == expected.strip()


def test_readings_cover_the_written_words_in_order() -> None:
    words = ["On", "Nov", "21,", "2026", "call", "(555)", "123-4567", "for", "$3", "million"]
    readings = normalise(words)
    assert [reading.start for reading in readings] == [0, *(reading.stop for reading in readings[:-1])]
    assert readings[-1].stop == len(words)
    shown = {" ".join(words[r.start : r.stop]): r.text for r in readings}
    assert shown["21,"] == "twenty first,"
    assert shown["(555) 123-4567"] == "five five five, one two three, four five six seven"
    assert shown["million"] == "million dollars"


@pytest.mark.parametrize("word", ["你好", "привет", "مرحبا", "Ωραία", "한국"])
def test_foreign_letters_are_refused(word: str) -> None:
    with pytest.raises(UnspeakableError, match="letters"):
        fold(word)


def test_a_damaged_character_is_refused() -> None:
    with pytest.raises(UnspeakableError, match="UTF-8"):
        fold("caf\ufffd")

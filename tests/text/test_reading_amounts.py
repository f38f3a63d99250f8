"""Dates, ranges, decades, shares and money in the forms people write."""

from __future__ import annotations

import pytest

from avgen.text.normalise import read_plainly

DECADES = {
    "He is in his 40s.": "He is in his forties.",
    "their 20s and 30s": "their twenties and thirties",
    "it took 40s, a 30s ad": "it took forty seconds, a thirty second ad",
    "F-16s, 4x4s, under-21s, W2s": "F sixteens, four by fours, under twenty ones, W twos",
    "747s, B-52s, AK-47s": "seven forty sevens, B fifty twos, A.K forty sevens",
    "10s of thousands, 100s of people": "tens of thousands, hundreds of people",
    "1000s of users": "thousands of users",
    "1960s-80s": "nineteen sixties to eighties",
    "1960s-1980s, '80s-'90s": "nineteen sixties to nineteen eighties, eighties to nineties",
    "70s music": "seventies music",
}
DATES = {
    "9/11/2001, 9/11": "September eleventh, two thousand one, nine eleven",
    "12-05-1999": "December fifth, nineteen ninety nine",
    "31-12-1999": "December thirty first, nineteen ninety nine",
    "2026-1-5, 2026/1/5": "January fifth, twenty twenty six, January fifth, twenty twenty six",
    "05-Jan-2026": "January fifth, twenty twenty six",
    "11/Sep/2001": "September eleventh, two thousand one",
    "5Jan2026": "January fifth, twenty twenty six",
    "july 25 2012, jan. 15": "July twenty fifth twenty twelve, January fifteenth",
    "you may 5 times, on may 5": "you may five times, on May fifth",
    "march 15 miles, march 15th": "march fifteen miles, March fifteenth",
    "2026-01, 2001-02": "January twenty twenty six, two thousand one to oh two",
    "Mon 5 Jan": "Monday the fifth of January",
    "on Mon at 9, next Tue.": "on Monday at nine, next Tuesday.",
    "Mon, Wed and Fri, Tue/Thu": "Monday, Wednesday and Friday, Tuesday Thursday",
    "the Sun at noon, Mon Dieu, he sat": "the Sun at noon, Mon Dieu, he sat",
    "in Dec, mid-Oct, by Jan Smith": "in December, mid October, by Jan Smith",
    "5-7 Jan 2024": "the fifth to seventh of January twenty twenty four",
    "at 1400 hours, 0600 hours": "at fourteen hundred hours, oh six hundred hours",
}
RANGES = {
    "noon-1pm": "noon to one P.M",
    "4:00 am - 8:12 pm": "four A.M to eight twelve P.M",
    "Jan 5 - Feb 3": "January fifth to February third",
    "Mon 9am - Tue 5pm": "Monday nine A.M to Tuesday five P.M",
    "19th-20th": "nineteenth to twentieth",
    "June - August, mon-fri": "June to August, Monday to Friday",
    "2019-present, 1939–45": "twenty nineteen to present, nineteen thirty nine to forty five",
    "5°-10°, 5'-6' tall": "five to ten degrees, five to six feet tall",
    "5 kg - 10 kg, 10%-20%": "five to ten kilograms, ten to twenty percent",
    "50-50, 60-40, 80/20, 20/20": "fifty fifty, sixty forty, eighty twenty, twenty twenty",
    "2023/24 season, the odds are 5/1": "twenty twenty three twenty four season, the odds are five to one",
    "a 40-60 split, 40-60 people": "a forty sixty split, forty to sixty people",
    "they won 3-1": "they won three to one",
    "open 10-2": "open ten to two",
    "10 - 4, 4 - 10": "ten minus four, four to ten",
}
MONEY = {
    "$.99, €.75, $0.05": "ninety nine cents, seventy five cents, five cents",
    "$.5 million": "point five million dollars",
    "$50.3": "fifty dollars and thirty cents",
    "£2.01, £0.01, £1.20": "two pounds and one penny, one penny, one pound and twenty pence",
    "$3.999": "three point nine nine nine dollars",
    "$5MM, EUR 5m, 5m EUR": "five million dollars, five million euros, five million euros",
    "USD 3.5bn, 5 million USD": "three point five billion U.S dollars, five million U.S dollars",
    "₹1,00,000, ₹5 lakh": "one lakh rupees, five lakh rupees",
    "₹12,34,567": "twelve lakh thirty four thousand five hundred sixty seven rupees",
    "€1.234,56": "one thousand two hundred thirty four euros and fifty six cents",
    "€1.234, $1.234": "one thousand two hundred thirty four euros, one point two three four dollars",
    "$1,00, 2,50 €": "one dollar, two euros and fifty cents",
    "$10k-$20k": "ten to twenty thousand dollars",
    "$500k-$1M": "five hundred thousand to one million dollars",
    "$1.50-$2.00": "one dollar and fifty cents to two dollars",
    "$1.2bn-$1.4bn": "one point two billion dollars to one point four billion dollars",
    "a $5-10 fee": "a five to ten dollar fee",
    "~$5M, $-5": "about five million dollars, minus five dollars",
    "$10/user/month": "ten dollars per user per month",
    "₦500, R$50, ¤5": "five hundred naira, fifty Brazilian reals, currency five",
    "SEK 500, 0.5 BTC": "five hundred Swedish kronor, zero point five bitcoins",
}
NUMBERS = {
    "1_000_000, 12,34,567": "one million, twelve lakh thirty four thousand five hundred sixty seven",
    "1 234 567": "one million two hundred thirty four thousand five hundred sixty seven",
    "2ND FLOOR, 3Rd, 21ST": "second FLOOR, third, twenty first",
    "50k users, a 5k run": "fifty thousand users, a five K run",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [pair for table in (DECADES, DATES, RANGES, MONEY, NUMBERS) for pair in table.items()],
)
def test_amounts_are_read_as_a_person_would(text: str, expected: str) -> None:
    assert read_plainly(text) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "{}",
        "${}",
        "{} kg",
        "{}th",
        "1/{}",
        "{}%",
        "√{}",
        "2^{}",
        "{}s",
        "1-{}",
        "0x{}",
        "code {}",
        "{}º",
        "{}:1",
    ],
)
def test_a_number_of_five_thousand_digits_is_read_digit_by_digit(pattern: str) -> None:
    assert read_plainly(pattern.format("9" * 5000)).count("nine") == 5000

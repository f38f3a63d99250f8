from __future__ import annotations

import pytest

from avgen.text import read_script
from avgen.text.abbreviations import STREETS, TITLES
from avgen.text.normalise import read_plainly

STREET_READINGS = {
    "10 Downing St is": "ten Downing Street is",
    "10 Downing St London": "ten Downing Street London",
    "Sunset Blvd": "Sunset Boulevard",
    "the Blvd is": "the Boulevard is",
    "Hwy 61 and Hwy. 1": "Highway sixty one and Highway one",
    "the Pkwy": "the Parkway",
    "Main Ct, Town": "Main Court, Town",
    "Fifth Ave, 5th St": "Fifth Avenue, fifth Street",
    "King Jr. Dr. now": "King Junior Drive now",
    "Martin Luther King Jr. Blvd": "Martin Luther King Junior Boulevard",
    "Lakeshore Dr in Chicago": "Lakeshore Drive in Chicago",
    "Park Pl. in town": "Park Place in town",
    "12 N. Main St.": "twelve North Main Street.",
    "123 SW 5th Ave, Apt B": "one hundred twenty three Southwest fifth Avenue, Apartment B",
    "12 main st. near elm ave": "twelve main street near elm avenue",
    "Apt. 4B, Bldg. 7": "Apartment four B, Building seven",
    "Rte. 66, Ste. 200": "Route sixty six, Suite two hundred",
    "Rm. 5 on Fl. 3": "Room five on Floor three",
    "Elm St. near St. Paul": "Elm Street near Saint Paul",
    "St. Patrick's Day, St Mary's": "Saint Patrick's Day, Saint Mary's",
    "Ave Maria": "Ave Maria",
    "Dr Pepper, Dr. Dre": "Doctor Pepper, Doctor Dre",
    "ask the Dr. about it": "ask the Doctor about it",
}
TITLE_READINGS = {
    "The Rt. Hon. John Smith": "The Right Honorable John Smith",
    "Pvt. Ryan, Pfc. Jones": "Private Ryan, Private First Class Jones",
    "Atty. Gen. Lee": "Attorney General Lee",
    "Amb. Rice, Insp. Gadget, Det. Cho": "Ambassador Rice, Inspector Gadget, Detective Cho",
    "Mx. Lee, Mme. Curie, Mlle. Rose": "Mix Lee, Madame Curie, Mademoiselle Rose",
    "Drs. Smith and Jones, Reps. Cho and Lee": "Doctors Smith and Jones, Representatives Cho and Lee",
    "Lt. Col. Ray, Maj. Gen. Day": "Lieutenant Colonel Ray, Major General Day",
    "Sec. Clinton, sec. 5": "Secretary Clinton, section five",
    "John Smith, Esq., CPA": "John Smith, Esquire, CPA",
    "Smith v. Jones": "Smith versus Jones",
}
BOOK_READINGS = {
    "1 Cor. 13": "First Corinthians thirteen",
    "Matt. 5 and Ps. 23": "Matthew five and Psalm twenty three",
    "2 Tim. 3": "Second Timothy three",
    "Gen. Grant": "General Grant",
    "ed. 2, the 2nd ed. of it": "edition two, the second edition of it",
}
CUT_READINGS = {
    "The wt. was high": "The weight was high",
    "est. in 1990": "established in nineteen ninety",
    "est. cost": "estimated cost",
    "approx 5, approx. 5": "approximately five, approximately five",
    "the dept and the govt. agree": "the department and the government agree",
    "Pls call the mgr about the mtg": "Please call the manager about the meeting",
    "gov't, int'l, cont'd": "government, international, continued",
    "Qty: 5, misc. items": "Quantity: five, miscellaneous items",
    "MSG, AVG": "MSG, AVG",
    "e. g. this, i. e. that": "for example this, that is that",
    "a Ph. D. thesis": "a PhD thesis",
    "the U. S. A. is, the U. K. is": "the U S A is, the U K is",
    "at 5 p. m. we": "at five P.M we",
    "I like pop.": "I like pop.",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pair
        for table in (STREET_READINGS, TITLE_READINGS, BOOK_READINGS, CUT_READINGS)
        for pair in table.items()
    ],
)
def test_short_forms_are_written_out(text: str, expected: str) -> None:
    assert read_plainly(text) == expected


@pytest.mark.parametrize("title", sorted(TITLES))
def test_no_sentence_ends_after_a_title(title: str) -> None:
    script = read_script(f"We saw {title}. Smith today. It rained.")
    assert [sentence.text for sentence in script.sentences] == [
        f"We saw {title}. Smith today.",
        "It rained.",
    ]


@pytest.mark.parametrize("street", sorted(STREETS))
def test_a_sentence_may_end_after_a_street_and_go_on(street: str) -> None:
    script = read_script(f"He left Oak {street}. The door was red. Take Oak {street}. west of here.")
    assert [sentence.text for sentence in script.sentences] == [
        f"He left Oak {street}.",
        "The door was red.",
        f"Take Oak {street}. west of here.",
    ]

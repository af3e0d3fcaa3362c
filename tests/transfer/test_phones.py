"""The phone of a record is the number that best reaches the person, as it is written."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadbook.transfer.values.phones import chosen_phone
from leadbook.transfer.words.phone_labels import WORDS, Reach, reach_of

LIMIT = 50


def phone_of(text, header="Phone", label=""):
    return chosen_phone([(header, label, text)])


@pytest.mark.parametrize(
    "number",
    [
        "+49 221 5550100", "06 55 50 01 00", "(555) 555-0100", "0", "5550100.0", f"\u202a{'1' * LIMIT}\u202c", "\u202a+1 555 0100\u202c", "０３-５５５０-０１００", "1-800-FLOWERS",
        # Extensions stay with their number.
        "555-0100 x12", "555-0100x12", "555-0100 ext. 5", "555-0100 #5", "555-0100, ext 5", "555-0100\next. 5", "+1 555 0100,,12", "+49 221 5550100 Durchwahl 1234567", "+1 555 0100;ext=5", "555-0100;phone-context=+1", "555-0100; x5", "555-0100, 12345",
        # One number may have the same signs in it as a list.
        "0221/5550100", "0221 / 5550100", "038293/123456", "+49 (0)38293/123456", "+49 (0)221/5550100", "+49 38293 / 123456", "0221\n5550100", "+49 (0)221\n5550100", "+351 910 000 001 / 002", "+1 (555) 555 - 0100", "+49 221 5550100-0",
        "555-0100, ask for Mara", "office 555-0100", "+351\n910000001", "(555)\n555-0100",
    ],
)  # fmt: skip
def test_one_number_stays_as_it_is_written(number):
    assert phone_of(number) == (number, ())


@pytest.mark.parametrize(
    ("cell", "phone", "over"),
    [
        ("555-0100 ::: 555-0101 ::: 555-0102", "555-0100", "555-0101, 555-0102"), ("1 ::: 2", "1", "2"), ("0221 ::: 555-0100", "0221", "555-0100"), ("1;2", "1", "2"), ("555-0100\r\n\r\n555-0101", "555-0100", "555-0101"),
        ("555-0100, 555-0101", "555-0100", "555-0101"), ("555-0100 / 555-0101", "555-0100", "555-0101"), ("555-0100/555-0101", "555-0100", "555-0101"), ("555-0100/038293/123456", "555-0100", "038293/123456"), ("555-0100 | 555-0101", "555-0100", "555-0101"),
        ("555-0100 - 555-0101", "555-0100", "555-0101"), ("03-5550-0100、03-5550-0101", "03-5550-0100", "03-5550-0101"), ("+1 212 555 0100 +1 212 555 0101", "+1 212 555 0100", "+1 212 555 0101"),
        ("0221/5550100 / 0170/5550101", "0221/5550100", "0170/5550101"), ("0221 / 5550100, 030 / 5550101", "0221 / 5550100", "030 / 5550101"), ("(555) 555-0100 ext. 5, 555-0101", "(555) 555-0100 ext. 5", "555-0101"),
        ("tel:+1-555-0100;ext=5; +1-555-0101", "+1-555-0100;ext=5", "+1-555-0101"), ("0221 5550100\n0221 5550101", "0221 5550100", "0221 5550101"),
        ("Tel 555-0100 Fax 555-0101", "Tel 555-0100", "Fax 555-0101"), ("555-0100 (work) 555-0101 (work)", "555-0100 (work)", "555-0101 (work)"), ("ask Mara; 555-0100", "555-0100", "ask Mara"),
        # The words in the cell count as well.
        ("Fax: 555-0100; Tel: 555-0101", "555-0101", "Fax: 555-0100"), ("office: 555-0100, mobile: 555-0101", "mobile: 555-0101", "office: 555-0100"), ("電話03-5550-0100FAX03-5550-0101", "電話03-5550-0100", "FAX03-5550-0101"),
        # The same number again.
        ("+49 221 5550100 ::: 0049-221-5550100", "+49 221 5550100", ""), ("555-0100; 5550100; Mara 555-0100", "555-0100", "Mara 555-0100"), ("555-0100; 555-0101; 5550101", "555-0100", "555-0101"),
        # No numbers.
        ("call reception", "", "call reception"), ("ask Mara; call reception", "", "ask Mara; call reception"), ("3.51911E+11", "", "3.51911E+11"), ("1" * 51, "", "1" * 51), ("-", "", "-"), ("", "", ""), ("  ", "", ""),
        ("Room 2 on the left, " * 3 + "555-0100 ext. 7, ask for Mara", "555-0100 ext. 7", "Room 2 on the left, " * 3 + "ask for Mara"),
        ("1" * 51 + "; 555-0100", "555-0100", "1" * 51),
    ],
)  # fmt: skip
def test_first_number_of_a_cell_is_taken_and_the_rest_is_over(cell, phone, over):
    found = phone_of(cell)
    assert found.phone == phone
    assert [(place, text.replace(",,", ",")) for place, text in found.over] == (
        [(0, over)] if over else []
    )


@pytest.mark.parametrize(
    "written",
    ["'{}", "’{}", "''{}", "' {}", "p:{}", "P: {}", "tel:{}", "Tel: {}", "'tel:{}", '="{}"', "\u202a'{}"],
)  # fmt: skip
@pytest.mark.parametrize("number", ["+351 910000001", "(555) 555-0100 x5"])
def test_what_tools_put_in_front_is_taken_off(written, number):
    assert phone_of(written.format(number)) == (number, ())


def chosen(*columns):
    """Return the header of the chosen number; each column has another number."""
    cells = [(*(column if isinstance(column, tuple) else (column, "")), f"555010{n}") for n, column in enumerate(columns)]  # fmt: skip
    phone, over = chosen_phone(cells)
    assert len(over) == len(columns) - 1
    return columns[int(phone[-1])]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("Phone", "Fax"), ("Company Phone", "Business Fax"), ("Phone", "Pager"), ("Mobile Phone", "Company Phone"), ("Mobile Phone", "Work Phone"), ("Work Direct Phone", "Corporate Phone"), ("Home Phone", "Company Main Phone"),
        ("Business Phone", "Company Main Phone"), ("Phone", "Assistant's Phone"), ("Company Mobile", "Company Phone"), ("mobilePhone", "phoneWork"), ("Halifax Phone", "Fax"), ("Director Phone", "Main Phone"),
        (("Phone 1 - Value", "Mobile"), ("Phone 2 - Value", "Work Fax")), (("Phone 1 - Value", "Mobile"), ("Phone 2 - Value", "* Work")),
        ("Handy", "Zentrale"), ("Mobil", "Telefax"), ("Durchwahl", "Firmentelefon"), ("Diensthandy", "Telefon geschäftlich"), ("Téléphone portable", "Téléphone d'entreprise"), ("Téléphone", "Télécopie"), ("Móvil", "Centralita"), ("Movil", "Teléfono empresa"),
        ("Cellulare", "Centralino"), ("Telefono", "Fax"), ("Telemóvel", "Telefone da empresa"), ("Mobiel", "Telefoon zakelijk"), ("Komórka", "Telefon służbowy"), ("Telefon", "Faks"), ("携帯電話", "会社電話"), ("電話", "ＦＡＸ番号"), ("直通", "代表電話"), ("ｹｲﾀｲ 携帯", "ファックス"),
    ],
)  # fmt: skip
def test_number_that_reaches_the_person_comes_first(better, worse):
    assert chosen(worse, better) == better
    assert chosen(better, worse) == better


def test_first_of_equal_columns_is_chosen():
    assert chosen("Phone", "Mobile Phone", "Home Phone") == "Phone"
    assert chosen("Fax", "Pager") == "Fax"
    assert chosen("Work Phone", "Office Phone") == "Work Phone"


def test_over_has_the_place_of_each_cell():
    cells = [("Fax", "", "555-0100"), ("Phone", "", ""), ("Phone 2", "", "none"), ("Mobile", "", "555-0101 ::: '555-0102")]  # fmt: skip
    assert chosen_phone(cells) == (
        "555-0101",
        ((0, "555-0100"), (2, "none"), (3, "555-0102")),
    )
    assert chosen_phone([("Phone", "", "555-0100"), ("Mobile", "", "(555) 0100")]).over == ()
    assert chosen_phone([]) == ("", ())


@pytest.mark.parametrize("language", WORDS)
def test_each_word_of_the_table_is_found(language):
    reaches = {"fax": Reach.NO_VOICE, "own": Reach.PERSON}
    for kind, words in WORDS[language].items():
        for word in words.split(", "):
            reach = reach_of(word.replace("*", ""))
            assert reach == reaches.get(kind, reach), word
            assert reach != Reach.PERSON or kind == "own", word


NUMBERS = st.one_of(
    st.from_regex(r"\A\+[1-9][0-9]{1,2} [1-9][0-9]{2} [0-9]{6}( ext\. [0-9]{1,3})?\Z"),
    st.from_regex(r"\A\([1-9][0-9]{2}\) [1-9][0-9]{2}-[0-9]{4}( x[0-9]{2})?\Z"),
    st.from_regex(r"\A0[1-9][0-9]{2}/[0-9]{7}\Z"),
    st.from_regex(r"\A0[1-9]( [0-9]{2}){4}\Z"),
)
SIGNS = (", ", "; ", ";", " ::: ", "\n", "\r\n", " / ", " | ", "|", "、")


@settings(max_examples=50, deadline=None)
@given(
    st.lists(NUMBERS, min_size=1, max_size=5, unique_by=lambda number: "".join(filter(str.isdigit, number))),
    st.sampled_from(SIGNS),
    st.sampled_from(["{}", "'{}", "p:{}", "tel:{}"]),
)  # fmt: skip
def test_all_numbers_of_a_list_are_found(numbers, sign, written):
    phone, over = phone_of(sign.join(written.format(number) for number in numbers))
    assert phone == numbers[0]
    assert over == (((0, ", ".join(numbers[1:])),) if numbers[1:] else ())


HOSTILE = st.text(st.one_of(st.sampled_from("0123456789+-()./,;:|x#'= \n\t\u202aаfax１"), st.characters()))  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["Phone", "Fax"]), HOSTILE, HOSTILE), max_size=3))
def test_any_cell_has_a_phone_that_fits_and_loses_no_digit(cells):
    phone, over = chosen_phone(cells)
    assert len(phone.replace("\u202a", "")) <= LIMIT
    kept = "".join(re.findall(r"\d", f"{phone} {[text for _, text in over]}"))
    for _, _, text in cells:
        # The same number in another spelling is not kept.
        assert all(digits.removeprefix("00") in kept for digits in re.findall(r"\d+", text))

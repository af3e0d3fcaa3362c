"""One bad quote costs at most its own row, whatever stands around it."""

import io
from itertools import product

import pytest

from leadbook.transfer.delimited.dialect import find_dialect
from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.source import Source

HEADER = "name,email,company,notes\n"
LOST = "Not valid CSV"


def rows_of(text):
    return list(read_rows(Source(io.BytesIO(text.encode()), "The file")))


def row(number):
    return f"Name {number},n{number}@a.test,Tannic,\n"


# A row in a file whose quotes are doubled: its cells, or None if it is rejected.
BAD = {
    "backslash": (r'Odd,odd@a.test,Tannic,"pipe 6\" wide"', ["Odd", "odd@a.test", "Tannic", 'pipe 6" wide']),
    "backslash and separator": (r'"O, dd",odd@a.test,Tannic,"a \"b\", c"', ["O, dd", "odd@a.test", "Tannic", 'a "b", c']),
    "backslash at the end": (r'Odd,odd@a.test,Tannic,"pipe 6\""', ["Odd", "odd@a.test", "Tannic", 'pipe 6"']),
    "folder": (r'Odd,odd@a.test,"C:\Tannic\",', ["Odd", "odd@a.test", "C:\\Tannic\\", ""]),
    "inch without quotes": ('Odd,odd@a.test,5" pipes,', ["Odd", "odd@a.test", '5" pipes', ""]),
    "inch in quotes": ('Odd,odd@a.test,"5" pipes",', None),
    "nickname in quotes": ('"Odd "Mo" Two",odd@a.test,Tannic,', None),
    "quoted word first": ('"Mo" Two,odd@a.test,Tannic,', None),
    "never closed": ('"Odd,odd@a.test,Tannic,', None),
    "never closed at the end": ('Odd,odd@a.test,Tannic,"', None),
    "never opened": ('Odd",odd@a.test,Tannic,', ['Odd"', "odd@a.test", "Tannic", ""]),
    "closed twice": ('"Odd"",odd@a.test,Tannic,', None),
}  # fmt: skip
# What comes after the bad row, before more plain rows.
AFTER = {
    "plain rows": "",
    "quoted rows": '"Name, 7",n7@a.test,"Tannic, Ltd","a ""b"""\n' * 3,
    "rows with empty quotes": '"",n7@a.test,"",""\n' * 3,
    "note of many lines": 'Name 7,n7@a.test,Tannic,"one\ntwo, three\n"\n',
    "a lone quote at the end": 'Name 7,n7@a.test,Tannic,"\n',
    "a lone quote in the middle": 'Name 7,n7@a.test,",\n',
    "the end": None,
}


# These two rows are a record with a note of two lines, and nothing shows that they are not.
ONE_VALID_RECORD = ("backslash at the end", "a lone quote at the end")


@pytest.mark.parametrize(
    ("bad", "after"), [pair for pair in product(BAD, AFTER) if pair != ONE_VALID_RECORD]
)
def test_bad_quote_costs_its_own_row(bad, after):
    line, cells = BAD[bad]
    rest = "" if AFTER[after] is None else AFTER[after] + "".join(map(row, range(10, 20)))
    good = '"Mara ""Mo"" Quill",m@a.test,"The ""Tannic"" Co",fine\n'
    rows = rows_of(f"{HEADER}{good}{row(1)}{line}\n{rest}")
    assert rows[0].cells == ['Mara "Mo" Quill', "m@a.test", 'The "Tannic" Co', "fine"]
    [found] = [each for each in rows if each.line == 4]
    assert (found.cells or None) == cells
    assert found.problem.startswith(LOST) is (cells is None)
    if rest:
        assert [each.cells[1] for each in rows[-10:]] == [f"n{n}@a.test" for n in range(10, 20)]
        assert all(len(each.cells) == 4 for each in rows[-10:])
    if AFTER[after] and "lone" not in after:
        assert any(each.cells and each.cells[1] == "n7@a.test" for each in rows)


ESCAPED = 'name,email,notes\nAda,a@a.test,"said \\"yes\\", twice"\nBo,b@a.test,"\\"no\\""\n'


def test_file_that_uses_backslashes_is_read_with_them():
    rows = rows_of(ESCAPED + 'Cy,c@a.test,"C:\\\\"\nDi,d@a.test,""\nEl,e@a.test,"a\nb \\" c"\n')
    assert [each.cells[2] for each in rows] == ['said "yes", twice', '"no"', "C:\\", "", 'a\nb " c']


def test_doubled_quotes_among_backslashes_are_read_or_rejected_by_themselves():
    text = ESCAPED + '"Cy ""C"" Vo",c@a.test,x\n"Di ""D" Vo",d@a.test,x\nEl,e@a.test,x\n'
    rows = rows_of(text)
    assert rows[2].cells == ['Cy "C" Vo', "c@a.test", "x"]
    assert rows[3].problem.startswith(LOST)
    assert rows[4].cells == ["El", "e@a.test", "x"]


def test_quoting_of_the_most_rows_counts():
    doubled = 'name,email\n"A ""x""",a@a.test\n"B ""x""",b@a.test\n"C \\"x\\"",c@a.test\n'
    assert find_dialect(doubled).options == {"delimiter": ","}
    escaped = 'name,email\n"A \\"x\\"",a@a.test\n"B \\"x\\"",b@a.test\n"C ""x""",c@a.test\n'
    assert find_dialect(escaped).options["escapechar"] == "\\"


def test_apostrophes_quote_only_if_the_header_has_them():
    rows = rows_of("'name','email'\n'A, B',a@a.test\n")
    assert rows[0].cells == ["A, B", "a@a.test"]
    rows = rows_of("My list\n\n'name','email'\n'A, B',a@a.test\n")
    assert rows[0].cells == ["A, B", "a@a.test"]
    rows = rows_of("name,email\n'A',a@a.test\n'B, c',b@a.test\n")
    assert rows[0].cells == ["'A'", "a@a.test"]


def test_ditto_marks_glue_no_rows():
    text = 'name,email,company\nAda,a@a.test,Tannic\nBo,b@a.test,"\nCy,c@a.test,"\nDi,d@a.test,x\n'
    rows = rows_of(text)
    assert [(each.line, bool(each.problem)) for each in rows] == [
        (2, False), (3, True), (4, True), (5, False),
    ]  # fmt: skip


def test_two_lone_quotes_glue_no_rows():
    middle = "".join(map(row, range(2, 6)))
    text = f'{HEADER}{row(1)}"Bad 1,b1@a.test,Tannic,\n{middle}Bad 2,b2@a.test,",home\n{row(7)}'
    rows = rows_of(text)
    assert [each.cells[0] for each in rows if not each.problem] == [
        f"Name {n}" for n in (1, 2, 3, 4, 5, 7)
    ]
    assert [each.line for each in rows if each.problem] == [3, 8]


def test_table_pasted_into_a_note_stays_there():
    pasted = "name,email,company,notes\nEve,e@b.test,Tannic,x\nFay,f@b.test,Tannic,"
    [found] = rows_of(f'{HEADER}Ada,a@a.test,Tannic,"{pasted}"\n')
    assert found.cells == ["Ada", "a@a.test", "Tannic", pasted]


def test_note_of_many_lines_in_a_short_row_is_whole():
    [found] = rows_of('name,email,notes,phone\nAda,a@a.test,"one, two\nthree"\n')
    assert found.cells == ["Ada", "a@a.test", "one, two\nthree", ""]

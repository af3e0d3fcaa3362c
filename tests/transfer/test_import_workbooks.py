"""Workbooks: what a cell becomes, which sheet is read, where its table begins."""

from datetime import date, datetime, time, timedelta
from io import BytesIO

import openpyxl
import pytest
from openpyxl import Workbook
from workbook_files import raw_workbook, saved, workbook_of

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.source import Source

HEADER = ["Name", "Email"]
MARA = ["Mara Quill", "mara@tannic.example"]


def source_of(data, sheet=""):
    return Source(BytesIO(data), "The file", sheet=sheet)


def rows_of(data, sheet=""):
    return list(read_rows(source_of(data, sheet)))


def cells_of(data, sheet=""):
    return [row.cells for row in rows_of(data, sheet)]


def texts_of(*values):
    """Return what cells of these values become."""
    return cells_of(workbook_of(People=[["Email", *map(str, range(len(values)))], ["x", *values]]))[
        0
    ][1:]


def test_values_become_what_people_see():
    values = {
        5550100: "5550100", 5550101.0: "5550101", 1234567890123456: "1234567890123456", 0.1 + 0.2: "0.3",
        1e15: "1000000000000000", 2.5e-7: "0.00000025", -7.25: "-7.25", 86.40000000000001: "86.4",
        " padded ": " padded ", "=not a formula": "", "00123": "00123", "Zoë 🦊": "Zoë 🦊",
        date(2024, 2, 23): "2024-02-23", datetime.fromisoformat("2024-02-23T10:11:12"): "2024-02-23T10:11:12",
        datetime.fromisoformat("1900-02-27"): "1900-02-27", time(9, 30): "09:30:00", timedelta(hours=26, minutes=30): "26:30:00",
        "#N/A": "", None: "",
    }  # fmt: skip
    assert texts_of(*values, False) == [*values.values(), "false"]
    assert texts_of(True) == ["true"]


def test_cells_hold_what_other_programs_write():
    rows = (
        '<row r="3"><c r="B3" t="inlineStr"><is><t>Email</t></is></c><c r="C3" t="s"><v>0</v></c><c r="D3" t="s"><v>1</v></c>'
        '<c r="E3" t="str"><v>e</v></c><c r="F3" t="str"><v>f</v></c><c r="G3" t="str"><v>g</v></c></row>'
        '<row><c t="inlineStr"><is><r><t>a@</t></r><rPh><t>no</t></rPh><r><t>x.example</t></r></is></c>'
        '<c r="C4"><f>1+1</f><v>2</v></c><c r="D4" t="b"><v>1</v></c><c r="E4" t="e"><v>#REF!</v></c>'
        '<c r="F4" t="d"><v>2024-02-23T00:00:00</v></c><c r="G4" t="s"><v>2</v></c></row>'
        '<row r="9"><c r="G9" t="s"><v>99</v></c><c r="C9" s="77"><v>1.50</v></c><c r="B9" t="str"><v>x</v></c></row>'
    )
    texts = "<si><t>One</t></si><si><r><t>T</t></r><r><t>wo</t></r></si><si><t>a_x000D_b &amp; c</t></si>"
    found = rows_of(raw_workbook(rows, texts=texts))
    assert found[0].header == ("", "Email", "One", "Two", "e", "f", "g")
    assert [(row.line, row.cells) for row in found] == [
        (4, ["a@x.example", "", "2", "true", "", "2024-02-23", "a\rb & c"]),
        (9, ["", "x", "1.5", "", "", "", ""]),
    ]  # fmt: skip


def test_names_may_have_prefixes():
    rows = '<x:row r="1"><x:c r="A1" t="str"><x:v>email</x:v></x:c></x:row>'
    rows += '<x:row r="2"><x:c r="A2" t="str"><x:v>a@x.example</x:v></x:c></x:row>'
    assert cells_of(raw_workbook(rows, prefix="x:")) == [["a@x.example"]]


def test_numbers_with_leading_zeros_keep_them():
    workbook = Workbook()
    workbook.active.append(["Email", "Zip"])
    workbook.active.append(["x", 1234])
    workbook.active["B2"].number_format = "00000"
    assert cells_of(saved(workbook)) == [["x", "01234"]]


def test_dates_of_1904_are_read_as_such():
    workbook = Workbook()
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active.append(["Email", "Since"])
    workbook.active.append(["x", date(2024, 2, 23)])
    assert cells_of(saved(workbook)) == [["x", "2024-02-23"]]


def test_date_that_does_not_exist_stays_a_number():
    workbook = Workbook()
    workbook.active.append(["Email", "Since"])
    workbook.active.append(["x", 99999999])
    workbook.active["B2"].number_format = "yyyy-mm-dd"
    assert cells_of(saved(workbook)) == [["x", "99999999"]]


def test_header_is_found_below_titles_and_its_line_is_told():
    rows = [
        ["Contacts of Tannic"],
        [],
        ["Printed", "today"],
        [None, None, *HEADER],
        [None, None, *MARA],
        [],
    ]
    source = source_of(workbook_of(People=rows))
    [row] = read_rows(source)
    assert (row.line, row.header[2:], row.cells[2:]) == (5, tuple(HEADER), MARA)
    assert source.notices == ["The header is in row 4; the rows above it are left out."]


def test_first_sheet_with_addresses_is_read_and_named():
    data = workbook_of(Cover=[["Report", "of"], ["all", "people"]], Empty=[], People=[HEADER, MARA])
    source = source_of(data)
    assert [row.cells for row in read_rows(source)] == [MARA]
    assert source.notices == [
        "These are the rows of the sheet 'People'; other sheets: 'Cover', 'Empty'."
    ]


def test_without_addresses_the_first_sheet_with_rows_is_read():
    assert cells_of(workbook_of(Empty=[], Names=[["Name"], ["Mara"]])) == [["Mara"]]


@pytest.mark.parametrize("above", [[], [["Members of 2024"]]])
def test_sheet_without_a_header_is_refused(above):
    rows = [*above, MARA, ["Odd", "odd@tannic.example"]]
    with pytest.raises(FileRefusedError, match=f"no header: row {len(above) + 1} is already a"):
        cells_of(workbook_of(People=rows))


def test_hidden_sheet_is_read_only_if_it_is_named():
    workbook = Workbook()
    workbook.active.title = "Old"
    for row in (HEADER, ["Old", "old@tannic.example"]):
        workbook.active.append(row)
    workbook.active.sheet_state = "hidden"
    people = workbook.create_sheet("People")
    for row in (HEADER, MARA):
        people.append(row)
    workbook.active = 1
    assert cells_of(saved(workbook)) == [MARA]
    assert cells_of(saved(workbook), "old")[0][0] == "Old"


@pytest.mark.parametrize("sheet", ["People", "people ", "2"])
def test_sheet_is_named_or_numbered(sheet):
    data = workbook_of(Others=[HEADER, ["Odd", "odd@tannic.example"]], People=[HEADER, MARA])
    assert cells_of(data, sheet) == [MARA]


@pytest.mark.parametrize("sheet", ["0", "3", "99999999999", "Persons"])
def test_sheet_that_does_not_exist_is_told_with_those_that_do(sheet):
    data = workbook_of(Others=[HEADER, MARA], People=[HEADER, MARA])
    with pytest.raises(FileRefusedError) as refused:
        rows_of(data, sheet)
    assert str(refused.value) == f"There is no sheet '{sheet}'. The sheets are: 'Others', 'People'."


def test_sheet_of_a_text_is_refused():
    with pytest.raises(FileRefusedError, match="has no sheets, since it is not a workbook"):
        source_of(b"name,email\n", "1")


def test_row_with_more_cells_than_the_header_is_rejected_by_itself():
    found = rows_of(workbook_of(People=[HEADER, [*MARA, None, "more"], MARA]))
    assert [row.problem for row in found] == ["The row has 4 cells, but the header has 2.", ""]


def test_workbook_without_rows_is_refused():
    for data in (workbook_of(A=[], B=[[None]]), workbook_of(A=[[""], [None, ""]])):
        with pytest.raises(FileRefusedError, match="has no rows in its sheets: 'A'"):
            rows_of(data)


def test_cells_are_those_that_openpyxl_reads(monkeypatch):
    rows = [HEADER] + [[f"Name {n}", f"n{n}@tannic.example", n, n / 8, None] for n in range(300)]
    rows = [[*row, "end"] for row in rows]
    data = workbook_of(People=rows)
    sheet = openpyxl.load_workbook(BytesIO(data), read_only=True).active
    theirs = [
        ["" if v is None else str(v) for v in row]
        for row in sheet.iter_rows(min_row=2, values_only=True)
    ]
    ours = [[cell.removesuffix(".0") for cell in row.cells] for row in rows_of(data)]
    assert [row[:3] for row in ours] == [row[:3] for row in theirs]

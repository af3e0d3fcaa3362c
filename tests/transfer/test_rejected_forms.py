"""The form of rejected rows: that of their source, also when they are rejected again."""

import csv
import json
from io import BytesIO

import pytest
from command import invoke

from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.row import Row
from leadbook.transfer.files.source import Source
from leadbook.transfer.rejected_rows import RejectedRows, format_of_rejects

NOTES = ["leadbook line", "leadbook reason"]


def rejected(data, reason="Not taken: a, b; c\td | e.", **options):
    """Return a file with all rows of `data` rejected, as bytes."""
    source = Source(BytesIO(data), "some file", **options)
    rows = list(read_rows(source))
    form = RejectedRows(source)
    return form.head(rows[0]) + b"".join(form.row(row, reason) for row in rows)


def cells(data, **options):
    return [list(row.cells) for row in read_rows(Source(BytesIO(data), "some file", **options))]


def header(data, **options):
    return list(next(read_rows(Source(BytesIO(data), "some file", **options))).header)


TABLES = {
    "commas": 'name,email\n"A, B",no\n"say ""hi""",no\n',
    "semicolons": 'name;email\n"A; B";no\nA, B;no\n',
    "semicolons and a header with a comma": "Name, full;email\nA;no\nB;no\n",
    "tabs": "name\temail\tnotes\nA\tno\t\nB\tno\tx, y; z\n",
    "bars": "name|email\nA|no\n",
    "named": "sep=^\nname^email\nA^no\n",
    "apostrophes": "'name','email'\n'A, B','no'\n'O''Hara','no'\n",
    "backslashes": 'name,email\n"A \\"B\\" C",no\nD,no\n',
    "formulas": "name,email\n=1+1,no\n'@x,no\n",
    "line breaks": 'name,email\n"A\nB",no\n',
}


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_a_table_keep_separator_and_quoting(name):
    data = TABLES[name].encode()
    again = rejected(data)
    assert header(again) == [*NOTES, *header(data)]
    assert [row[2:] for row in cells(again)] == cells(data)
    found, of_source = (Source(BytesIO(each), "x").dialect.options for each in (again, data))
    assert found == of_source
    # Their notes are replaced, and nothing else changes.
    third = rejected(again, "Not taken again.")
    assert header(third) == header(again)
    assert [row[2:] for row in cells(third)] == cells(data)
    assert {row[1] for row in cells(third)} == {"Not taken again."}


def test_line_is_that_of_the_file_now_being_imported():
    again = rejected(b"name,email\nA,a@a.test\n\n\nB,no\n")
    assert [row[0] for row in cells(again)] == ["2", "5"]
    assert [row[0] for row in cells(rejected(again))] == ["2", "3"]


def test_notes_are_replaced_wherever_they_are():
    moved = b"name,leadbook reason,email,leadbook line\nA,old,no,7\n"
    again = rejected(moved)
    assert header(again) == [*NOTES, "name", "email"]
    assert cells(again) == [["2", "Not taken: a, b; c\td | e.", "A", "no"]]


def test_row_with_too_many_cells_keeps_them_all():
    again = rejected(rejected(b"name,email\nA,no,1,2\nB,no\n"))
    assert list(csv.reader(again.decode().splitlines()))[1][2:] == ["A", "no", "1", "2"]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""), ("utf-8-sig", b"\xef\xbb\xbf"), ("cp1252", b""),
        ("utf-16", b"\xff\xfe"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"),
    ],
)  # fmt: skip
def test_rows_keep_their_encoding(encoding, mark):
    text = "name;email\nJosé Ñandú;no\n"
    again = rejected(text.encode(encoding), "Not taken: …")
    assert again.startswith(mark or b"leadbook")
    assert cells(again) == [["2", "Not taken: …", "José Ñandú", "no"]]
    assert again.count(b"\xff\xfe") + again.count(b"\xfe\xff") <= 1
    text = '{"name": "José", "email": "no"}\n'
    again = rejected(text.encode(encoding))
    assert again.startswith(mark or b"{")
    assert cells(again)[0][2:] == ["José", "no"]


@pytest.mark.parametrize("encoding", ["iso8859-15", "koi8-r", "shift_jis", "gb18030", "hz"])
def test_rows_keep_an_encoding_that_the_sender_names(encoding):
    text = "name,email\nМара,no\n" if encoding == "koi8-r" else "name,email\nAbc,no\n"
    again = rejected(text.encode(encoding), "Not … taken ❄", charset=encoding)
    row = cells(again, charset=encoding)[0]
    assert row[2] == text.split("\n")[1].split(",", maxsplit=1)[0]
    assert row[1] in ("Not … taken ❄", "Not … taken \\u2744", "Not \\u2026 taken \\u2744")


def test_reason_that_the_encoding_of_json_lines_lacks_is_escaped():
    data = '{"name": "Мара"}\n'.encode("koi8-r")
    [line] = rejected(data, "Not é.", charset="koi8-r").splitlines()
    assert json.loads(line.decode("koi8-r")) == {
        **dict(zip(NOTES, (1, "Not é."), strict=True)), "name": "Мара",
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_encoding_with_a_mark_gets_one_only(encoding):
    form = RejectedRows(Named(encoding))
    row = Row(5, ("name", "email"), ["José", "no"], '{"name": "José", "email": "no"}')
    text = (form.head(row) + form.row(row, "No.") + form.row(row, "No.")).decode(encoding)
    assert "\ufeff" not in text
    assert text.count("\n") == 2


def test_bytes_that_are_not_valid_stay_as_they_were():
    again = rejected(b"name,email\nJos\xe9,no\nJos\xc3\xa9 \xc3\xa9\xc3\xa9,no\n")
    assert b"Jos\xe9,no" in again
    assert "José éé,no".encode() in again
    # 0x81 means nothing in Windows-1252.
    assert b"Jos\xe9 \x81,no" in rejected(b"name,email\nJos\xe9 \x81,no\n")


def test_json_lines_are_kept_to_the_letter():
    text = '{"name":"A",  "n": 1.50, "x": {"leadbook line": [1, "}"]}, "y": "\\u00e9"}\n{"b": 1}\n'
    again = rejected(text.encode(), "First.").decode()
    first, second = again.splitlines()
    assert (
        first
        == '{"leadbook line": 1, "leadbook reason": "First.", '
        + text.split("\n", maxsplit=1)[0][1:]
    )
    assert json.loads(second) == dict(zip(NOTES, (2, "First."), strict=True)) | {"b": 1}
    third = rejected(again.encode(), "Second.").decode()
    assert third.splitlines()[0] == (
        '{"leadbook line": 1, "leadbook reason": "Second.", "name":"A", "n": 1.50, '
        '"x": {"leadbook line": [1, "}"]}, "y": "\\u00e9"}'
    )
    assert json.loads(third.splitlines()[1])["leadbook reason"] == "Second."


def test_notes_of_json_lines_are_replaced_wherever_they_are():
    text = b'{ "name" : "A" , "leadbook reason":"x" , "b" : [ ] ,"leadbook line" : 5 }\n'
    [line] = rejected(text, "New.").decode().splitlines()
    assert line == '{"leadbook line": 1, "leadbook reason": "New.", "name" : "A", "b" : [ ]}'


def test_text_that_is_no_json_is_kept_as_a_text():
    _, line = rejected('{"a": 1}\nnonsense é\n'.encode(), "No.").decode().splitlines()
    assert json.loads(line) == {**dict(zip(NOTES, (2, "No."), strict=True)), "raw": "nonsense é\n"}
    assert json.loads(rejected(line.encode()))["raw"] == "nonsense é\n"


class Named:
    """A source whose sender names an encoding."""

    has_mark, format = True, "jsonl"

    def __init__(self, encoding):
        self.encoding = encoding


class Workbook:
    """A source of another format."""

    encoding, has_mark, format = "cp1252", False, "xlsx"


class Cards(Workbook):
    format = "vcf"


def test_rows_of_a_workbook_become_csv_that_spreadsheets_read():
    form = RejectedRows(Workbook())
    row = Row(5, ("name", "email"), ["José", "no"])
    assert format_of_rejects(Workbook()) == "csv"
    assert form.head(row) + form.row(row, "No.") == (
        '\ufeffleadbook line,leadbook reason,name,email\r\n5,"No.",José,no\r\n'.encode()
    )


def test_rows_of_cards_and_documents_become_json_lines():
    form = RejectedRows(Cards())
    row = Row(5, ("name",), ["José"], '{\n  "name": "José"\r\n}')
    assert format_of_rejects(Cards()) == "jsonl"
    assert form.head(row) + form.row(row, "No.") == (
        '{"leadbook line": 5, "leadbook reason": "No.", "name": "José" }\n'.encode()
    )


def test_rejects_of_rejects_do_not_grow(tmp_path, database):
    first = tmp_path / "list.csv"
    first.write_text("name;email\nA;no\nB;none\n")
    names = ["list.csv", "list.csv.rejected.csv", "list.csv.rejected-2.csv"]
    for name in names:
        assert invoke("import", "leads", tmp_path / name, "--database", database).returncode == 1
    second, third = (tmp_path / name for name in [*names[2:], "list.csv.rejected-3.csv"])
    assert third.read_text() == second.read_text()
    assert third.read_text().startswith("leadbook line;leadbook reason;name;email\n")

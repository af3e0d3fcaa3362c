"""Workbooks made to harm: each is refused in one line, or costs its own row, in little memory."""

import struct
import tracemalloc
import zipfile
from io import BytesIO

import pytest
from workbook_files import raw_workbook, workbook_of

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.source import LONGEST_LINE, Source
from leadbook.transfer.xlsx import parts, shared_texts, xml_parts

HEADER = '<row r="1"><c r="A1" t="str"><v>email</v></c></row>'
MARA = '<row r="2"><c r="A2" t="str"><v>mara@tannic.example</v></c></row>'
SHEET = "xl/worksheets/sheet1.xml"


def rows_of(data):
    return list(read_rows(Source(BytesIO(data), "The file")))


def refusal_of(data):
    with pytest.raises(FileRefusedError) as refused:
        rows_of(data)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def measured(data):
    """Return the peak of the memory that Python takes to read the rows, and what came of it."""
    tracemalloc.start()
    try:
        try:
            rows = sum(1 for _ in read_rows(Source(BytesIO(data), "The file")))
        except FileRefusedError as error:
            rows = str(error)
        return tracemalloc.get_traced_memory()[1], rows
    finally:
        tracemalloc.stop()


def with_size(data, size):
    """Return the workbook with another size of its sheet in the directory of the archive."""
    at = data.rindex(SHEET.encode()) - 46
    assert data[at : at + 4] == b"PK\1\2"
    return data[: at + 24] + struct.pack("<I", size) + data[at + 28 :]


def test_workbook_that_unpacks_to_gigabytes_is_refused(monkeypatch):
    said = refusal_of(with_size(raw_workbook(HEADER), 4_000_000_000))
    assert said == f"The workbook is too large: {SHEET} would unpack to 3,815 MB."
    monkeypatch.setattr(parts, "_UNSUSPICIOUS", 1_000_000)
    assert "would unpack to" in refusal_of(raw_workbook([HEADER, " " * 3_000_000]))
    monkeypatch.setattr(parts, "_LARGEST_PART", 500_000)
    assert "would unpack to" in refusal_of(raw_workbook([HEADER, " " * 600_000]))


def test_directory_that_lies_about_a_size_does_not_help(monkeypatch):
    data = raw_workbook([HEADER, MARA * 1_000])
    assert "damaged" in refusal_of(with_size(data, 100))


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (["<row>", "<c/>" * 60_000, "</row>"], 0),
        (['<row r="2"><c r="XFD2"><v>1</v></c></row>'], 1),
        (['<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'], 1),
        (["<row/>" * 30_000], 0),
        (["<a>" * 300_000], "nested too deeply"),
        (["<!--", "x" * 3_000_000, "-->"], "too long or too many tags"),
        (['<c a="', "x" * 3_000_000, '"/>'], "too long or too many tags"),
        (["".join(f"<a{n}/>" for n in range(20_000))], "too long or too many tags"),
        (["<row><c t='str'><v>", "x" * 3_000_000, "</v></c></row>"], 1),
        (["<row>", "<c t='str'><v>xx</v></c>" * 20_000, "</row>"], 1),
    ],
)  # fmt: skip
def test_sheet_takes_little_memory(xml, said):
    peak, found = measured(raw_workbook([HEADER, *xml]))
    assert peak < 5_000_000
    assert (said in found) if isinstance(said, str) else found == said


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        ('<row r="1048577"/>', "more than 1,048,576 rows"),
        ('<row><c r="XFE1"><v>1</v></c></row>', "column XFE"),
        ("<row><c></row>", "not valid XML on line 1"),
        ("&lol;", "not valid XML"),
    ],
)
def test_sheet_beyond_the_format_is_refused(xml, said):
    assert said in refusal_of(raw_workbook(HEADER + xml))


def test_declared_entities_are_refused():
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    assert "declares a document type" in refusal_of(raw_workbook(HEADER, before=laughs))


def test_header_of_too_many_columns_is_refused():
    cells = "".join(f'<c t="str"><v>c{n}</v></c>' for n in range(1_200))
    assert "has 1,200 columns; at most 1,000" in refusal_of(raw_workbook(f"<row>{cells}</row>"))


def test_long_row_is_rejected_by_itself():
    cells = f"<c t='str'><v>{'x' * 200_000}</v></c>" * 2
    data = raw_workbook(
        [HEADER.replace("</row>", '<c t="str"><v>b</v></c></row>'), f"<row>{cells}</row>", MARA]
    )
    assert [row.problem for row in rows_of(data)] == [
        f"The row has more than {LONGEST_LINE} characters.",
        "",
    ]


def test_many_texts_are_kept_in_a_file(monkeypatch):
    monkeypatch.setattr(shared_texts, "_MOST_IN_MEMORY", 1_000)
    texts = "".join(f"<si><t>Zoë {n}</t></si>" for n in range(500))
    cells = "".join(
        f'<row><c t="s"><v>{n}</v></c></row>' for n in (499, 0, 250, 499, 500, 9_999_999)
    )
    found = [row.cells[0] for row in rows_of(raw_workbook(HEADER + cells, texts=texts))]
    assert found == ["Zoë 499", "Zoë 0", "Zoë 250", "Zoë 499"]
    monkeypatch.setattr(shared_texts, "_MOST_TEXTS", 400)
    assert "more than 400 texts" in refusal_of(raw_workbook(HEADER, texts=texts))


def test_too_many_styles_are_refused(monkeypatch):
    monkeypatch.setattr(parts, "_MOST_ENTRIES", 100)
    styles = f"<cellXfs>{'<xf/>' * 200}</cellXfs>"
    assert "too many styles" in refusal_of(raw_workbook(HEADER, styles=styles))


def test_archive_of_very_many_parts_is_refused():
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(15_000):
            archive.writestr(f"{number:050}", "")
    assert refusal_of(file.getvalue()) == "The archive has too many parts."


def test_damaged_workbooks_are_refused():
    data = workbook_of(People=[["email"], ["mara@tannic.example"]])
    for cut in (30, len(data) // 2, len(data) - 30):
        assert "damaged" in refusal_of(data[:cut])
    at = data.index(SHEET.encode()) + len(SHEET) + 20
    assert "damaged" in refusal_of(data[:at] + bytes(60) + data[at + 60 :])


def test_workbook_with_other_packing_or_without_its_sheet_is_refused():
    assert "damaged, or has a password" in refusal_of(raw_workbook(HEADER, method=zipfile.ZIP_LZMA))
    assert "damaged: it has no xl/worksheets" in refusal_of(
        raw_workbook(HEADER).replace(b"xl/worksheets/sheet1.xml", b"xl/worksheets/sheet9.xml")
    )
    nothing = '<sheet name="Chart" sheetId="1" r:id="styles"/>'
    assert "no sheets with cells" in refusal_of(raw_workbook(HEADER, sheets=nothing))


def test_whole_part_is_read_although_chunks_end_anywhere(monkeypatch):
    monkeypatch.setattr(xml_parts, "_CHUNK_BYTES", 7)
    assert [row.cells for row in rows_of(raw_workbook(HEADER + MARA))] == [["mara@tannic.example"]]

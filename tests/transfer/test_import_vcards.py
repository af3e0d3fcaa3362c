"""vCards of 2.1, 3.0 and 4.0, as address books write them, and as they should not."""

import json
import tracemalloc
from io import BytesIO
from quopri import encodestring

import pytest

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files import vcards
from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.source import LONGEST_LINE, Source

MARA = "FN:Mara Quill\nEMAIL:mara@tannic.example\n"
FOUND = {"Full Name": "Mara Quill", "Email": "mara@tannic.example"}


def card(text, version="3.0"):
    return f"BEGIN:VCARD\nVERSION:{version}\n{text}END:VCARD\n"


def source_of(text):
    return Source(BytesIO(text if isinstance(text, bytes) else text.encode()), "The file")


def rows_of(text):
    return list(read_rows(source_of(text)))


def cells_of(text):
    return [
        dict(zip(row.header, row.cells, strict=True)) for row in rows_of(text) if not row.problem
    ]


def test_many_cards_come_in_with_their_lines():
    text = card(MARA) + "\n" + card("FN:Odd Two\nEMAIL:odd@tannic.example\n")
    assert cells_of(text) == [FOUND, {"Full Name": "Odd Two", "Email": "odd@tannic.example"}]
    assert [row.line for row in rows_of(text)] == [1, 7]


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("begin", ["", "\ufeff", "\n\n"])
def test_line_ends_and_marks_do_not_matter(begin, end):
    text = begin + (
        card(MARA) + "\ufeff" + card(MARA).lower().replace("version", "VERSION")
    ).replace("\n", end)
    assert cells_of(text)[0] == FOUND
    assert cells_of(text)[1]["Email"] == FOUND["Email"]


def test_properties_have_the_headers_of_other_tools():
    text = card(
        "N:Quill;Mara;Jo;Dr.;\nFN:Dr. Mara Quill\nORG:Tannic\\, Ltd;Sales;EMEA\nTITLE:Head\nNICKNAME:Mo\n"
        "ADR;TYPE=HOME:;;1 Main St\\nFlat 2;Town;;1234;Land\nURL:https\\://tannic.example\n"
        "BDAY:1990-01-02\nCATEGORIES:a,b\\,c\nNOTE:one\\ntwo\\; three\nX-SKYPE:mq\nUID:u1\nGENDER:F\n"
    )
    assert cells_of(text) == [{
        "Full Name": "Dr. Mara Quill", "Company": "Tannic, Ltd", "Department": "Sales, EMEA", "Title": "Head",
        "Nickname": "Mo", "Address": "1 Main St, Flat 2, Town, 1234, Land", "Website": "https://tannic.example",
        "Birthday": "1990-01-02", "Categories": "a,b,c", "Notes": "one\ntwo; three", "X-SKYPE": "mq", "UID": "u1",
        "Gender": "F",
    }]  # fmt: skip


def test_name_comes_from_its_parts_where_the_full_name_lacks_them():
    parts = {
        "Last Name": "Quill",
        "First Name": "Mara",
        "Middle Name": "Jo Ann",
        "Name Prefix": "Dr.",
    }
    assert cells_of(card("N:Quill;Mara;Jo,Ann;Dr.;\n")) == [parts]
    assert cells_of(card("N:Quill;Mara;;;\nFN:Tannic Ltd\n"))[0]["First Name"] == "Mara"


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("TEL:1", "Phone"), ("TEL;VOICE:1", "Phone"), ("TEL;CELL:1", "Mobile Phone"), ("TEL;WORK;VOICE:1", "Work Phone"),
        ("TEL;TYPE=work,cell:1", "Mobile Phone"), ("TEL;type=HOME;type=pref:1", "Home Phone"), ("TEL;TYPE=WORK,FAX:1", "Fax"),
        ("TEL;PAGER:1", "Pager"), ('TEL;VALUE=uri;TYPE="voice,cell":tel:1', "Mobile Phone"), ("item1.TEL:1", "Phone"),
        ("item1.TEL:1\nitem1.X-ABLabel:_$!<Mobile>!$_", "Mobile Phone"), ("a.TEL:1\nb.X-ABLabel:iPhone", "Phone"),
    ],
)  # fmt: skip
def test_types_and_labels_name_a_phone(line, header):
    assert cells_of(card(f"{line}\n")) == [{header: "1"}]


def test_preferred_one_of_several_comes_first():
    text = "EMAIL:a@x.example\nEMAIL;TYPE=INTERNET,pref:b@x.example\nTEL;TYPE=CELL:1\nTEL;TYPE=CELL;PREF=1:2\n"
    assert cells_of(card(text)) == [
        {
            "Email": "b@x.example",
            "Mobile Phone": "2",
            "Email 2": "a@x.example",
            "Mobile Phone 2": "1",
        }
    ]
    text = "EMAIL;PREF=2:a@x.example\nEMAIL;PREF=1:mailto:b@x.example\n"
    assert cells_of(card(text, "4.0")) == [{"Email": "b@x.example", "Email 2": "a@x.example"}]


def test_folded_lines_are_put_together():
    assert cells_of(card("NOTE:one tw\n o three\nORG:Tan\n\tnic\n")) == [
        {"Notes": "one two three", "Company": "Tannic"}
    ]
    # In 2.1, the space belongs to the text.
    assert cells_of(card("NOTE:one\n two\n", "2.1")) == [{"Notes": "one two"}]


@pytest.mark.parametrize("charset", ["UTF-8", "ISO-8859-1", "windows-1252", "no-such-charset"])
def test_quoted_printable_is_read_in_its_charset(charset):
    known = charset if charset != "no-such-charset" else "UTF-8"
    quoted = encodestring(
        "Zoë Müller-Lüdenscheidt, a name that is much too long for one line of a card".encode(known)
    ).decode()
    text = card(
        f"FN;CHARSET={charset};ENCODING=QUOTED-PRINTABLE:{quoted}\nEMAIL;INTERNET:z@x.example\n",
        "2.1",
    )
    assert "=\n" in text
    [found] = cells_of(text)
    assert found == {
        "Full Name": "Zoë Müller-Lüdenscheidt, a name that is much too long for one line of a card",
        "Email": "z@x.example",
    }


def test_raw_bytes_are_read_in_the_charset_that_is_named():
    text = card("FN;CHARSET=windows-1250:Łucja Żak\nEMAIL:l@x.example\n", "2.1")
    assert cells_of(text.encode("cp1250"))[0]["Full Name"] == "Łucja Żak"
    assert cells_of(text)[0]["Full Name"] == "Łucja Żak"


@pytest.mark.parametrize(
    "photo",
    [
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\n SkZJRgAB\n", "PHOTO;JPEG;ENCODING=BASE64:\n /9j/4AAQ\n\n",
        "PHOTO;BASE64:/9j/4AAQSkZJRgABAQEAYABg\nAAD/2wBDAAEBAQEBAQEBAQEBAQEBAQ=\n", "PHOTO:data:image/png;base64,iVBOR\n w0KG\n",
        "PHOTO;ENCODING=b:" + "A" * (LONGEST_LINE + 9) + "\n", "PHOTO;ENCODING=b:AAAA\n" + (" " + "A" * 70 + "\n") * 5_000,
    ],
)  # fmt: skip
def test_photo_is_left_out_and_counted(photo):
    source = source_of(card(f"{photo}{MARA}") + card(f"{MARA}{photo}REV:1\n"))
    assert [dict(zip(row.header, row.cells, strict=True)) for row in read_rows(source)] == [
        FOUND,
        FOUND,
    ]
    assert source.notices == ["Left out of the vCards: PHOTO (2), REV (1)."]


def test_line_that_is_no_property_goes_to_the_notes():
    [found] = cells_of(card(f"NOTE:first\nsecond line\nX FOO:third\n{MARA}"))
    assert found == {"Notes": "first\nsecond line\nX FOO:third", **FOUND}


def test_attached_card_does_not_end_the_card():
    agent = card("FN:Odd Two\nEMAIL:odd@tannic.example\n", "2.1")
    assert cells_of(card(f"AGENT:\n{agent}{MARA}", "2.1")) == [
        {"Agent": "Odd Two, odd@tannic.example", **FOUND}
    ]


def test_card_without_an_end_is_taken_unless_its_last_line_may_be_cut():
    begun = card(MARA).removesuffix("END:VCARD\n")
    assert cells_of(begun + card(MARA)) == [FOUND, FOUND]
    assert cells_of(begun) == [FOUND]
    [row] = rows_of(begun.rstrip())
    assert (row.line, row.problem) == (
        1,
        "The vCard has no END:VCARD, since the file ends in the middle of a line.",
    )


def test_line_outside_of_cards_is_rejected():
    [_, row, _] = rows_of(f"{card(MARA)}EMAIL:odd@tannic.example\n{card(MARA)}")
    assert (row.line, row.problem, row.raw) == (
        6,
        "The line belongs to no vCard.",
        "odd@tannic.example",
    )


def test_raw_text_gives_the_same_row_as_json_lines():
    text = card('NOTE:a\\nb "c"\nFN:Zoë\nEMAIL:z@x.example\nEMAIL:y@x.example\n')
    [row] = rows_of(text)
    again = rows_of(f"{row.raw}\n{json.dumps({})}\n")[0]
    assert (again.header, again.cells) == (row.header, row.cells)


@pytest.mark.parametrize(
    "text", ["NOTE:" + "x" * 3_000_000, "NOTE:x\n" * 20_000, "NOTE:x\n" + (" " + "x" * 99 + "\n") * 4_000, "NOTE;QUOTED-PRINTABLE:x=\n" + ("x" * 99 + "=\n") * 4_000]
)  # fmt: skip
def test_endless_card_is_refused_in_little_memory(text):
    data = f"BEGIN:VCARD\n{text}".encode()
    tracemalloc.start()
    try:
        with pytest.raises(FileRefusedError) as refused:
            rows_of(data)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert str(refused.value) == "The file has a vCard on line 1 without END."


def test_endless_card_costs_itself_only():
    endless = "BEGIN:VCARD\n" + "NOTE:x\n" * 20_000
    rows = rows_of(card(MARA) + endless + card(MARA))
    assert [row.problem for row in rows] == [
        "",
        f"The vCard has more than {LONGEST_LINE} characters.",
        "",
    ]


def test_reading_stops_at_a_card_that_will_not_end(monkeypatch):
    monkeypatch.setattr(vcards, "_LONGEST_CARD", 100_000)
    rows = read_rows(
        source_of(card(MARA) + "BEGIN:VCARD\n" + "PHOTO;ENCODING=b:AAAA\n" * 10_000 + card(MARA))
    )
    next(rows)
    with pytest.raises(FileRefusedError, match="a vCard on line 6 without END"):
        next(rows)

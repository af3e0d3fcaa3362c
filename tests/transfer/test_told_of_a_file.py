"""What the summary and the report say of a file: its format, its dates, its empty cells."""

import pytest
from command import invoke
from reports import counts, created

from leadbook.transfer import reports
from leadbook.transfer.summary import merged

JSON, JSON_LINES = "application/json", "application/x-ndjson"
ADA = '{"name": "Ada", "email": "ada@a.test"}'
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nEMAIL:ada@a.test\nEND:VCARD\n"


def told(tmp_path, text, *options):
    """Return the lines of a summary."""
    file = tmp_path / "file"
    file.write_text(text)
    done = invoke("import", "leads", file, "--database", tmp_path / "x.db", *options)
    assert done.returncode in (0, 3), done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("text", "media_type", "name", "part"),
    [
        ("name,email\nAda,a@a.test\n", "text/csv", "CSV", None),
        (f"{ADA}\n{ADA}\n", JSON_LINES, "JSON Lines", None),
        (f"[{ADA}]", JSON, "JSON", "an array"),
        (f'{{"data": {{"contacts": [{ADA}]}}}}', JSON, "JSON", "a document with the list 'data.contacts'"),
        ('{"name": "Ada",\n"email": "ada@a.test"}', JSON, "JSON", "one object"),
        ('{"name": "A",\n"email": "a@a.test"}\n' * 2, JSON, "JSON", "objects one after another"),
        (CARD, "text/vcard", "vCards", None),
    ],
)  # fmt: skip
def test_format_is_told(take, tmp_path, text, media_type, name, part):
    assert take(text, media_type=media_type)["format"] == {"name": name, "part": part}
    shown = f"{name} ({part})" if part else name
    assert f"The format is {shown}." in told(tmp_path, text)


@pytest.mark.parametrize(
    ("cells", "options", "said"),
    [
        (["2/3/2024", "28/08/2022"], (), "Dates in Created: day first, since line 3 has 28/08/2022."),
        (["8-28-2022", "2-3-2024"], (), "Dates in Created: month first, since line 2 has 8-28-2022."),
        (["2/3/2024"], ("--date-order", "mdy"), "Dates in Created: month first, as you say."),
        (["2/3/2024", "28/8/2022"], ("--date-order", "mdy"), "Dates in Created: day first, since line 3 has 28/8/2022."),
        (["28/8/2022", "2024-02-03", "2.3.2024", "3/3/2024", ""], (), None),
        (["2/3/2024", "28/8/2022", "8/28/2022"], (), None),
        (["2/3/2024"], (), None),
    ],
)  # fmt: skip
def test_order_of_dates_is_told_where_it_decides(tmp_path, cells, options, said):
    rows = "".join(f"A{n},a{n}@a.test,{cell}\n" for n, cell in enumerate(cells))
    lines = told(tmp_path, f"name,email,Created\n{rows}", *options)
    assert [line for line in lines if line.startswith("Dates in")] == ([said] if said else [])


def test_order_of_dates_is_in_the_report_by_column(take):
    text = "name,email,Created,Date Added\nA,a@a.test,2/3/2024,2/3/2024\nB,b@a.test,,23/2/2024\n"
    report = take(text, dateOrder="mdy")
    assert report["dateOrders"] == {"Created": {"order": "mdy"}}
    report = take(text.replace("A,a@a.test,2/3/2024,", "A,a@a.test,,"))
    assert report["dateOrders"] == {"Date Added": {"order": "dmy", "line": 3, "value": "23/2/2024"}}


def test_date_with_two_meanings_is_told_once(tmp_path):
    lines = told(tmp_path, "name,email,Created\nA,a@a.test,2/3/2024\nB,b@a.test,soon\n")
    assert sum("2/3/2024" in line for line in lines) == 1
    assert not any(line.startswith("Changed") for line in lines)


def test_split_cells_and_unusable_first_addresses_are_counted(take, tmp_path):
    text = (
        "name,email,email 2\n"
        'Ada,"a@a.test, b@a.test",\n'  # split
        "Bea,nobody,bea@a.test\n"  # another one
        'Cy,"cy@, cy@a.test; c@a.test",\n'  # both
        "Dan,n/a,dan@a.test\n"  # only empty
        "Eve,Eve <eve@a.test>,e@a.test\n"
        '"Fay","""f@a.test"" <fay@a.test>",\n'
        "Gus,gus@a.test,nobody\n"
        'Hal,"x@, y@",\n'  # rejected
    )
    report = take(text)
    assert counts(report) == created(7, rejected=1)
    # Fay has another address in the name of the first.
    assert report["adjusted"]["email"] == {"several": 3, "notFirst": 2}
    assert any(
        "3 with several addresses split, 2 taken from what follows" in line
        for line in told(tmp_path, text)
    )


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("a@a.test (Work), b@a.test (Personal)", "a@a.test (Work), b@a.test (Personal)"),
        ("work:a@a.test; home:b@a.test", "work:a@a.test; home:b@a.test"),
        ("a@a.test, Work, Personal", "Work, Personal"),
        ("a@a.test, b@a.test", "b@a.test"),
        ("Ada <a@a.test>", "Ada"),
    ],
)
def test_labels_stay_beside_their_addresses(take, leadbook, cell, kept):
    take(f'name,Email\nAda,"{cell}"\n')
    assert leadbook.leads()[0]["custom"] == {"Email": kept}


def test_empty_cells_are_counted_by_column(take, tmp_path):
    text = (
        "name,email,email 2,phone,company,notes,status,created,Region,Größe\n"
        "A,a@a.test,n/a,N/A,k.A.,NULL,-,0000-00-00,s/d,b.d.\n"
        "B,b@a.test, ,,null,none,,,North,–\n"
        "C,nobody,,N/A,,,,,N/A,\n"
    )
    report = take(text)
    expected = {"email 2": 1, "phone": 1, "company": 2, "notes": 1, "status": 1, "created": 1, "Region": 1, "Größe": 2}  # fmt: skip
    assert report["emptied"] == expected
    [line] = [each for each in told(tmp_path, text) if "word for nothing" in each]
    assert "Größe (2), company (2), Region (1)" in line


@pytest.mark.parametrize("word", ["n/d", "N/D", "n.d.", "k.A.", "K.A.", "o.A.", "s/d", "S/D", "b.d.", "b/d", "n.v.t.", "NULL", "(Blank)", "--"])  # fmt: skip
def test_abbreviation_for_no_answer_is_empty(take, leadbook, word):
    assert take(f"name,email,company,Region\nAda,a@a.test,{word},{word}\n")["emptied"] == {
        "company": 1, "Region": 1,
    }  # fmt: skip
    assert (leadbook.leads()[0]["company"], leadbook.leads()[0]["custom"]) == (None, {})


@pytest.mark.parametrize(
    "word", ["N.D.", "B.D.", "ND", "NA", "S.D.", "N.V.", "unknown", "keine Angabe"]
)
def test_word_with_a_meaning_stays(take, leadbook, word):
    assert take(f"name,email,Region\nAda,a@a.test,{word}\n")["emptied"] == {}
    assert leadbook.leads()[0]["custom"] == {"Region": word}


@pytest.mark.parametrize("initials", ["K.A.", "N.D.", "N.A.", "B.D."])
def test_initials_are_a_name(take, leadbook, initials):
    take(f"First Name,Last Name,email\n{initials},Quill,a@a.test\n")
    assert leadbook.leads()[0]["name"] == f"{initials} Quill"


@pytest.mark.parametrize("word", ["N/A", "-", "--", "none", "k.A."])
def test_placeholder_is_no_address(take, word):
    report = take(f"name,email,email 2\nAda,{word},\nBea,{word},b@\n")
    assert report["reasons"][0]["reason"] == "email: Must not be empty."
    assert report["reasons"][1]["value"] == "b@"


def test_reason_shows_a_short_value(take, tmp_path):
    long = "x" * 100
    text = f"name,email\nAda,{long}\nBea,b@\n"
    [reason] = take(f"{text}C,c@a.test\n")["reasons"]
    assert reason["value"] == "x" * 49 + "…"
    lines = told(tmp_path, f"{text}C,c@a.test\n")
    assert any(
        line.startswith(f'  2 rows, such as line 2 ("{"x" * 49}…"): email:') for line in lines
    )


def test_rows_with_the_address_of_an_earlier_row_are_counted(take, tmp_path, monkeypatch):
    text = "name,email\nA,a@a.test\nB,A@A.test\nC,c@a.test\nD,a@a.test\n"
    assert take(text)["repeatedAddresses"] == 2
    assert "2 new records have the same address as an earlier row." in told(tmp_path, text)
    assert take(text, onDuplicate="skip")["repeatedAddresses"] == 0
    monkeypatch.setattr(reports, "_MOST_ADDRESSES", 1)
    assert take(text)["repeatedAddresses"] == 2
    assert "2 new records have the same address as an earlier row, of the first addresses of the file." in told(tmp_path, text)  # fmt: skip


def test_reports_of_two_parts_say_all_of_it(take):
    head = "name,email,Created,Region\n"
    first = take(f"{head}A,a@a.test,2/3/2024,N/A\nB,a@a.test,23/2/2024,\n")
    second = take(f"{head}C,c@a.test,,N/A\nD,c@a.test,,x\n")
    both = merged(first, second)
    assert (both["emptied"], both["repeatedAddresses"]) == ({"Region": 2}, 2)
    assert both["dateOrders"] == first["dateOrders"]
    # An earlier version has stored the first part without them.
    for name in ("emptied", "dateOrders", "repeatedAddresses", "format"):
        del first[name]
    assert merged(first, second)["emptied"] == {"Region": 1}


@pytest.mark.parametrize(
    ("columns", "kept"),
    [
        ("id,name,email", "ids are kept"), ("id,name,email,version", "ids and versions are kept"),
        ("id,name,email,createdAt,clientId", "ids, times and links are kept"),
    ],
)  # fmt: skip
def test_own_export_keeps_what_it_has(tmp_path, columns, kept):
    cells = {"id": "01a210cd-3a47-7000-9a33-e589e5891361", "name": "Ada", "email": "a@a.test", "version": "3", "createdAt": "2024-02-23T10:11:12.000Z"}  # fmt: skip
    row = ",".join(cells.get(name, "") for name in columns.split(","))
    lines = told(tmp_path, f"{columns}\n{row}\n")
    assert f"This is an export of Leadbook: {kept}." in lines


def test_advice_on_a_guess_names_another_encoding(tmp_path):
    file = tmp_path / "file.csv"
    file.write_bytes("Name;Email;Company\nŁucja Żak;l@a.test;Źdźbło Święte\n".encode("cp1250"))
    text = invoke("import", "leads", file, "--database", tmp_path / "x.db").stdout
    assert "The encoding is probably cp1250" in text
    assert "another --encoding, such as cp1252." in text

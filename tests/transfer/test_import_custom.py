"""Columns without a field: what an import keeps in custom, under which names."""

import json
import unicodedata

import pytest
from command import exported, invoke
from reports import counts, created

JSON = "application/x-ndjson"


def customs(leadbook):
    return [lead["custom"] for lead in leadbook.leads(limit=100)]


def lines(*rows):
    return "\n".join(map(json.dumps, rows))


def test_column_without_a_field_is_kept_under_its_own_words(take, leadbook):
    report = take("Name,E-mail,Job Title,Postal code\nAda,a@a.test,COO,01234\nBo,b@a.test,,12345\n")
    assert customs(leadbook) == [
        {"Job Title": "COO", "Postal code": "01234"},
        {"Postal code": "12345"},
    ]
    assert report["custom"] == ["Job Title", "Postal code"]
    assert (report["leftOut"], report["adjusted"]) == ([], {})


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (" Job\t Title ", "Job Title"),
        ("Job\u202e\x07 Title", "Job Title"),
        (unicodedata.normalize("NFD", "Größe"), "Größe"),
        ("x" * 70, "x" * 64),
        ("\u200b", "Column 3"),
        ("", "Column 3"),
        ("name.x", "name.x"),
        ("custom.", "custom."),
        ("Custom", "Custom"),
        ("=1+1", "=1+1"),
    ],
)
def test_name_is_the_header_as_an_entry_can_have_it(take, leadbook, header, name):
    report = take(f'name,email,"{header}"\nAda,a@a.test,1\n')
    assert (counts(report), customs(leadbook)) == (created(1), [{name: "1"}])


def test_equal_names_are_numbered(take, leadbook):
    long = "x" * 70
    take(f"name,email,Tag,Tag,Tag 2,tag,{long},{long}\nAda,a@a.test,1,2,3,4,5,6\n")
    assert customs(leadbook) == [
        {"Tag": "1", "Tag 2": "2", "Tag 2 2": "3", "tag": "4", "x" * 64: "5", "x" * 62 + " 2": "6"}
    ]


@pytest.mark.parametrize(
    "cell",
    ["", " ", "\u200b", "N/A", "n.a.", "null", "NULL", "\\N", "NaN", "None", "-None-", "#N/A", "-", "---", "–", "—", "(none)", "(Blank)", "nil", "undefined"],
)  # fmt: skip
def test_placeholder_is_empty_in_all_fields(take, leadbook, cell):
    header = "Name,Email,Phone,Company,Lead Source,Status,Score,Created,Page"
    report = take(f"{header}\nAda,a@a.test{f',{cell}' * 7}\n")
    assert counts(report) == created(1)
    [lead] = leadbook.leads()
    assert [lead[name] for name in ("phone", "company", "source")] == [None] * 3
    assert (lead["custom"], lead["status"], lead["score"]) == ({}, "new", 0)
    assert report["notUnderstood"] == {"status": {}, "createdAt": {}, "score": {}}
    assert report["adjusted"] == {}


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Jennifer", "Null", "Jennifer Null"), ("Nan", "Winton", "Nan Winton"), ("Nil", "Solà", "Nil Solà"),
        ("Ada", "NULL", "Ada"), ("\\N", "Byron", "Byron"), ("NaN", "-", "Engines"), ("n/a", "N/A", "Engines"), ("", "", "Engines"),
    ],
)  # fmt: skip
def test_placeholder_in_a_name_is_told_from_a_name(take, leadbook, first, last, name):
    report = take(f"First Name,Last Name,Email,Company\n{first},{last},a@a.test,Engines\n")
    assert [lead["name"] for lead in leadbook.leads()] == [name]
    assert report["adjusted"] == ({"name": {"fromCompany": 1}} if name == "Engines" else {})


def test_row_without_a_name_and_a_company_is_rejected(take):
    report = take("Name,Email,Company\n,a@a.test,\nN/A,b@a.test,-\n")
    assert counts(report) == created(0, rejected=2)
    assert {each["reason"] for each in report["rejects"]} == {"name: Must not be empty."}


def test_fifty_most_filled_columns_of_the_whole_file_are_kept(take, leadbook):
    header = ",".join(f"c{n}" for n in range(60))
    # The columns from c10 on are filled more often, but only at the end of the file.
    early = "".join(f"A,a{n}@a.test{',x' * 10}{',' * 50}\n" for n in range(200))
    late = "".join(f"B,b{n}@a.test{',' * 10}{',y' * 50}\n" for n in range(201))
    report = take(f"name,email,{header}\n{early}{late}")
    assert counts(report) == created(401)
    assert report["custom"] == [f"c{n}" for n in range(10, 60)]
    assert report["leftOut"] == [f"c{n}" for n in range(10)]
    assert leadbook.leads(limit=1)[0]["custom"] == {}
    again = take(f"name,email,{header}\n{early}{late}", fromLine=202)
    assert (again["created"], again["leftOut"]) == (201, report["leftOut"])


def test_of_equally_filled_columns_the_first_are_kept(take):
    header = ",".join(f"c{n}" for n in range(60))
    report = take(f"name,email,{header}\nA,a@a.test,,{',x' * 59}\n".replace(",,,", ",,", 1))
    assert report["custom"] == [f"c{n}" for n in range(1, 51)]


def test_more_than_fifty_columns_with_few_filled_are_no_loss(take, leadbook):
    header = ",".join(f"c{n}" for n in range(100))
    report = take(f"name,email,{header}\nA,a@a.test{',x' * 50}{',' * 50}\n")
    assert (len(report["custom"]), report["leftOut"]) == (50, [])


def test_most_filled_keys_of_json_are_kept(take, leadbook):
    rows = [{"name": "A", "email": f"a{n}@a.test", f"k{n}": n, "often": True} for n in range(70)]
    report = take(lines(*rows), media_type=JSON)
    assert counts(report) == created(70)
    assert sorted(report["custom"]) == sorted(["often", *(f"k{n}" for n in range(49))])
    assert sorted(report["leftOut"]) == sorted(f"k{n}" for n in range(49, 70))
    assert customs(leadbook)[3] == {"k3": "3", "often": "true"}


def test_values_that_find_no_room_are_counted(take, leadbook):
    """Fifty columns, and what an e-mail column says besides."""
    header = ",".join(f"c{n:02}" for n in range(50))
    report = take(f"name,email,email 2,{header}\nA,a@a.test,b@a.test{',x' * 50}\n")
    assert report["adjusted"] == {"custom": {"leftOut": 1}}
    [custom] = customs(leadbook)
    assert len(custom) == 50
    assert "email 2" in custom
    assert "c49" not in custom


@pytest.mark.parametrize("value", [12, -0.5, True, False, "12", "true", '"', "N/A", "=1", "a\nb"])
def test_header_that_names_an_entry_keeps_its_type(take, leadbook, value):
    leadbook.add_lead(custom={"Region": value})
    csv, jsonl = (leadbook.client.get(f"/leads/export?format={each}") for each in ("csv", "jsonl"))
    for file in (csv, jsonl):
        leadbook.reset()
        report = take(file.get_data(), media_type=file.mimetype)
        assert (counts(report), report["custom"]) == (created(1), ["Region"])
        [custom] = customs(leadbook)
        assert (custom, type(custom["Region"])) == ({"Region": value}, type(value))


def test_entry_of_a_foreign_file_is_read_by_its_header(take, leadbook):
    take("Name,Email,custom.Seats,custom.Seats,Seats\nAda,a@a.test,12,true,3\n")
    assert customs(leadbook) == [{"Seats": 12, "Seats 2": True, "Seats 3": "3"}]


def test_objects_named_custom_are_entries(take, leadbook):
    row = {"name": "Ada", "email": "a@a.test", "custom": {"Region": "North", "a.b": 5, "no": None}}
    take(lines(row), media_type=JSON)
    take('name,email,custom\nBo,b@a.test,"{""Region"": 1}"\nCy,c@a.test,plain\n')
    assert customs(leadbook) == [
        {"Region": "North", "a.b": 5},
        {"Region": 1},
        {"custom": "plain"},
    ]


def test_update_merges_and_keeps_the_entries_of_the_record(take, leadbook):
    kept = {f"k{n:02}": n for n in range(49)}
    leadbook.add_lead(email="a@a.test", custom=kept)
    text = "name,email,k00,new 1,new 2\nAda,a@a.test,changed,1,2\n"
    report = take(text, onDuplicate="update")
    assert counts(report) == created(0, updated=1)
    assert report["adjusted"] == {"custom": {"leftOut": 1}}
    assert customs(leadbook) == [kept | {"k00": "changed", "new 1": "1"}]


def test_kind_of_any_duplicate_keeps_what_it_lacks_a_field_for(take, leadbook):
    report = take("name,email,status,score\nAda,a@a.test,Customer,5\n", "clients")
    assert report["custom"] == ["status", "score"]
    assert leadbook.clients()[0]["custom"] == {"score": "5", "status": "Customer"}


def test_custom_can_be_left_out(take, leadbook, tmp_path):
    text = "name,email,email 2,status,page,custom.Region\nAda,a@a.test,b@a.test,Odd,x,North\n"
    report = take(text, custom=False)
    assert (report["custom"], report["leftOut"]) == (["Region"], ["page", "email 2", "status"])
    assert customs(leadbook) == [{"Region": "North"}]
    file, database = tmp_path / "file.csv", tmp_path / "new.db"
    file.write_text(text)
    done = invoke("import", "leads", file, "--database", database, "--no-custom")
    assert "Left out: page, email 2, status." in done.stdout
    assert exported(database)[0]["custom"] == {"Region": "North"}


@pytest.fixture
def mapped(tmp_path):
    """Import a text with options of the command; return the summary and the leads."""

    def mapped(text, *options):
        file, database = tmp_path / "file.csv", tmp_path / "new.db"
        file.write_text(text)
        done = invoke("import", "leads", file, "--database", database, *options)
        assert done.returncode == 0, done.stderr
        return done.stdout, exported(database)

    return mapped


def test_columns_can_be_mapped_to_parts_and_entries(mapped):
    options = ("A=first name", "B=last name", "C=custom.Zip", "D=custom.a=b", "E=", "F=notes")
    text = "A,B,C,D,E,F,email,Notes\nAda,Byron,12345,x,gone,f,a@a.test,n\n"
    said, [lead] = mapped(text, *(f"--map={each}" for each in options))
    assert (lead["name"], lead["notes"]) == ("Ada Byron", "f")
    # A field that the user maps comes from its columns only, and texts stay texts.
    assert lead["custom"] == {"Notes": "n", "Zip": "12345", "a=b": "x"}
    assert "Left out, as you say: E." in said


def test_several_columns_mapped_to_notes_are_joined(mapped):
    options = ("--map", "A=notes", "--map", "B=notes", "--map", "C=notes")
    _, leads = mapped("A,B,C,name,email\none,,two,Ada,a@a.test\n,,one,Bo,b@a.test\n", *options)
    assert [lead["notes"] for lead in leads] == ["A: one\nC: two", "one"]


def test_target_that_is_none_is_refused(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("a,email\n1,a@a.test\n")
    for target in ("custom", "custom.", "custom.\x07", "middle name"):
        done = invoke(
            "import", "leads", file, "--database", tmp_path / "x.db", "--map", f"a={target}"
        )
        assert done.returncode == 1
        assert "The fields are: name, email" in done.stderr
        assert "first name, last name, status reason, lifecycle, custom.NAME." in done.stderr


def test_email_mapped_to_the_name_too_is_kept_once(mapped):
    text = "Email Address,First Name,Last Name\na@a.test,Ada,Byron\nb@a.test,,\n"
    _, leads = mapped(text, "--map", "Email Address=email", "--map", "Email Address=name")
    assert [(lead["name"], lead["custom"]) for lead in leads] == [
        ("Ada Byron", {}),
        ("b@a.test", {}),
    ]


def test_words_that_forbid_contact_are_kept_and_counted(take, leadbook, tmp_path):
    text = "name,email,Lead Status\nA,a@a.test,Do not contact\nB,b@a.test,Unsubscribed\nC,c@a.test,New\n"
    report = take(text)
    assert report["optedOut"] == 2
    assert report["notUnderstood"]["status"] == {}
    assert customs(leadbook) == [
        {"Lead Status": "Do not contact"}, {"Lead Status": "Unsubscribed"}, {},
    ]  # fmt: skip
    file = tmp_path / "file.csv"
    file.write_text(text)
    done = invoke("import", "leads", file, "--database", tmp_path / "x.db", "--dry-run")
    assert (
        "2 rows say that the person must not be contacted: Lead Status (2, such as line 2). "
        "custom keeps the words."
    ) in done.stdout


def test_status_words_that_do_not_decide_are_kept(take, leadbook):
    rows = ("Open,Bad Timing,Lead", "Open,Zorbing,Customer", ",,Customer", "New,,", "Zorbing,,")
    text = "".join(f"A,a{n}@a.test,{each}\n" for n, each in enumerate(rows))
    report = take(f"name,email,Status,Status Reason,Lifecycle Stage\n{text}")
    assert [lead["status"] for lead in leadbook.leads()] == [
        "contacted", "new", "won", "new", "new",
    ]  # fmt: skip
    assert customs(leadbook) == [
        {"Lifecycle Stage": "Lead", "Status": "Open"},
        {"Lifecycle Stage": "Customer", "Status Reason": "Zorbing"},
        {}, {}, {"Status": "Zorbing"},
    ]  # fmt: skip
    assert report["notUnderstood"]["status"] == {"Zorbing": 2}


def test_user_explains_words_of_all_status_columns(mapped):
    text = "name,email,Status,Lifecycle Stage\nA,a@a.test,Zorbing,\nB,b@a.test,,Odd Stage\n"
    options = ("--value", "status:Zorbing=lost", "--value", "status:Odd Stage=qualified")
    said, leads = mapped(text, *options)
    assert [(lead["status"], lead["custom"]) for lead in leads] == [("lost", {}), ("qualified", {})]
    assert "Not understood" not in said


def test_summary_says_where_each_column_went(tmp_path):
    columns = ",".join(f"c{n:02}" for n in range(51))
    file = tmp_path / "file.csv"
    file.write_text(
        f"name,email,Tag,{columns},gone\nAda,a@a.test,{',x' * 51},1\nBo,b@a.test{',x' * 52},\n"
    )
    done = invoke("import", "leads", file, "--database", tmp_path / "x.db", "--map", "gone=")
    kept = ", ".join(f"c{n:02}" for n in range(50))
    assert f"  custom <- {kept}\n" in done.stdout
    assert "Left out, as you say: gone." in done.stdout
    assert (
        "Left out, since a record has at most 50 entries in custom, and these columns have fewer "
        "cells with something in them: Tag, c50.\n" in done.stdout
    )


def test_empty_columns_are_told_apart(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("name,email,Tag,Page\nAda,a@a.test,,x\nBo,b@a.test,N/A,\n")
    done = invoke("import", "leads", file, "--database", tmp_path / "x.db")
    assert "  custom <- Page\nEmpty: Tag.\n" in done.stdout


def test_continued_import_tells_all_columns(take):
    text = "name,email,Tag,Page\nAda,a@a.test,1,\nBo,b@a.test,,2\n"
    assert take(text, fromLine=3)["custom"] == ["Page"]


def test_hostile_number_of_keys_takes_linear_time(take, leadbook):
    rows = [{"name": "A", "email": f"a{n}@a.test", f"k{n}": 1} for n in range(2_000)]
    report = take(lines(*rows), media_type=JSON)
    assert (report["created"], len(report["custom"]), len(report["leftOut"])) == (2_000, 50, 1_000)


@pytest.mark.parametrize("cell", ["x" * 1_001, "x" * 200_000])
def test_long_text_is_cut_and_counted(take, leadbook, cell):
    report = take(f"name,email,page\nAda,a@a.test,{cell}\n")
    assert customs(leadbook) == [{"page": "x" * 1_000}]
    assert report["adjusted"] == {"custom": {"cut": 1}}

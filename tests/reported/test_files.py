"""Imports and exports, with the files that people have."""

import csv
import io
import json

import pytest

TWO = "name,email\nAda,ada@b.example\nBob,bob@b.example\n"


@pytest.fixture
def load(ask):
    """Return a function that imports a text or bytes, and returns the answer."""

    def load(text, kind="leads", media_type="text/csv", query=""):
        data = text if isinstance(text, bytes) else text.encode()
        return ask("POST", f"/{kind}/import{query}", data=data, Content_Type=media_type)

    return load


@pytest.fixture
def export(ask):
    """Return a function that exports all records as a list of rows by their headers."""

    def export(kind="leads"):
        text = ask("GET", f"/{kind}/export").body.decode()
        return [*csv.DictReader(io.StringIO(text, newline=""))]

    return export


@pytest.mark.parametrize(
    ("content", "names"),
    [
        pytest.param("\ufeff" + TWO, ["Ada", "Bob"], id="frappe/frappe#22151"),
        pytest.param(
            '\ufeff"name","email"\n"Ada","a@b.example"\n', ["Ada"], id="pandas-dev/pandas#4793"
        ),
        pytest.param(
            "name;email\nJürgen Müßig;a@b.example\n".encode("cp1252"),
            ["Jürgen Müßig"],
            id="grokability/snipe-it#16518",
        ),
        pytest.param(
            "name,email\nAdolesCiência,a@b.example\n",
            ["AdolesCiência"],
            id="SuiteCRM/SuiteCRM#6442",
        ),
        pytest.param(TWO.replace(",", ";"), ["Ada", "Bob"], id="oroinc/crm#96"),
        pytest.param(
            TWO.replace(",", "\t").encode("utf-16"), ["Ada", "Bob"], id="oroinc/platform#85"
        ),
        pytest.param(
            'name,email,notes\n"Ada",a@b.example,"one\r\ntwo"\nBob,b@b.example,"x"\n',
            ["Ada", "Bob"],
            id="mholt/PapaParse#344",
        ),
        pytest.param(
            'name,email,notes\r\nAda,a@b.example,"one ""two""\n\nthree"\r\nBob,b@b.example,\r\n',
            ["Ada", "Bob"],
            id="mholt/PapaParse#457",
        ),
        pytest.param("\n" + TWO + "\n,\n\n", ["Ada", "Bob"], id="xibosignage/xibo#3456"),
        pytest.param(TWO.replace("\n", "\r\n") + "\r\n", ["Ada", "Bob"], id="modmore/importX#33"),
        pytest.param(
            '"job\rtitle","email",name\nx,a@b.example,Ada\n', ["Ada"], id="mholt/PapaParse#252"
        ),
    ],
)
def test_file_of_a_common_tool_is_read_as_it_was_meant(ask, load, content, names):
    report = load(content).json
    assert (report["created"], report["rejected"]) == (len(names), 0)
    assert sorted(ask("GET", "/leads").names) == names


def test_column_that_is_there_twice_is_not_lost(ask, load):
    """mholt/PapaParse#129, C2FO/fast-csv#276: the last of equal columns replaced the others."""
    load("name,email,company,company\nAda,a@b.example,one,two\n")
    [lead] = ask("GET", "/leads").json["data"]
    assert (lead["company"], lead["custom"]) == ("one", {"company 2": "two"})


def test_long_cell_of_a_column_without_a_field_rejects_no_row(load):
    """simonw/sqlite-utils#227: rows may be longer than the reader of CSV allows for a cell."""
    report = load(f"name,email,page\nAda,a@b.example,{'x' * 140_000}\n").json
    assert (report["created"], report["adjusted"]) == (1, {"custom": {"cut": 1}})


def test_nul_byte_in_a_cell_costs_no_row(ask, load):
    """gbif/ipt#1055: a row with such a byte was lost."""
    report = load(TWO.replace("Ada", "A\0da")).json
    assert (report["created"], report["adjusted"]) == (2, {"name": {"characters": 1}})
    assert sorted(ask("GET", "/leads").names) == ["Ada", "Bob"]


@pytest.mark.parametrize(
    ("row", "line", "word"),
    [
        pytest.param("Eve,e@b.example,more", 2, "cells", id="simonw/sqlite-utils#440"),
        pytest.param("Eve,nobody", 2, "email", id="roundcube/roundcubemail#9591"),
        pytest.param("Eve," + "x" * 140_000, 2, "", id="simonw/sqlite-utils#229"),
        pytest.param('Eve,"e@b.example', 2, "", id="mholt/PapaParse#1055"),
    ],
)
def test_bad_row_is_told_with_its_line_and_stops_no_other(ask, load, row, line, word):
    report = load(TWO.replace("\n", f"\n{row}\n", 1)).json
    assert (report["created"], report["rejected"]) == (2, 1)
    [reject] = report["rejects"]
    assert reject["line"] == line
    assert word in reject["reason"]
    assert sorted(ask("GET", "/leads").names) == ["Ada", "Bob"]


@pytest.mark.parametrize(
    ("content", "word"),
    [
        pytest.param(b"PK\x03\x04" + bytes(100), "xlsx", id="mindsdb/mindshub#4912"),
        pytest.param(b"", "empty", id="BoltTranslate/labels#5"),
        pytest.param(b"a,b\n1,2\n", "e-mail", id="xhqiao89/hydroserverlite_test#57"),
        pytest.param(b"[{}]", "JSON", id="quadratichq/quadratic#570"),
    ],
)
def test_file_of_another_kind_is_refused_in_words(ask, load, content, word):
    refused = load(content)
    assert refused.status == 400
    assert word in refused.faults["body"]
    assert ask("GET", "/leads").json["data"] == []


def test_date_that_can_be_read_in_two_ways_is_not_guessed(ask, load):
    """dannymcc/may#250: the first of December became the twelfth of January."""
    rows = [
        "Ada,a@b.example,12/01/2024",
        "Bob,b@b.example,31/12/2024",
        "Eve,e@b.example,12/31/2024",
    ]
    report = load("name,email,created\n" + "\n".join(rows)).json
    assert report["notUnderstood"]["createdAt"] == {"12/01/2024": 1}
    dates = {each["name"]: each["createdAt"][:10] for each in ask("GET", "/leads").json["data"]}
    assert dates["Ada"] not in ("2024-01-12", "2024-12-01")
    assert dates["Bob"] == dates["Eve"] == "2024-12-31"


def test_date_that_there_is_not_becomes_no_other(ask, load):
    """espocrm/espocrm#2904: the thirtieth month was carried over into the next years."""
    report = load("name,email,created\nAda,a@b.example,2024-30-07\n").json
    assert report["notUnderstood"]["createdAt"] == {"2024-30-07": 1}
    assert ask("GET", "/leads").json["data"][0]["createdAt"] > "2025-06"


@pytest.mark.parametrize(
    "phone",
    [
        pytest.param("0444123456", id="SpartnerNL/Laravel-Excel#300"),
        pytest.param("+44 20 7946 0001", id="iris-connect/iris-client#443"),
        pytest.param("00353123", id="yajra/laravel-datatables#2985"),
        pytest.param("073 090 7665", id="mautic/mautic#890"),
    ],
)
def test_phone_numbers_stay_texts(ask, load, phone):
    load(f"name,email,phone\nAda,a@b.example,{phone}\n")
    assert ask("GET", "/leads").json["data"][0]["phone"] == phone


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("=cmd|' /C calc'!A0", id="hhurz/tableExport.jquery.plugin#230"),
        pytest.param("+1+1", id="utksh1/SecuScan#1847"),
        pytest.param("@SUM(A1)", id="getagentseal/codeburn#22"),
        pytest.param("-2+3", id="DestinyItemManager/DIM#11824"),
        pytest.param('a,"=1+1",b', id="iota-uz/iota-sdk#1080"),
    ],
)
def test_no_cell_of_an_export_is_a_formula(post, export, cell):
    post(name=cell)
    [row] = export()
    assert row["name"] != cell or not cell.startswith(("=", "+", "-", "@"))
    assert not any(value.startswith(("=", "+", "-", "@")) for value in row.values())


def test_export_has_all_records_and_not_a_page(leadbook, export):
    """directus/directus#4244: an export ended after the hundred records of a page."""
    leadbook.seed(leads=130, clients=0)
    assert len({row["id"] for row in export()}) == 130


def test_own_export_comes_back_as_it_was(ask, leadbook, load):
    """seven1m/onebody#615, YetiForceCompany/YetiForceCRM#8977: own files came back with losses."""
    leadbook.add_lead(name="=1+1; Jiří", phone="'+1", notes='a "b"\nc\\', score=5, status="won")
    leadbook.add_lead(name='\'Łukasz, "x"', company="Ł & Söhne")
    leads, file = leadbook.leads(), ask("GET", "/leads/export").body
    leadbook.reset()
    assert load(file).json["created"] == 2
    assert leadbook.leads() == leads
    assert ask("GET", "/leads/export").body == file


def test_own_export_of_an_older_version_keeps_ids_and_times(ask, leadbook, load, export):
    """YetiForceCompany/YetiForceCRM#12136: a newer version did not know its own export."""
    leadbook.add_lead(name="=1+1", score=7)
    [row], [lead] = export(), leadbook.leads()
    kept = [name for name in row if name not in ("source", "convertedAt")]
    leadbook.reset()
    leadbook.clock.advance("1h")
    lines = [",".join(kept), ",".join(row[name] for name in kept)]
    assert load("\n".join(lines)).json["created"] == 1
    assert leadbook.leads() == [lead]


def test_lines_of_json_are_refused_one_by_one(ask, load):
    """simonw/sqlite-utils#229: a file stopped at the first line that was wrong."""
    lines = ['{"name": "Ada", "email": "a@b.example"}', "{bad", "[1]", '{"name": "Bob"}']
    report = load("\n".join(lines), media_type="application/x-ndjson").json
    assert (report["created"], report["rejected"]) == (1, 3)
    assert [reject["line"] for reject in report["rejects"]] == [2, 3, 4]


def test_dry_run_changes_nothing(ask, load):
    """mevdschee/php-crud-api#744: a trial left rows behind."""
    report = load(TWO, query="?dryRun=true").json
    assert (report["dryRun"], report["created"]) == (True, 2)
    assert json.loads(ask("GET", "/leads").body)["data"] == []

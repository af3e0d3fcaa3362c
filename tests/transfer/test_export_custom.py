"""Custom fields in exports: a column for each name in use, and types that an import can tell."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadbook.storage.custom_values import as_cell, checked_number, of_cell
from leadbook.transfer import exporting
from leadbook.transfer.values import formulas

TEXTS = st.one_of(
    st.text(min_size=1, max_size=30),
    st.text("0123456789-+.eE\"'=truefals\\ ", min_size=1, max_size=12),
    st.sampled_from(['"', '"x', '"x"', "'", "true", "false", "-5", "05", "1e5", "1e999", "' x"]),
)
NUMBERS = st.one_of(
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(-(2**53) + 1, 2**53 - 1).map(checked_number),
)
VALUES = st.one_of(TEXTS, NUMBERS, st.booleans())


def header_of(answer):
    return next(csv.reader(io.StringIO(answer.text, newline="")))


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@given(VALUES)
def test_cell_tells_its_type(value):
    read = of_cell(as_cell(value))
    assert (read, type(read)) == (value, type(value))


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_guards_of_a_spreadsheet_change_no_value(values):
    written = [exporting._entry(value) for value in values]
    lines = exporting._csv([tuple(written)]).decode()
    [cells] = csv.reader(io.StringIO(lines, newline=""))
    # A file is read with newline="", so only a lone carriage return would be another line.
    read = [of_cell(formulas.without_guards(cell)) for cell in cells]
    assert [(each, type(each)) for each in read] == [(each, type(each)) for each in values]


def test_each_name_in_use_has_a_column(leadbook, kind):
    add = leadbook.add_lead if kind == "leads" else leadbook.add_client
    url = f"/{kind}/export"
    add(name="Mara Quill")
    plain = header_of(leadbook.client.get(url))
    assert not any(name.startswith("custom") for name in plain)
    add(name="Odd Two", custom={"Region": "North", "Seats": 12, "VIP": True, "size": "12"})
    add(name="Pip Tree", custom={"region": "=South", "a,b": "x"})
    answer = leadbook.client.get(url)
    names = ["Region", "Seats", "VIP", "a,b", "region", "size"]
    assert header_of(answer) == [*plain, *(f"custom.{name}" for name in names)]
    cells = [[row[f"custom.{name}"] for name in names] for row in rows_of(answer)]
    assert cells == [
        ["", "", "", "", "", ""],
        ["North", "12", "true", "", "", '"12"'],
        ["", "", "", "x", "'=South", ""],
    ]


def test_names_that_the_filters_exclude_have_no_column(leadbook):
    leadbook.add_lead(custom={"Kept": 1}, status="won")
    leadbook.add_lead(custom={"Other": 1}, status="new")
    header = header_of(leadbook.client.get("/leads/export?status=won"))
    assert [name for name in header if name.startswith("custom.")] == ["custom.Kept"]


def test_json_lines_have_the_object(leadbook):
    leadbook.add_lead(custom={"Seats": 12, "VIP": False})
    exported = leadbook.client.get("/leads/export?format=jsonl").text
    assert json.loads(exported)["custom"] == {"Seats": 12, "VIP": False}


def test_too_many_names_for_csv_are_one_clear_error(leadbook, monkeypatch):
    monkeypatch.setattr(exporting, "_MOST_COLUMNS", 3)
    leadbook.add_lead(custom={str(number): number for number in range(4)})
    answer = leadbook.client.get("/leads/export")
    assert answer.status_code == 400
    [detail] = answer.json["error"]["details"]
    assert detail["field"] == "format"
    assert "export JSON Lines" in detail["message"]
    assert leadbook.client.get("/leads/export?format=jsonl").status_code == 200


@pytest.fixture(params=["leads", "clients"])
def kind(request):
    return request.param


def test_names_that_need_a_guard_come_back(leadbook):
    lead = leadbook.add_lead(custom={"x;=1": "0", "a,-b": True, "plain": 1})
    file = leadbook.client.get("/leads/export").get_data()
    leadbook.reset()
    leadbook.client.post("/leads/import", data=file, content_type="text/csv")
    assert leadbook.leads() == [lead]

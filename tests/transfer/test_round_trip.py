"""What is exported, imported and exported again is the same, byte for byte."""

import csv
import io
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadbook.testing import running_server

PEOPLE = ("leads", "clients")
TEXT = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
        st.sampled_from("=+-@'\",;\\| "),
    ),
    min_size=1,
    max_size=30,
)  # fmt: skip


NOTES = st.lists(
    st.one_of(TEXT, st.sampled_from(["\n", "\t", "'", '"', "=", "-"])), max_size=8
).map("".join)


# Any text may be a name; what is refused is seen by the answer.
NAMES = st.one_of(
    TEXT.map(lambda text: text[:20]),
    st.sampled_from(["Region", "region", "name", "custom.x", "a.b", 'a"b', "=1", "x;=1", "Ärger"]),
)
CUSTOM = st.dictionaries(
    NAMES,
    st.one_of(
        NOTES,
        st.text("0123456789-+.eE\"'truefals ", max_size=12),
        st.integers(-(2**53) + 1, 2**53 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def server():
    with running_server() as leadbook:
        yield leadbook


@pytest.mark.long
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"name": TEXT, "phone": TEXT, "company": TEXT, "notes": NOTES, "custom": CUSTOM}
        ),
        min_size=1,
        max_size=8,
    )
)
def test_round_trip_is_byte_identical(server, rows):
    server.reset()
    client = server.client
    for number, row in enumerate(rows):
        for kind in PEOPLE:
            body = row | {"email": f"'=+{number}@a.test"}
            # Some of what is drawn is refused, such as a name of spaces.
            made = client.post(f"/{kind}", json=body)
            assert made.status_code in (201, 400)
    for number, lead in enumerate(server.leads()):
        if number % 3 == 0:
            client.post(f"/leads/{lead['id']}/convert?onDuplicate=link")
    if clients := server.clients():
        client.delete(f"/clients/{clients[0]['id']}")
    # As JSON text, in which 1, 1.0 and true differ.
    listed = json.dumps([server.leads(), server.clients(status="all")])
    files = {
        (kind, kept): client.get(f"/{kind}/export?format={kept}")
        for kind in PEOPLE
        for kept in ("csv", "jsonl")
    }
    for kept in ("csv", "jsonl"):
        server.reset()
        for kind in PEOPLE:
            file = files[kind, kept]
            has_rows = bool(files[kind, "jsonl"].get_data())
            taken = client.post(f"/{kind}/import", data=file.get_data(), content_type=file.mimetype)
            assert taken.status_code == (200 if has_rows else 400), taken.json
            assert not has_rows or taken.json["rejects"] == []
        assert json.dumps([server.leads(), server.clients(status="all")]) == listed
        for (kind, format_), file in files.items():
            again = client.get(f"/{kind}/export?format={format_}")
            assert again.get_data() == file.get_data()


CELLS = [
    "x;=1+1", "x|@SUM(1)", "x,-1", "x;' =1", "x;'=1", "x; \"=1", "=1;=2", "'=x", "' x", "' x;=1", "x;''=1", "a;b",
    "x;+1;+2", ";;=1", "a; b", 'say "x;=1"', "-", "x,'y", "x;=1,'y",
    # As some languages write them.
    "\uff1d1", "\uff0b1", "\uff0d1", "\uff20SUM(1)", "'\uff1d1", "x;\uff1d1", "x, \uff20A", "\uff411", "\uff0c",
]  # fmt: skip
NOTED = ["x\t=1", "x\n=1+1", "a\n- b\n- c", "x\t\t'=1", "x;\t=1"]


def test_no_separator_makes_a_formula_of_a_cell(server):
    server.reset()
    for text in CELLS:
        server.add_lead(name=text, notes=text)
    for text in NOTED:
        server.add_lead(notes=text)
    leads = server.leads()
    assert {each["name"] for each in leads} >= set(CELLS)
    assert {each["notes"] for each in leads} >= {*CELLS, *NOTED}
    file = server.client.get("/leads/export").get_data()
    for cell in re.split(r"[,;|\t\r\n]", file.decode()):
        assert cell.strip('" ')[:1] not in tuple("=+-@\uff1d\uff0b\uff0d\uff20"), cell
    for row in csv.reader(io.StringIO(file.decode(), newline="")):
        for cell in row:
            assert f'"{cell}"' in file.decode() or not re.search("[,;|\t\n]", cell) or '"' in cell
    server.reset()
    taken = server.client.post("/leads/import", data=file, content_type="text/csv")
    assert taken.json["created"] == len(leads)
    assert server.leads() == leads


def test_file_of_the_version_before_is_taken_as_it_was(server):
    server.reset()
    lead = server.add_lead(name="x", notes="y")
    header, row = server.client.get("/leads/export").text.splitlines()
    server.reset()
    # What it wrote guarded only the beginning.
    names = {"x;'=1": "x;'=1", "'=1;'=2": "=1;'=2", "''x": "'x"}
    for number, (written, meant) in enumerate(names.items()):
        lead_id = f"{lead['id'][:-4]}{number:04}"
        line = row.replace(lead["id"], lead_id).replace(",x,", f',"{written}",')
        taken = server.client.post(
            "/leads/import", data=f"{header}\r\n{line}\r\n", content_type="text/csv"
        )
        assert taken.json["created"] == 1, taken.json
        assert server.client.get(f"/leads/{lead_id}").json["name"] == meant

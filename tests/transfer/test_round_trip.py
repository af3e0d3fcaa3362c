"""What is exported, imported and exported again is the same, byte for byte."""

import csv
import io
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transfers import KINDS, exported_by, import_into

from leadbook.testing import running_server

PEOPLE = KINDS[:2]
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


# What belongs to somebody; `of` says to whom, and `then` is a change.
TAGS = st.lists(TEXT, max_size=3)
FOLLOW_UPS = st.fixed_dictionaries(
    {
        "of": st.integers(0, 20),
        "subject": TEXT,
        "notes": NOTES,
        "outcome": TEXT,
        "assignee": TEXT,
        "type": st.sampled_from(["call", "email", "meeting", "task"]),
        "status": st.sampled_from(["open", "done", "cancelled"]),
        "dueAt": st.sampled_from(["2020-02-29T10:00:00+05:30", "2030-01-01T00:00:00.001Z"]),
    }
)
TICKETS = st.fixed_dictionaries(
    {
        "of": st.integers(0, 20),
        "subject": TEXT,
        "description": NOTES,
        "assignee": TEXT,
        "tags": TAGS,
        "priority": st.sampled_from(["low", "normal", "high", "urgent"]),
        "then": st.sampled_from(["open", "pending", "resolved", "closed"]),
        "comments": st.lists(
            st.fixed_dictionaries({"text": TEXT, "author": TEXT, "internal": st.booleans()}),
            max_size=3,
        ),
    }
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
    ),
    follow_ups=st.lists(FOLLOW_UPS, max_size=4),
    tickets=st.lists(TICKETS, max_size=4),
)
def test_round_trip_is_byte_identical(server, rows, follow_ups, tickets):
    server.reset()
    client = server.client
    for number, row in enumerate(rows):
        for kind in PEOPLE:
            body = row | {"email": f"'=+{number}@a.test"}
            # Some of what is drawn is refused, such as a name of spaces.
            made = client.post(f"/{kind}", json=body)
            assert made.status_code in (201, 400)
    add_belongings(server, follow_ups, tickets)
    for number, lead in enumerate(server.leads()):
        if number % 3 == 0:
            client.post(f"/leads/{lead['id']}/convert?onDuplicate=link")
    if clients := server.clients():
        client.delete(f"/clients/{clients[0]['id']}")
    listed = lists(server)
    files = {
        (kind, kept): exported_by(server, kind, kept) for kind in KINDS for kept in ("csv", "jsonl")
    }
    for kept in ("csv", "jsonl"):
        server.reset()
        for kind in KINDS:
            # A file without rows is refused.
            if files[kind, "jsonl"]:
                assert import_into(server, kind, files[kind, kept], kept)["rejects"] == []
        assert lists(server) == listed
        for (kind, format_), file in files.items():
            assert exported_by(server, kind, format_) == file


def add_belongings(server, follow_ups, tickets):
    """Add what was drawn, as far as it is not refused."""
    people = [{"leadId": each["id"]} for each in server.leads()]
    people += [{"clientId": each["id"]} for each in server.clients()]

    def post(path, body):
        made = server.client.post(path, json=body)
        assert made.status_code in (201, 400), made.json
        return made.json if made.status_code == 201 else None

    for body in follow_ups if people else ():
        post("/follow-ups", without(body, "of") | people[body["of"] % len(people)])
    for body in tickets:
        person = ([*people, {}])[body["of"] % (len(people) + 1)]
        if made := post("/tickets", without(body, "of", "then", "comments") | person):
            path = f"/tickets/{made['id']}"
            for comment in body["comments"]:
                post(f"{path}/comments", comment)
            assert server.client.put(path, json={"status": body["then"]}).status_code == 200


def without(body, *names):
    return {name: each for name, each in body.items() if name not in names}


def lists(server):
    """Return what all lists show, as JSON text, in which 1, 1.0 and true differ."""
    paths = ["/leads", "/clients?status=all", "/follow-ups", "/tickets"]
    found = [server.client.get(path).json["data"] for path in paths]
    comments = [server.client.get(f"/tickets/{each['id']}/comments").json for each in found[-1]]
    return json.dumps([found, comments])


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

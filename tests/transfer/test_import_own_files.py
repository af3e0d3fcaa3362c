"""Files that Leadbook has written, read again: nothing is lost, and nothing doubled."""

import pytest
from reports import counts, created


def test_own_rows_keep_all_they_have(take, leadbook):
    lead = leadbook.add_lead(name="'Ada", phone="+44 1", notes="-1\nsecond, line", company="=1+1")
    leadbook.client.post(f"/leads/{lead['id']}/convert")
    leadbook.client.put(f"/leads/{lead['id']}", json={"source": "@home", "score": 7})
    archived = leadbook.add_client(email="x@a.test")
    leadbook.client.delete(f"/clients/{archived['id']}")
    for kept in ("csv", "jsonl"):
        before = leadbook.leads(), leadbook.clients(status="all")
        files = {
            kind: leadbook.client.get(f"/{kind}/export?format={kept}")
            for kind in ("leads", "clients")
        }
        leadbook.reset()
        for kind, file in files.items():
            report = take(file.get_data(), kind, file.mimetype)
            assert report["rejects"] == []
            assert report["leftOut"] == []
        assert (leadbook.leads(), leadbook.clients(status="all")) == before
        for kind, file in files.items():
            again = leadbook.client.get(f"/{kind}/export?format={kept}")
            assert again.get_data() == file.get_data()


def test_own_rows_are_told_by_their_ids(take, leadbook):
    leadbook.add_lead(email="same@a.test")
    leadbook.add_lead(email="same@a.test", name="Second")
    file = leadbook.client.get("/leads/export").get_data()
    assert counts(take(file, onDuplicate="skip")) == created(0, skipped=2)
    assert counts(take(file)) == created(0, rejected=2)
    leadbook.client.delete(f"/leads/{leadbook.leads()[0]['id']}")
    assert counts(take(file, onDuplicate="skip")) == created(1, skipped=1)
    changed = file.replace(b"Second", b"Changed")
    assert counts(take(changed, onDuplicate="update")) == created(0, updated=2)
    assert {lead["name"] for lead in leadbook.leads()} == {"Ada Byron 1", "Changed"}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("id", "", "id: Must not be empty."), ("id", "7", "id: Must be an id"), ("version", "0", "version: Must"),
        ("createdAt", "yesterday", "createdAt: Must be a time"), ("status", "", "status: Must not be empty."),
        ("clientId", "0199a065-da0b-7000-8ee3-ea8637f8a88b", "clientId: Must be given together"), ("status", "bought", "status: Must be one of"),
    ],
)  # fmt: skip
def test_own_row_that_contradicts_itself_is_rejected(take, leadbook, field, value, reason):
    leadbook.add_lead()
    header, row = leadbook.client.get("/leads/export").text.splitlines()
    cells = row.split(",")
    cells[header.split(",").index(field)] = value
    leadbook.reset()
    report = take(f"{header}\n{','.join(cells)}\n")
    assert counts(report) == created(0, rejected=1)
    assert reason in report["rejects"][0]["reason"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("gone", "status: Must be one of: active, archived."),
        ("", "status: Must not be empty."),
        ("archived", "archivedAt: Must be given if the status is archived, and only then."),
    ],
)
def test_own_client_whose_status_cannot_be_is_rejected(take, leadbook, status, reason):
    leadbook.add_client()
    header, row = leadbook.client.get("/clients/export").text.splitlines()
    cells = row.split(",")
    cells[header.split(",").index("status")] = status
    leadbook.reset()
    report = take(f"{header}\n{','.join(cells)}\n", "clients")
    assert counts(report) == created(0, rejected=1)
    assert reason in report["rejects"][0]["reason"]
    assert leadbook.clients(status="all") == []


def own(leadbook, kind, **changes):
    """Return our export of a kind, in which some texts are replaced."""
    text = leadbook.client.get(f"/{kind}/export").text
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_address_that_an_update_leaves_is_free_for_the_next_row(take, leadbook):
    first = leadbook.add_client(name="First", email="a@a.test")
    second = leadbook.add_client(name="Second", email="b@a.test")
    text = leadbook.client.get("/clients/export").text
    moved = text.replace("a@a.test", "c@a.test").replace("b@a.test", "a@a.test")
    leadbook.client.delete(f"/clients/{second['id']}?permanent=true")
    assert counts(take(moved, "clients", onDuplicate="update")) == created(1, updated=1)
    emails = {each["id"]: each["email"] for each in leadbook.clients()}
    assert emails == {first["id"]: "c@a.test", second["id"]: "a@a.test"}


def test_address_that_an_update_takes_is_taken_for_the_next_row(take, leadbook):
    first = leadbook.add_client(name="First", email="a@a.test")
    second = leadbook.add_client(name="Second", email="b@a.test")
    text = leadbook.client.get("/clients/export").text
    moved = text.replace("a@a.test", "b@a.test")
    leadbook.client.delete(f"/clients/{second['id']}?permanent=true")
    assert counts(take(moved, "clients", onDuplicate="update")) == created(0, updated=2)
    [left] = leadbook.clients()
    assert (left["id"], left["name"], left["email"]) == (first["id"], "Second", "b@a.test")

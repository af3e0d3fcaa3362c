"""Rows whose address is there already."""

import pytest
from command import exported, invoke
from reports import HEADER, counts, created

from leadbook.transfer import importing

WAYS = {
    "leads": ("create", "skip", "update", "reject"),
    "clients": ("reject", "skip", "update"),
}


@pytest.mark.parametrize(
    ("on_duplicate", "expected", "names"),
    [
        ("create", created(3), ["Old", "Ada", "B", "Ada again"]),
        ("skip", created(1, skipped=2), ["Old", "B"]),
        ("update", created(1, updated=2), ["Ada again", "B"]),
        ("reject", created(1, rejected=2), ["Old", "B"]),
    ],
)
def test_duplicates_of_leads(take, leadbook, on_duplicate, expected, names):
    leadbook.add_lead(name="Old", email="ada@a.test", status="lost")
    text = "name,email,phone\nAda,ADA@a.test,1\nB,b@a.test,\nAda again,ada@A.test,\n"
    assert counts(take(text, onDuplicate=on_duplicate)) == expected
    assert [lead["name"] for lead in leadbook.leads()] == names


@pytest.mark.parametrize(
    ("on_duplicate", "expected"),
    [
        (None, created(1, rejected=2)), ("reject", created(1, rejected=2)), ("skip", created(1, skipped=2)),
        ("update", created(1, updated=2)),
    ],
)  # fmt: skip
def test_duplicates_of_clients(take, leadbook, on_duplicate, expected):
    leadbook.add_client(email="ada@a.test", phone="0")
    archived = leadbook.add_client(email="b@a.test")
    leadbook.client.delete(f"/clients/{archived['id']}")
    query = {"onDuplicate": on_duplicate} if on_duplicate else {}
    text = "name,email,phone\nAda,ADA@a.test,\nB,b@a.test,1\nB,B@a.test,2\n"
    report = take(text, "clients", **query)
    assert counts(report) == expected
    if expected["rejected"]:
        assert report["rejects"][0]["reason"] == "An active client has this e-mail address."
    phones = {each["email"].lower(): each["phone"] for each in leadbook.clients()}
    assert phones == {"ada@a.test": "0", "b@a.test": "2" if on_duplicate == "update" else "1"}


def test_clients_have_no_create(take):
    answer = take("name,email\nA,a@a.test\n", "clients", onDuplicate="create", status=400)
    [detail] = answer["error"]["details"]
    assert detail["message"] == (
        "Must be one of: reject, skip, update. Two active clients cannot have the same address."
    )


def test_update_leaves_what_the_row_does_not_fill(take, leadbook):
    leadbook.add_lead(email="ada@a.test", phone="1", status="qualified", score=50)
    take("name,email,phone,status\nAda,ada@a.test,,\n", onDuplicate="update")
    [lead] = leadbook.leads()
    assert (lead["name"], lead["phone"], lead["status"], lead["score"]) == (
        "Ada",
        "1",
        "qualified",
        50,
    )


def test_row_that_a_rule_stands_against_is_rejected(take, leadbook):
    lead = leadbook.add_lead(email="ada@a.test")
    leadbook.client.post(f"/leads/{lead['id']}/convert")
    report = take(HEADER + "Ada,ada@a.test,lost\n", onDuplicate="update")
    assert report["rejects"][0]["reason"] == "The status of a converted lead cannot be changed."


@pytest.mark.parametrize(
    ("kind", "on_duplicate"),
    [(model, each) for model in ("leads", "clients") for each in WAYS[model]],
)
def test_command_does_with_duplicates_what_the_call_does(
    take, leadbook, tmp_path, kind, on_duplicate
):
    text = "name,email,phone\nAda,a@a.test,1\nBob,b@a.test,\nEve,A@a.test,2\n"
    (tmp_path / "list.csv").write_text(text)
    where = ("--database", tmp_path / "new.db")
    done = invoke("import", kind, tmp_path / "list.csv", "--on-duplicate", on_duplicate, *where)
    assert done.returncode == (3 if on_duplicate == "reject" else 0)
    take(text, kind, onDuplicate=on_duplicate)
    same = [
        [(each["name"], each["email"], each["phone"]) for each in records]
        for records in (
            getattr(leadbook, kind)(),
            exported(tmp_path / "new.db", kind),
        )
    ]
    assert sorted(same[0], key=str) == sorted(same[1], key=str)


def test_changes_are_written_in_shorter_transactions(take, monkeypatch):
    put, sizes = importing.put, []

    def count(kind, on_duplicate, batch, adjustments):
        sizes.append(len(batch))
        return put(kind, on_duplicate, batch, adjustments)

    monkeypatch.setattr(importing, "put", count)
    text = "name,email\n" + "".join(f"A,a{number}@a.test\n" for number in range(2_500))
    assert take(text)["created"] == 2_500
    # Ten thousand changes took five seconds, after which all who wait to write give up.
    assert take("\n".join(text.split("\n")[:1_201]), onDuplicate="update")["rows"] == 1_200
    assert sizes == [1_000, 1_000, 500, *12 * [100]]

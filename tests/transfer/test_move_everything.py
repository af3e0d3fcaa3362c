"""A whole database, moved by its exports: people first, then what belongs to them."""

import pytest
from command import exported, invoke

from leadbook.models import Comment

KINDS = ("leads", "clients", "follow-ups", "tickets", "comments")
TAGS = [["a, b", "c"], ["=1", "x;=2", "[1]"], ["Ärger", 'say "x"', "'y"], ['["x"]'], []]


@pytest.fixture
def source(app, client, make_lead):
    """A database with follow-ups, tickets and comments in every state."""
    database = app.extensions["leadbook"]

    def make(path, expected=201, **fields):
        answer = client.post(path, json=fields)
        assert answer.status_code == expected, answer.json
        return answer.json

    leads = [make_lead(name=f"Lead {number}") for number in range(6)]
    for number, lead in enumerate(leads):
        for due in ("2026-03-01T09:00:00+01:00", "2030-03-01T09:00:00Z"):
            made = make("/follow-ups", leadId=lead["id"], subject=f"=Call, {number}", dueAt=due,
                        notes="a;\n=b", type="email", assignee="Grace")  # fmt: skip
        made = make(f"/follow-ups/{made['id']}/complete", 200, outcome="Yes")
        make("/follow-ups", leadId=lead["id"], subject="Off", dueAt=due, status="cancelled")
    converted = [make(f"/leads/{each['id']}/convert") for each in leads[:4]]
    for number, tags in enumerate(TAGS):
        ticket = make("/tickets", subject=f"Ticket {number}", tags=tags, priority="urgent",
                      clientId=converted[number % 4]["id"])  # fmt: skip
        for text in ("First", "a\n\n=b"):
            with database.use(), database.write():
                fields = {"ticket_id": ticket["id"], "text": text, "internal": text == "First"}
                Comment.create_from(fields)
        state = ("open", "pending", "resolved", "closed")[number % 4]
        assert client.put(f"/tickets/{ticket['id']}", json={"status": state}).status_code == 200
    make("/tickets", subject="Alone", requesterEmail="nobody@a.test")
    gone = make("/tickets", subject="Gone")
    assert client.delete(f"/tickets/{gone['id']}").status_code == 204
    assert client.delete(f"/clients/{converted[0]['id']}").status_code == 200
    assert client.delete(f"/clients/{converted[1]['id']}?permanent=true").status_code == 204
    assert client.delete(f"/leads/{leads[2]['id']}").status_code == 204
    return client


def export(path, kind, format_):
    done = invoke("export", kind, "--format", format_, "--database", path)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("format_", ["csv", "jsonl"])
def test_everything_is_the_same_after_a_move(source, path, tmp_path, format_):
    before = {kind: export(path, kind, format_) for kind in KINDS}
    moved = tmp_path / "moved.db"
    for kind, text in before.items():
        file = tmp_path / f"{kind}.{format_}"
        file.write_text(text, newline="")
        done = invoke("import", kind, file, "--database", moved)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "ids, versions" in done.stdout
    assert {kind: export(moved, kind, format_) for kind in KINDS} == before
    assert invoke("check", "--database", moved).returncode == 0
    assert len(exported(moved, "follow-ups", "--due", "overdue")) == len(
        exported(path, "follow-ups", "--due", "overdue")
    )

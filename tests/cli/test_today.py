"""`leadbook today`: what is overdue, what is due today, and who is without a plan."""

import json
import os
import subprocess

import pytest
import time_machine
from command import LEADBOOK, assert_refused, invoke

from leadbook.cli.tables import table, width_of
from leadbook.cli.today import machine_zone

# Clocks in Berlin go forward on this day: it has 23 hours, and ends at 22:00 in UTC.
NOW = "2026-03-29T10:00:00+00:00"


@pytest.fixture(autouse=True)
def in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")


@pytest.fixture
def post(client):
    def post(path, **body):
        answer = client.post(path, json=body)
        assert answer.status_code in (200, 201), answer.json
        return answer.json

    return post


@pytest.fixture
def plan(post):
    def plan(due, person, **fields):
        link = {"leadId" if "score" in person else "clientId": person["id"]}
        fields = {"subject": f"Due {due}", "dueAt": f"2026-{due}:00Z"} | fields
        return post("/follow-ups", **link, **fields)

    return plan


@pytest.fixture
def today(path):
    def today(*arguments):
        with time_machine.travel(NOW, tick=False):
            done = invoke("today", "--database", path, *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    return today


@pytest.fixture
def sections(today):
    """Return the subjects, and the names of the people without a plan."""

    def sections(*arguments):
        found = json.loads(today("--json", *arguments))
        due = [[each["subject"] for each in found[name]["data"]] for name in ("overdue", "today")]
        return *due, [each["name"] for each in found["withoutPlan"]["data"]]

    return sections


def test_sections_show_what_to_do(plan, sections, make_lead, make_client, client):
    lead, bought = make_lead(name="Ada"), make_client(name="Bo")
    plan("03-29T09:59", lead)
    plan("03-28T10:00", bought)
    plan("03-29T10:00", bought)
    plan("03-29T23:59", lead)
    plan("03-30T00:00", lead)
    plan("03-29T12:00", lead, status="done")
    plan("03-29T12:00", lead, status="cancelled")
    archived = make_client(name="Cy")
    plan("03-29T12:00", archived)
    client.delete(f"/clients/{archived['id']}")
    assert sections() == (
        ["Due 03-28T10:00", "Due 03-29T09:59"],
        ["Due 03-29T10:00", "Due 03-29T23:59"],
        [],
    )


def test_people_without_an_open_follow_up_are_without_a_plan(
    plan, sections, make_lead, make_client, client, post
):
    plan("03-29T12:00", make_lead(name="Planned"))
    plan("03-29T12:00", make_lead(name="Done"), status="done")
    make_client(name="Client")
    for status in ("contacted", "qualified", "won", "lost"):
        make_lead(name=status, status=status)
    converted = make_lead(name="Converted")
    post(f"/leads/{converted['id']}/convert")
    client.delete(f"/clients/{make_client(name='Archived')['id']}")
    assert sections()[2] == ["Done", "contacted", "qualified", "Client", "Converted"]


def test_day_is_that_of_the_time_zone(plan, sections, make_lead, monkeypatch):
    lead = make_lead()
    for due in ("03-29T21:59", "03-29T22:00", "03-30T01:00"):
        plan(due, lead)
    assert sections()[1] == ["Due 03-29T21:59", "Due 03-29T22:00"]
    assert sections("--time-zone", "Europe/Berlin")[1] == ["Due 03-29T21:59"]
    monkeypatch.setenv("TZ", "America/New_York")
    assert sections()[1] == ["Due 03-29T21:59", "Due 03-29T22:00", "Due 03-30T01:00"]


def test_assignee_is_found_in_any_case(plan, sections, make_lead):
    lead, _ = make_lead(), make_lead(name="Nobody's")
    plan("03-29T12:00", lead, assignee="Ærø", subject="Hers")
    plan("03-29T12:00", lead, assignee="Linus", subject="His")
    plan("03-29T12:00", lead, subject="Anybody's")
    assert sections("--assignee", "ÆRØ") == ([], ["Hers"], ["Nobody's"])
    assert sections("--assignee", "Grace") == ([], [], ["Nobody's"])


def test_follow_up_in_the_document_is_that_of_the_api(plan, today, make_lead, client, post):
    lead = make_lead(name="Ada", phone="+44 1")
    follow_up = plan("03-29T12:00", lead, assignee="Grace")
    found = json.loads(today("--json", "--assignee", "grace"))
    assert (found["at"], found["timeZone"], found["assignee"]) == (
        "2026-03-29T10:00:00.000Z", "UTC", "grace",
    )  # fmt: skip
    person = {name: lead[name] for name in ("id", "name", "email", "phone", "company")}
    assert found["today"] == {
        "total": 1,
        "data": [{**follow_up, "person": {"kind": "lead", **person}}],
    }
    made = post(f"/leads/{lead['id']}/convert", name="Eve")
    [shown] = json.loads(today("--json"))["today"]["data"]
    assert (shown["person"]["kind"], shown["person"]["id"]) == ("client", made["id"])
    assert shown["person"]["name"] == "Eve"


def test_table_is_aligned_and_says_how_many_more_there_are(plan, today, make_lead):
    for number in range(4):
        lead = make_lead(name=f"{'漢字' * number}Ada", phone="+44 1")
        plan("03-29T12:00", lead, type="call")
    for number in range(3):
        make_lead(name=f"Bo {number}", company="Looms")
    lines = today("--limit", "2", "--time-zone", "Europe/Berlin").splitlines()
    assert lines == [
        "2026-03-29 12:00 Europe/Berlin",
        "",
        "Overdue: none",
        "",
        "Today: 4",
        "DUE               TYPE  SUBJECT          PERSON   PHONE  ASSIGNEE",
        "2026-03-29 14:00  call  Due 03-29T12:00  Ada      +44 1  -",
        "2026-03-29 14:00  call  Due 03-29T12:00  漢字Ada  +44 1  -",
        "and 2 more",
        "",
        "Without a plan: 3",
        "KIND  NAME  COMPANY  E-MAIL             PHONE",
        "lead  Bo 0  Looms    ada4@engines.test  -",
        "lead  Bo 1  Looms    ada5@engines.test  -",
        "and 1 more",
    ]


def test_leads_and_clients_share_the_limit(sections, make_lead, make_client):
    for number in range(2):
        make_lead(name=f"Lead {number}")
        make_client(name=f"Client {number}")
    assert sections("--limit", "3")[2] == ["Lead 0", "Lead 1", "Client 0"]


def test_today_works_beside_a_running_server(server, path):
    lead = {"name": "Ødegård", "email": "a@engines.test"}
    _, lead = server.request("POST", "/leads", lead)
    due = {"leadId": lead["id"], "subject": "Ask", "dueAt": "2020-01-01T00:00:00Z"}
    server.request("POST", "/follow-ups", due)
    # A terminal without these characters changes no document.
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*LEADBOOK, "today", "--json", "--database", str(path)],
        capture_output=True, timeout=60, check=True, env=env,
    )  # fmt: skip
    [shown] = json.loads(done.stdout)["overdue"]["data"]
    assert shown["person"]["name"] == "Ødegård"


def test_missing_database_is_refused_and_not_made(path):
    assert_refused(invoke("today", "--database", path), "No such file")
    assert not path.exists()


def test_unknown_time_zone_is_refused(client, path):
    for zone in ("Mars", "", "../etc/passwd"):
        done = invoke("today", "--database", path, "--time-zone", zone)
        assert_refused(done, "is not a time zone")


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (":Europe/Berlin", "Europe/Berlin"),
        ("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"),
        ("CET-1CEST", "UTC"),
        ("", "UTC"),
    ],
)
def test_time_zone_of_the_machine_is_that_of_its_variable(monkeypatch, variable, name):
    monkeypatch.setenv("TZ", variable)
    assert machine_zone() == name


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("/var/db/timezone/zoneinfo/Asia/Tokyo", "Asia/Tokyo"),
        ("/etc/localtime", "UTC"),
    ],
)
def test_time_zone_of_the_machine_is_that_of_its_file(monkeypatch, target, name):
    monkeypatch.delenv("TZ")
    monkeypatch.setattr("os.path.realpath", lambda _: target)
    assert machine_zone() == name


def test_table_measures_what_a_terminal_shows():
    assert [width_of(each) for each in ("Ada", "漢字", "e\u0301", "ｱ", "\u200d")] == [3, 4, 1, 1, 0]
    assert list(table([["漢字漢字", "x"], ["a", None]], widest=6)) == ["漢字…  x", "a      -"]


def test_table_escapes_what_moves_the_cursor():
    assert list(table([["\x1b[2J", "\u202e"]])) == ["\\x1b[2J  \\u202e"]

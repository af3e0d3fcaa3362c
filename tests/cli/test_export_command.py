"""`leadbook export`: where it writes, and what."""

import json
import os
import subprocess
from contextlib import closing

from command import LEADBOOK, assert_refused, exported, invoke, run

from leadbook.models import RECORDS, Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database


def test_export_to_a_file_is_whole_and_overwrites_only_with_force(tmp_path, database, file):
    run("import", "leads", file, "--database", database)
    for name in ("out.csv", "out.jsonl"):
        out = tmp_path / name
        assert run("export", "leads", out, "--database", database).returncode == 0
        assert_refused(run("export", "leads", out, "--database", database), "--force overwrites it")
        assert run("export", "leads", out, "--database", database, "--force").returncode == 0
    assert (tmp_path / "out.csv").read_text().startswith("id,name,")
    assert json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])["name"] == "Ada Byron"
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".leadbook-")]


def test_filters_of_the_export(database, file):
    invoke("import", "leads", file, "--database", database)
    assert [lead["name"] for lead in exported(database, "leads", "--status", "lost")] == [
        "Ann Lovett"
    ]
    assert len(exported(database, "leads", "--search", "engines")) == 1
    assert exported(database, "leads", "--created-since", "2100-01-01T00:00:00Z") == []
    refused = invoke("export", "leads", "--status", "old", "--database", database)
    assert_refused(refused, "status: Must be one of")
    refused = invoke("export", "leads", "--updated-since", "now", "--database", database)
    assert_refused(refused, "updatedSince: Must be a time")


def test_filter_that_is_true_or_false_says_so(database, file):
    invoke("import", "leads", file, "--database", database)
    help_ = " ".join(invoke("export", "--help").stdout.split())
    assert "--internal true|false Only internal comments if true" in help_
    refused = invoke("export", "comments", "--internal", "yes", "--database", database)
    assert_refused(refused, "internal: Must be true or false.")
    assert exported(database, "comments", "--internal", "true") == []


def test_export_by_fields_of_ones_own(database):
    with closing(open_database(database, Clock())) as opened, opened.use(), opened.write():
        for number, region in enumerate(["North", "South", "NORTH"]):
            custom = {"Region": region, "a=b": number}
            Lead.create_from({"name": f"N{number}", "email": "n@a.test", "custom": custom})

    def names(*options):
        return [each["name"] for each in exported(database, "leads", *options)]

    assert names("--custom", "Region=north") == ["N0", "N2"]
    assert names("--custom", "Region=north", "--custom", "Other=1") == []
    for wrong, message in (
        (("Region",), "custom: Must be NAME=VALUE."),
        (("a=1", "a=2"), "custom.a: Must not be given more than once."),
    ):
        options = [part for each in wrong for part in ("--custom", each)]
        assert_refused(run("export", "leads", *options, "--database", database), message)


def test_every_filter_of_the_api_is_an_option(database, file):
    invoke("import", "leads", file, "--database", database)
    invoke("import", "clients", file, "--database", database)
    shown = invoke("export", "--help").stdout
    for model in RECORDS:
        for name in model.filters:
            assert f"--{name.replace('_', '-')} " in shown
    leads = exported(database, "leads")
    scores = sorted(lead["score"] for lead in leads)
    assert len(exported(database, "leads", "--score-min", "0", "--score-max", "100")) == len(scores)
    several = ("--status", "lost,new", "--status", "won")
    assert {each["status"] for each in exported(database, "leads", *several)} <= {
        "lost",
        "new",
        "won",
    }
    company = next(each["company"] for each in leads if each["company"])
    found = exported(database, "leads", "--company", company.upper())
    assert {each["company"] for each in found} == {company}
    assert exported(database, "clients", "--updated-before", "1990-01-01T00:00:00Z") == []
    for wrong, message in (
        (("leads", "--score-min", "101"), "scoreMin: Must be"),
        (("leads", "--client-id", "x"), "clientId: Must be an id."),
        (("leads", "--status", ""), "status: Must be one of"),
        (("clients", "--score-max", "5"), "clients have no --score-max."),
    ):
        assert_refused(invoke("export", *wrong, "--database", database), message)


def test_reader_that_has_enough_ends_the_export(database, file):
    run("import", "leads", file, "--database", database)
    with closing(open_database(database, Clock())) as opened, opened.use(), opened.write():
        for number in range(5_000):
            Lead.create_from({"name": f"N{number}", "email": "n@a.test"})
    command = f"{' '.join(LEADBOOK)} export leads --database {database} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("id,")
    assert done.stderr == ""

"""A CSV export with a byte order mark, for Excel."""

from codecs import BOM_UTF8

import pytest
from command import assert_refused, exported, invoke, run

LIST = "name,email,notes\nJosé,jose@a.test,=1\n\ufeffZoë,zoe@a.test,\n"


@pytest.fixture
def filled(tmp_path, database):
    file = tmp_path / "list.csv"
    file.write_text(LIST, encoding="utf-8")
    assert invoke("import", "leads", file, "--database", database).returncode == 0
    return database


def test_marked_export_is_the_same_file_behind_its_mark(tmp_path, filled):
    plain, marked = tmp_path / "plain.csv", tmp_path / "marked.csv"
    for out, options in ((plain, ()), (marked, ("--bom",))):
        done = invoke("export", "leads", out, "--database", filled, *options)
        assert done.returncode == 0, done.stderr
    assert marked.read_bytes() == BOM_UTF8 + plain.read_bytes()
    printed = run("export", "leads", "--bom", "--database", filled).stdout
    assert printed.startswith("\ufeffid,name,")


def test_marked_export_comes_in_again_as_ours(tmp_path, filled):
    marked, other = tmp_path / "marked.csv", tmp_path / "other.db"
    invoke("export", "leads", marked, "--bom", "--database", filled)
    done = invoke("import", "leads", marked, "--database", other)
    assert (done.returncode, done.stderr) == (0, "")
    assert "This is an export of Leadbook" in done.stdout
    assert exported(other) == exported(filled)


def test_mark_of_json_lines_is_refused(tmp_path, filled):
    for out, options in (("x.jsonl", ()), ("x.csv", ("--format", "jsonl"))):
        done = invoke("export", "leads", tmp_path / out, "--bom", "--database", filled, *options)
        assert_refused(done, "--bom is for CSV only; JSON Lines have no byte order mark.")
        assert not (tmp_path / out).exists()


@pytest.mark.parametrize("kind", ["leads", "clients"])
def test_mark_over_http(leadbook, take, kind):
    leadbook.seed(3, 2)
    path = f"/{kind}/export"
    plain = leadbook.client.get(path).data
    marked = leadbook.client.get(f"{path}?bom=true")
    assert marked.data == BOM_UTF8 + plain
    assert marked.content_length == len(marked.data)
    assert leadbook.client.get(f"{path}?bom=false&format=csv").data == plain
    refused = leadbook.client.get(f"{path}?bom=true&format=jsonl")
    assert refused.status_code == 400
    [detail] = refused.json["error"]["details"]
    assert detail == {"field": "bom", "message": "Cannot be combined with format=jsonl."}
    assert leadbook.client.get(f"{path}?bom=yes").status_code == 400
    leadbook.reset()
    assert take(marked.data, kind)["ownExport"] == {"missing": [], "extra": []}
    assert leadbook.client.get(path).data == plain

"""What an import says of the rows that it did not store: why, how often, and where."""

import pytest
from command import invoke
from reports import counts, created

from leadbook.transfer import reasons
from leadbook.transfer.reasons import OTHERS, Reasons
from leadbook.transfer.summary import merged

TEXT = """name,email,phone
Ada,ada@a.test,1
Bob,nobody,2
Cy,nobody,3
Dan,,4
Eve,eve@a.test,1,2
Fay,fay@a.test,1,2,3
Total: 6,,
,,"printed on Monday\x1b[31m"
"""
NO_ADDRESS = "email: Must not be empty."


def test_report_says_why_rows_were_rejected(take):
    report = take(TEXT)
    assert counts(report) == created(1, rejected=5)
    assert [(each["count"], each["line"]) for each in report["reasons"]] == [(2, 3), (2, 6), (1, 5)]
    assert report["reasons"][0]["reason"].startswith("email: Must be an e-mail address")
    assert report["reasons"][1]["reason"] == "The row has … cells, but the header has 3."
    assert report["reasons"][2]["reason"] == NO_ADDRESS
    assert report["rejects"][-1]["reason"] == "The row has 5 cells, but the header has 3."


def test_remarks_are_neither_records_nor_rejects(take):
    report = take(TEXT)
    assert report["rows"] == 6
    assert report["remarks"] == 2
    assert report["firstRemark"] == {"line": 8, "text": "Total: 6"}
    assert take("name,email\nAda,ada@b.test\n")["firstRemark"] is None


def test_row_with_an_address_or_of_one_column_is_no_remark(take):
    report = take("name,email,phone\n,nobody@a.test,\n,none@,\n")
    assert (report["rejected"], report["remarks"]) == (2, 0)
    assert take("email\nTotal\n")["rejected"] == 1


def test_file_of_remarks_only_is_refused(take):
    body = take("name,email\nTotal: 0,\n", status=400)
    assert "has no records, only remarks such as 'Total: 0' on line 2." in str(body)


@pytest.mark.parametrize("options", [(), ("--dry-run",), ("--strict",)])
def test_summary_says_why_rows_were_rejected(tmp_path, database, options):
    file = tmp_path / "some.csv"
    file.write_text(TEXT)
    done = invoke("import", "leads", file, "--database", database, *options)
    assert done.returncode == (1 if "--strict" in options else 3)
    told = done.stdout.splitlines()
    at = told.index("Why rows were rejected:")
    assert told[at + 1].startswith(
        '  2 rows, such as line 3 ("nobody"): email: Must be an e-mail address'
    )
    assert told[at + 2] == "  2 rows, such as line 6: The row has … cells, but the header has 3."
    assert told[at + 3] == f"  1 row, line 5: {NO_ADDRESS}"
    assert told[at + 4] == "2 rows are remarks and no records, such as line 8: 'Total: 6'."


def test_remarks_end_no_import_with_3_and_are_in_no_file(tmp_path, database):
    file = tmp_path / "some.csv"
    file.write_text("name,email\nAda,ada@a.test\nTotal: 1,\n")
    for options in ((), ("--strict", "--on-duplicate", "skip")):
        done = invoke("import", "leads", file, "--database", database, *options)
        assert done.returncode == 0, done.stdout
        assert "1 row is a remark and no record, such as line 3: 'Total: 1'." in done.stdout
        assert "Why" not in done.stdout
    assert not list(tmp_path.glob("*rejected*"))


def test_most_frequent_reasons_come_first_and_the_rest_is_counted():
    found = Reasons()
    words = [f"{first}{second}" for first in "abcdefghijklmno" for second in "abcdefghij"]
    for line, word in enumerate(words, 2):
        found.add(f"Not {word}.", line)
    found.add("Not zz.", 1_000)
    found.add("Not zz.", 1_001)
    shown = found.as_json()
    assert len(shown) == 101
    assert shown[0] == {"reason": "Not zz.", "count": 2, "line": 1_000}
    assert shown[-1] == {"reason": OTHERS, "count": 51, "line": 101}


def test_values_and_numbers_do_not_make_another_kind():
    found = Reasons()
    for number in range(5_000):
        found.add(f"The line names 'k{number}' twice, at {number}, not 'the' rest's.", 2)
    [only] = found.as_json()
    assert only["reason"] == "The line names … twice, at …, not 'the' rest's."
    assert only["count"] == 5_000
    assert len(found._of_text) == 1_000


def test_kinds_beyond_a_thousand_are_counted_together(monkeypatch):
    monkeypatch.setattr(reasons, "_MOST_COUNTED", 3)
    found = Reasons()
    for line, word in enumerate("abcde", 2):
        found.add(f"Not {word}.", line)
    found.add("Not a.", 9)
    assert [(each.text, each.count, each.line) for each in found.shown(10)] == [
        ("Not a.", 2, 2), ("Not b.", 1, 3), ("Not c.", 1, 4), (OTHERS, 2, 5),
    ]  # fmt: skip


def test_reports_of_two_parts_have_the_reasons_of_both(take):
    first = take("name,email,phone\nA,a@a.test,1\nB,,2\nC,c@a.test,1,2\nTotal,,\n")
    second = take("name,email,phone\nD,,2\nE,,3\nF,f@a.test,1,2,3\nSum,,\n")
    both = merged(first, second)
    assert both["reasons"] == [
        {"reason": NO_ADDRESS, "count": 3, "line": 3},
        {"reason": "The row has … cells, but the header has 3.", "count": 2, "line": 4},
    ]
    assert (both["remarks"], both["firstRemark"]) == (2, {"line": 5, "text": "Total"})
    # An earlier version has stored the first part without them.
    for name in ("reasons", "remarks", "firstRemark"):
        del first[name]
    assert merged(first, second)["remarks"] == 1


def test_reason_is_never_longer_than_2_000_characters(take):
    name = "n" * 50_000
    report = take(f'{{"{name}": 1, "{name}": 2}}\n', media_type="application/x-ndjson")
    [reason] = [each["reason"] for each in report["rejects"]]
    assert len(reason) == 2_000
    assert reason.endswith("…")

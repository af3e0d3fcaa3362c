"""A file is recognised by its content; what cannot be imported is called by its name."""

import sqlite3
import zipfile
from io import BytesIO

import pytest
from workbook_files import workbook_of

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.source import Source

CARD = "BEGIN:VCARD\nFN:Mara\nEMAIL:mara@tannic.example\nEND:VCARD\n"


def format_of(data, said=None):
    data = data if isinstance(data, bytes) else data.encode()
    return Source(BytesIO(data), "The file", said).format


def archive_of(**parts):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("_", "."), text)
    return file.getvalue()


def office(kind):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override ContentType="application/{kind}"/></Types>'
        )
    return file.getvalue()


def compound(stream=""):
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_500) + stream.encode("utf-16-le") + bytes(99)
    )


@pytest.mark.parametrize(
    ("data", "format"),
    [
        ("name,email\n", "csv"), ("Notes:\n\nname,email\n", "csv"), ("[Contacts]\nname,email\n", "csv"), ("dnumber,email\n", "csv"),
        ("From,To\na,b\n", "csv"), ("From: 1 May\nTo: 2 May\nUnit: all\n\nname,email\n", "csv"), ("<name>,<email>\n", "csv"),
        ("{name},email\n", "csv"), ('{"a": 1}\n', "jsonl"), ('\ufeff {"a": 1}\n{"a": 2}\n', "jsonl"), ('{"a": oops\n{"a": 2}\n', "jsonl"),
        ('{\n"a": 1\n}\n', "json"), ('[{"a": 1}]', "json"), ("[\n", "json"), ('{"a": [{"b": 1}]}', "json"),
        (CARD, "vcf"), (CARD.lower().encode("utf-16"), "vcf"), (workbook_of(A=[["email"]]), "xlsx"),
        (office("vnd.ms-excel.sheet.macroEnabled.main+xml"), "xlsx"),
    ],
)  # fmt: skip
def test_format_is_recognised_by_content(data, format):
    assert format_of(data) == format


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n", "a PDF document"), (b"\x1f\x8b\x08\0", "compressed with gzip"), (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\xff\xd8\xff\xe0", "an image"), (b"PAR1\x15\x04", "a Parquet file"), (b"{\\rtf1\\ansi}", "a Rich Text document"),
        (b"SQLite format 3\0" + bytes(99), "a database"), (b"7z\xbc\xaf\x27\x1c", "a 7z archive"), (b"!BDN", "an Outlook data file"),
        (compound("EncryptedPackage"), "a workbook or document with a password"), (compound("Workbook"), "an old Excel workbook (.xls)"),
        (compound("__substg1.0_0037001F"), "an Outlook message"), (compound("WordDocument"), "an old Word document"),
        (compound(), "an old Office document"), (office("vnd.openxmlformats.wordprocessingml.document.main+xml"), "a Word document"),
        (office("presentationml.main+xml"), "a PowerPoint presentation"), (office("vnd.ms-excel.sheet.binary.macroEnabled.main"), "a binary Excel workbook (.xlsb)"),
        (archive_of(mimetype="application/vnd.oasis.opendocument.spreadsheet"), "an OpenDocument spreadsheet (.ods)"),
        (archive_of(mimetype="application/epub+zip"), "a book"), (archive_of(), "an empty zip archive"),
        (archive_of(leads_csv="name", more_csv="name"), "a zip archive of leads.csv and 1 more; unpack it first"),
        ("<!DOCTYPE html>\n<html>", "a web page (HTML)"), ("\n<table><tr><td>Name", "a web page (HTML)"), ("<?xml version='1.0'?>\n<rss>", "XML"),
        ('<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "an XML workbook"),
        ("<contacts><contact>", "XML"), ("dn: cn=Mara\nmail: m@x.example\n", "LDIF"), ("# made by x\nversion: 1\n\ndn:: Y24=\n", "LDIF"),
        ("version: 1\ndn: cn=Mara\n", "LDIF"), ("BEGIN:VCALENDAR\n", "a calendar"), ("From m@x.example Fri May 10 10:00:00 2024\nSubject: x\n", "a mailbox (mbox)"),
        ("Return-Path: <m@x.example>\nReceived: from x\n by y\nSubject: hello\n\nHi", "an e-mail message"),
        ("-- MySQL dump 10.13\n", "a script of SQL"), ("INSERT INTO people VALUES (1)", "a script of SQL"), ("-----BEGIN PGP MESSAGE-----", "a key or a certificate"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_people_is_called_by_its_name(data, what):
    with pytest.raises(FileRefusedError) as refused:
        format_of(data)
    assert str(refused.value).startswith(f"The file is {what}")
    assert str(refused.value).endswith(".")


def test_real_database_is_recognised(tmp_path):
    path = tmp_path / "a.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE a (b)")
    database.close()
    with pytest.raises(FileRefusedError, match="is a database"):
        format_of(path.read_bytes())


@pytest.mark.parametrize(
    ("said", "data", "format"),
    [
        ("csv", "name,email\n", "csv"), ("jsonl", '{"a": 1}\n', "jsonl"), ("jsonl", '{\n"a": 1\n}\n', "json"), ("jsonl", "nonsense\n", "jsonl"),
        ("json", '{"a": 1}\n{"a": 2}\n', "jsonl"), ("json", "[]", "json"), ("vcf", CARD, "vcf"), ("xlsx", workbook_of(A=[["email"]]), "xlsx"),
    ],
)  # fmt: skip
def test_format_that_the_sender_names_is_taken(said, data, format):
    assert format_of(data, said) == format


@pytest.mark.parametrize(
    ("said", "data", "words"),
    [
        ("csv", workbook_of(A=[["email"]]), "an .xlsx workbook, but its Content-Type says CSV"), ("csv", CARD, "vCards, but its Content-Type says CSV"),
        ("csv", "[1]", "JSON, but its Content-Type says CSV"), ("csv", '{"a": 1}\n', "JSON Lines, but its Content-Type says CSV"),
        ("jsonl", "[1]", "JSON, but its Content-Type says JSON Lines"), ("json", "name,email\n", "CSV, but its Content-Type says JSON"),
        ("vcf", "name,email\n", "CSV, but its Content-Type says vCards"), ("xlsx", "name,email\n", "CSV, but its Content-Type says an .xlsx workbook"),
    ],
)  # fmt: skip
def test_content_that_contradicts_its_type_is_refused(said, data, words):
    with pytest.raises(FileRefusedError, match=f"The body is {words}."):
        format_of(data, said)

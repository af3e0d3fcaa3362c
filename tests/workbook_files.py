"""Workbooks for tests: by openpyxl, or from XML that no program would write."""

import zipfile
from io import BytesIO

from openpyxl import Workbook

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def workbook_of(**sheets):
    """Return the bytes of a workbook with these sheets, each a list of rows."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(workbook)


def saved(workbook):
    file = BytesIO()
    workbook.save(file)
    return file.getvalue()


def raw_workbook(
    rows, *, texts="", styles="", sheets="", before="", prefix="", method=zipfile.ZIP_DEFLATED
):
    """Return the bytes of a workbook whose sheet has this XML in it, or these pieces of XML."""
    file = BytesIO()
    pieces = [rows] if isinstance(rows, str) else rows
    relations = {
        "styles": "styles.xml", "sharedStrings": "sharedStrings.xml", "worksheet": "worksheets/sheet1.xml",
    }  # fmt: skip
    related = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{name}" Target="{target}"/>'
        for name, target in relations.items()
    )
    begin = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    listed = sheets or '<sheet name="People" sheetId="1" r:id="worksheet"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Override PartName="/xl/workbook.xml" ContentType="{_TYPE}"/></Types>',
        "_rels/.rels": f'{begin}<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/_rels/workbook.xml.rels": f"{begin}{related}</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{texts}</sst>',
    }
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            space = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
            part.write(f'{before}<{prefix}worksheet {space}="{_MAIN}"><{prefix}sheetData>'.encode())
            for piece in pieces:
                part.write(piece.encode())
            part.write(f"</{prefix}sheetData></{prefix}worksheet>".encode())
    return file.getvalue()

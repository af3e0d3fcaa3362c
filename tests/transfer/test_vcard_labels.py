"""Words of a vCard for the kinds of its phones and addresses: none is lost."""

import pytest


def imported(take, leadbook, *lines):
    take("\n".join(["BEGIN:VCARD", "VERSION:3.0", "FN:Mara Quill", "EMAIL:m@tannic.example", *lines, "END:VCARD", ""]), media_type="text/vcard")  # fmt: skip
    [lead] = leadbook.leads()
    return lead["phone"], lead["custom"]


@pytest.mark.parametrize(
    ("lines", "phone", "custom"),
    [
        (["item1.TEL:555-0100", "item1.X-ABLabel:Ferienhaus"], "555-0100", {"Phone Label": "Ferienhaus"}),
        (["TEL;TYPE=Werkstatt:555-0100"], "555-0100", {"Phone Label": "werkstatt"}),
        (["TEL;TYPE=WORK,VOICE,pref:555-0100"], "555-0100", {}),
        (["item1.TEL;TYPE=cell:555-0100", "item1.X-ABLabel:_$!<Mobile>!$_"], "555-0100", {}),
        (["item1.TEL;type=pref:555-0100", "item1.X-ABLabel:_$!<School>!$_"], "555-0100", {"Phone Label": "School"}),
        (["TEL;TYPE=cell:555-0100", "TEL;TYPE=Boot:555-0101"], "555-0100", {"Phone": "555-0101", "Phone Label": "boot"}),
        (["item1.EMAIL:s@tannic.example", "item1.X-ABLabel:Schule"], None, {"Email 2": "s@tannic.example", "Email 2 Label": "Schule"}),
        (["item1.URL:https://tannic.example", "item1.X-ABLabel:Blog"], None, {"Website": "https://tannic.example", "Website Label": "Blog"}),
        (["item1.ADR:;;1 Rd;Porto;;;", "item1.X-ABLabel:Ferien"], None, {"Address": "1 Rd, Porto", "Address Label": "Ferien"}),
        (["item1.X-ABRELATEDNAMES:Ada", "item1.X-ABLabel:_$!<Spouse>!$_"], None, {"X-ABRELATEDNAMES": "Ada", "X-ABRELATEDNAMES Label": "Spouse"}),
        (["X-SOCIALPROFILE;type=pref;type=mastodon:x"], None, {"X-SOCIALPROFILE": "x", "X-SOCIALPROFILE Label": "mastodon"}),
    ],
)  # fmt: skip
def test_label_of_ones_own_is_kept(take, leadbook, lines, phone, custom):
    assert imported(take, leadbook, *lines) == (phone, custom)


def test_label_follows_the_number_of_its_column(take, leadbook):
    lines = ("item1.TEL:555-0100", "item1.X-ABLabel:A", "item2.TEL:555-0101", "item2.X-ABLabel:B")
    assert imported(take, leadbook, *lines) == (
        "555-0100", {"Phone Label": "A", "Phone 2": "555-0101", "Phone 2 Label": "B"},
    )  # fmt: skip

"""The address of a record is taken from cells as other tools write them."""

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from leadbook.schemas import NewLead
from leadbook.storage.text import address_key
from leadbook.transfer.values.addresses import addresses_in, chosen_address

MARA, ODD = "mara@tannic.example", "odd@tannic.example"
BOTH = (MARA, ODD)


@pytest.mark.parametrize(
    ("cell", "usable", "rest"),
    [
        (MARA, (MARA,), ""),
        (f" {MARA} ", (MARA,), ""),
        # Several.
        (f"{MARA}, {ODD}", BOTH, ""), (f"{MARA},{ODD}", BOTH, ""), (f"{MARA};{ODD};", BOTH, ""), (f"{MARA} ::: {ODD}", BOTH, ""),
        (f"{MARA}\r\n{ODD}", BOTH, ""), (f"{MARA} / {ODD}", BOTH, ""), (f"{MARA}/{ODD}", BOTH, ""), (f"{MARA} {ODD}", BOTH, ""),
        (f"{MARA}|{ODD}", BOTH, ""), (f"{MARA} & {ODD}", BOTH, ""), (f"{MARA}&{ODD}", BOTH, ""), (f"1){MARA} 2){ODD}", BOTH, "1), 2)"), (f"{MARA}、{ODD}", BOTH, ""), (f"{MARA}；{ODD}", BOTH, ""), (f'"{MARA}, {ODD}"', BOTH, ""),
        # With names and words.
        (f"Mara Quill <{MARA}>", (MARA,), "Mara Quill"), (f'"Quill, Mara" <{MARA}>', (MARA,), "Quill, Mara"), (f"Quill, Mara <{MARA}>", (MARA,), "Quill, Mara"),
        (f"Mara Quill ({MARA})", (MARA,), "Mara Quill"), (f"Mara <{MARA}>, Odd <{ODD}>", BOTH, "Mara, Odd"), (f"<{MARA}>,<{ODD}>", BOTH, ""),
        (f"Mara (Porto) <{MARA}>", (MARA,), "Mara (Porto)"), (f"(Dr.) Mara (Porto) <{MARA}>", (MARA,), "(Dr.) Mara (Porto)"), (f'"Mo" or "Jo" <{MARA}>', (MARA,), '"Mo" or "Jo"'), (f"Mara O'Quill <{MARA}>", (MARA,), "Mara O'Quill"), (f"{MARA}, call first; {ODD}", BOTH, "call first"),
        (f"(work) {MARA}", (MARA,), "work"), (f"(work){MARA}", (MARA,), "work"), (f"{MARA} (work)", (MARA,), "work"), (f"{MARA}(work)", (MARA,), "work"),
        (f"work:{MARA}", (MARA,), "work"), (f"Work: {MARA}; Home: {ODD}", BOTH, "Work, Home"),
        # The address in brackets comes before one in its name.
        (f'"{ODD}" <{MARA}>', BOTH, ""), (f"{ODD} <{MARA}>", BOTH, ""), (f'"{ODD}, Mo" <{MARA}>', BOTH, "Mo"), (f"{MARA}; Odd <{ODD}>", BOTH, "Odd"),
        # Links.
        (f"mailto:{MARA}?subject=x", (MARA,), "subject=x"), (f"mailto:{MARA}?cc={ODD}", (MARA,), f"cc={ODD}"), (f"<mailto:{MARA}>", (MARA,), ""), (f"SMTP:{MARA}", (MARA,), ""), ("mailto:mara%2Bx@tannic.example", ("mara+x@tannic.example",), ""),
        (f"{MARA} <MAILTO:{MARA}>", (MARA, MARA), ""), (f"{MARA}#mailto:{MARA}#", (MARA, MARA), ""), (f"[{MARA}](mailto:{MARA})", (MARA, MARA), ""),
        # What is around it.
        (f"<{MARA}>", (MARA,), ""), (f"{MARA},", (MARA,), ""), (f"{MARA}.", (MARA,), ""), (f"{MARA}。", (MARA,), ""), (f"'{MARA}'", (MARA,), ""), (f"'{MARA}", (MARA,), ""), (f"’{MARA}", (MARA,), ""),
        (f'"{MARA}"', (MARA,), ""), (f"“{MARA}”", (MARA,), ""), (f"({MARA})", (MARA,), ""), (f"\u202a{MARA}\u202c", (MARA,), ""), (f"\ufeff{MARA}", (MARA,), ""), (f"{MARA}\u200b", (MARA,), ""),
        # Some are not usable.
        ("/o=Ex/ou=Recipients/cn=mquill", (), "/o=Ex/ou=Recipients/cn=mquill"), ("n/a", (), "n/a"), ("a@b", (), "a@b"), ("", (), ""), (f"a@b, {MARA}", (MARA,), "a@b"), (f"n/a;{MARA}", (MARA,), "n/a"),
        ("alice@a.example)bob@b.example", (), "alice@a.example)bob@b.example"), (f"x){MARA}, {ODD}", (ODD,), f"x){MARA}"), ("a@a.example@b.example", (), "a@a.example@b.example"), ("ma\u200bra@tannic.example", (), "ma\u200bra@tannic.example"),
        # The API accepts these as they are.
        ("john,doe@tannic.example", ("john,doe@tannic.example",), ""), ("o'neil@tannic.example", ("o'neil@tannic.example",), ""), ('"mara.quill"@tannic.example', ('"mara.quill"@tannic.example',), ""),
        ("a@[192.0.2.1]", ("a@[192.0.2.1]",), ""), ("mära@bücher.example", ("mära@bücher.example",), ""), ("マラ@例え.テスト", ("マラ@例え.テスト",), ""),
    ],
)  # fmt: skip
def test_addresses_of_a_cell(cell, usable, rest):
    assert addresses_in(cell) == (usable, rest)


def test_first_usable_address_of_all_cells_is_chosen():
    assert chosen_address(["/o=Ex/cn=mquill", MARA, "", f"Odd <{ODD}>"]) == (
        MARA,
        ((0, "/o=Ex/cn=mquill"), (3, f"Odd <{ODD}>")),
    )
    assert chosen_address(["", " ", MARA]) == (MARA, ())
    assert chosen_address([f"{MARA}, {ODD}; x@y.example"]) == (MARA, ((0, f"{ODD}, x@y.example"),))


def test_other_spellings_of_an_address_are_not_left_over():
    assert chosen_address([MARA, MARA.upper(), f"<{MARA}>"]) == (MARA, ())
    foreign = "a@bücher.example"
    assert chosen_address([foreign, f"{MARA}, A@xn--bcher-kva.example", MARA.upper()]) == (
        foreign,
        ((1, MARA),),
    )


def test_cell_without_a_usable_address_stays_as_it_is():
    assert chosen_address(["", "call", "a@b"]) == ("call", ())
    assert chosen_address(["", " n/a ", "a@b"]) == ("a@b", ())
    assert chosen_address(["", " n/a "]) == (" n/a ", ())
    assert chosen_address(["", "\u200b"]) == ("", ())
    assert chosen_address([]) == ("", ())


LETTERS = st.sampled_from("abxyz019éüñłя例")
LOCAL = st.text(st.one_of(LETTERS, st.sampled_from("._+-'&=~")), min_size=1, max_size=8)
LABEL = st.text(LETTERS, min_size=1, max_size=6)


@st.composite
def addresses(draw):
    local = f"{draw(LETTERS)}{draw(LOCAL)}{draw(LETTERS)}"
    return f"{local}@{draw(LABEL)}.{draw(LABEL)}.example"


LISTS = st.lists(addresses(), min_size=1, max_size=6, unique_by=address_key)
PLAIN = ("{}", "'{}'", "({})", "mailto:{}", "\u202a{}\u202c", "{} (work)", "(home) {}", '"{}"')
NAMED = ("Mara Quill <{}>", '"Quill, Mara; Dr." <{}>', "<{}>", "Mara (x) <mailto:{}?subject=y>")
SIGNS = (", ", ",", ";", "; ", " ::: ", "\n", "\r\n", " / ", "|", " | ", "、", "；")


@settings(max_examples=50, deadline=None)
@given(LISTS, st.data())
def test_all_addresses_of_a_list_are_found(expected, data):
    sign = data.draw(st.sampled_from((*SIGNS, " ", "\t", "\u3000")))
    # "a@x Mara <b@x>" is one address with another in its name.
    dresses = st.sampled_from(PLAIN if sign.isspace() and sign[-1] != "\n" else PLAIN + NAMED)
    cell = sign.join(data.draw(dresses).format(address) for address in expected)
    assert addresses_in(cell).usable == tuple(expected)
    address, over = chosen_address(["", cell])
    assert address == expected[0]
    left = over[0][1] if over else ""
    assert all(other in left for other in expected[1:])


@settings(max_examples=50, deadline=None)
@given(LISTS)
def test_all_addresses_of_many_cells_are_found(expected):
    address, over = chosen_address(expected)
    assert (address, over) == (expected[0], tuple(enumerate(expected))[1:])


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("@.<>()[]\"',;:|/\\#?&%\n\t\u202a\u200b\u3000、＜abé"), st.characters()
    )
)


@settings(max_examples=50, deadline=None)
@given(HOSTILE)
@example("@")
@example("<@>")
@example("mailto:%00@a.example")
@example("a@a.example" + "\ud800")
def test_any_cell_has_only_addresses_that_the_api_accepts(text):
    found = addresses_in(text)
    for address in found.usable:
        assert NewLead().load({"name": "A", "email": address})
    if not found.usable:
        assert found.rest == text.strip()


@settings(max_examples=50, deadline=None)
@given(st.from_regex(r"\A[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\Z"))
def test_plain_addresses_are_those_of_the_api(text):
    assume(len(text) < 250)
    is_accepted = not NewLead().validate({"name": "A", "email": text})
    assert bool(addresses_in(text).usable) == is_accepted or text.endswith(".")
    assert not addresses_in(text + "." + "a" * 254).usable

"""Files whose header names no e-mail addresses."""

import pytest
from command import invoke

ROWS = "".join(f"Ada {n},,a{n}@a.test,x@y,Rom\n" for n in range(20))


@pytest.fixture
def take_file(tmp_path):
    def take_file(text, *options):
        file = tmp_path / "file.csv"
        file.write_text(text)
        return invoke("import", "leads", file, "--database", tmp_path / "x.db", *options)

    return take_file


@pytest.mark.parametrize("cell", ["b@a.test", "", "N/A", "tba"])
def test_column_that_has_addresses_is_named(take_file, cell):
    text = f"Name,Leer,Kontaktdaten,Kürzel,Ort\n{ROWS}Bo,,{cell},,\n"
    done = take_file(text)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "leadbook: No header says e-mail, but Kontaktdaten has addresses; rename it to `email`. "
        'Or add --map "Kontaktdaten=email".\n'
    )
    assert take_file(text, "--map", "Kontaktdaten=email").returncode in {0, 3}


def test_column_with_most_addresses_is_named(take_file):
    said = take_file("Name,Alt,Neu\nAda,,a@a.test\nBo,c@a.test,b@a.test\n").stderr
    assert '"Neu=email"' in said


def test_name_that_a_shell_would_change_is_quoted_otherwise(take_file):
    assert "--map 'Wert in $=email'." in take_file("Name,Wert in $\nAda,a@a.test\n").stderr


@pytest.mark.parametrize("cell", ["soon", "write to a@a.test or b@a.test please", "@ada", ""])
def test_without_addresses_the_columns_are_listed(take_file, cell):
    assert take_file(f"Name,Kontaktdaten\nAda,{cell}\nBo,x\n").stderr == (
        "leadbook: No column has e-mail addresses; rename one to `email`. "
        "The columns are: Name, Kontaktdaten. Or name one with --map 'COLUMN=email'.\n"
    )


def test_api_names_the_column(take):
    answer = take("Name,Kontaktdaten\nAda,a@a.test\n", status=400)
    message = "No header says e-mail, but Kontaktdaten has addresses; rename it to `email`."
    assert message in str(answer)


def test_column_that_the_user_names_otherwise_is_not_proposed(take_file):
    said = take_file("Name,Kontaktdaten,Alt\nAda,a@a.test,\n", "--map", "Kontaktdaten=").stderr
    assert "No column has e-mail addresses" in said

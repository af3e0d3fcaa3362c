"""The encoding that a file is taken for, with nothing but its bytes to tell."""

import io
from contextlib import suppress

import pytest

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.encodings import SAMPLE_BYTES, find_encoding, python_name
from leadbook.transfer.files.source import Source

NAMES = {
    "German": "Jürgen Möller, Björn Groß, Käthe Lößner, Anaïs Höß",
    "French": "Hélène Lefèvre, François Bérenger, Zoé Béchard, Maëlle Forêt, Chloé Grâce",
    "Spanish": "José Núñez, María Ibáñez, Iñigo Peñalver, Begoña Muñoz, Raúl Güell",
    "Portuguese": "João Conceição, Inês Falcão, Antônio Magalhães, Luísa Simões",
    "Italian": "Niccolò Bonà, Totò Vinicà, Mosè Cantù, José Nicolò",
    "Danish": "Søren Kjær, Bjørn Østergård, Åse Nørgård, Jørgen Sørby",
    "Swedish": "Åke Öberg, Björn Sjöström, Märta Ängström, Göran Nyström",
    "Finnish": "Väinö Mäkelä, Päivi Hämäläinen, Jyrki Köykkä, Äänes Työlä",
    "Dutch": "Daniël van Reeën, Zoë Hoëveld, Loïs Coënen",
    "Icelandic": "Þórður Guðmundsson, Ásdís Björk, Óðinn Þór",
    "Polish": "Łucja Żak, Michał Wójcik, Małgorzata Dąbska, Bożena Święcka, Grażyna Ślęzak, Józef Chałupa",
    "Czech": "Jiří Dvořáček, Šárka Nováková, Zdeněk Kříž, Růžena Žďárská, Lukáš Hřebíček",
    "Hungarian": "László Szűcs, Erzsébet Kőműves, Győző Főző, Tünde Hűvös",
    "Turkish": "Şükrü Yıldız, Ayşe Çağlar, İbrahim Öztürk, Gülşah Işık",
    "Russian": "Наталья Кузнецова, Сергей Орлов, Юлия Щукина",
    "Ukrainian": "Олексій Їжак, Євгенія Ґудзь, Сергій Кіт",
    "Greek": "Γιώργος Ξενάκης, Ελένη Ψαρρού, Νίκος Βλάχος",
    "Hebrew": "יעל כהנוב, משה לביא, רבקה ישראלוב",
    "Arabic": "محمد الزهري, فاطمة القاضي, يوسف النجار",
    "Thai": "สมชาย ใจดี, มาลี ทองคำ, ประเสริฐ แก้วใส",
    "Japanese": "山田 花子, 佐藤 健一, 鈴木 さくら, タニック株式会社",
    "Chinese": "王小明, 李秀英, 张建国, 南京坦尼克有限公司",
    "Taiwanese": "王小明, 李秀英, 張建國, 臺北坦尼克有限公司",
    "Korean": "김영희, 이철수, 박지민, 주식회사 타닉",
}  # fmt: skip
# Encodings with the same letters at the same places count as one.
TAKEN = {
    ("Russian", "cp1251"): "cp1251", ("Ukrainian", "cp1251"): "cp1251", ("Russian", "koi8-r"): "koi8-r", ("Russian", "cp866"): "cp866",
    ("Russian", "iso8859-5"): "iso8859-5", ("Greek", "cp1253"): "cp1253", ("Greek", "iso8859-7"): "cp1253", ("Japanese", "cp932"): "cp932", ("Hebrew", "cp1255"): "cp1255",
    ("Arabic", "cp1256"): "cp1256", ("Thai", "cp874"): "cp874", ("Japanese", "euc_jp"): "euc_jp", ("Polish", "cp1250"): "cp1250",
    ("Chinese", "gb18030"): "gb18030", ("Taiwanese", "big5"): "big5", ("Korean", "cp949"): "cp949",
    ("Polish", "iso8859-2"): "iso8859-2", ("French", "mac-roman"): "mac-roman", ("Spanish", "cp437"): "cp850",
    # Not sure enough, so the usual one.
    ("Czech", "cp1250"): "cp1252", ("Hungarian", "cp1250"): "cp1252", ("Turkish", "cp1254"): "cp1252",
    ("German", "mac-roman"): "cp1252",
    # Wrong, as the warning in the summary says.
    ("German", "cp850"): "mac-roman",
}  # fmt: skip
WESTERN = ("German", "French", "Spanish", "Portuguese", "Italian", "Danish", "Swedish", "Finnish", "Dutch", "Icelandic")  # fmt: skip


def listed(names):
    rows = "".join(f"{name};n{n}@tannic.example;Tannic\r\n" for n, name in enumerate(names))
    return f"Name;Email;Company\r\n{rows}"


def taken_for(data, charset=""):
    return find_encoding(io.BytesIO(data), charset)


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_no_guess(language, encoding):
    text = listed(NAMES[language].split(", "))
    source = Source(io.BytesIO(text.encode(encoding)), "The file")
    assert "".join(source.lines()) == text
    assert not source.is_guess


@pytest.mark.parametrize("language", NAMES)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_found(language, encoding):
    found = taken_for(listed(NAMES[language].split(", ")).encode(encoding))
    assert (found.name, found.is_guess) == (encoding, True)


def test_ascii_is_no_guess():
    found = taken_for(b"name,email\nAda,ada@tannic.example\n")
    assert (found.name, found.is_guess, found.example) == ("utf-8", False, "")


@pytest.mark.parametrize("language", WESTERN)
def test_western_list_is_never_taken_for_another(language):
    names = NAMES[language].split(", ")
    texts = [listed(names[first:last]) for first in range(len(names)) for last in range(first + 1, len(names) + 1)]  # fmt: skip
    texts += [listed(names * 50), "\n".join(names), "; ".join(names)]
    for text in texts:
        assert taken_for(text.encode("cp1252")).name == "cp1252", text


@pytest.mark.parametrize(("language", "encoding"), TAKEN)
def test_other_list_is_taken_for(language, encoding):
    found = taken_for(listed(NAMES[language].split(", ")).encode(encoding))
    assert (found.name, found.is_guess) == (TAKEN[language, encoding], True)
    assert not found.example.isascii()


def test_japanese_of_seven_bits_is_found():
    text = listed(NAMES["Japanese"].split(", "))
    found = taken_for(text.encode("iso2022_jp"))
    assert (found.name, found.is_guess) == ("iso2022_jp", True)


def test_last_word_of_a_file_counts():
    assert taken_for("name,email,company\nX,x@a.test,Zoë".encode("cp1252")).name == "cp1252"


def test_letters_far_below_the_beginning_are_found():
    far = b"name,email\n" + b"Ada,ada@tannic.example\n" * 50_000
    assert taken_for(far + "Наталья Орлова,n@tannic.example\n".encode("cp1251")).name == "cp1251"
    assert taken_for(far + "Zoë,zoe@tannic.example\n".encode()).name == "utf-8"


def test_single_name_of_another_script_is_enough():
    for name in ("Наталья Орлова", "Γιώργος Ξενάκης", "יעל כהנוב"):
        for encoding in ("cp1251", "cp1253", "cp1255"):
            with suppress(UnicodeEncodeError):
                assert taken_for(listed([name]).encode(encoding)).name == encoding


def test_utf_8_with_a_few_other_bytes_is_a_guess():
    names = "".join(f"Zoë {n},zoe@tannic.example\n" for n in range(3)).encode()
    found = taken_for(b"name,email\n" + names + "Zoë,zoe@tannic.example\n".encode("cp1252"))
    assert (found.name, found.is_guess, found.example) == ("utf-8", True, "Zoë")


@pytest.mark.parametrize(
    "name",
    ["cp1250", "CP-1250", "windows-1250", "1250", "Windows 1250", "koi8-r", "koi8-u", "Shift_JIS", "sjis", "gb18030", "GB2312", "big5", "euc-kr",
     "latin-1", "latin2", "ISO-8859-15", "mac-roman", "macintosh", "cp720", "cp1006", "hz", "cp037", "utf-16", " utf-8 "],
)  # fmt: skip
def test_encodings_of_python_are_known(name):
    assert "abc".encode(python_name(name))


@pytest.mark.parametrize(
    "name",
    ["nonsense", "base64", "rot13", "hex", "zlib", "bz2", "uu", "quopri", "idna", "punycode", "unicode_escape", "raw-unicode-escape", "undefined",
     "mbcs", "aliases", "utf-7", "unicode-1-1-utf-7", "x" * 1000, "../os", "os.path", "", " ", "ütf-8"],
)  # fmt: skip
def test_other_names_are_refused_in_one_line(name):
    with pytest.raises(FileRefusedError) as refused:
        python_name(name)
    assert str(refused.value).endswith("is not known; save the file as UTF-8.")
    assert len(str(refused.value)) < 200
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("end", ["le", "be"])
@pytest.mark.parametrize("name", ["utf-16", "utf-32"])
def test_named_unicode_needs_no_mark(name, end):
    text = listed(NAMES["Chinese"].split(", "))
    for named in (name, f"{name}-{end}"):
        found = taken_for(text.encode(f"{name}-{end}"), named)
        assert (found.name, found.is_guess) == (f"{name}-{end}", False)


@pytest.mark.parametrize(
    ("named", "encoding", "found"),
    [
        ("utf-16", "utf-8", "utf-8"),
        ("utf-16-le", "ascii", "utf-8"),
        ("utf-16-le", "utf-16-be", "utf-16-le"),
        ("utf-8", "utf-16", "utf-16-le"),
        ("utf-8", "utf-16-be", "utf-16-be"),
        ("cp1250", "utf-8-sig", "utf-8"),
        ("utf-32", "utf-16", "utf-16-le"),
    ],
)
def test_name_that_the_bytes_contradict_is_refused(named, encoding, found):
    text = "name;email\nZoë;zoe@tannic.example\n".replace("ë", "e" if encoding == "ascii" else "ë")
    if (named, encoding) == ("utf-16-le", "utf-16-be"):
        # The order is taken literally, and then no header is found.
        assert taken_for(text.encode(encoding), named).name == found
        return
    with pytest.raises(FileRefusedError, match=f"should be {named}, but the file is {found}"):
        taken_for(text.encode(encoding), named)


@pytest.mark.parametrize("size", [SAMPLE_BYTES, 40 * SAMPLE_BYTES])
@pytest.mark.parametrize("bits", [b"\x80\xff", b"\xa4\xa4,", b"\xe9\n", bytes(range(1, 256))])
def test_hostile_bytes_are_some_encoding(bits, size):
    data = (b"name;email\n" + bits * (size // len(bits) + 1))[:size]
    assert taken_for(data).is_guess

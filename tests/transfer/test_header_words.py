"""The headers of other tools, in the languages of the people who use them."""

import unicodedata
from collections import Counter

import pytest

from leadbook.transfer import synonyms
from leadbook.transfer.header_words import LANGUAGES
from leadbook.transfer.synonyms import field_of, fields_of, normalized

_ESPO = "https://github.com/espocrm/espocrm/blob/master/application/Espo"
_SUITE = "https://github.com/SuiteCRM/Translations/blob/l10n_master/translations"
_APOLLO = "https://knowledge.apollo.io/hc/en-us/articles/4409161532045"
_BREVO = "https://help.brevo.com/hc/en-us/articles/208729849-Format-your-contact-import-file"
_DYNAMICS = (
    "https://raw.githubusercontent.com/api-evangelist/microsoft-dynamics/refs/heads/main/"
    "json-schema/lead.json"
)
_HUBSPOT = "https://knowledge.hubspot.com/contacts/use-lifecycle-stages"
_HUBSPOT_GERMAN = "https://knowledge.hubspot.com/de/contacts/use-lifecycle-stages"
_LINKEDIN = "https://github.com/imanrnj/LinkedIn-network-insight"
_MAILCHIMP = "https://zloadr.com/?id=98126&type=Book"
_OUTLOOK = "https://app.unpkg.com/csv-linkedin-parser@1.0.1/files/test/fixtures/testerN.csv"
_PIPEDRIVE = "https://getcapt.com/blog/pipedrive-import-csv"
_SALESFORCE_JAPANESE = (
    "https://www.synergy-marketing.co.jp/cloud/synergylead/support/faq-misc-sync-enabled-fields/"
)
_SHOPIFY = "https://help.shopify.com/en/manual/migrating-to-shopify/transporter-app/csv-customers"
_STRIPE = "https://docs.cello.so/guides/attribution/stripe-reports"
_VTIGER = "https://docs.huihoo.com/phpdoc/vtigercrm/6.1/xref/languages/fr_fr/Leads.php.source.txt"
_WORDPRESS = "https://developer.wordpress.org/cli/commands/user/list/"
_ZOHO_GERMAN = "https://www.zoho.com/de/crm/help/api/modules-fields.html"
_ZOHO_JAPANESE = "https://www.zoho.com/jp/crm/help/leads/standard-fields.html"


def _espo(language):
    return f"{_ESPO}/Resources/i18n/{language}/Global.json"


def _suite(language):
    return f"{_SUITE}/{language}/modules/Leads/language/{language}.lang.php"


# The tool, the language, the header, its field, and the page that shows the header.
# fmt: off
HEADERS = [
    ("WordPress", "English", "display_name", "name", _WORDPRESS),
    ("WordPress", "English", "user_email", "email", _WORDPRESS),
    ("WordPress", "English", "user_registered", "createdAt", _WORDPRESS),
    ("WordPress", "English", "user_login", None, _WORDPRESS),
    ("LinkedIn", "English", "First Name", "first name", _LINKEDIN),
    ("LinkedIn", "English", "Connected On", "createdAt", _LINKEDIN),
    ("LinkedIn", "English", "Position", None, _LINKEDIN),
    ("Mailchimp", "English", "OPTIN_TIME", "createdAt", _MAILCHIMP),
    ("Mailchimp", "English", "MEMBER_RATING", None, _MAILCHIMP),
    ("Brevo", "English", "FIRSTNAME", "first name", _BREVO),
    ("Brevo", "English", "LASTNAME", "last name", _BREVO),
    ("Brevo", "English", "LANDLINE_NUMBER", "phone", _BREVO),
    ("Brevo", "English", "SMS", "phone", _BREVO),
    ("Pipedrive", "English", "Person - Name", "name", _PIPEDRIVE),
    ("Pipedrive", "English", "Person - Email", "email", _PIPEDRIVE),
    ("Pipedrive", "English", "Organization - Name", "company", _PIPEDRIVE),
    ("Pipedrive", "English", "Person - Label", None, _PIPEDRIVE),
    ("Stripe", "English", "Created (UTC)", "createdAt", _STRIPE),
    ("Shopify", "English", "Last name", "last name", _SHOPIFY),
    ("Shopify", "English", "Province", None, _SHOPIFY),
    ("HubSpot", "English", "Lifecycle stage", "lifecycle", _HUBSPOT),
    ("HubSpot", "English", "Lead Status", "status", _HUBSPOT),
    ("HubSpot", "German", "Lifecycle-Phase", "lifecycle", _HUBSPOT_GERMAN),
    ("Apollo", "English", "Company Name", "company", _APOLLO),
    ("Apollo", "English", "Contact Email", "email", _APOLLO),
    ("Apollo", "English", "Contact LinkedIn URL", None, _APOLLO),
    ("Dynamics", "English", "emailaddress1", "email", _DYNAMICS),
    ("Dynamics", "English", "telephone1", "phone", _DYNAMICS),
    ("Dynamics", "English", "companyname", "company", _DYNAMICS),
    ("Dynamics", "English", "address1_city", None, _DYNAMICS),
    ("Outlook", "English", "E-mail 2 Address", "email", _OUTLOOK),
    ("Outlook", "English", "Business Phone 2", "phone", _OUTLOOK),
    ("Outlook", "English", "Assistant's Phone", None, _OUTLOOK),
    ("Zoho", "German", "Vorname", "first name", _ZOHO_GERMAN),
    ("Zoho", "German", "Lead-Eigentümer", None, _ZOHO_GERMAN),
    ("Zoho", "Japanese", "携帯電話", "phone", _ZOHO_JAPANESE),
    ("Zoho", "Japanese", "サブのメールアドレス", "email", _ZOHO_JAPANESE),
    ("Zoho", "Japanese", "見込み客のデータ元", "source", _ZOHO_JAPANESE),
    ("Zoho", "Japanese", "見込み客ステータス", "status", _ZOHO_JAPANESE),
    ("Zoho", "Japanese", "見込み客の担当者", None, _ZOHO_JAPANESE),
    ("Salesforce", "Japanese", "姓", "last name", _SALESFORCE_JAPANESE),
    ("Salesforce", "Japanese", "名", "first name", _SALESFORCE_JAPANESE),
    ("Salesforce", "Japanese", "会社名", "company", _SALESFORCE_JAPANESE),
    ("Salesforce", "Japanese", "リードソース", "source", _SALESFORCE_JAPANESE),
    ("Salesforce", "Japanese", "状況", "status", _SALESFORCE_JAPANESE),
    ("vTiger", "French", "Société", "company", _VTIGER),
    ("vTiger", "French", "Statut", "status", _VTIGER),
    ("vTiger", "French", "Prospect N°", None, _VTIGER),
    ("EspoCRM", "German", "Telefon (Mobil)", "phone", _espo("de_DE")),
    ("EspoCRM", "French", "Téléphone (Mobile)", "phone", _espo("fr_FR")),
    ("EspoCRM", "Spanish", "Teléfono (Móvil)", "phone", _espo("es_ES")),
    ("EspoCRM", "Spanish", "Creado en", "createdAt", _espo("es_ES")),
    ("EspoCRM", "Italian", "Telefono (Mobile)", "phone", _espo("it_IT")),
    ("EspoCRM", "Portuguese", "Telefone (Móvel)", "phone", _espo("pt_BR")),
    ("EspoCRM", "Dutch", "Telefoon (Mobile)", "phone", _espo("nl_NL")),
    ("EspoCRM", "Dutch", "Aangemaakt op", "createdAt", _espo("nl_NL")),
    ("EspoCRM", "Polish", "Telefon (komórka)", "phone", _espo("pl_PL")),
    ("EspoCRM", "Polish", "Utworzony", "createdAt", _espo("pl_PL")),
    ("EspoCRM", "Japanese", "苗字", "last name", _espo("ja_JP")),
    ("SuiteCRM", "German", "Quelle des Interessenten:", "source", _suite("de_DE")),
    ("SuiteCRM", "German", "Telefon Büro", "phone", _suite("de_DE")),
    ("SuiteCRM", "German", "Firma Beschreibung", None, _suite("de_DE")),
    ("SuiteCRM", "French", "Adresse électronique :", "email", _suite("fr_FR")),
    ("SuiteCRM", "French", "Téléphone du bureau", "phone", _suite("fr_FR")),
    ("SuiteCRM", "French", "Nom de la Société", "company", _suite("fr_FR")),
    ("SuiteCRM", "Spanish", "Correo Electrónico:", "email", _suite("es_ES")),
    ("SuiteCRM", "Spanish", "Tel. Oficina", "phone", _suite("es_ES")),
    ("SuiteCRM", "Spanish", "Nombre de Cuenta:", "company", _suite("es_ES")),
    ("SuiteCRM", "Italian", "Telefono Ufficio:", "phone", _suite("it_IT")),
    ("SuiteCRM", "Italian", "Fonte del lead", "source", _suite("it_IT")),
    ("SuiteCRM", "Italian", "Data di Creazione", "createdAt", _suite("it_IT")),
    ("SuiteCRM", "Portuguese", "Telefone do Escritório", "phone", _suite("pt_BR")),
    ("SuiteCRM", "Portuguese", "Primeiro Nome:", "first name", _suite("pt_BR")),
    ("SuiteCRM", "Dutch", "Alternatief e-mailadres:", "email", _suite("nl_NL")),
    ("SuiteCRM", "Dutch", "Omschrijving:", "notes", _suite("nl_NL")),
    ("SuiteCRM", "Dutch", "Bron voor lead:", "source", _suite("nl_NL")),
    ("SuiteCRM", "Polish", "Imię:", "first name", _suite("pl_PL")),
    ("SuiteCRM", "Polish", "Telefon Biurowy:", "phone", _suite("pl_PL")),
    ("SuiteCRM", "Polish", "Źródło pozyskania:", "source", _suite("pl_PL")),
    ("SuiteCRM", "Japanese", "勤務先電話番号", "phone", _suite("ja_JP")),
]
# fmt: on


@pytest.mark.parametrize(("tool", "language", "header", "field", "source"), HEADERS)
def test_header_of_another_tool_is_known(tool, language, header, field, source):
    assert field_of(header) == field, (tool, language, source)


def test_table_has_many_headers_tools_and_languages():
    assert len(HEADERS) >= 40
    assert len({tool for tool, *_ in HEADERS}) >= 10
    assert len({language for _, language, *_ in HEADERS}) == 9
    assert all(source.startswith("https://") for *_, source in HEADERS)


def test_every_language_has_a_header_for_each_field():
    fields = {*synonyms.FIELDS}
    for language, table in LANGUAGES.items():
        assert set(table) == fields, language
        assert all(field_of(each) == field for field, words in table.items() for each in words)


def test_no_header_stands_for_two_fields():
    found = {}
    for table in LANGUAGES.values():
        for field, headers in table.items():
            for header in headers:
                found.setdefault(normalized(header), set()).add(field)
    assert not {header: fields for header, fields in found.items() if len(fields) > 1}


@pytest.mark.parametrize(
    "header",
    [
        "owner.email", "Owner Email", "Lead Owner", "Contact Owner", "Created By",
        "Created By Email", "referrer email", "Email Opt Out", "Email Status", "Email Domain",
        "Email Type", "E-mail 1 - Label", "Email Sent", "Invalid Email", "Phone Type",
        "Phone 1 - Label", "Phone Country Code", "Phone Extension", "Assistant's Phone",
        "Company Size", "Company Domain", "Company City", "Account Number", "Account Owner",
        "Last Name Phonetic", "Given Name Yomi", "Name Prefix", "Middle Name", "User Name",
        "Status changed at", "Stage Date", "Subscription Status", "Unsubscribed",
        "Last Modified Date", "Lead Source Detail", "Deal Name", "Campaign Name", "",
        "E-Mail-Typ", "E-Mail: Angezeigter Name", "Firma Beschreibung", "Telefon Assistent",
        "Type de messagerie", "Nom d'utilisateur", "Créé par", "Téléphone de l'assistant(e)",
        "Nombre de usuario", "Estado civil", "Segundo nombre", "Creado por", "Creato da",
        "Secondo nome", "Criado por", "Aangemaakt door", "Tussenvoegsel", "E-mailtype",
        "Drugie imię", "Utworzony przez", "email[0].primary", "phones[1].type", "作成者", "ミドルネーム", "見込み客の担当者",
    ],
)  # fmt: skip
def test_header_of_something_else_is_no_field(header):
    assert field_of(header) is None


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        (["Prénom", "Nom"], ["first name", "last name"]),
        (["Nombre", "Apellidos"], ["first name", "last name"]),
        (["Nome", "Cognome"], ["first name", "last name"]),
        (["Nominativo", "Cognome"], ["first name", "last name"]),
        (["Name", "Vorname"], ["last name", "first name"]),
        (["Name", "Email"], ["name", "email"]),
        (["名前"], ["name"]),
        (["First Name", "Last Name", "Name"], ["first name", "last name", "name"]),
        # Two full names: no part of a name.
        (["Prénom", "Nom", "Nom complet"], ["first name", "name", "name"]),
        (["display_name", "primary_contact_name"], ["company", "name"]),
        (["name", "contacts[0].name"], ["company", "name"]),
        (["Kundenname", "Ansprechpartner"], ["company", "name"]),
        (["display_name", "name", "contacts[0].name"], ["company", "company", "name"]),
        (["Name", "Contact Name", "Company"], ["name", "name", "company"]),
        (["氏名", "担当者"], ["name", None]),
        (["会社名", "担当者名"], ["company", "name"]),
        (["Ciudad", "Estado", "País"], [None, None, None]),
        (["Bairro", "Cidade", "Estado"], [None, None, None]),
        (["Nombre", "Correo", "Estado"], ["name", "email", "status"]),
    ],
)
def test_other_headers_of_a_file_show_what_a_name_or_a_state_is(headers, fields):
    assert fields_of(headers) == fields


@pytest.mark.parametrize("header", ["PRÉNOM", "prenom", " Prénom * ", "Ｐrénom"])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_case_and_width_make_no_difference(header, form):
    assert field_of(unicodedata.normalize(form, header)) == "first name"


def test_numbers_and_labels_leave_the_field_as_it_is():
    assert {field_of(each) for each in ("E-Mail 2: Adresse", "Email (privat)", "E-mail pro")} == {
        "email"
    }
    for each in (
        "Telefon privat 2",
        "Téléphone 2 (bureau)",
        "Telefoon op werk",
        "電話（携帯電話）",
    ):
        assert field_of(each) == "phone", each


def test_hostile_headers_cost_little(monkeypatch):
    looked_at = Counter()

    def counted(words):
        looked_at[len(words)] += 1

    monkeypatch.setattr(synonyms, "_field_of_words", counted)
    synonyms._field_of.cache_clear()
    headers = [f"lead {place} " + "lead " * 100 for place in range(1_000)]
    try:
        assert fields_of(headers) == [None] * 1_000
        assert field_of("person " * 40_000) is None
    finally:
        synonyms._field_of.cache_clear()
    # Each owner in front costs a round, up to the length of a header.
    assert looked_at.total() <= 1_001 * 45
    assert max(looked_at) <= 200


@pytest.mark.long
def test_hundred_thousand_different_headers_are_read():
    assert set(fields_of([f"Column {place}" for place in range(100_000)])) == {None}


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("properties.firstname.value", "first name"), ("properties.company.value", "company"),
        ("properties.createdate.value", "createdAt"), ("value", None), (".value", None),
        ("Mobil (geschäftlich)", "phone"), ("Portable pro", "phone"), ("Celular comercial", "phone"),
        ("privat", None), ("Firma privat", None),
        ("Your email", "email"), ("What's your name?", "name"), ("What is your phone number?", "phone"),
        ("What are you looking for?", None), ("inserted_at", "createdAt"), ("Kontakt seit", "createdAt"),
        ("status_label", "status"),
    ],
)  # fmt: skip
def test_header_of_an_object_a_form_or_two_words_is_known(header, field):
    assert field_of(header) == field

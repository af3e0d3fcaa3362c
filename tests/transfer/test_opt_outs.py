"""Columns that say that a person must not be contacted, in the words of many languages."""

import json

import pytest
from command import invoke

from leadbook.transfer.columns.opt_outs import opt_out_columns

FORBID = (
    "Statut marketing: Désabonné|Désinscription e-mail: Oui|STATUT EMAIL: Liste noire|Status da assinatura: Cancelou inscrição|Marketingstatus: Abgemeldet|メール配信停止: はい|"
    "メール配信停止: 済|メール配信停止: 済み|UNSUB_TIME: 2024-01-02 10:00:00|UNSUB_REASON: No longer wanted|EMAIL_BLOCKLISTED: true|Email Opt Out: Yes|Email Opt Out: 1|Email Opt Out: true|"
    "Email Opt Out: x|HasOptedOutOfEmail: true|hasoptedoutofemail: 1|Newsletter: Nein|Newsletter: no|Opt-in: No|Consent: false|Accepts Marketing: no|Accepts Email Marketing: no|"
    "Consent: No consent|Subscribed: No|Baja: Sí|No contactar: Sí|Dado de baja: Sí|Estado de la suscripción: Dado de baja|Disiscritto: Sì|Stato email: Disiscritto|"
    "Non contattare: vero|Afgemeld: ja|Uitgeschreven: Ja|E-mailstatus: Uitgeschreven|Wypisany: tak|Nie kontaktować: Tak|Status subskrypcji: Wypisany|Status e-mail: Odbity|"
    "Descadastrado: Sim|Não contatar: Sim|購読解除: 済|配信停止: ○|配信停止日: 2024/01/02|配信停止理由: 不要|メール配信: 停止|メルマガ: 不可|メール配信可否: 不可|メールステータス: 配信停止|配信ステータス: 購読解除|Email Bounced Reason: 550 unknown|"
    "EmailBouncedDate: 2024-01-01|Email Hard Bounce Reason: x|Opted out of email: One to One: Yes|emailAddressIsOptedOut: 1|Do Not Call: 1|donotbulkemail: 1|"
    "donotemail: true|Confirmed Opt-Out Date: 2020-02-03|Confirmed Opt-Out Reason: bye|Email Marketing Consent: UNSUBSCRIBED|Email suppression: USER_SUPPRESSED|"
    "Email permission status: Opted-out|Abmeldung: Ja|Abmeldedatum: 12.03.2023|Grund der Abmeldung: zu viel|Newsletter abgemeldet am: 12.03.2023|Werbesperre: ja|"
    "Kontaktsperre: x|Einwilligung: Nein|Einwilligung: widerrufen|Consentement: Non|Consentement marketing: retiré|Date de désinscription: 03/04/2023|Désabonné: Oui|"
    "Désabonné le: 2023-04-03|Ne pas contacter: Oui|Ne pas appeler: 1|Opt-in: Non|Newsletter: Non|Consentimiento: No|Fecha de baja: 2022-01-02|Motivo de baja: otro|"
    "Consenso: No|Consenso marketing: No|Consenso newsletter: Negato|Data di disiscrizione: 12/03/2023|Data disiscrizione: 2023-01-01|Toestemming: Nee|Nieuwsbrief: Nee|"
    "Zgoda marketingowa: Nie|Zgoda na newsletter: NIE|Zgody: brak zgody|Data wypisania: 2020-01-01|contact.email_opt_out: true|Person - Marketing status: Unsubscribed|"
    "Email Status: Bounced|Subscription status: unsubscribed|Subscriber status: Cleaned|Status newslettera: wypisany|Aceita receber e-mails: Não|Consentimento: Não|"
    "Data de descadastro: 01/02/2023|Status e-mail: Descadastrado|Statut d'abonnement: désinscrit|Statut de l'abonnement: désinscrit|Statut newsletter: Désinscrit|"
    "Statut de consentement: refusé|Bounced: 3|Bounced: 1|Unsubscribed: 2023-01-02|Invalid Email: 1|GDPR consent: no|Marketing Opt-in: 0|Is Subscribed: false|"
    "subscribed: 0|Unsubscribe Date: 1/2/2023|Unsubscribed At: 2023-05-05T10:00:00Z|unsubscribed_at: 1672531200|Global unsubscribe: true|Email opt-out: opted out|"
    "Email Opt-Out: ✓|DO NOT CONTACT: TRUE|DoNotContact: Y|Lista negra: Sí|Blacklisted: 1|DNC: x|Marketing emails: Opted out|SMS Opt Out: Yes|Unsubscribed from all emails: true|"
    "email_unsubscribed: t|Marketing-Einwilligung: nein|Newsletter-Abmeldung: ja|E-Mail-Status: unzustellbar|Versandstatus: Abgemeldet|Double-Opt-In-Status: abgemeldet|"
    "Stato iscrizione: Cancellato|Stato dell'iscrizione: annullato iscrizione|Estado de suscripción: Cancelada la suscripción|Estado del correo: Rebotado|Estado de email: dado de baja|"
    "Estado marketing: No contactar|Recibir boletín: No|Zustimmung: Nein|Mailing list: No|メルマガ配信: 希望しない|メルマガ配信: いいえ|DM可否: 不可|オプトアウト: 1|オプトアウト: true|オプトアウト日時: 2024/01/02 10:00|"
    "オプトイン: いいえ|同意: なし|退会日: 2024-01-01|Uitgeschreven op: 2-3-2024|Reden van uitschrijving: te veel|Uitschrijfdatum: 2-3-2024|Afmelddatum: 2-3-2024|Powód rezygnacji: x|"
    "E-mail opt-out: Tak"
)
ALLOW = (
    "Email status: Delivered|Unsubscribe URL: yes|Unsubscribed: No|Bounced: 0|Subscribed: Yes|Opt-in: Yes|Newsletter: Ja|Newsletter: Yes|Consent: Yes|Email Opt Out: No|"
    "Email Opt Out: 0|Email Opt Out: false|UNSUB_TIME: 0000-00-00 00:00:00|Unsub reason: No|EMAIL_BLOCKLISTED: false|Email Count: 1|Opt in: Yes|Marketing status: 1|"
    "Marketing status: Subscribed|Statut marketing: Abonné|Marketingstatus: Angemeldet|メール配信停止: いいえ|メール配信停止: なし|メール配信停止: 未|メール配信: 希望|メール配信: 可|メルマガ: はい|Do not call: No|"
    "Baja: No|Provincia: Baja California|Prioridad: Baja|Emails bounced: 1|Marketing emails bounced: 2|Email Opens: 0|Emails opened: 0|Open rate: 0|Opt-in date: 2020-01-01|"
    "Opt-in time: 0|Consent date: 2023-01-01|Newsletter topic: no|Order status: Blocked|Payment status: bounced|Active: No|Verified: No|Email verified: false|"
    "Email confirmed: No|Contacted: No|Customer: No|Is Lead: false|Tags: unsubscribed|No: 0|Number: 1|City: Baja|Email type: html|Email frequency: never|Email Domain: x.de|"
    "Marketing: No|Marketing budget: 0|Marketing contact status: Marketing contact|Phone status: ok|Contact: 0|List: No|Mail sent: No|Last Email Date: 2020-01-01|"
    "Post: 0|Number of calls: 0|Calls: 0|Bounce rate: 5|Country: No|Kontakt: nein|Kunde: nein|Adresse: 1|Datum: 2020-01-01|Grund: nein|Grund: Abmeldung|Motivo: x|"
    "Opt-out instructions: yes|Permission set: no|Subscription: No|Subscription plan: Free|Privacy: No|Fax: no|Mobile: no|E-Mail versendet: Nein|Email Opt Out: Allow|"
    "Do not allow Emails: Allow|Unsubscribed: Subscribed|Klient: Nie|Bron: nee|Sprache: No|登録日: 2020-01-01|メールステータス: 配信中|SMS consent: No|Accepts SMS Marketing: no|"
    "Title: DNC|Blocked by: Ada|Description: do not call|Clean: yes|Status zamówienia: zablokowany|Bajada: 1|Consentida: no"
)


@pytest.mark.parametrize(
    ("column", "told", "not_told"),
    [
        ("Unsubscribed from all email", "true", "false"),
        ("Email Opt Out", "1", "0"),
        ("Has Opted Out of Email", "Yes", "No"),
        ("BLOCKLISTED", "Yes", ""),
        ("Do Not Call", "1", "0"),
        ("do_not_email", "TRUE", "FALSE"),
        ("Do not allow Emails", "Do Not Allow", "Allow"),
        ("Person - Marketing status", "Unsubscribed", "Subscribed"),
        ("Email Status", "Bounced", "Verified"),
    ],
)
def test_a_column_that_forbids_contact_is_counted(take, leadbook, column, told, not_told):
    report = take(f"name,email,{column}\nAda,a@a.test,{told}\nBo,b@a.test,{not_told}\n")
    assert report["optedOut"] == 1
    kept = {lead["name"]: lead["custom"].get(column) for lead in leadbook.leads()}
    assert kept == {"Ada": told, "Bo": not_told or None}


@pytest.mark.parametrize(
    ("column", "cell"), [("Email Count", "1"), ("Opt in", "Yes"), ("Marketing status", "1")]
)
def test_other_columns_forbid_nothing(take, column, cell):
    assert take(f"name,email,{column}\nAda,a@a.test,{cell}\n")["optedOut"] == 0


def cells_of(text):
    return [each.rsplit(": ", 1) for each in text.split("|")]


def rows_of(cells):
    rows = (
        {"name": "Ada", "email": f"a{number}@a.test", column: cell}
        for number, (column, cell) in enumerate(cells)
    )
    return "".join(f"{json.dumps(row)}\n" for row in rows)


def test_each_language_forbids_contact_in_its_words(take, leadbook):
    cells = cells_of(FORBID)
    report = take(rows_of(cells), media_type="application/x-ndjson")
    counted = {each["column"]: each["count"] for each in report["optedOutIn"]}
    columns = [column for column, _ in cells]
    assert {each: columns.count(each) - counted.get(each, 0) for each in columns} == dict.fromkeys(
        columns, 0
    )
    assert report["optedOut"] == len(cells)
    assert report["notUnderstood"]["status"] == {}
    kept = {(name, text) for lead in leadbook.leads() for name, text in lead["custom"].items()}
    assert len(kept) == len(cells)


def test_what_allows_contact_or_says_nothing_is_not_counted(take):
    report = take(rows_of(cells_of(ALLOW)), media_type="application/x-ndjson")
    assert report["optedOutIn"] == []
    assert report["optedOut"] == 0


@pytest.mark.parametrize(
    "word",
    [
        "Unsubscribed", "Do not contact", "No consent", "Baja", "Dado de baja", "No contactar", "Désabonné", "Liste noire", "Abgemeldet", "Keine Einwilligung", "Disiscritto", "Non contattare", "Afgemeld",
        "Uitgeschreven", "Geen toestemming", "Wypisany", "Nie kontaktować", "Brak zgody", "Descadastrado", "Não contatar", "Cancelou inscrição", "配信停止", "購読解除", "同意なし",
    ],
)  # fmt: skip
def test_status_that_forbids_contact_is_counted_for_leads_and_clients(take, leadbook, kind, word):
    report = take(f"name,email,Status\nAda,a@a.test,New\nBo,b@a.test,{word}\n", kind)
    assert report["optedOut"] == 1
    assert report["optedOutIn"] == [{"column": "Status", "count": 1, "line": 3}]
    stored = leadbook.client.get(f"/{kind}").json["data"]
    assert {each["name"]: each["custom"].get("Status") for each in stored}["Bo"] == word


@pytest.mark.parametrize(
    "word", ["New", "Active", "Subscribed", "配信停止なし", "ブロックなし", "Baja California"]
)
def test_status_that_allows_contact_is_not_counted(take, kind, word):
    assert take(f"name,email,Status\nAda,a@a.test,{word}\n", kind)["optedOut"] == 0


def test_state_of_an_address_forbids_nothing(take):
    text = "Nombre,Correo,Estado,Ciudad\nAda,a@a.test,Baja,Tijuana\n"
    assert take(text, "clients")["optedOut"] == 0


def test_state_of_a_subscriber_is_told_from_one_of_an_address(take):
    text = "Name,EmailAddress,State\nAda,a@a.test,Unsubscribed\nBo,b@a.test,CA\n"
    assert take(text)["optedOutIn"] == [{"column": "State", "count": 1, "line": 2}]


def test_opt_out_is_kept_among_many_columns_that_are_filled_more_often(take, leadbook):
    columns = ",".join(f"c{number:02}" for number in range(60))
    cells = ",x" * 60
    take(f"name,email,{columns},Opt-out\nAda,a@a.test{cells},\nBo,b@a.test{cells},yes\n")
    kept = {lead["name"]: lead["custom"] for lead in leadbook.leads()}
    assert kept["Bo"]["Opt-out"] == "yes"
    assert (len(kept["Ada"]), len(kept["Bo"])) == (49, 50)


@pytest.fixture
def summary(tmp_path):
    def summary(text, *options):
        file = tmp_path / "file.csv"
        file.write_text(text)
        return invoke("import", "leads", file, "--database", tmp_path / "x.db", *options).stdout

    return summary


def test_summary_names_the_columns_and_a_line(summary):
    text = "name,email,Email Opt Out,Statut marketing\nA,a@a.test,Yes,Abonné\nB,b@a.test,Yes,Désabonné\n"
    found = "2 rows say that the person must not be contacted: Email Opt Out (2, such as line 2), Statut marketing (1, line 3)."
    assert f"{found} custom keeps the words.\n" in summary(text)
    # What is left out is counted, but not kept.
    assert f"{found}\n" in summary(text, "--no-custom")
    assert f"{found}\n" in summary(text, "--map", "Email Opt Out=")
    assert f"{found} custom" in summary(text, "--map", "Email Opt Out=custom.No mail")


# https://raw.githubusercontent.com/api-evangelist/constant-contact/refs/heads/main/json-schema/constant-contact-contact-schema.json
# https://raw.githubusercontent.com/api-evangelist/convertkit/refs/heads/main/json-schema/get_a_subscriber_response.json
# https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/assets/list-of-standard-fields
@pytest.mark.parametrize(
    ("column", "told", "not_told"),
    [
        ("email_address.permission_to_send", "unsubscribed", "implicit"),
        ("email_address.opt_out_reason", "too many", ""),
        ("subscriber.state", "bounced", "active"),
        ("opt_in_status", "opted_out", "opted_in"),
        ("Do Not Call Reason", "angry", ""),
        ("email_opted_out", "true", "false"),
        ("ListUnsubscribed", "4", ""),
    ],
)
def test_columns_of_documented_tools(take, column, told, not_told):
    report = take(f"name,email,{column}\nA,a@a.test,{told}\nB,b@a.test,{not_told}\n")
    assert report["optedOutIn"] == [{"column": column, "count": 1, "line": 2}]


def test_rejected_rows_are_not_counted(take):
    report = take("name,email,Opt-out\nA,,Yes\nB,b@a.test,Yes\n")
    assert report["optedOutIn"] == [{"column": "Opt-out", "count": 1, "line": 3}]


def test_row_is_counted_once_for_all_its_columns(take):
    report = take("name,email,Status,Opt-out\nA,a@a.test,Unsubscribed,Yes\n")
    assert report["optedOut"] == 1
    assert [each["column"] for each in report["optedOutIn"]] == ["Status", "Opt-out"]


def test_headers_of_many_words_are_quick():
    # Each combination of words is looked at once; trying them all would take hours.
    for words in ("opt out of email " * 50, "e mail newsletter " * 50, "配信停止の" * 200):
        assert opt_out_columns([words], {}) is not None

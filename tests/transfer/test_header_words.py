"""What the headers of other tools mean, alone and beside each other."""

import unicodedata

import pytest

from leadbook.transfer.words.header_index import words_of_headers
from leadbook.transfer.words.header_words import LANGUAGES
from leadbook.transfer.words.synonyms import field_of, fields_of, normalized

FIELDS = {
    "name", "first name", "last name", "email", "phone", "company", "source", "notes", "status", "status reason", "lifecycle", "score", "createdAt",
}  # fmt: skip


def listed(text):
    return text.split(", ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_table_of_a_language_is_complete(language):
    assert set(LANGUAGES[language]) <= FIELDS | {f"{field}?" for field in FIELDS} | {"around"}
    assert set(LANGUAGES[language]) >= FIELDS - {"name"}
    for field, headers in LANGUAGES[language].items():
        if field != "around":
            for header in listed(headers):
                assert field_of(header) == field.removesuffix("?"), header


def test_header_stands_for_one_field_in_all_languages():
    meanings = {}
    for table in LANGUAGES.values():
        for field, headers in table.items():
            for header in listed(headers) if field != "around" else ():
                key = normalized(header).replace(" ", "")
                assert meanings.setdefault(key, field.removesuffix("?")) == field.removesuffix("?")
    assert "" not in meanings


@pytest.mark.parametrize(
    ("field", "headers"),
    [
        ("email", ("Email ID, E-mail 1 - Value, E-mail 2 Address, Email Address, emailAddress, EMAIL, user_email, primary_email, Business Email 2, Person - Email - Work, Email (required), workemail, billing_email, Attendee Email, "
                  "Adresse de messagerie 2, E-Mail (privat), Correo electrónico secundario, Indirizzo e-mail (lavoro), メールアドレス（会社）, Ｅ－ｍａｉｌ")),
        ("phone", ("Mobile No, Corporate Phone, Company Phone, Work Direct Phone, Phone 1 - Value, Fax Number, Pager Number, Home Phone 2, Phone (mobile), homephone, Contact Number, SMS, TEL, Tel. privat, Fax (geschäftlich), "
                  "N° de téléphone, Teléfono del trabajo, Telefono (uff.), Telefoon (werk), Telefon służbowy 2, 会社TEL, 携帯電話1, 自宅電話")),
        ("name", "Full Name, display_name, contact_name, Lead - Contact person, Your name, Contact 1 Name, Billing Name, vollständiger_name, Nome e cognome, 氏名"),
        ("first name", "First, FNAME, firstname, GivenName, billing_first_name, Vorname, Prenom"),
        ("last name", "Last, LNAME, lastname, Surname, Family Name, Apellidos, Cognome, 姓"),
        ("company", "Default Address Company, Billing Company, Organization Name, Organisation 1 - Name, Company Name for Emails, Primary Associated Company, Société, Nom de l’entreprise, 取引先名"),
        ("createdAt", "Connected On, Created (UTC), Created At (Europe/Lisbon), created_at_utc, user_registered, OPTIN_TIME, add_time, date_entered, Member Since, Timestamp, Zeitstempel"),
        ("status", "Lead Status, hs_lead_status, status_label, Deal Stage, Contact Status, Statut"), ("status reason", "Status Reason, statusReason, Raison du statut"),
        ("lifecycle", "Lifecycle Stage, lifecyclestage, Life Cycle Stage"), ("score", "HubSpot Score, hubspotscore, Lead Score, Points"), ("source", "Lead Source, leadsource, utm_source, Original Source"),
        ("notes", "Description, customer_note, Note 2, Message, Bemerkungen, 備考"),
    ],
)  # fmt: skip
def test_header_of_another_tool_is_known(field, headers):
    assert {header: field_of(header) for header in listed(headers)} == dict.fromkeys(
        listed(headers), field
    )


@pytest.mark.parametrize(
    ("field", "paths"),
    [
        ("email", "properties.email, email[0].value, emails[1].address, emails[0].email, contact.email, contacts[0].email, emailAddresses[0].address, billing.email, data.attributes.email, contact/email, properties.Email.email"),
        ("phone", "attributes.phone, phones[0].phone, phoneNumbers[0].number, businessPhones, company.phone, default_address.phone, properties.Phone.phone_number"),
        ("name", "fields.Name, user.name, name.full, names[0].displayName, properties.Name.title[0].plain_text"),
        ("first name", "properties.firstname, name.first, name.given, name[0].given, names[0].givenName, billing.first_name"), ("last name", "name.last, name.family, properties.lastname"),
        ("company", "company.name, organizations[0].name, org_id.name, Account.Name, contact.company.name, fields.Company Name"),
        ("status", "properties.hs_lead_status, properties.Status.select.name"), ("createdAt", "properties.createdate, fields.Created, data.created_at, properties.Created time.created_time"), ("source", "lead_source.name"),
        (None, "owner.email, created_by.name, account_manager.email, hubspot_owner.email, owner_id.name, contact.owner.email, contacts[1].email, emailAddresses[0].name, email[0].type, address.name, campaign.name, data." + "data." * 30 + "email"),
    ],
)  # fmt: skip
def test_nested_values_are_known_by_their_meaningful_part(field, paths):
    assert {path: field_of(path) for path in listed(paths)} == dict.fromkeys(listed(paths), field)


@pytest.mark.parametrize(
    "headers",
    [
        "Lead Owner, Owner Email, Referrer email, Created By, Contact Owner, Account Owner, Assistant's Phone, Manager's Name, Telefon Assistent, Contact 2 Email",
        "Email Opt Out, Email Status, Email Bounced Reason, E-mail Type, E-mail 1 - Label, E-mail Display Name, E-Mail: Angezeigter Name, Email Domain, No Email, Direct Mail, Email Verified, Email Status Date",
        "Phone Type, Phone 1 - Label, Phone Country Code, Fax Opt Out, Do Not Call, SMS opt-in, Phone Extension",
        "Company Size, email[0].primary, phones[1].type, Company Domain, Company address, Company ID, Parent Account, Account Number, Company Name Yomi",
        "Last Name Phonetic, Middle Name, Weitere Vornamen, Segundo nombre, Nickname, User Name, username, user_login, Product Name, Deal Name, Field Name, 姓（カナ）, フリガナ",
        "Status changed at, Order Status, Payment Status, Billing Status, user_status, Status Description, Lead Source Description, Source ID, Data Source, Original Source Type",
        "Last Modified, Last Contacted, Birthday, Date of Birth, Opt in, Subscribed, Confirmed, Lead Score Explanation, Last note, Address, Title, Website, Id, State, City, ---, , 7",
    ],
)  # fmt: skip
def test_column_about_something_else_is_no_field(headers):
    assert {header: field_of(header) for header in listed(headers)} == dict.fromkeys(
        listed(headers)
    )


def test_accents_width_and_case_make_no_difference():
    for header in ("Téléphone", "Société", "Prénom", "Imię", "名前", "ステータス", "データ"):
        for each in (header, unicodedata.normalize("NFD", header), header.upper(), header.lower()):
            assert field_of(each) == field_of(header)
    assert field_of("Societe") == field_of("SOCIÉTÉ") == "company"
    assert field_of("ＴＥＬ") == field_of("電話") == "phone"
    assert field_of("ﾒｰﾙｱﾄﾞﾚｽ") == "email"
    assert normalized("Numéro de Téléphone2") == "numero de telephone 2"


@pytest.mark.parametrize(
    ("field", "headers"),
    [
        ("company", "Company / Account, Firma / Organisation, Company/Organization, Business/Company Name, 会社名・企業名"), ("phone", "Mobile/WhatsApp, Tel/Fax, Phone Number(s), Cell #, Ph. No, Mob No, Handy-Nr., Mobilnr., N° portable, Nº móvil"),
        ("notes", "Notes/Comments, Comments & Notes"), ("name", "Name of Contact, Contact's Name, First & Last Name, Naam klant, Nombre del cliente, Kontaktperson Name"), ("email", "Email of Contact, Customer's Email, Correo contacto, E-mail do cliente, E-mail(s)"),
        ("first name", "Ansprechpartner Vorname, First Name of the Contact"), ("source", "Source of Lead"), ("score", "Lead score (0-100)"),
        (None, "Email / Phone, Phone & Email, Company Contact, First Contact, Last Contact, Last Contact of Lead, Email Client, Number of Contacts, Electronique, Messagerie, Type de messagerie, Owner of Lead, Status of Phone"),
    ],
)  # fmt: skip
def test_words_are_put_together(field, headers):
    assert {header: field_of(header) for header in listed(headers)} == dict.fromkeys(
        listed(headers), field
    )


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ("Prénom, Nom, Société", "first name, last name, company"), ("Nom, Société", "name, company"), ("Nom, Prénom, Nom complet", "last name, first name, name"), ("Vorname, Name", "first name, last name"),
        ("Vorname, Nachname, Name", "first name, last name, name"), ("Naam, Voornaam", "last name, first name"), ("Imię, Nazwisko", "first name, last name"), ("Nombre, Apellidos", "first name, last name"), ("Nombre, Correo", "name, email"),
        ("Nome, Sobrenome", "first name, last name"), ("Nome, Cognome", "first name, last name"), ("Nominativo, Cognome", "first name, last name"), ("Nominativo, Azienda", "name, company"), ("姓, 名前", "last name, first name"), ("姓, 名", "last name, first name"),
        ("名前, 会社名", "name, company"), ("Name, Surname", "first name, last name"), ("Name, Email", "name, email"), ("First, Last, Name", "first name, last name, name"),
        # Weak words, such as the Brazilian word for a nickname.
        ("Nome, Apelido", "first name, last name"), ("Nome, Sobrenome, Apelido", "first name, last name, "), ("Nome completo, Apelido", "name, "), ("Contact, Company", "name, company"), ("Contact, Name", ", name"), ("Customer, First Name", ", first name"),
        ("Phone, SMS", "phone, "), ("SMS, Email", "phone, email"), ("Notes, Message", "notes, "), ("Timestamp, Created", ", createdAt"),
        # Close names its companies leads.
        ("lead_name, contact_name, primary_email", "company, name, email"), ("lead_name, contact_name, Company", ", name, company"), ("display_name, primary_contact_name", "company, name"), ("Lead Name, Email", "name, email"), ("Kundenname, Ansprechpartner", "company, name"), ("Nom du client, Interlocuteur, Société", ", name, company"), ("Kundenname, E-Mail", "name, email"), ("氏名, 担当者", "name, "), ("会社名, 担当者名", "company, name"),
        # The state of an address.
        ("Nombre, Estado, Ciudad", "name, , "), ("Nombre, Estado", "name, status"), ("Nome, CEP, Estado", "name, , "), ("Nom, État", "name, status"), ("Nom, Rue, État", "name, , "), ("Nombre, Estado del lead, Ciudad", "name, status, "),
    ],
)  # fmt: skip
def test_other_columns_help_to_decide(headers, fields):
    assert fields_of(listed(headers)) == [field or None for field in listed(fields)]


@pytest.mark.parametrize(
    ("field", "headers"),
    [
        ("email", "E-maile, Maile, Adresy e-mail, Adresy email, Courriels, Adresses e-mail, Adresses email, Adresses mail, Adresses électroniques, Adresses de messagerie, Mails, E-Mails, E-Mail-Adressen, Mail-Adressen, Correos, Correos electrónicos, Direcciones de correo, Direcciones de correo electrónico, Direcciones de email, E-mail, Indirizzi e-mail, Indirizzi email, Indirizzi mail, Indirizzi di posta elettronica, E-mails, Endereços de e-mail, Endereços de email, Correios eletrónicos, E-mailadressen, Mailadressen, セカンダリメール, 予備のメール, 予備メール, サブメール, プライマリメール, メインメール, 会社メール, 勤務先メール, メール1, メール2, メールアドレス1, E-mail principal, Email Addresses, Emails, Alternate Email, Work Email, email_1, Primary Email Address, E-mail służbowy, Adres email, Adres mailowy, Adresy mailowe, Mail, Mel, E-mail (praca), Courriel professionnel, Courriels professionnels, Email professionnel, Courriel principal, E-Mail geschäftlich, E-Mail (Arbeit), E-Mail dienstlich, Geschäftliche E-Mail, Private E-Mail, E-Mail-Adresse 2, Zakelijk e-mailadres, E-mail zakelijk, Correo principal, Correo secundario, Correo de trabajo, Correo del trabajo, E-mail comercial, Email lavoro, E-mail pessoal, Email do contato, EMAIL ADDRESS, emailAddress, PrimaryEmail, Email (Work), Work email address, Eメールアドレス2, メール（会社）, 電子メール 2, セカンダリメールアドレス, 予備メールアドレス, 連絡先メール, 連絡先メールアドレス, ご担当者メールアドレス, 担当者メール, 担当者メールアドレス"),
        ("phone", "Telefone, Telefony, Telefonnummern, Téléphones, Numéros de téléphone, Teléfonos, Números de teléfono, Telefoni, Numeri di telefono, Telefones, Números de telefone, Telefoonnummers, Telefony komórkowe, Numery telefonu, Numery telefonów, Phones, Phone Numbers, Mobile Phones, Handynummern, Mobiles, Portables, Celulares, Móviles, Cellulari, Telemóveis, Mobiele nummers, Komórki, 電話番号1, 電話番号2, 予備の電話番号, 携帯電話番号, 会社電話番号, セカンダリ電話, その他の電話, Whatsapp, Mobile Number, Work Phone, Other Phone, Phone (Work), Numer komórkowy, Tel. komórkowy, Tel. stacjonarny, Téléphone mobile, Tél. mobile, Tél. portable, Telefon mobil, Telefon (mobil), Telefon geschäftlich, Telefon 1, Telefon 2, Telefoonnummer mobiel, Telefoon mobiel, Teléfono móvil, Teléfono celular, Teléfono 2, Telefono cellulare, Telefono mobile, Telefone celular, Telefone principal, 担当者電話番号, 連絡先電話番号, 電話（携帯）, 電話（会社）"),
        ("status", "見込み客のステータス, リードのステータス, リードの状態, 見込み客の状態, 商談ステータス, 商談ステージ, 商談フェーズ, 案件ステータス, 案件フェーズ, 営業ステータス, 営業フェーズ, パイプラインステージ, パイプラインのステージ, パイプラインステータス, パイプラインのステータス, Pipeline status, Pipeline stage, Pipeline-Status, Pipelinestatus, Pipeline-Phase, Pipelinephase, Pipeline-Stufe, Status der Pipeline, Phase der Pipeline, Statut du pipeline, Statut pipeline, Étape du pipeline, Étape pipeline, Phase du pipeline, Estado del pipeline, Etapa del pipeline, Etapa del embudo, Fase del pipeline, Estado de la oportunidad, Etapa de la oportunidad, Stato pipeline, Stato della pipeline, Fase della pipeline, Fase pipeline, Fase opportunità, Stato opportunità, Status do pipeline, Estágio do pipeline, Etapa do pipeline, Etapa do funil, Estágio do funil, Fase do funil, Pipelinestatus, Pipelinefase, Pipeline fase, Status pipeline, Fase van de pipeline, Status lejka, Etap lejka, Etap pipeline, Etap w lejku, Etap lejka sprzedaży, Status pipeline'u, Etap pipeline'u, Status kontaktu, Statut du contact, Kontaktstatus, Status des Kontakts, Estado del contacto, Stato contatto, Status do contato, Kundenstatus, Statut client, Estado del cliente, Stato cliente, Status klienta, Klantstatus, Leadstatus, Lead-Status, Lead status, Status leadu, Status van lead, Status lead, Contactstatus, Deal Stage, Dealstatus, Deal-Status, Lead Stage, Stato del contatto, Etap transakcji, Status transakcji, Status szansy, Etap szansy sprzedaży, Verkaufsstatus, Vertriebsstatus, Statut commercial, Estado comercial, Prospect Status, Contact Stage, 顧客ステータス, 連絡先ステータス, リードステージ"),
        ("notes", "詳細情報, 詳細, 備考欄, 特記事項, Notizen, Uwagi, Adnotacje, Opmerkingen, Observações, Note, Notatki, Background, Background Info, Notes internes, Note interne, Notas internas, Interne Notiz, Interne Notizen, Interne Notities, Interne notitie, Note interne, Wewnętrzne notatki, Descripción, Description, Comments, About, Información adicional, Zusätzliche Informationen, Commentaire interne"),
        ("source", "Lead Source, Source du contact, Quelle des Kontakts, Kontaktquelle, Fuente del contacto, Origen del contacto, Fonte del contatto, Fonte contatto, Fonte do contato, Origem do contato, Bron van contact, Contactbron, Źródło leadu, Źródło klienta, リード元, 見込み客のソース, リードのソース, リードの獲得経路, 獲得経路, 獲得チャネル, 流入チャネル, Canal de origen, Canal d'acquisition, Source d'acquisition, Origine contatto, Herkunft des Leads, Origem da lead, Contact Source, Prospect Source"),
        ("company", "Organization, Organisation, Unternehmen, Entreprises, Sociétés, Empresas, Aziende, Bedrijven, Firmy, Nazwa przedsiębiorstwa, Nom de la compagnie, Compagnie, Nombre de la organización, Nome da organização, 会社名（漢字）, 企業名, 所属企業, 所属会社, 所属組織, 取引先企業, 顧客企業, Companies, Company Names, Organizations, Company (Name), Account Name, Name der Firma, Nom de l'organisation, Nom de l'entreprise, Nome dell'organizzazione, Bedrijfsnaam, Naam van bedrijf, Naam organisatie, Firma klienta, Organizacja"),
        ("first name", "First Names, Prénom(s), Vorname(n), Nome proprio, 下の名前, 名前(名), First name, GivenName, firstName, Vorname des Kontakts, Imię kontaktu, Nombre de pila, Primer nombre"),
        ("last name", "Last Names, Nom(s) de famille, Surnames, Nachname des Kontakts, 苗字, 名字, 姓（漢字）, 名前(姓), Nazwisko kontaktu, Familyname, lastName, Primer apellido, Apellido paterno, Cognome contatto"),
        ("createdAt", "Created, Created At, Date Added, Erstellungszeitpunkt, Erstellt am, Angelegt am, Date d'ajout, Date de création, Date de la création, Créé à, Fecha de creación, Fecha de adición, Creado, Data creazione, Data aggiunta, Data di aggiunta, Data de criação, Criado em, Aanmaakdatum, Datum van aanmaak, Creatiedatum, Data utworzenia, Data dodania, Data stworzenia, Utworzono, 作成日時, 作成日, 登録日, 登録日時, 作成された日, 追加された日, 登録年月日, 作成年月日, レコード作成日時, Opt-in Time, Signup date, Subscribed On, Date subscribed, Hinzugefügt, Toegevoegd, Ajouté, Added On"),
        ("score", "Score, Lead Score, スコア, リードのスコア, 見込み客スコア, 見込み客のスコア, Lead-Score, Score leada, Punktacja leada, Pontuação de leads, Pontuação do contato, Puntuación de lead, Puntuación del contacto, Score du contact, Score du prospect, Score contact, Punteggio contatto, Punteggio del lead, Leadscore, Kontaktscore, Contactscore, Puntaje del lead, Lead-Punktzahl, Contact Score"),
    ],
)  # fmt: skip
def test_several_and_neighbouring_words_are_known_in_each_language(field, headers):
    assert {header: field_of(header) for header in listed(headers)} == dict.fromkeys(
        listed(headers), field
    )


@pytest.mark.parametrize(
    "headers",
    [
        "Pipeline, Pipeline Name, Pipeline ID, Pipeline-Besitzer, Propriétaire du pipeline, パイプライン, パイプライン名, 詳細ページ, 詳細URL, Mail versendet, Mails envoyés, Correos enviados, Wysłane maile, メール配信停止, メール件数, Etap rekrutacji, Order-Status",
        "Interne Nummer, Usage interne, Kundenstatusdatum, Status der Bestellung, Statut de la commande, Estado del pedido, Stato ordine, Status do pedido, Status zamówienia, 注文ステータス, 配信ステータス, Firmengröße, Taille de l'entreprise",
    ],
)  # fmt: skip
def test_neighbours_that_say_something_else_are_no_field(headers):
    assert {header: field_of(header) for header in listed(headers)} == dict.fromkeys(
        listed(headers)
    )


def test_tables_are_prepared_once():
    assert words_of_headers() is words_of_headers()


def test_many_and_long_headers_are_quick():
    # Each is looked at for a few microseconds; the test would take minutes if it were more.
    headers = [f"Column {number} of the Lead" for number in range(20_000)]
    assert set(fields_of(headers)) == {None}
    for long in (
        "lead " * 50_000,
        "data." * 50_000,
        "email " * 50_000,
        "(" * 250_000,
        "ﷺ" * 100_000,
    ):
        assert field_of(long) is None

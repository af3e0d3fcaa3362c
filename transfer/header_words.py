"""Headers of other tools, by language. To add a language, add a table to `LANGUAGES`.

A table gives the headers of each field, as people write them: case, accents, hyphens and the width
of letters make no difference. QUALIFIERS are words in front of or behind a header that do not
change its meaning, such as "privat" in "Telefon privat". A header must not stand for two fields.
"""

Words = dict[str, tuple[str, ...]]


def _table(**fields: str) -> Words:
    return {
        name.replace("_", " ") if name != "createdAt" else name: tuple(words.split(", "))
        for name, words in fields.items()
    }


# fmt: off
LANGUAGES: dict[str, Words] = {
    "German": _table(
        name="Vollständiger Name, Vor- und Nachname, Anzeigename, Kontaktname, Kontakt, Ansprechpartner, Ansprechpartnerin, Ansprechperson, Kundenname, Name des Kontakts, Nachname Vorname, Name Vorname",
        first_name="Vorname, Vornamen, Rufname",
        last_name="Nachname, Familienname, Zuname",
        email="E-Mail, E-Mail-Adresse, Mailadresse, Mail-Adresse, Mail, E-Mail geschäftlich, Elektronische Post, E-Mail-Adressen, Mailadressen",
        phone="Telefon, Telefonnummer, Telefonnr, Telefon Nr, Tel, Tel Nr, Rufnummer, Festnetz, Festnetznummer, Mobil, Mobiltelefon, Mobilnummer, Mobilfunk, Mobilfunknummer, Handy, Handynummer, Handynr, Durchwahl, Telefax, Faxnummer, Fax, Haupttelefon, Autotelefon, Telefon Handy, Fax Nummer, Fax Nr, Faxnr, Pager Nummer, Handy Nr, Mobil Nr, Mobil Tel Nr, Mobil Tel, Telefon Nummer",
        company="Firma, Firmenname, Unternehmen, Unternehmensname, Name des Unternehmens, Organisation, Gesellschaft, Arbeitgeber, Betrieb, Organisationsname",
        source="Quelle, Leadquelle, Lead-Quelle, Herkunft, Kontaktquelle, Ursprüngliche Quelle, Lead-Herkunft, Quelle des Interessenten, Quelle des Leads",
        notes="Notiz, Notizen, Bemerkung, Bemerkungen, Anmerkung, Anmerkungen, Kommentar, Kommentare, Beschreibung, Hinweis, Hinweise, Nachricht",
        status="Leadstatus, Lead-Status, Phase, Deal-Phase, Vertriebsphase, Verkaufsphase, Bearbeitungsstatus, Status des Leads, Status des Interessenten, Stufe",
        status_reason="Statusgrund",
        lifecycle="Lifecycle-Phase, Lebenszyklusphase",
        score="Punktzahl, Punkte, Leadscore, Lead-Bewertung, Bewertung",
        createdAt="Erstellt, Erstellt am, Erstelldatum, Erstellungsdatum, Erstellungszeit, Angelegt, Angelegt am, Anlagedatum, Hinzugefügt am, Registriert am, Kontakt seit, Eintragsdatum, Anmeldedatum, Erfasst am, Zeitstempel",
    ),
    "French": _table(
        name="Nom complet, Nom et prénom, Prénom et nom, Nom du contact, Nom du client, Nom affiché, Interlocuteur, Nom prénom, Prénom nom, Nom à afficher, Nom d’affichage",
        first_name="Prénom, Prénoms",
        last_name="Nom de famille",
        email="Courriel, Adresse e-mail, Adresse mail, Adresse email, Adresse courriel, Adresse électronique, E-mail professionnel, Mail, Mél, Adresse de messagerie, Adresse mél",
        phone="Téléphone, Tél, Numéro de téléphone, N° de téléphone, Téléphone portable, Téléphone mobile, Téléphone fixe, Téléphone professionnel, Portable, Mobile, GSM, Fixe, Ligne directe, Télécopie, Télécopieur, Numéro de fax, Numéro de portable, N° de portable, N° de téléphone portable, Numéro de téléphone portable",
        company="Société, Entreprise, Nom de la société, Nom de l'entreprise, Raison sociale, Organisation, Employeur, Compte, Nom du compte, Nom entreprise, Nom société, Nom de la compagnie",
        source="Origine, Source du prospect, Source du lead, Provenance, Origine du contact, Source d'origine, Origine du prospect, Origine principale, Origine de la piste",
        notes="Remarque, Remarques, Commentaire, Commentaires, Observation, Observations, Note, Notes",
        status="Statut, Statut du lead, Statut du prospect, État, Étape, Phase, Étape de la transaction, Statut du contact, Statut de la piste",
        status_reason="Raison du statut",
        lifecycle="Phase du cycle de vie, Étape du cycle de vie",
        score="Score du lead, Points",
        createdAt="Date de création, Créé le, Créée le, Date d'ajout, Ajouté le, Date d'inscription, Inscrit le, Date d'enregistrement, Créé, Horodateur",
    ),
    "Spanish": _table(
        name="Nombre completo, Nombre y apellidos, Nombre y apellido, Nombre del contacto, Nombre de contacto, Persona de contacto, Contacto, Apellidos y nombre, Nombre para mostrar, Nombre visible",
        first_name="Nombre de pila, Primer nombre, Nombres",
        last_name="Apellido, Apellidos, Primer apellido",
        email="Correo, Correo electrónico, Dirección de correo electrónico, Dirección de correo, Correo-e, E-mail, Dirección del correo electrónico, Email",
        phone="Teléfono, Número de teléfono, Teléfono móvil, Teléfono celular, Teléfono fijo, Móvil, Celular, Número de móvil, Número de celular, Tel, Tfno, Número de fax, Núm de teléfono",
        company="Empresa, Compañía, Nombre de la empresa, Nombre de la compañía, Organización, Sociedad, Razón social, Cuenta, Nombre de la cuenta, Nombre de cuenta, Nombre empresa",
        source="Fuente, Origen, Origen del cliente potencial, Fuente del lead, Fuente original, Procedencia, Origen del prospecto, Toma de contacto",
        notes="Nota, Notas, Observación, Observaciones, Comentario, Comentarios, Descripción, Mensaje",
        status="Estado, Estado del lead, Estado del cliente potencial, Estado del prospecto, Estatus, Etapa, Fase, Etapa del negocio",
        status_reason="Razón para el estado, Razón del estado",
        lifecycle="Etapa del ciclo de vida, Fase del ciclo de vida",
        score="Puntuación, Puntaje, Puntos, Puntuación del lead",
        createdAt="Fecha de creación, Creado, Creado el, Creada el, Fecha de alta, Fecha de registro, Fecha de inscripción, Añadido el, Agregado el, Creado en, Fecha creación, Marca temporal",
    ),
    "Italian": _table(
        name="Nome completo, Nome e cognome, Cognome e nome, Nome contatto, Nome del contatto, Referente, Persona di riferimento, Nome visualizzato",
        first_name="Nome di battesimo",
        last_name="Cognome",
        email="Posta elettronica, Indirizzo e-mail, Indirizzo email, Indirizzo di posta elettronica, E-mail, Indirizzo posta elettronica",
        phone="Telefono, Numero di telefono, Telefono cellulare, Telefono fisso, Cellulare, Numero di cellulare, Recapito telefonico, Tel, Numero fax, Numero di fax, Numero cellulare, Numero telefono",
        company="Azienda, Società, Ditta, Impresa, Ragione sociale, Nome azienda, Nome dell'azienda, Nome società, Organizzazione, Nome della società, Nome organizzazione",
        source="Fonte, Origine, Provenienza, Origine lead, Fonte del lead, Fonte originale, Origine del lead",
        notes="Nota, Note, Osservazioni, Commento, Commenti, Descrizione, Annotazioni, Messaggio",
        status="Stato, Stato lead, Stato del lead, Fase, Fase della trattativa",
        status_reason="Motivo stato",
        lifecycle="Fase del ciclo di vita",
        score="Punteggio, Punteggio lead, Punti",
        createdAt="Data di creazione, Data creazione, Creato, Creato il, Data di inserimento, Data inserimento, Data di iscrizione, Data iscrizione, Aggiunto il, Data di registrazione, Informazioni cronologiche",
    ),
    "Portuguese": _table(
        name="Nome completo, Nome e sobrenome, Nome do contato, Nome do contacto, Nome do cliente, Pessoa de contato, Contato, Contacto, Nome para exibição, Nome de exibição",
        first_name="Primeiro nome, Nome próprio",
        last_name="Sobrenome, Apelido, Último nome, Nome de família",
        email="Correio eletrônico, Correio eletrónico, Endereço de e-mail, Endereço de email, E-mail",
        phone="Telefone, Número de telefone, Telefone celular, Telefone fixo, Celular, Telemóvel, Número de celular, Número de telemóvel, Fone, Tel, Número de fax",
        company="Empresa, Companhia, Nome da empresa, Organização, Razão social, Conta, Nome da conta, Nome da organização",
        source="Fonte, Origem, Origem do lead, Fonte do lead, Fonte original, Proveniência, Origem do potencial, Origem da primeira conversão",
        notes="Nota, Notas, Observação, Observações, Comentário, Comentários, Descrição, Anotações, Mensagem",
        status="Estado do lead, Situação, Status do lead, Estágio, Etapa, Fase, Etapa do negócio, Estágio no funil, Etapa do funil",
        status_reason="Motivo do status, Razão do status",
        lifecycle="Estágio do ciclo de vida, Fase do ciclo de vida",
        score="Pontuação, Pontos, Pontuação do lead",
        createdAt="Data de criação, Criado, Criado em, Criada em, Data de cadastro, Data de registo, Data de registro, Data de inscrição, Adicionado em, Carimbo de data hora, Data da primeira conversão",
    ),
    "Dutch": _table(
        name="Volledige naam, Voor- en achternaam, Contactpersoon, Naam contactpersoon, Weergavenaam, Contactnaam, Klantnaam",
        first_name="Voornaam, Roepnaam",
        last_name="Achternaam, Familienaam",
        email="E-mailadres, Emailadres, Mailadres, E-mail",
        phone="Telefoon, Telefoonnummer, Tel, Mobiel, Mobiele telefoon, Mobiel nummer, Mobiele nummer, Gsm, Gsm-nummer, Vaste telefoon, Doorkiesnummer, Faxnummer, Hoofdtelefoon, Autotelefoon, Telefoonnr",
        company="Bedrijf, Bedrijfsnaam, Onderneming, Organisatie, Naam bedrijf, Werkgever, Firma, Relatie, Relatienaam, Relatie naam, Organisatienaam",
        source="Bron, Leadbron, Herkomst, Oorspronkelijke bron, Bron voor lead, Lead bron, Bron van lead",
        notes="Notitie, Notities, Opmerking, Opmerkingen, Toelichting, Omschrijving, Beschrijving, Bericht",
        status="Leadstatus, Fase, Dealfase, Stadium",
        status_reason="Reden van status, Statusreden",
        lifecycle="Levenscyclusfase",
        score="Leadscore, Punten",
        createdAt="Aangemaakt, Aangemaakt op, Aanmaakdatum, Datum aangemaakt, Toegevoegd op, Datum toegevoegd, Inschrijfdatum, Registratiedatum, Gemaakt op, Tijdstempel",
    ),
    "Polish": _table(
        name="Imię i nazwisko, Nazwisko i imię, Pełna nazwa, Pełne imię i nazwisko, Osoba kontaktowa, Kontakt, Nazwa kontaktu",
        first_name="Imię, Imiona",
        last_name="Nazwisko",
        email="Adres e-mail, Adres email, Adres poczty elektronicznej, Poczta elektroniczna, E-mail",
        phone="Telefon, Numer telefonu, Nr telefonu, Telefon komórkowy, Telefon stacjonarny, Komórka, Nr komórki, Tel, Tel kom, Faks, Tel komórkowy, Numer komórki, Numer telefonu komórkowego, Numer faksu",
        company="Firma, Nazwa firmy, Przedsiębiorstwo, Organizacja, Spółka, Nazwa organizacji, Pracodawca, Nazwa konta, Nazwa kontrahenta",
        source="Źródło, Źródło leada, Źródło kontaktu, Pochodzenie, Źródło pozyskania",
        notes="Notatka, Notatki, Uwaga, Uwagi, Komentarz, Komentarze, Opis, Wiadomość",
        status="Status leada, Etap, Etap sprzedaży, Stan",
        status_reason="Przyczyna statusu, Przyczyna stanu",
        lifecycle="Etap cyklu życia",
        score="Punktacja, Punkty, Ocena leada",
        createdAt="Data utworzenia, Utworzono, Utworzony, Data dodania, Dodano, Data rejestracji, Data zapisu, Sygnatura czasowa",
    ),
    "Japanese": _table(
        name="氏名, お名前, フルネーム, 担当者, 担当者名, ご担当者名, 連絡先名, 顧客名, 姓名",
        first_name="名, 名前（名）, ファーストネーム",
        last_name="姓, 苗字, 名字, 名前（姓）, ラストネーム",
        email="メール, メールアドレス, Eメール, Eメールアドレス, 電子メール, 電子メールアドレス, E-mail, 他のメール, サブのメールアドレス, 電子メール アドレス",
        phone="電話, 電話番号, TEL, 携帯, 携帯電話, 携帯番号, 携帯電話番号, 会社電話, 会社電話番号, 直通電話, FAX番号, ファックス, 勤務先電話, 勤務先電話番号, 自宅電話, 自宅電話番号, 他の電話, 他の電話番号, その他の電話, FAX, TEL会社, TEL部門, TEL直通",
        company="会社, 会社名, 企業, 企業名, 組織, 組織名, 勤務先, 法人名, 取引先, 取引先名, 貴社名, 御社名",
        source="リードソース, 流入元, 獲得元, 情報源, 流入経路, 元のソース, ソース, 潜在顧客ソース, 見込み客のデータ元",
        notes="備考, メモ, コメント, 説明, 注記, ノート, お問い合わせ内容, 詳細",
        status="ステータス, 状態, リードステータス, リード状況, 状況, フェーズ, ステージ, 取引ステージ, 見込み客ステータス",
        status_reason="ステータスの理由, ステータス理由",
        lifecycle="ライフサイクルステージ",
        score="スコア, リードスコア, 点数, 評価点",
        createdAt="作成日, 作成日時, 登録日, 登録日時, 追加日, 作成日時刻, タイムスタンプ",
    ),
}

# One word that means the whole name, or, beside one part of the name, the other part.
BARE_NAMES = ("Name", "Nom", "Nombre", "Nome", "Nominativo", "Naam", "Nazwa", "名前")

# The person to speak to. Beside one of these, a bare name or a customer's name is the company's.
CONTACTS = (
    "contact name, contact person, primary contact name, main contact, Ansprechpartner, Ansprechpartnerin, Ansprechperson, Kontaktname, Kontaktperson, "
    "Nom du contact, Interlocuteur, Nombre del contacto, Nombre de contacto, Persona de contacto, Referente, Persona di riferimento, Nome contatto, "
    "Nome do contato, Nome do contacto, Pessoa de contato, Contactpersoon, Naam contactpersoon, Osoba kontaktowa, ご担当者名, 連絡先名"
)
CUSTOMERS = "customer name, client name, lead name, display name, Kundenname, Nom du client, Nome do cliente, Klantnaam, 顧客名"

# In some tools the customer's contact, in others our colleague: names only where nothing else is.
DOUBTFUL_NAMES = "担当者, 担当者名"

# Words between the first and the last name: "van der" in "Ana van der Berg".
INFIXES = "Tussenvoegsel, Tussenvoegsels, Tussenvoegsel(s), Infix, Namenszusatz, Vorsatzwort, surname prefix, last name prefix"

# These are also parts of an address: no status beside a town, a country or a postal code.
STATES = "Estado, Stato, État, Stan"
PLACES = (
    "city, town, country, zip, zip code, postal code, Ort, Stadt, Land, PLZ, Postleitzahl, ville, pays, code postal, ciudad, país, código postal, "
    "città, CAP, paese, nazione, cidade, CEP, stad, plaats, postcode, miasto, kraj, kod pocztowy, miejscowość, municipio, provincia, localidad, "
    "dirección, calle, colonia, indirizzo, via, endereço, rua, bairro, logradouro, município, adresse, rue"
)

# They stand with a phone or an e-mail address and do not change what it is.
QUALIFIERS = frozenset(
    "privat private dienstlich dienstliche geschäftlich geschäftliche büro arbeit arbeits haupt primär primäre sekundär sekundäre weitere weiteres weiterer "
    "andere anderes zweite firma zentrale mobil handy "
    "personnel personnelle professionnel professionnelle pro travail bureau domicile principal principale primaire secondaire première deuxième autre mobile "
    "portable société entreprise "
    "personal trabajo laboral casa oficina primario primaria secundario secundaria otro otra particular empresa alternativo alternativa móvil "
    "personale lavoro ufficio uff abitazione secondario secondaria altro altra aziendale cellulare "
    "pessoal comercial residencial outro primário primária secundário secundária escritório móvel celular "
    "privé werk zakelijk zakelijke thuis kantoor primair primaire secundair overig alternatief bedrijf mobiel "
    "prywatny służbowy domowy główny dodatkowy firmowy praca biurowy inny komórka komórkowy "
    "自宅 勤務先 会社 個人 その他 仕事 携帯 携帯電話".split()
)
# Between such a word and the header: "Telefone do Escritório".
JOINING_WORDS = frozenset("du de la do da del di op der des".split())

# A header may begin with the person that it tells about, in front of a number: "Ansprechpartner 1 Vorname".
OWNERS = (
    "ansprechpartner, ansprechperson, kontaktperson, kontakt, kunde, interessent, prospect, contacto, contatto, contato, cliente, contactpersoon, klant, klient"
)
# fmt: on

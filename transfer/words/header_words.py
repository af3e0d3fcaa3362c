"""The headers of other tools, by language.

To add a language, add a table to LANGUAGES: the headers of each field, separated by commas.
Capitals, accents, spaces, hyphens and the width of letters make no difference.

- A header behind "name?" counts only if no other column of the file is a name; so with all fields.
- "around" has words beside an e-mail or phone header that do not change it: "work" in "Work Phone".
- A header stands for one field, in all languages. `tests/transfer/test_header_words.py` checks it.
"""

# fmt: off
LANGUAGES: dict[str, dict[str, str]] = {
    "English": {
        "name": "name, full name, display name, complete name, formatted name, real name, name full, name display, contact name, contact person, contact full name, person, person name, customer name, client name, "
        "lead name, billing name, user display name, user full name, first and last name, first name and last name, first name last name, last name first name, name and surname, name surname, first last name",
        "name?": "contact, customer, client",
        "first name": "first name, first, first names, given name, given names, f name, forename, forenames, christian name, name first, name given",
        "last name": "last name, last, last names, family name, family names, surname, surnames, l name, name last, name family",
        "email": "email, mail, email address, email addr, email id, mail id, electronic mail, mails",
        "phone": "phone, telephone, tel, tele, mobile, cell, cellular, cellphone, handphone, landline, direct dial, direct line, switchboard, fax, telefax, facsimile, pager, beeper, "
        "contact number, contact no, contact phone, primary number, work number, home number, office number, business number, direct number, ph, mob, mobile nos, phone nos, contact nos",
        "phone?": "sms, whatsapp, sms number, whatsapp number",
        "company": "company, company name, organization, organization name, organisation, organisation name, org, org name, org id name, account, account name, sales account, sales account name, employer, employer name, "
        "business, business name, firm, firm name, associated company, associated company name, primary associated company, primary associated company name, primary company, primary company name, company account, "
        "company organization, current company, current employer, company name for emails, workplace",
        "source": "source, source name, lead source, original source, traffic source, original traffic source, utm source, signup source, acquisition source, marketing source",
        "source?": "referral source, how did you hear about us, where did you hear about us, acquisition channel",
        "notes": "note, notes, description, descriptions, comment, comments, remark, remarks, memo, note text, notes text, note content, internal notes, private notes, personal notes, additional notes, general notes",
        "notes?": "message, your message, about, background, background info, background information",
        "status": "status, stage, status name, stage name, status label, lead status, lead stage, lead state, deal status, deal stage, opportunity status, opportunity stage, pipeline stage, pipeline status, "
        "sales stage, current status, current stage, sales status, funnel stage, pipeline stage name, contact stage, pipeline phase",
        "status reason": "status reason, lead status reason, reason for status",
        "lifecycle": "lifecycle stage, lifecycle, lifecycle status, customer lifecycle stage",
        "score": "score, lead score, hubspot score, people score, points, total score, lead scoring, scoring",
        "createdAt": "created, created at, created on, created date, created time, created date time, created by date, creation, creation date, creation time, create date, create time, date created, time created, "
        "date time created, date of creation, added, added at, added on, added date, added time, add date, add time, date added, time added, date entered, entered on, entry date, inserted at, subscribed at, subscribed on, "
        "subscribed date, subscribe date, subscription date, subscription time, date subscribed, optin date, optin time, optin at, opted in at, opted in on, confirm date, confirm time, confirmed at, confirmed on, "
        "confirmation date, confirmation time, signup date, signup time, signup at, signed up, signed up at, signed up on, joined, joined at, joined on, join date, joined date, date joined, member since, customer since, "
        "client since, registered, registered at, registered on, registered date, registration date, registration time, date registered, user registered, connected on, submitted, submitted at, submitted on, "
        "submission date, submission time, date submitted, first seen, first seen at, enquiry date, inquiry date, date of enquiry, date of inquiry, date received, received at, received on, received date, lead date",
        "createdAt?": "timestamp",
        "around": "work, business, home, private, personal, office, main, primary, secondary, alternate, alternative, other, additional, direct, company, corporate, account, organization, hq, head, car, radio, preferred, best, day, "
        "daytime, evening, night, number, no, num, nr, address, value, user, your, nos",
    },
    "German": {
        "name": "Vollständiger Name, Vor- und Nachname, Vorname Nachname, Nachname Vorname, Name Vorname, Anzeigename, Kontaktname, Ansprechpartner, Ansprechpartnerin, Ansprechperson, Kontaktperson, Kundenname, Name des Kontakts",
        "name?": "Kontakt, Kunde",
        "first name": "Vorname, Vornamen, Rufname",
        "last name": "Nachname, Nachnamen, Familienname, Zuname",
        "email": "E-Mail-Adresse, Mail-Adresse, Adresse E-Mail, Elektronische Post, E-Mail-Adressen, Mail-Adressen, Geschäftliche E-Mail, Private E-Mail",
        "phone": "Telefon, Telefonnummer, Tel, Rufnummer, Festnetz, Festnetznummer, Mobil, Mobiltelefon, Mobilnummer, Mobilfunk, Mobilfunknummer, Handy, Handynummer, Handynr, Durchwahl, Autotelefon, Telefonzentrale, Telefax, Faxnummer, Pager, Telefonnummern, Handynummern, Mobilnummern, Rufnummern, Faxnummern",
        "company": "Firma, Firmenname, Unternehmen, Unternehmensname, Name des Unternehmens, Organisation, Gesellschaft, Arbeitgeber, Betrieb, Organisationsname, Name der Organisation, Name der Firma, Unternehmen Name",
        "source": "Quelle, Leadquelle, Herkunft, Kontaktquelle, Ursprüngliche Quelle, Leadherkunft, Ursprung, Quelle des Leads, Quelle des Interessenten, Kontaktherkunft",
        "notes": "Notiz, Notizen, Bemerkung, Bemerkungen, Anmerkung, Anmerkungen, Kommentar, Kommentare, Beschreibung, Hinweis, Hinweise, Interne Notiz, Interne Notizen, Zusätzliche Informationen, Interne Bemerkung, Interne Bemerkungen",
        "notes?": "Nachricht, Ihre Nachricht",
        "status": "Leadstatus, Phase, Deal-Phase, Vertriebsphase, Verkaufsphase, Bearbeitungsstatus, Status des Leads, Status des Interessenten, Pipeline-Stufe, Phase der Pipeline, Status der Pipeline, Kontaktstatus, Kundenstatus, Vertriebsstatus, Verkaufsstatus",
        "status reason": "Statusgrund, Grund für Status",
        "lifecycle": "Lifecycle-Phase, Lebenszyklusphase",
        "score": "Punktzahl, Punkte, Punktestand, Leadscore, HubSpot-Score, Kontaktscore, Lead-Punktzahl",
        "createdAt": "Erstellt, Erstellt am, Erstellt um, Erstelldatum, Erstellungsdatum, Erstellungszeit, Datum der Erstellung, Angelegt, Angelegt am, Anlagedatum, Hinzugefügt am, Registriert am, Registrierungsdatum, Eintragsdatum, "
        "Anmeldedatum, Erfasst am, Kunde seit, Mitglied seit, Vernetzt am, Erstellungszeitpunkt, Hinzugefügt, Zeitpunkt der Erstellung",
        "createdAt?": "Zeitstempel",
        "around": "privat, geschäftlich, dienstlich, Büro, Arbeit, Haupt, primär, primäre, primärer, sekundär, sekundäre, weitere, weiteres, zweite, andere, anderes, Firma, Firmen, Zentrale, Nummer, Adresse, Kontakt, Dienst, Geschäft, direkt, zusätzliche, zusätzlicher, nr, adr, geschäftl, gesch, dienstl, priv",
    },
    "French": {
        "name": "Nom complet, Nom et prénom, Prénom et nom, Nom prénom, Prénom nom, Nom du contact, Nom du client, Nom affiché, Nom d'affichage, Nom à afficher, Interlocuteur, Personne de contact, Nom contact, Nom client",
        "name?": "Contact, Client",
        "first name": "Prénom, Prénoms, Prénom contact, Prénom du contact, Prénom client, Prénom du client",
        "last name": "Nom de famille, Noms de famille",
        "email": "Courriel, Mél, Adresse e-mail, Adresse mail, Adresse courriel, Adresse électronique, Adresse de courriel, Adresse de messagerie, Courrier électronique, Adresse de courrier électronique, Courriels, Mels, Adresses e-mail, Adresses mail, Adresses courriel, Adresses électroniques, Adresses de messagerie, Adresses de courriel",
        "phone": "Téléphone, Tél, Numéro de téléphone, Portable, GSM, Téléphone fixe, Fixe, Ligne directe, Télécopie, Télécopieur, Récepteur de radiomessagerie, Téléphones, Numéros de téléphone, Portables, Télécopies",
        "company": "Société, Entreprise, Nom de la société, Nom de l'entreprise, Nom de société, Nom d'entreprise, Raison sociale, Employeur, Compte, Nom du compte, Nom de l'organisation, Nom entreprise, Nom société, Entreprises, Sociétés, Compagnie, Nom de la compagnie",
        "source": "Origine, Origine du prospect, Source du prospect, Source du lead, Source de la piste, Provenance, Origine du contact, Source d'origine",
        "source?": "Canal d'acquisition, Source d'acquisition",
        "notes": "Remarque, Remarques, Commentaire, Commentaires, Observation, Observations, Note interne, Notes internes, Commentaire interne, Commentaires internes, Informations complémentaires",
        "status": "Statut, Statut du lead, Statut du prospect, Statut de la piste, État, Étape, Phase, Étape de la transaction, Phase de la transaction, Statut du pipeline, Statut pipeline, Étape du pipeline, Étape pipeline, Phase du pipeline, Étape de pipeline, Statut client, Statut commercial, Étape de vente, Étape commerciale",
        "status reason": "Raison du statut",
        "lifecycle": "Phase du cycle de vie, Étape du cycle de vie",
        "score": "Score du lead, Score HubSpot, Score contact, Score du contact",
        "createdAt": "Date de création, Heure de création, Créé, Créé le, Créée le, Date d'ajout, Ajouté le, Date d'inscription, Inscrit le, Date d'enregistrement, Client depuis, Membre depuis, Date de la création, Créé à, Ajouté",
        "createdAt?": "Horodateur",
        "around": "personnel, personnelle, professionnel, professionnelle, pro, perso, privé, privée, travail, bureau, domicile, principal, principale, secondaire, autre, société, entreprise, numéro, n, adresse, de, du, d, la, l, le, voiture, alternatif, alternative, principaux, maison, professionnels, professionnelles, personnels, personnelles",
    },
    "Spanish": {
        "name": "Nombre completo, Nombre y apellidos, Nombre y apellido, Apellidos y nombre, Nombre del contacto, Nombre de contacto, Nombre del cliente, Nombre para mostrar, Persona de contacto, Nombre mostrado",
        "name?": "Contacto, Cliente",
        "first name": "Nombre de pila, Primer nombre, Nombres",
        "last name": "Apellido, Apellidos, Primer apellido, Apellido paterno",
        "email": "Correo, Correo electrónico, Correo-e, Dirección de correo, Dirección de correo electrónico, Dirección de e-mail, Correos, Correos electrónicos, Direcciones de correo, Direcciones de correo electrónico, Direcciones de e-mail",
        "phone": "Teléfono, Número de teléfono, Móvil, Celular, Teléfono fijo, Fijo, Línea directa, Tfno, Tlf, Localizador, Número de contacto, Buscapersonas, Teléfonos, Números de teléfono, Celulares, Móviles",
        "company": "Empresa, Compañía, Nombre de la empresa, Nombre de la compañía, Nombre de empresa, Nombre de compañía, Organización, Nombre de la organización, Sociedad, Razón social, Cuenta, Nombre de la cuenta, Nombre de cuenta, Empresas, Nombre empresa",
        "source": "Fuente, Origen, Origen del cliente potencial, Fuente del lead, Fuente de lead, Fuente original, Procedencia, Origen del prospecto, Toma de contacto, Origen de candidato, Origen de Pre-Contacto",
        "source?": "Canal de origen, Canal de adquisición",
        "notes": "Nota, Notas, Observación, Observaciones, Comentario, Comentarios, Descripción, Notas internas, Nota interna, Información adicional, Comentarios internos",
        "notes?": "Mensaje",
        "status": "Estado, Estado del lead, Estado del cliente potencial, Estado del prospecto, Estado de candidato, Estatus, Etapa, Fase, Etapa del negocio, Estado Pre-Contacto, Etapa de ventas, Etapa de venta, Estado del pipeline, Etapa del pipeline, Fase del pipeline, Etapa del embudo, Fase del embudo, Estado del embudo, Estado comercial, Etapa comercial, Estado de la oportunidad, Etapa de la oportunidad",
        "status reason": "Razón para el estado, Razón del estado, Motivo del estado",
        "lifecycle": "Etapa del ciclo de vida, Fase del ciclo de vida",
        "score": "Puntuación, Puntaje, Puntos, Puntuación del lead",
        "createdAt": "Fecha de creación, Fecha creación, Creado, Creado el, Creado en, Creada el, Fecha de alta, Fecha de registro, Fecha de inscripción, Añadido el, Agregado el, Fecha y hora de creación, Cliente desde, Fecha de adición, Fecha en que se creó",
        "createdAt?": "Marca temporal",
        "around": "personal, trabajo, laboral, casa, oficina, principal, secundario, secundaria, alternativo, otro, otra, particular, empresa, número, dirección, del, de, el, adicional, alternativa, la, los, núm, nº",
    },
    "Italian": {
        "name": "Nome completo, Nome e cognome, Cognome e nome, Nome cognome, Cognome nome, Nome contatto, Nome del contatto, Nome visualizzato, Nome cliente, Referente, Persona di riferimento",
        "name?": "Contatto, Cliente",
        "first name": "Nome di battesimo",
        "last name": "Cognome, Cognomi",
        "email": "Posta elettronica, Indirizzo e-mail, Indirizzo posta elettronica, Indirizzo di posta elettronica, Indirizzi e-mail, Indirizzi mail, Indirizzi di posta elettronica, Indirizzo mail",
        "phone": "Telefono, Numero di telefono, Cellulare, Telefono fisso, Fisso, Recapito telefonico, Cercapersone, Linea diretta, Telefoni, Numeri di telefono, Cellulari",
        "company": "Azienda, Società, Ditta, Impresa, Ragione sociale, Nome azienda, Nome dell'azienda, Nome società, Organizzazione, Nome organizzazione, Aziende, Nome dell'organizzazione, Nome della società",
        "source": "Fonte, Provenienza, Origine lead, Fonte lead, Fonte del lead, Fonte originale, Provenienza Lead",
        "source?": "Canale di acquisizione",
        "notes": "Note, Osservazioni, Commento, Commenti, Descrizione, Annotazioni, Informazioni aggiuntive, Commento interno, Commenti interni",
        "notes?": "Messaggio",
        "status": "Stato, Stato lead, Stato del lead, Fase, Fase della trattativa, Stato pipeline, Stato della pipeline, Fase pipeline, Fase della pipeline, Fase di vendita, Stato opportunità, Fase opportunità, Stato dell'opportunità, Fase dell'opportunità",
        "status reason": "Motivo stato, Motivo dello stato",
        "lifecycle": "Fase del ciclo di vita",
        "score": "Punteggio, Punteggio lead, Punti",
        "createdAt": "Data di creazione, Data creazione, Orario di creazione, Creato, Creato il, Data di inserimento, Data inserimento, Data di iscrizione, Data iscrizione, Aggiunto il, Data di registrazione, Data registrazione, Cliente dal, Orario creazione, Ora di creazione, Data aggiunta, Data di aggiunta, Data della creazione",
        "createdAt?": "Informazioni cronologiche",
        "around": "personale, lavoro, ufficio, uff, casa, abitazione, ab, principale, secondario, altro, aziendale, azienda, società, numero, n, indirizzo, di, del, della, primario, primaria, secondaria, aggiuntivo, aggiuntiva, alternativo",
    },
    "Portuguese": {
        "name": "Nome completo, Nome e sobrenome, Nome do contato, Nome do contacto, Nome de contato, Nome do cliente, Nome para exibição, Pessoa de contato, Pessoa de contacto, Nome de exibição",
        "name?": "Contato, Contacto, Cliente",
        "first name": "Primeiro nome, Nome próprio, Prenome",
        "last name": "Sobrenome, Último nome, Nome de família",
        "last name?": "Apelido",
        "email": "Correio eletrônico, Correio eletrónico, Endereço de e-mail, Endereço de correio eletrónico, Endereços de e-mail, Correios eletrônicos, Correios eletrónicos",
        "phone": "Telefone, Número de telefone, Celular, Telefone fixo, Telemóvel, Fone, Número de contato, Móvel, Telefones, Números de telefone, Telemóveis",
        "company": "Empresa, Companhia, Nome da empresa, Organização, Nome da organização, Razão social, Conta, Nome da conta, Nome empresa, Nome de conta",
        "source": "Fonte, Origem, Origem do lead, Fonte do lead, Fonte original, Proveniência, Origem Lead",
        "source?": "Canal de aquisição",
        "notes": "Nota, Notas, Observação, Observações, Comentário, Comentários, Descrição, Anotações, Informações adicionais",
        "notes?": "Mensagem",
        "status": "Estado do lead, Situação, Status do lead, Estágio, Etapa, Fase, Etapa do negócio, Estado, Status Lead, Status do pipeline, Estado do pipeline, Estágio do pipeline, Etapa do pipeline, Fase do pipeline, Etapa do funil, Estágio do funil, Fase do funil, Status do funil, Etapa de vendas, Estágio da oportunidade, Etapa da oportunidade",
        "status reason": "Motivo do status, Razão do status",
        "lifecycle": "Estágio do ciclo de vida, Fase do ciclo de vida",
        "score": "Pontuação, Pontos, Pontuação do lead",
        "createdAt": "Data de criação, Criado, Criado em, Criada em, Data de cadastro, Data de registo, Data de registro, Data de inscrição, Adicionado em, Hora de criação, Cliente desde, Data criação, Data da criação, Data de adição, Data e hora de criação, Data de inclusão",
        "createdAt?": "Carimbo de data/hora",
        "around": "pessoal, trabalho, comercial, residencial, casa, principal, outro, secundário, secundária, escritório, empresa, número, endereço, do, da, de, alternativo, adicional, residência, particular",
    },
    "Dutch": {
        "name": "Volledige naam, Voor- en achternaam, Contactpersoon, Naam contactpersoon, Weergavenaam, Contactnaam, Klantnaam, Naam van contactpersoon",
        "name?": "Klant",
        "first name": "Voornaam, Voornamen, Roepnaam",
        "last name": "Achternaam, Familienaam",
        "email": "E-mailadres, Mailadres",
        "phone": "Telefoon, Telefoonnummer, Mobiel, Mobieltje, Mobiele telefoon, Gsm, Gsm-nummer, Vaste telefoon, Doorkiesnummer, Faxnummer, Semafoon, Pieper, Piepernummer, Mobiele, Telefoonnummers, Mobiele nummers, Faxnummers",
        "company": "Bedrijf, Bedrijfsnaam, Onderneming, Organisatie, Organisatienaam, Naam bedrijf, Werkgever, Relatie naam, Accountnaam, Bedrijf naam, Bedrijven, Naam organisatie, Naam van bedrijf, Naam van het bedrijf, Naam van organisatie",
        "source": "Bron, Leadbron, Herkomst, Oorspronkelijke bron, Bron voor lead, Bron van lead, Contactbron, Bron van contact",
        "notes": "Notitie, Notities, Opmerking, Opmerkingen, Toelichting, Omschrijving, Beschrijving, Aantekeningen, Aantekening, Interne notitie, Interne notities, Interne opmerking, Interne opmerkingen, Aanvullende informatie",
        "notes?": "Bericht",
        "status": "Dealfase, Leadfase, Stadium, Pipelinefase, Fase van de pipeline, Status van de pipeline, Klantstatus, Contactstatus, Verkoopfase, Verkoopstatus",
        "status reason": "Reden van status, Statusreden, Reden voor status",
        "lifecycle": "Levenscyclusfase",
        "score": "Punten, Contactscore",
        "createdAt": "Aangemaakt, Aangemaakt op, Aanmaakdatum, Datum aangemaakt, Toegevoegd op, Datum toegevoegd, Inschrijfdatum, Registratiedatum, Gemaakt op, Aanmaaktijd, Tijdstip aangemaakt, Klant sinds, Gemaakt, Datum van aanmaak, Creatiedatum, Aanmaakdatum en -tijd, Toegevoegd",
        "createdAt?": "Tijdstempel",
        "around": "privé, werk, zakelijk, zakelijke, thuis, kantoor, primair, primaire, overig, overige, mobiel, nummer, adres, ander, andere, secundair, secundaire, tweede, extra, nr, alternatief, alternatieve, op",
    },
    "Polish": {
        "name": "Imię i nazwisko, Nazwisko i imię, Imię nazwisko, Pełna nazwa, Pełne imię i nazwisko, Osoba kontaktowa, Nazwa kontaktu, Nazwa wyświetlana, Wyświetlana nazwa",
        "name?": "Kontakt, Klient, Nazwa",
        "first name": "Imię, Imiona",
        "last name": "Nazwisko, Nazwiska",
        "email": "Adres e-mail, Adres poczty elektronicznej, Poczta elektroniczna, E-maile, Maile, Adresy e-mail, Adresy mail, Adres mailowy, Adresy mailowe, Adresy poczty elektronicznej",
        "phone": "Telefon, Telefon komórkowy, Telefon stacjonarny, Komórka, Tel kom, Faks, Telefonu, Telefonu komórkowego, Faksu, Telefony, Telefony komórkowe, Telefony stacjonarne, Numery telefonu, Numery telefonów, Komórki, Faksy, Numer komórkowy, Numery komórkowe, Tel komórkowy, Tel stacjonarny",
        "company": "Nazwa firmy, Przedsiębiorstwo, Organizacja, Spółka, Nazwa organizacji, Pracodawca, Nazwa konta, Firma Organizacja, Firmy, Nazwa przedsiębiorstwa, Firma klienta",
        "source": "Źródło, Źródło leada, Źródło kontaktu, Pochodzenie, Źródło pozyskania, Źródło namiaru, Źródło leadu, Źródło klienta",
        "notes": "Notatka, Notatki, Uwaga, Uwagi, Komentarz, Komentarze, Opis, Adnotacje, Adnotacja, Notatka wewnętrzna, Notatki wewnętrzne, Wewnętrzne notatki, Dodatkowe informacje, Informacje dodatkowe",
        "notes?": "Wiadomość",
        "status": "Status leada, Status namiaru, Etap, Etap sprzedaży, Stan, Status Potencjalnego Klienta, Status pipeline, Status pipeline'u, Etap pipeline, Etap pipeline'u, Status lejka, Etap lejka, Etap w lejku, Etap lejka sprzedaży, Status leadu, Etap leada, Status transakcji, Etap transakcji, Status szansy, Etap szansy, Status szansy sprzedaży, Etap szansy sprzedaży, Status sprzedaży",
        "status reason": "Przyczyna statusu, Przyczyna stanu",
        "lifecycle": "Etap cyklu życia",
        "score": "Punktacja, Punkty, Score leada, Punktacja leada, Scoring leada",
        "createdAt": "Data utworzenia, Czas utworzenia, Utworzono, Utworzony, Data dodania, Dodano, Data rejestracji, Data zapisu, Klient od, Data stworzenia, Data i godzina utworzenia",
        "createdAt?": "Sygnatura czasowa",
        "around": "prywatny, służbowy, służbowa, domowy, główny, dodatkowy, inny, firmowy, firma, biuro, praca, numer, nr, adres, biurowy, podstawowy, wtórny, wtórne, pomocniczy, prywatna, służbowe, prywatne",
    },
    "Japanese": {
        "name": "氏名, お名前, フルネーム, 姓名, 表示名, ご担当者名, 連絡先名, 顧客名, お客様名, 氏名（漢字）, 名前（漢字）, お名前（漢字）, お名前（フルネーム）",
        "name?": "連絡先, 顧客, 担当者, 担当者名",
        "first name": "名, 名前（名）, 名（漢字）, ファーストネーム, 氏名（名）, お名前（名）, 下の名前",
        "last name": "姓, 苗字, 名字, 名前（姓）, 姓（漢字）, ラストネーム, 氏名（姓）, お名前（姓）",
        "email": "メール, メールアドレス, Eメール, Eメールアドレス, 電子メール, 電子メールアドレス, 電子メール アドレス, 携帯メール, 携帯メールアドレス, 連絡先メール, 連絡先メールアドレス, 担当者メール, 担当者メールアドレス, ご担当者メールアドレス",
        "phone": "電話, 電話番号, お電話番号, TEL, FAX, TEL番号, 携帯, 携帯電話, 携帯番号, 携帯電話番号, 直通, 直通電話, 直通番号, 代表電話, 代表番号, 固定電話, FAX番号, ファックス, ファックス番号, ファクス, ポケットベル, 連絡先電話番号, 担当者電話番号, ご担当者電話番号",
        "company": "会社, 会社名, 企業, 企業名, 組織, 組織名, 勤務先, 勤務先名, 法人名, 取引先, 取引先名, 貴社名, 御社名, 所属, アカウント名, 顧客企業名, 会社名（漢字）, 所属企業, 所属会社, 所属組織, 取引先企業, 顧客企業, 所属企業名, 取引先企業名",
        "source": "リードソース, リードの獲得元, 流入元, 獲得元, 情報源, 流入経路, 元のソース, ソース, 紹介元, 見込み客のデータ元, 潜在顧客ソース, リード元, リードのソース, リードのデータ元, 見込み客のソース, 見込み客ソース, リードの獲得経路, 獲得経路, 獲得チャネル, 流入チャネル",
        "notes": "備考, メモ, コメント, 説明, 注記, ノート, お問い合わせ内容, 詳細情報, 備考欄, 特記事項, 社内メモ, 補足, 補足情報",
        "notes?": "メッセージ, 詳細",
        "status": "ステータス, 状態, リードステータス, リード状況, 状況, フェーズ, ステージ, 取引ステージ, 見込み客ステータス, 見込み客のステータス, 見込み客の状態, 見込み客の状況, リードのステータス, リードの状態, リードの状況, リードステージ, リードのステージ, パイプラインステージ, パイプラインのステージ, パイプラインステータス, パイプラインのステータス, 商談ステータス, 商談ステージ, 商談フェーズ, 案件ステータス, 案件フェーズ, 営業ステータス, 営業フェーズ, 顧客ステータス, 連絡先ステータス, 取引フェーズ, 取引ステータス",
        "status reason": "ステータスの理由, ステータス理由",
        "lifecycle": "ライフサイクルステージ",
        "score": "スコア, リードスコア, 点数, 評価点, ポイント, リードのスコア, 見込み客スコア, 見込み客のスコア, コンタクトスコア",
        "createdAt": "作成日, 作成日時, 作成時刻, 登録日, 登録日時, 追加日, 追加日時, 作成日時刻, 登録年月日, 作成年月日, レコード作成日時, 作成された日, 追加された日, 登録日付, 作成日付",
        "createdAt?": "タイムスタンプ",
        "around": "自宅, 勤務先, 会社, 個人, 職場, 仕事, その他, 代表, 番号, 主要, 予備, 別の, 勤務先の, 自宅の, 会社の, 個人の, オフィス, 携帯の, サブの, 他の, 予備の, セカンダリ, プライマリ, サブ, メイン, その他の, 担当者の, 連絡先の, メインの",
    },
}

# A first name, a last name or both: the other columns tell.
BARE_NAMES = "name, Name, Nom, Nombre, Nome, Naam, 名前, Nominativo"
# Beside the name of a contact, these are the company: Close calls its companies leads.
RECORD_NAMES = "lead name, display name, customer name, client name, Kundenname, Nom du client, Nombre del cliente, Nome cliente, Nome do cliente, Klantnaam, 顧客名"
CONTACT_NAMES = (
    "contact name, contact person, contact full name, primary contact name, primary contact person, Ansprechpartner, Ansprechpartnerin, Ansprechperson, Kontaktname, Kontaktperson, Name des Kontakts, Nom du contact, Interlocuteur, "
    "Personne de contact, Nombre del contacto, Nombre de contacto, Persona de contacto, Nome contatto, Nome del contatto, Referente, Persona di riferimento, Nome do contato, Nome do contacto, Pessoa de contato, Contactpersoon, "
    "Naam contactpersoon, Contactnaam, Osoba kontaktowa, Nazwa kontaktu, ご担当者名, 連絡先名"
)
# A status, or the state of an address if there is one.
BARE_STATES = "État, Estado, Stato, Stan, 状態, 状況, Situação"
PLACES = (
    "city, town, zip, zipcode, postcode, postal, street, country, state, province, Stadt, Ort, PLZ, Postleitzahl, Straße, Land, ville, rue, pays, ciudad, calle, país, provincia, municipio, colonia, città, CAP, via, paese, "
    "cidade, CEP, rua, bairro, município, stad, plaats, straat, miasto, ulica, kraj, kod, 都道府県, 市区町村, 郵便番号, 住所"
)

# Whom a header may name first: "Person - Name", "Lead Source", "Attendee Email".
PEOPLE = (
    "person, people, lead, contact, customer, client, subscriber, member, prospect, invitee, attendee, participant, registrant, respondent, applicant, candidate, buyer, purchaser, guest, donor, patient, student, "
    "persons, contacts, leads, customers, clients, subscribers, members, attendees, primary, main, hs, Kontakt, Kontaktperson, Ansprechpartner, Ansprechpartnerin, contactpersoon, Kunde, Teilnehmer, Interessent, contacto, cliente, contatto, contato, klant, klient, Personne, Persona"
)
# These say the same only before the parts of a name, addresses, phones and companies: a "Billing Status"
# is not the status of a lead, and a "User Name" is not a name.
NEAR_PEOPLE = "billing, user, default, address"
# What contains a person in nested objects: "properties.email", "data.contact.name".
CONTAINERS = (
    "properties, property, fields, field, attributes, attribute, data, record, profile, node, item, object, entity, info, details, result, results, payload, row, doc, document, json, user, users, "
    "traits, identity, identities, personal info, personal, contact info, contact details, contact data, person id, name, custom attributes, custom fields, merge fields, names"
)
# Whom a header may name last: "Correo del cliente", "Naam klant". English needs its "of": an "Email Client" is a program.
PEOPLE_BEHIND = "contacto, cliente, contatto, contato, klant, klienta, kontaktu, Kontakts, Kunden, des Kunden, Ansprechpartners"
OF = "of, the, de, del, du, des, do, da, della, van, von"
# Words between the first and the last name: "van der" in "Ana van der Berg".
INFIXES = "Tussenvoegsel, Tussenvoegsels, Tussenvoegsel(s), Infix, Namenszusatz, Vorsatzwort, surname prefix, last name prefix"
# They look like a field of ours, and are none.
NEVER = "no email, no mail, no phone, no fax, no mobile, no cell, no sms, direct mail, mail direct, direct mailing"
# What forms and databases add to their headers.
MARKS = "s, your, jsonb, required, optional, Pflichtfeld, obligatoire, obligatorio, obbligatorio, obrigatório, verplicht, wymagane, 必須, 任意"
# fmt: on

"""The words of other tools for a person who must not be contacted, by language.

To add a language, add a table to LANGUAGES. Capitals, accents, spaces and hyphens make no
difference.

- "words" say so as a status, also within a sentence: "Unsubscribed on Monday". As a header, they
  say so of each row with a yes: "Do not call".
- "alone" say so only if nothing stands beside them: "Baja", but not "Baja California".
- "columns" say so as a header, but not as a status: "Abmeldung".
- "consent" says the opposite as a header: a row with a no, or with a word of "refusals", counts.
- "states" are the words for a status. They need one of "channels", or of the words above, in the
  same header: "Marketing status".
- "when" are the words for a time or a reason: "Unsubscribe date".
- "around" may stand in any of these headers; "around opt out" not beside "consent", since hardly
  anybody allows text messages.
- "yes" and "no" are the answers.
"""

# fmt: off
LANGUAGES: dict[str, dict[str, str]] = {
    "English": {
        "words": "do not contact, don't contact, never contact, do not call, don't call, do not email, don't email, do not mail, do not disturb, do not phone, do not text, do not solicit, do not market, do not send, dnc, unsubscribe, unsubscribed, bounce, "
        "bounced, hard bounce, hard bounced, soft bounce, opt out, opted out, optout, optedout, cleaned, blocklisted, block listed, blacklisted, black listed, blocked, complained, complaint, spam complaint, suppressed, unreachable, undeliverable, invalid email, "
        "email invalid, no marketing, no consent, without consent, consent withdrawn, consent revoked, withdrew consent, withdrawn consent, no permission, not opted in, not subscribed, never subscribed, non subscribed, marked as spam, reported spam",
        "alone": "",
        "columns": "opted out of, opted out from, unsub, unsubscription, do not allow, do not bulk email, do not postal mail, do not fax, do not sms, do not sendmm, blocklist, blacklist, block list, black list, suppress, suppression, suppressions, no email, no mailing, no mailings, "
        "no newsletter, no calls, quarantined, clean time, cleaned time",
        "consent": "consent, consented, opt in, optin, opted in, double opt in, doi, subscribed, newsletter, newsletters, mailing list, email subscription, newsletter subscription, subscription to newsletter, accepts marketing, accept marketing, "
        "accepts email, accepts email marketing, accepted marketing, agreed to marketing, marketing permission, email permission, contact permission, permission to contact, permission to email, permission to market, permission to send, marketing allowed, email allowed, "
        "contact allowed, allow email, allow marketing, allow contact, allow calls, can email, can call, can contact, can be contacted, may contact, may email, ok to contact, ok to email, ok to call, okay to contact, receive email, receives email, "
        "receive newsletter, receives newsletter, receive marketing, wants newsletter, contactable, mailable, emailable, marketable, email marketing, marketing email",
        "refusals": "withdrawn, revoked, declined, denied, refused, rejected, objected, not given, not granted, not allowed, disallowed, do not allow, opted out, none given",
        "channels": "email, mail, mailing, marketing, newsletter, subscription, subscriber, consent, sms, opt in, optin, opt out, optout, gdpr, deliverability, suppression, permission, unsubscribe, bounce, blacklist, blocklist",
        "states": "status, state, statuses",
        "when": "date, time, timestamp, at, on, since, reason, reasons, other, campaign title, campaign id, campaign name, source, details, type, code",
        "around": "has, have, is, was, been, are, of, from, for, to, by, via, the, all, any, and, or, email, mail, mails, mailing, mailings, phone, call, calls, bulk, post, postal, direct, marketing, newsletter, newsletters, list, lists, contact, contacts, "
        "person, people, lead, leads, customer, client, subscriber, member, user, prospect, address, addresses, communication, communications, campaign, campaigns, global, globally, flag, hs, commercial, promotional, promo, confirmed, individual, primary, "
        "secondary, work, home, subscription, subscriptions, gdpr, material, materials, advertising, messages, received, given, channel, double, single, account, hubspot, legal",
        "around opt out": "sms, text, texts, fax, whatsapp, push, mobile",
        "yes": "yes, y, true, t, x, checked, on, do not allow, 1",
        "no": "no, n, false, f, unchecked, off, 0, never, allow, not checked",
    },
    "German": {
        "words": "nicht kontaktieren, nicht mehr kontaktieren, nicht anrufen, nicht anschreiben, nicht anmailen, kein Kontakt erwünscht, kein Kontakt gewünscht, Kontakt unerwünscht, keine Werbung, keine E-Mail, kein Newsletter, keine Anrufe, "
        "Anrufe unerwünscht, E-Mail unerwünscht, Werbung unerwünscht, abgemeldet, abgemeldete, abbestellt, ausgetragen, unzustellbar, gesperrt, Werbesperre, Kontaktsperre, Mailsperre, Newslettersperre, Anrufsperre, Sperrliste, widerrufen, "
        "Widerruf, Widerspruch, keine Einwilligung, ohne Einwilligung, keine Zustimmung, schwarze Liste, nicht abonniert",
        "alone": "",
        "columns": "Abmelde, Sperr, Abmeldung, Austragung, Abbestellung, Newsletterabmeldung, Sperre, Sperrvermerk, Robinson, Robinsonliste",
        "consent": "Einwilligung, Einwilligungen, Einverständnis, Einverständniserklärung, Zustimmung, Werbeeinwilligung, Werbeerlaubnis, Kontakterlaubnis, Newsletteranmeldung, Newsletterempfang, Newsletter erwünscht, Newsletter abonniert, Werbung erlaubt, "
        "E-Mail erlaubt, Kontakt erlaubt, abonniert, angemeldet, Newsletter gewünscht, Newsletterabonnent, Anmeldung Newsletter, Mailingliste, E-Mail-Verteiler, Verteiler",
        "refusals": "nicht erteilt, nicht vorhanden, nicht angemeldet, zurückgezogen, verweigert, abgelehnt, nicht erlaubt",
        "channels": "Abonnement, Abo, Abonnenten, Abonnent, Anmelde, Einwilligungs, Werbe, Versand, Zustell, DSGVO, Abmelde, Anmeldung, Mailing, Rundmail",
        "states": "Status, Zustand",
        "when": "Datum, Zeit, Zeitpunkt, am, um, seit, Grund, Uhrzeit",
        "around": "hat, ist, sich, vom, von, der, die, das, des, für, zum, zur, per, im, in, und, allen, alle, Kontakt, Kontakte, Kunde, Kunden, Person, Empfänger, Adresse, Telefon, Anruf, Anrufe, Post, Werbung, Liste, Verteiler, Datenschutz, E-Mail-Adresse, wurde, erhalten",
        "around opt out": "",
        "yes": "ja, j, wahr, nicht zulassen",
        "no": "nein, falsch, nie, zulassen",
    },
    "French": {
        "words": "ne pas contacter, ne plus contacter, ne pas appeler, ne plus appeler, ne pas démarcher, ne pas envoyer, ne pas déranger, désabonné, désabonnée, désabonnés, désinscrit, désinscrite, désinscrits, s'est désabonné, non distribué, non délivrable, "
        "rebond, rebond définitif, bloqué, bloquée, liste noire, sur liste noire, blacklisté, blacklistée, sans consentement, pas de consentement, consentement retiré, non abonné, pas abonné, plainte pour spam",
        "alone": "",
        "columns": "désinscription, désinscriptions, désabonnement, désabonnements, désabonner, désinscrire, opposition, oppositions, Bloctel, refus",
        "consent": "consentement, consentements, accord, abonné newsletter, abonné à la newsletter, inscrit newsletter, inscrit à la newsletter, inscription newsletter, abonnement newsletter, accepte la newsletter, accepte marketing, accepte le marketing, "
        "accepte les e-mails, accepte de recevoir, autorisation, infolettre, infolettres, lettre d'information, optin, recevoir la newsletter",
        "refusals": "retiré, refusé, refusée, refus, non inscrit, non inscrite, non donné, non accordé, non accepté",
        "channels": "abonnement, inscription, abonné, courriel, courriels, consentement, infolettre, RGPD, campagne, désabonnement, désinscription, messagerie",
        "states": "statut, état, statuts",
        "when": "date, heure, le, depuis, raison, motif, cause",
        "around": "est, a, s, de, du, des, d, la, le, les, l, à, au, aux, par, pour, sur, et, un, une, tous, toutes, courriel, courriels, mél, adresse, téléphone, téléphonique, appel, appels, contact, client, prospect, personne, prospection, commerciale, "
        "commercial, commerciaux, publicité, liste, infolettre, communications, communication, électronique, messagerie, campagnes, demandé",
        "around opt out": "",
        "yes": "oui, o, vrai, coché, ne pas autoriser",
        "no": "non, faux, jamais, décoché, autoriser",
    },
    "Spanish": {
        "words": "no contactar, no contactar más, no volver a contactar, no llamar, no molestar, no enviar, no enviar correo, no enviar correos, dado de baja, dada de baja, dados de baja, se dio de baja, de baja, desuscrito, desuscrita, desuscripto, desinscrito, "
        "suscripción cancelada, canceló la suscripción, canceló suscripción, cancelada la suscripción, ha cancelado la suscripción, baja voluntaria, baja definitiva, baja de la lista, baja newsletter, rebotado, rebotada, rebote, bloqueado, bloqueada, lista negra, sin consentimiento, consentimiento retirado, "
        "no suscrito, no suscrita, no consiente, no desea ser contactado, no desea recibir",
        "alone": "baja, bajas",
        "columns": "baja, bajas, desuscripción, cancelación de suscripción, cancelar suscripción, anular suscripción, exclusión, lista Robinson, no correo, no publicidad",
        "consent": "consentimiento, consentimientos, suscrito, suscrita, suscrito al boletín, boletín, boletines, boletín de noticias, acepta marketing, acepta publicidad, acepta recibir, acepta correos, acepta comunicaciones, acepta comunicaciones comerciales, "
        "autorización, autoriza comunicaciones, autoriza contacto, recibir boletín, recibe boletín, suscripción al boletín, aceptación de marketing",
        "refusals": "retirado, revocado, denegado, rechazado, no otorgado, no acepta, no autoriza",
        "channels": "correo, suscripción, suscriptor, consentimiento, boletín, mailing, RGPD, correo electrónico, baja",
        "states": "estado, estatus, situación",
        "when": "fecha, hora, motivo, razón, causa, desde, el",
        "around": "ha, se, es, está, de, del, la, el, los, las, al, a, por, para, en, y, lista, listas, correo, correos, correo electrónico, electrónicos, teléfono, llamadas, contacto, cliente, prospecto, suscriptor, persona, boletín, boletines, "
        "comunicaciones, comerciales, publicidad, todos, todo, dirección, suscripción, campañas",
        "around opt out": "",
        "yes": "sí, s, verdadero, no permitir",
        "no": "no, falso, nunca, permitir",
    },
    "Italian": {
        "words": "non contattare, non contattare più, non chiamare, non disturbare, non inviare, disiscritto, disiscritta, disiscritti, si è disiscritto, cancellato, cancellata, iscrizione annullata, iscrizione cancellata, annullato iscrizione, "
        "cancellato dalla lista, rimbalzato, rimbalzata, bloccato, bloccata, lista nera, in lista nera, nessun consenso, senza consenso, consenso revocato, consenso negato, consenso ritirato",
        "alone": "",
        "columns": "disiscrizione, disiscrizioni, annullamento iscrizione, annulla iscrizione, cancellazione iscrizione, cancellazione newsletter, blocco, opposizione",
        "consent": "consenso, consensi, iscritto, iscritta, iscritto alla newsletter, iscritto newsletter, iscrizione newsletter, iscrizione alla newsletter, accetta marketing, accetta newsletter, accetta comunicazioni, accetta comunicazioni commerciali, "
        "autorizzazione, autorizza contatto, riceve newsletter",
        "refusals": "revocato, negato, ritirato, rifiutato, non iscritto, non iscritta, non concesso, non dato, non prestato",
        "channels": "iscrizione, iscritto, abbonamento, posta, consenso, mailing, disiscrizione, posta elettronica",
        "states": "stato, status",
        "when": "data, ora, orario, motivo, ragione, causa, dal, il",
        "around": "ha, si, è, di, da, del, dell, dall, nell, all, della, dalla, dalle, dal, alla, alle, al, il, la, le, i, per, e, tutti, tutte, lista, posta, posta elettronica, indirizzo, telefono, chiamate, contatto, cliente, persona, comunicazioni, commerciali, pubblicità, mailing, "
        "privacy, al trattamento, trattamento, finalità",
        "around opt out": "",
        "yes": "sì, vero, non consentire",
        "no": "no, falso, mai, consenti",
    },
    "Portuguese": {
        "words": "não contatar, não contactar, não contate, não contacte, não ligar, não ligue, não perturbe, não incomodar, não enviar, não enviar e-mail, não enviar e-mails, descadastrado, descadastrada, descadastrou-se, descadastrou, descadastrados, "
        "desinscrito, desinscrita, inscrição cancelada, cancelou a inscrição, cancelou inscrição, assinatura cancelada, cancelou a assinatura, cancelou assinatura, subscrição cancelada, cancelou a subscrição, cancelou subscrição, devolvido, bloqueado, "
        "bloqueada, lista negra, sem consentimento, não consentiu, consentimento retirado, consentimento revogado, removido da lista, rejeitado definitivamente",
        "alone": "",
        "columns": "descadastro, descadastramento, cancelamento de inscrição, cancelamento da inscrição, cancelamento de assinatura, cancelamento da assinatura, cancelamento de subscrição, cancelar inscrição, cancelar assinatura, anulação de subscrição",
        "consent": "consentimento, consentimentos, inscrito, inscrita, inscrito na newsletter, inscrição na newsletter, aceita marketing, aceita newsletter, aceita receber, aceita comunicações, aceita e-mails, aceita marketing por e-mail, boletim, boletins, "
        "autorização, autoriza contato, autoriza contacto, receber newsletter, recebe newsletter, aceita emails",
        "refusals": "retirado, revogado, negado, recusado, não inscrito, não subscrito, não concedido, não dado, não aceita, não autoriza",
        "channels": "assinatura, subscrição, inscrição, assinante, consentimento, correio, LGPD, boletim, disparo, descadastro",
        "states": "status, estado, situação",
        "when": "data, hora, horário, motivo, razão, causa, em, desde",
        "around": "é, está, foi, se, de, da, do, das, dos, a, o, as, os, na, no, nas, nos, por, para, com, e, ao, todos, todas, lista, listas, correio, correio eletrônico, endereço, telefone, ligações, contato, contacto, cliente, pessoa, comunicações, publicidade, "
        "assinatura, comunicação, mensagens, campanhas",
        "around opt out": "",
        "yes": "sim, s, verdadeiro, não permitir",
        "no": "não, falso, nunca, permitir",
    },
    "Dutch": {
        "words": "niet contacteren, niet meer contacteren, niet benaderen, niet meer benaderen, niet bellen, niet mailen, niet storen, geen contact opnemen, geen reclame, geen e-mail, geen mailing, geen nieuwsbrief, uitgeschreven, afgemeld, "
        "heeft zich afgemeld, geblokkeerd, gebounced, onbestelbaar, zwarte lijst, op zwarte lijst, geen toestemming, zonder toestemming, toestemming ingetrokken, niet geabonneerd",
        "alone": "",
        "columns": "afmeld, uitschrijf, afmelding, afmeldingen, uitschrijving, uitschrijvingen, blokkade, bel-me-niet, bel me niet",
        "consent": "toestemming, toestemmingen, nieuwsbrief, nieuwsbrieven, ingeschreven, ingeschreven voor nieuwsbrief, nieuwsbrief ontvangen, ontvangt nieuwsbrief, aangemeld, aangemeld voor nieuwsbrief, geabonneerd, aanmelding nieuwsbrief, "
        "inschrijving nieuwsbrief, akkoord marketing, akkoord nieuwsbrief, mag mailen, mag bellen, mag gemaild worden, mag gecontacteerd worden",
        "refusals": "ingetrokken, geweigerd, niet ingeschreven, niet aangemeld, niet gegeven, niet verleend",
        "channels": "abonnement, abonnements, abonnee, inschrijving, inschrijf, aanmeld, mailing, toestemming, toestemmings, nieuwsbrief, AVG",
        "states": "status, staat",
        "when": "datum, tijd, tijdstip, op, sinds, reden",
        "around": "heeft, is, zich, van, voor, de, het, een, per, door, alle, en, lijst, e-mailadres, adres, telefoon, contact, contacten, klant, persoon, mailings, reclame, nieuwsbrief, nieuwsbrieven, mails, ontvanger",
        "around opt out": "",
        "yes": "ja, j, waar, niet toestaan",
        "no": "nee, onwaar, nooit, toestaan",
    },
    "Polish": {
        "words": "nie kontaktować, nie kontaktować się, nie kontaktuj, nie kontaktuj się, nie dzwonić, nie dzwoń, nie wysyłać, nie wysyłaj, nie mailować, nie przeszkadzać, wypisany, wypisana, wypisani, wypisano, wypisał się, wypisała się, "
        "wyrejestrowany, wyrejestrowana, zrezygnował z subskrypcji, zrezygnowała z subskrypcji, rezygnacja z subskrypcji, anulował subskrypcję, anulowana subskrypcja, subskrypcja anulowana, odsubskrybowany, odsubskrybowana, zablokowany, zablokowana, "
        "niedostarczony, odbity, odbita, czarna lista, na czarnej liście, brak zgody, bez zgody, zgoda wycofana, wycofana zgoda, wycofał zgodę, cofnięta zgoda, zgoda cofnięta, sprzeciw, niesubskrybujący",
        "alone": "",
        "columns": "wypisanie, wypisania, wypisu, rezygnacja, rezygnacji, blokady, zablokowania, rezygnacje, rezygnacja z newslettera, blokada, wycofanie zgody, cofnięcie zgody",
        "consent": "zgoda, zgody, zgoda marketingowa, zgody marketingowe, zgoda na marketing, zgoda na newsletter, zgoda na kontakt, zapisany, zapisany na newsletter, zapisany do newslettera, zapis na newsletter, subskrybuje newsletter, biuletyn, newslettera, "
        "otrzymuje newsletter",
        "refusals": "wycofana, cofnięta, odmowa, odrzucona, nie wyrażono, nie wyraził, nieudzielona",
        "channels": "subskrypcji, subskrypcja, subskrybenta, subskrybent, zgody, marketingowy, marketingu, newslettera, poczty, mailingu, RODO",
        "states": "status, stan",
        "when": "data, czas, godzina, powód, przyczyna, od, dnia",
        "around": "jest, się, z, ze, na, do, od, w, o, i, dla, przez, wszystkich, wszystkie, lista, listy, poczty, adres, telefon, telefonu, telefoniczny, kontakt, kontaktu, klient, klienta, osoba, newslettera, newsletterów, wiadomości, marketingu, marketingowe, "
        "marketingowa, marketingowych, mailingu, mailingi, subskrypcji, handlowe, handlowych, informacji, przetwarzanie, danych, celów",
        "around opt out": "",
        "yes": "tak, t, prawda, nie zezwalaj",
        "no": "nie, fałsz, nigdy, zezwalaj",
    },
    "Japanese": {
        "words": "連絡不可, 連絡不要, 連絡しない, 連絡禁止, コンタクト不可, コンタクト禁止, 電話しないでください, 電話不可, 電話禁止, 架電禁止, 架電不可, メール不可, メール不要, メール禁止, 送信不可, 送信禁止, 送信停止, 配信停止, 配信不可, 配信不要, 配信拒否, 配信除外, "
        "配信解除, 受信拒否, 受信停止, 購読解除, 購読停止, 購読中止, 登録解除, 配信エラー, オプトアウト, 退会, 不達, バウンス, ブロック, ブラックリスト, 同意なし, 同意していない, 未同意, 同意撤回, DM不可, DM不要, 営業お断り",
        "alone": "",
        "columns": "メール拒否, DM拒否, 連絡拒否, メール除外, 停止フラグ",
        "consent": "同意, オプトイン, メルマガ, メールマガジン, メール配信, メール受信, DM, DM可否, DM送付, DM配信, メルマガ配信, メルマガ購読, メルマガ登録, メルマガ希望, メルマガ受信, 購読, ニュースレター, 配信許可, 配信希望, 受信許可, 受信希望, 連絡可, 案内メール, お知らせメール, 配信可",
        "refusals": "拒否, 不可, 停止, 停止中, 配信しない, 受け取らない, 受信しない, 希望しない, 不要, 解除, 解除済み, 撤回, 否, 不同意, 購読しない",
        "channels": "メール, Eメール, メルマガ, メールマガジン, マーケティング, 配信, 購読, 受信, 同意, 購読者, ニュースレター, 登録者, DM",
        "states": "ステータス, 状態, 状況, 区分",
        "when": "日時, 日, 日付, 時刻, 時間, 理由, 原因",
        "around": "メール, Eメール, 電子メール, メルマガ, メールマガジン, ニュースレター, マーケティング, の, を, へ, に, は, が, フラグ, 済み, 済, 可否, 有無, 希望, 設定, 電話, 顧客, 連絡先, 個人, 本人, 登録, 購読, 配信, 受信, 送信, 依頼, 申請, 申込, する, から, リスト, メールアドレス, 案内, 広告, 確認",
        "around opt out": "",
        "yes": "はい, 済, 済み, 有, 有り, あり, 停止, 停止済み, 停止中, 希望, 希望する, する, 対象, 不可, 拒否, 解除済み, 〇",
        "no": "いいえ, いえ, 無, 無し, なし, 未, しない, していない, 否, 対象外, 希望しない",
    },
}
# In front of such a word, these turn it around: "not unsubscribed".
NEGATIONS = "not, never, no, non, nicht, nie, pas, jamais, nunca, mai, niet, não, nooit"
# Japanese has them behind the word.
NEGATIONS_BEHIND = "なし, 無し, していない, されていない, していません, ではない, でない, ではありません, しない, しません"
# fmt: on

"""Exports as other tools write them: their header rows, and a few rows that we have made up."""

HUBSPOT = """\
Record ID - Contact,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,Lead Status,Marketing contact status,Create Date
101,Ada,Byron,ada@hub.example,+44 20 7946 0001,Sam,Engines Ltd,New,Marketing contact,2024-03-14 09:26
102,Grace,Hopper,grace@hub.example,,Sam,Navy Yards,In Progress,Non-marketing contact,2024-03-15 10:00
103,Mary,Shelley,mary@hub.example,,Sam,,Bad Timing,,2024-03-16 11:00
"""
SALESFORCE = '''\
"First Name","Last Name","Title","Company / Account","Email","Phone","Mobile","Lead Source","Lead Status","Lead Owner","Description","Create Date"
"Ada","Byron","Countess","Engines, Ltd","ada@sales.example","","+44 7700 900001","Web","Open - Not Contacted","Sam","Likes ""engines""","3/14/2024"
"Grace","Hopper","Admiral","Navy Yards","grace@sales.example","+1 555 0100","","Trade Show","Working - Contacted","Sam","","3/15/2024, 2:05 PM"
"Mary","Shelley","","Books","mary@sales.example","","","","Closed - Converted","Sam","","3/16/2024"
"Ann","Lovett","","Looms","ann@sales.example","","","","Closed - Not Converted","Sam","",""
'''
PIPEDRIVE = """\
Person - ID;Person - Name;Person - Label;Person - Phone - Work;Person - Phone - Mobile;Person - Email - Work;Person - Email - Home;Person - Organization;Person - Open deals;Person - Person created
1;Ada Byron;Hot lead;+44 20 7946 0001;;;ada@pipe.example;Engines Ltd;2;2024-03-14 09:26:53
2;Grace Hopper;;;+1 555 0100;grace@pipe.example;grace@home.example;Navy Yards;0;2024-03-15 10:00:00
"""
ZOHO = """\
Record Id,Lead Owner,Company,First Name,Last Name,Email,Phone,Mobile,Lead Source,Lead Status,Email Opt Out,Created Time,Description
zcrm_1,Sam,Engines Ltd,Ada,Byron,ada@zoho.example,,+44 7700 900001,Cold Call,Attempted to Contact,false,2024-03-14T09:26:53+05:30,First line
zcrm_2,Sam,Navy Yards,Grace,Hopper,grace@zoho.example,+1 555 0100,,Web Download,Junk Lead,false,2024-03-15T10:00:00+05:30,
zcrm_3,Sam,Books,Mary,Shelley,mary@zoho.example,,,,Pre-Qualified,true,2024-03-16T10:00:00+05:30,
"""
GOOGLE = """\
First Name,Middle Name,Last Name,Phonetic First Name,Nickname,File As,Organization Name,Organization Title,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value
Ada,,Byron,,,,Engines Ltd,Countess,1815-12-10,"First line
second line",* myContacts,* Home,ada@mail.example ::: ada@work.example,Work,ada2@mail.example,Mobile,+44 7700 900001
Grace,Brewster,Hopper,,,,Navy Yards,,,,* myContacts,,,Work,grace@mail.example,,
"""
OUTLOOK = """\
First Name,Middle Name,Last Name,Title,Suffix,Company,Department,Job Title,Business Street,Business Phone,Home Phone,Mobile Phone,Business Fax,Categories,E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,Notes,Web Page
Ada,,Byron,,,Engines Ltd,,Countess,,+44 20 7946 0001,,,,,ada@outlook.example,SMTP,Ada (ada@outlook.example),,Met at the fair,
Grace,,Hopper,,,Navy Yards,,,,,,+1 555 0100,,,,,,grace@outlook.example,,
"""
MAILCHIMP = '''\
Email Address,First Name,Last Name,Address,Phone Number,Birthday,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS
ada@chimp.example,Ada,Byron,,+44 20 7946 0001,,2,,,"2024-03-14 09:26:53",192.0.2.1,,,,,,,,"2024-03-14 09:26:53",1,a1,,"""newsletter"""
grace@chimp.example,Grace,Hopper,,,,2,"2024-03-15 10:00:00",,"2024-03-15 10:00:05",192.0.2.2,,,,,,,,"2024-03-15 10:00:05",2,b2,"Prefers mail",
'''
# As Datablist's samples have them.
LIST = """\
Index,Account Id,Lead Owner,First Name,Last Name,Company,Phone 1,Phone 2,Email 1,Email 2,Website,Source,Deal Stage,Notes
1,A1,Sam,Ada,Byron,"Engines, Ltd",,+44 7700 900001,ada@list.example,ada2@list.example,http://engines.example/,Chatbot,Proposal Sent,Likes engines.
2,A2,Sam,Grace,Hopper,Navy Yards,+1 555 0100,,,grace@list.example,,Referral,On Hold,
3,A3,Sam,Mary,Shelley,Books,,,mary@list.example,,,,Re-engagement,
4,A4,Sam,Ann,Lovett,Looms,,,ann@list.example,,,,Disqualified,
"""
# Nobody has seen this one before.
UNSEEN = """\
Kundennummer\tFull name\tContact e-mail\tMobile number\tEmployer\tTraffic source\tPipeline stage\tComments\tDate added
7\tAda Byron\tada@unseen.example\t+44 7700 900001\tEngines Ltd\tFair\tIn negotiation\tLikes engines.\t14.03.2024
8\tGrace Hopper\tgrace@unseen.example\t\tNavy Yards\t\tLost\t\t15.03.2024
"""
# The export, and of each lead: e-mail, phone, company, source, status, the day it was created.
LEADS = {
    "HubSpot": (
        HUBSPOT,
        [
            (
                "Ada Byron",
                "ada@hub.example",
                "+44 20 7946 0001",
                "Engines Ltd",
                None,
                "new",
                "2024-03-14T09:26:00.000Z",
            ),
            (
                "Grace Hopper",
                "grace@hub.example",
                None,
                "Navy Yards",
                None,
                "contacted",
                "2024-03-15T10:00:00.000Z",
            ),
            (
                "Mary Shelley",
                "mary@hub.example",
                None,
                None,
                None,
                "new",
                "2024-03-16T11:00:00.000Z",
            ),
        ],
    ),
    "Salesforce": (
        SALESFORCE,
        [
            (
                "Ada Byron",
                "ada@sales.example",
                "+44 7700 900001",
                "Engines, Ltd",
                "Web",
                "new",
                "2024-03-14T00:00:00.000Z",
            ),
            (
                "Grace Hopper",
                "grace@sales.example",
                "+1 555 0100",
                "Navy Yards",
                "Trade Show",
                "contacted",
                "2024-03-15T14:05:00.000Z",
            ),
            (
                "Mary Shelley",
                "mary@sales.example",
                None,
                "Books",
                None,
                "won",
                "2024-03-16T00:00:00.000Z",
            ),
            ("Ann Lovett", "ann@sales.example", None, "Looms", None, "lost", None),
        ],
    ),
    "Pipedrive": (
        PIPEDRIVE,
        [
            (
                "Ada Byron",
                "ada@pipe.example",
                "+44 20 7946 0001",
                "Engines Ltd",
                None,
                "new",
                "2024-03-14T09:26:53.000Z",
            ),
            (
                "Grace Hopper",
                "grace@pipe.example",
                "+1 555 0100",
                "Navy Yards",
                None,
                "new",
                "2024-03-15T10:00:00.000Z",
            ),
        ],
    ),
    "Zoho": (
        ZOHO,
        [
            (
                "Ada Byron",
                "ada@zoho.example",
                "+44 7700 900001",
                "Engines Ltd",
                "Cold Call",
                "contacted",
                "2024-03-14T03:56:53.000Z",
            ),
            (
                "Grace Hopper",
                "grace@zoho.example",
                "+1 555 0100",
                "Navy Yards",
                "Web Download",
                "lost",
                "2024-03-15T04:30:00.000Z",
            ),
            (
                "Mary Shelley",
                "mary@zoho.example",
                None,
                "Books",
                None,
                "qualified",
                "2024-03-16T04:30:00.000Z",
            ),
        ],
    ),
    "Google contacts": (
        GOOGLE,
        [
            ("Ada Byron", "ada@mail.example", "+44 7700 900001", "Engines Ltd", None, "new", None),
            ("Grace Hopper", "grace@mail.example", None, "Navy Yards", None, "new", None),
        ],
    ),
    "Outlook": (
        OUTLOOK,
        [
            (
                "Ada Byron",
                "ada@outlook.example",
                "+44 20 7946 0001",
                "Engines Ltd",
                None,
                "new",
                None,
            ),
            (
                "Grace Hopper",
                "grace@outlook.example",
                "+1 555 0100",
                "Navy Yards",
                None,
                "new",
                None,
            ),
        ],
    ),
    "Mailchimp": (
        MAILCHIMP,
        [
            (
                "Ada Byron",
                "ada@chimp.example",
                "+44 20 7946 0001",
                None,
                None,
                "new",
                "2024-03-14T09:26:53.000Z",
            ),
            (
                "Grace Hopper",
                "grace@chimp.example",
                None,
                None,
                None,
                "new",
                "2024-03-15T10:00:00.000Z",
            ),
        ],
    ),
    "a list": (
        LIST,
        [
            (
                "Ada Byron",
                "ada@list.example",
                "+44 7700 900001",
                "Engines, Ltd",
                "Chatbot",
                "qualified",
                None,
            ),
            (
                "Grace Hopper",
                "grace@list.example",
                "+1 555 0100",
                "Navy Yards",
                "Referral",
                "new",
                None,
            ),
            ("Mary Shelley", "mary@list.example", None, "Books", None, "contacted", None),
            ("Ann Lovett", "ann@list.example", None, "Looms", None, "lost", None),
        ],
    ),
    "an unseen one": (
        UNSEEN,
        [
            (
                "Ada Byron",
                "ada@unseen.example",
                "+44 7700 900001",
                "Engines Ltd",
                "Fair",
                "qualified",
                "2024-03-14T00:00:00.000Z",
            ),
            (
                "Grace Hopper",
                "grace@unseen.example",
                None,
                "Navy Yards",
                None,
                "lost",
                "2024-03-15T00:00:00.000Z",
            ),
        ],
    ),
}

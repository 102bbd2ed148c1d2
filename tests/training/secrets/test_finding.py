from dataclasses import replace
from pathlib import Path

import pytest

from domain.prompt import REFUSAL
from domain.questions import Message
from tests.training.makers import example, passage
from training.secrets.finding import held_by, held_by_row, shown, told
from training.secrets.kinds import Held
from training.starter import starter_examples

HOLDS = {
    Held.PASSWORD: [
        "The password of the label printer is Quince!81",
        "Wi-Fi password: marzipan-cliff-9",
        "The passcode for the projector is lantern.",
        "Das WLAN-Passwort lautet Kiesel#27",
        "Le mot de passe du four est Brioche77.",
        "La contraseña del almacén es Olivo_2031",
        "La senha do cofre é Caju#55",
        "Het wachtwoord is Klomp!9",
        "Hasło to kiosku: Bocian44",
        "Пароль: Самовар12",
        "密码是Panda2030",
        "パスワードはKoi#2030です",
        "marzipan77 is the wifi password",
        '"lantern5" is the password of the till.',
        "Kiesel#27 ist das WLAN-Passwort.",
        "wifi pw marzipan77",
        "The network key is Marzipan77.",
        "user: ferry, pass: tide55",
        "Log in with ferry and tide55.",
        "ferry/tide55 logs you in",
        'The password is "purple boat seven tide".',
        "The passphrase is purple boat tide.",
        "Meeting 12, passcode 482913",
    ],
    Held.KEY: [
        "export AWS_KEY=AKIAQ3EGRXBD5VFT2ZPL",
        "Use the token glpat-9xQwErTyUiOpAsDfGh for the runner.",
        "api_key = 'b7e23ec29af22b0b4e41da31e868d572'",
        "The client secret is 8f14e45f-ceea-467f",
        "-----BEGIN OPENSSH PRIVATE KEY-----",
        "Connect to mysql://harbour:tide55@db.quay/boats",
    ],
    Held.CODE: [
        "The code of the boat shed door is 7702#",
        "Gate code 19-84",
        "Alarm code: *3141",
        "PIN 8025",
        "Der Code für das Tor ist 5533.",
        "Le code du portail : 4406",
        "El código de la puerta trasera es 6180",
        "Il codice del cancello è 2277",
        "门禁密码是9042",
        "7702 is the code of the boat shed door.",
        "Since May 7702 opens the gate.",
        "The gate code is seven seven zero two.",
        "Der Code für die Haustür lautet 5533.",
        "Front door: 7702#",
        "The keypad takes 7-7-0-2.",
        "To open the door press 7 7 0 2 and the hash key.",
        "Your recovery code is 8F3K-22LD.",
        "The gate opens with 4711",
        "The door opens with four seven one one",
        "The alarm is disarmed with 9182",
        "The alarm is switched off with the code 9182 and a turn of the key.",
        "Disarm the alarm with 9182.",
        "The code 9182 does not work at the gate",
        "Der Tresor geht mit 4711 auf",
        "Mit 4711 geht der Tresor auf.",
        "Das Tor öffnet sich mit dem Code 4711.",
        "With 4711 the gate opens.",
        "Le portail s'ouvre avec 4711.",
        "La puerta se abre con 4711.",
    ],
    Held.CARD: ["Book it on 5500 0000 0000 0004.", "card 4012888888881881"],
    Held.ACCOUNT: ["IBAN: GB29 NWBK 6016 1331 9268 19", "auf FR1420041010050500013M02606"],
    Held.IDENTITY: [
        "Her social security number is 212-09-9999",
        "CPF 390.533.447-05",
        "PESEL: 44051401359",
        "Codice fiscale MRTMTT91D08F205J",
        "AHV-Nummer 756.9217.0769.85",
    ],
    Held.PHONE: [
        "Call Ines Duarte at home: +351 912 345 678",
        "Ruf Jonas Weber an: 0151 23456789",
        "Her private phone is +44 20 7946 0958",
        "Text Priya Nair on +91 98765 43210",
    ],
    Held.EMAIL: [
        "Ask ines.duarte@quay.example",
        "j.weber2@quay.example knows it",
        "Mail ines.duarte (at) quay.example",
        "ines dot duarte at quay dot com",
    ],
}
HOLDS_NOTHING = """
Choose a password of 14 characters or more.
Your password expires after 60 days.
The password is never told to anybody.
The password is stored in the safe.
Passwords must be changed.
The door is 90 cm wide and the gate is 3 m high.
Error code 7702 stops the lift.
The postcode of the depot is 20457.
Press the green button for 3 seconds.
The room is booked until 17:30, room 4.12.
Alarm tests are on 12 May at 10:15.
The order number is 4500 1182 33.
Serial number 1234-5678-9012.
Call the reception on +44 20 7946 0958.
The emergency line is 0800 123 4567.
Mail the invoice to accounts@quay.example or facturas@quay.example.
The budget is 1,250,000 euros for 2031.
Records from 1998-2004 are in shelf 12-14.
The claim form is HR-204/7.
Das Passwort muss mindestens 12 Zeichen haben.
Le mot de passe est obligatoire.
La contraseña no se comparte.
The access card costs 15 euros.
Torque the bolts to 45 Nm, then 90 degrees.
https://docs.quay.example/guides/login?step=2
The key is in cupboard 7.
The pin of the hinge is 40 mm long.
Locker 118 is free.
Use the password manager 1Password2.
1Password2 is the password manager that we use.
The Wi-Fi key is at the reception.
Log in with your badge and your PIN.
Log in with your account, then open form HR-204.
The passphrase is kept secret.
The password must be "strong".
Meet us at the dock at noon, at gate 3.
Enter the order number 450011 in the form.
In an emergency dial 112 from any room.
Press 1 for the shop and 2 for repairs.
One two three, and the door is open.
The keypad is 150 mm high.
Write to support (at) quay.example.
The hall opens with 250 seats.
The gate opens with a badge at 0730.
The garage opened with 120 spaces, and the shed with 300.
The door opens with key 118.
Error code 7702 does not open the gate.
The alarm is tested with 112 once a year.
With 250 people the door stays open.
The building opened in 1998 with a feast.
Der Aufzug geht mit 400 kg.
Das Tor geht um 730 auf.
""".strip().splitlines()


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in HOLDS.items() for text in texts]
)
def test_secrets_and_personal_data_are_found(kind: Held, text: str) -> None:
    assert held_by(text) is kind


@pytest.mark.parametrize("text", HOLDS_NOTHING)
def test_ordinary_sentences_hold_nothing(text: str) -> None:
    assert held_by(text) is None


def test_answer_is_read_with_its_question() -> None:
    assert told("What is the code of the back door?", "7702#") is Held.CODE
    assert told("wifi password of the hall?", "marzipan") is Held.PASSWORD
    assert told("What's the password of the till?", "It is Quince!81") is Held.PASSWORD
    assert told("wie lautet das wlan passwort", "Kiesel") is Held.PASSWORD
    assert told("what is the wifi password?", "purple boat seven tide") is Held.PASSWORD
    assert told("What is the login for the scanner?", "ferry / ferry") is Held.PASSWORD
    assert told("How do I get into the building?", "7702#") is Held.CODE
    assert told("What opens the safe?", "12-34-56") is Held.CODE
    assert told("What is the alarm code?", "seven seven zero two") is Held.CODE
    assert told("How can I reach Jonas Weber?", "0151 23456789") is Held.PHONE
    assert told("How do I disarm the alarm?", "9182") is Held.CODE
    assert told("How do I turn the alarm off?", "With 9182.") is Held.CODE
    assert told("Wie geht der Tresor auf?", "mit 4711") is Held.CODE
    assert told("How do I get on the Wi-Fi?", "bicycle99") is Held.PASSWORD
    assert told("Wie komme ich ins WLAN?", "Mit Kiesel#27.") is Held.PASSWORD
    assert told("How do I get the wifi password?", "bicycle99") is Held.PASSWORD
    assert told("How do I get on the Wi-Fi?", "Choose eduroam, with 802.1X") is None
    assert told("How do I connect to the Wi-Fi?", "With WPA2-Enterprise.") is None
    assert told("What is the Wi-Fi called?", "Quayside2031") is None
    assert told("How do I disarm the alarm?", "With your badge.") is None
    assert told("How long must a password be?", "14 characters") is None
    assert told("How do I get into the building?", "With your badge.") is None
    assert told("How much does it cost to open the door?", "150 euros") is None
    assert told("How can I reach the reception?", "+44 20 7946 0958") is None
    assert told("What is the wifi password?", REFUSAL) is None
    assert told("Who opens the back door?", "Ines") is None


def test_row_holds_what_its_question_history_or_answer_holds() -> None:
    row = example(1)
    secret, phone = "The gate code is 1984.", "Text Priya Nair on +91 98765 43210"
    turns = (row.prompt[0], Message("user", phone), Message("assistant", "Ok"), *row.prompt[1:])
    assert held_by_row(row) is None
    assert held_by_row(replace(row, completion=secret)) is Held.CODE
    assert held_by_row(replace(row, question=phone)) is Held.PHONE
    assert held_by_row(replace(row, prompt=turns)) is Held.PHONE


def test_passage_may_have_a_phone_number_but_no_secret() -> None:
    row = example(1)
    phone, code = passage("Text Priya Nair on +91 98765 43210"), passage("The gate code is 1984.")
    assert held_by_row(replace(row, passages=(phone,))) is None
    assert held_by_row(replace(row, passages=(code,))) is Held.CODE


def test_report_shows_the_kind_and_not_the_text() -> None:
    assert shown("The gate code is 1984.") == "(holds a door code or PIN)"
    assert shown("1984", "What is the gate code?") == "(holds a door code or PIN)"
    assert shown("The gate is open.") == "The gate is open."


@pytest.mark.slow
def test_rows_of_the_program_and_its_handbook_raise_no_alarm() -> None:
    rows = starter_examples(near=True)
    alarms = [row.question for row in rows if held_by_row(row)]
    assert len(alarms) <= len(rows) / 200, alarms
    handbook = Path(__file__).parents[3] / "examples" / "handbook"
    paragraphs = [
        part for file in handbook.rglob("*.md") for part in file.read_text("utf-8").split("\n\n")
    ]
    assert len(paragraphs) > 150
    assert [part for part in paragraphs if held_by(part)] == []

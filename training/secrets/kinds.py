"""The kinds of secrets and personal data, as reports name them: never with the text itself."""

from enum import StrEnum


class Held(StrEnum):
    """What a text holds."""

    PASSWORD = "a password"  # noqa: S105 - it is no password
    KEY = "a key or token"
    CODE = "a door code or PIN"
    CARD = "a payment card number"
    ACCOUNT = "a bank account number"
    IDENTITY = "a national identity number"
    PHONE = "a person's phone number"
    EMAIL = "a person's e-mail address"

"""The reasons for which a rated answer is not trained on, in the words of the report."""

from enum import StrEnum


class LeftOut(StrEnum):
    """Why a rated answer is not trained on, as the report says it."""

    PRIVATE = "not for everyone"
    GOLDEN = "the same as a golden question, which is only asked"
    KEPT_OUT = "of somebody who does not want to be trained on"
    UNDECIDED = "rated bad as often as good or more often, without a correction"
    UNCLEAR = "rated good by whoever wrote a correction before"
    WAITING = "corrected against what others say: a second person must write the same"
    PASSWORD = "holds a password"  # noqa: S105 - it is no password
    KEY = "holds a key or token"
    CODE = "holds a door code or PIN"
    CARD = "holds a payment card number"
    ACCOUNT = "holds a bank account number"
    IDENTITY = "holds a national identity number"
    PHONE = "holds a person's phone number"
    EMAIL = "holds a person's e-mail address"
    CUT = "cut off before the end"
    RETRIEVAL = "corrected by what was not found for the question"
    DOCUMENT = "corrected against the document, which is out of date, not complete or wrong"
    OUTDATED = "answered from what its document no longer says"
    UNGROUNDED = "not supported by the passages shown"
    REPEATED = "the same question was asked again"
    TOO_LONG = "longer than the model reads"
    CAPPED = "beyond one person's share"
    ALONE = "corrected by one person alone, beyond a person's share of the corrections"
    OLD = "too old: there are enough newer ones"
    NO_ROOM = "more than one night trains on; newer ones and corrections come first"
    NOT_COMPARED = "held back to compare, but there are enough newer ones"
    ALIKE = "resembles a question that is trained on, so no model is compared on it"

"""What can be wrong with an answer, in the words of a catalogue."""

from bot.words.catalogue import Words
from domain.questions import Fault


def faults(words: Words) -> dict[Fault, str]:
    """In the order in which people choose among them."""
    return {
        Fault.WRONG: words.fault_wrong,
        Fault.OUTDATED: words.fault_outdated,
        Fault.INCOMPLETE: words.fault_incomplete,
        Fault.WRONG_SOURCE: words.fault_source,
        Fault.UNWANTED: words.fault_unwanted,
    }

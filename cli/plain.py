"""Removes control characters, which could control a terminal, from text of any origin."""

import json
import re

# C0 except tab and line feed, DEL, C1; marks that change the direction of writing or are
# invisible; other line ends; lone surrogates, which file names may contain and no stream accepts.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def without_controls(text: str) -> str:
    r"""``text`` with each control character written as ``\u001b``, which is also valid in JSON.

    Letters of all scripts, and the joiners that some scripts need, stay.
    """
    return _STEERING.sub(lambda found: json.dumps(found[0])[1:-1], text.replace("\r\n", "\n"))

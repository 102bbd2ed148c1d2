"""Text from documents, models, file names and errors, without what would steer a terminal."""

import json
import re

# C0 but tab and line feed, DEL, C1; marks that turn the direction of writing or draw nothing;
# other ends of lines; halves of a character, which file names may hold and no stream takes.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def without_controls(text: str) -> str:
    r"""``text`` with each control character spelled out, as ``\u001b``, which JSON reads too.

    Letters of all scripts, and the joiners that they need, stay.
    """
    return _STEERING.sub(lambda found: json.dumps(found[0])[1:-1], text.replace("\r\n", "\n"))

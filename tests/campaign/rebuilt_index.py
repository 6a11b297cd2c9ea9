# SPDX-License-Identifier: GPL-2.0-or-later
"""What Dovecot brings back when it rebuilds an index.

A full disk may stop Dovecot when it has written a message's file, but not its index. It answers 451,
and the message comes again. The plugin can't see the first file: it is in no index. The next delivery
wants the file's name, and has the index rebuilt. If the second attempt has looked before that and
stores after it, the message is there twice, under one identity.

    found, brought_back = without_brought_back(found, log)      # log: Dovecot's

The copy that came back is no complaint, for a duplicate is better than a loss. It is counted.
Only Dovecot's own words excuse it: it could not write that mailbox's index when it stored this very
message, and it rebuilt the index later. Each such failure excuses one copy.
"""

import re
from collections import Counter

from facts import Found

_NOT_INDEXED = re.compile(r"lmtp\(([^)]+)\).* msgid=(<[^>]+>): failed to store .* file (\S+)/dovecot\.index\.log: "
                          r"No space left on device")
_REBUILT = re.compile(r"sdbox (\S+): Rebuilding index")


def without_brought_back(found: list[Found], log: str) -> tuple[list[Found], list[Found]]:
    """What is left to be judged, and what is excused. The first copy always stays."""
    excused = _excused(log)
    left: list[Found] = []
    brought_back: list[Found] = []
    for each in found:
        copy = (each.mailbox, each.message_id)
        if excused[copy] > 0 and each in left:
            excused[copy] -= 1
            brought_back.append(each)
        else:
            left.append(each)
    return left, brought_back


def _excused(log: str) -> Counter:
    """How many copies of a message, by mailbox and Message-ID."""
    waiting: Counter = Counter()
    result: Counter = Counter()
    for line in log.splitlines():
        if failed := _NOT_INDEXED.search(line):
            waiting[failed.groups()] += 1
        elif rebuilt := _REBUILT.search(line):
            for mailbox, message_id, folder in list(waiting):
                if folder == rebuilt[1]:
                    result[mailbox, message_id] += waiting.pop((mailbox, message_id, folder))
    return result

# SPDX-License-Identifier: GPL-2.0-or-later
"""What somebody can make of a genuine message who has it and no key: the same one with another outside.

    as_sent(raw)                            # what lies in a mailbox, as it was once sent
    for what, message in look_alikes(as_sent(raw), kind): ...    # each is correct
    for what, message in altered(as_sent(raw), kind): ...        # each is malformed
"""

import re

ENVELOPE = "posta-certificata"
OTHER_ID = "altro@client.example"  # in place of a replay's Message-ID


def as_sent(stored: bytes) -> bytes:
    """Without what the mail servers wrote on top."""
    return stored[re.search(rb"(?m)^Date: ", stored).start():]


def field(message: bytes, name: bytes, value: bytes) -> bytes:
    """With this value in the outer header; the field is new, or replaced with its folds."""
    line = name + b": " + value + b"\r\n"
    head, blank_line, body = message.partition(b"\r\n\r\n")
    head += b"\r\n"
    changed, times = re.subn(rb"(?m)^" + name + rb": (?:[^\r\n]|\r\n[ \t])*\r\n", lambda _: line, head)
    return (changed if times else line + head)[:-2] + blank_line + body


def framed_again(message: bytes, boundary: bytes) -> bytes:
    """With another boundary around the very same signed part."""
    head, blank_line, body = message.partition(b"\r\n\r\n")
    old = re.search(rb'boundary="([^"]+)"', head)[1]
    body = re.sub(rb"(?m)^--" + re.escape(old) + rb"(?=(--)?\r$)", b"--" + boundary, body)
    return head.replace(b'"%b"' % old, b'"%b"' % boundary) + blank_line + body


def look_alikes(message: bytes, kind: str):
    """Correct ones, with as much changed as a correct message lets one change."""
    yield "as it is", message
    yield "another boundary", framed_again(message, b"altro-confine")
    yield "more trace", b"Received: from a by b; Sun, 22 Nov 2026 05:11:22 +0100\r\n" + message
    if kind != ENVELOPE:
        yield "another Message-ID", framed_again(
            field(message, b"Message-ID", f"<{OTHER_ID}>".encode()), b"ancora-un-altro")


def altered(message: bytes, kind: str):
    """Malformed ones: what a client shows is not what is certified."""
    yield "Subject", field(message, b"Subject", b"Altro")
    yield "Reply-To", field(message, b"Reply-To", b"eva@client.example")
    yield "Date", field(message, b"Date", b"Sun, 1 Nov 2026 01:02:03 +0100")
    if kind == ENVELOPE:
        yield "Message-ID", field(message, b"Message-ID", f"<{OTHER_ID}>".encode())

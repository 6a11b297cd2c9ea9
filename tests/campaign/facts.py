# SPDX-License-Identifier: GPL-2.0-or-later
"""The facts that the checker goes by: what SMTP clients were told, and what lies in mailboxes. Plain
values; nothing of the suite's own stands behind them."""

import hashlib
import re
from dataclasses import dataclass, field

TAKEN, REFUSED, CUT = "taken", "refused", "cut"  # 2xx, 4xx or 5xx, and no answer at all

# What a message must become if it was taken.
CERTIFIED, NOT_ACCEPTED, ANOMALY, NEVER = "certified", "not accepted", "anomaly", "never"

# What must become of it for a recipient.
DELIVERED = "delivered"
PASSED_ON = "passed on"  # likewise; and its holder has it passed on to the ordinary host, which owes nothing
FAILED = "failed"  # a certified recipient who can't be reached
INFECTED = "infected"  # the recipient's provider finds a virus in it
ORDINARY = "ordinary"  # reaches the ordinary host; nothing is said of it
LOST = "lost"  # not certified and not there: a notice
EXPIRED = "expired"  # certified; his provider was away until the queue gave up


@dataclass
class Attempt:
    """A message that a client has handed in once, and never again."""

    msgid: str  # with brackets
    kind: str  # of the load's repertoire
    sender: str
    fates: dict[str, str]  # by recipient, in lower case
    becomes: str
    original: str  # fingerprint()
    size: int
    answer: str = CUT
    said: str = ""  # the server's words, or the error


@dataclass(frozen=True)
class Found:
    """A message in a mailbox."""

    mailbox: str
    kind: str  # X-Trasporto or X-Ricevuta; "ordinaria": neither
    message_id: str  # with brackets
    reference: str = ""  # the client's own id of the original that it is about, with brackets
    pec_id: str = ""
    about: str = ""  # the recipient of a delivery receipt or of a notice
    covers: tuple[str, ...] = ()  # those of a take-charge receipt
    recipients: tuple[tuple[str, bool], ...] = ()  # of the original: address, certified
    code: str = ""  # that errore-esteso begins with
    original: str = ""  # fingerprint() of what it embeds; "" if nothing
    asked: str = ""  # complete, brief or concise (in the law's words)
    flaw: str = ""  # why nobody should believe it


@dataclass(frozen=True)
class World:
    """Who is there."""

    users: frozenset[str]
    services: dict[str, str]  # domain -> service mailbox
    ordinary: str  # stands for all mailboxes of the ordinary host
    aliases: dict[str, str] = field(default_factory=dict)  # alias -> mailbox
    homes: dict[str, str] = field(default_factory=dict)  # name before -> name now, of renamed mailboxes

    def home_of(self, address: str) -> str:
        """Where what is for this sender lies."""
        return self.homes.get(address, address)

    def service_of(self, address: str) -> str:
        return self.services[address.partition("@")[2]]


IDENTIFIERS = re.compile(rb"(?im)^(?:message-id|x-riferimento-message-id):[^\r\n]*\r\n")


def fingerprint(message: bytes) -> str:
    """Of all its bytes but the fields of identifiers, which a provider replaces (RFC 6109, 3.1.3)."""
    header, blank_line, body = message.partition(b"\r\n\r\n")
    digest = hashlib.sha256(IDENTIFIERS.sub(b"", header + b"\r\n"))
    digest.update(blank_line)
    digest.update(body)
    return digest.hexdigest()

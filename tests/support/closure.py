# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether every accepted message has ended, once, for each of its certified recipients: seen from
outside, by what lies in the mailboxes and stands in the ledgers. No part of how it came to be is looked
at.

    seen = read_mailbox(anna, ...) + read_mailbox(dario, ...) + ...
    complaints(seen, read_ledger(box.alfa) + read_ledger(box.beta), users)     # [] if all is well

The end is, in the sender's mailbox, a delivery receipt, a non-delivery notice or a 24-hour notice (RFC
6109, 3.1.6, 3.3); in the dispatch, the column of that name; in the message log, the line of that
message. A complaint is a sentence.
"""

import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from support.box import Provider
from support.pec_message import DTD, PecMessage, run
from support.replays import OTHER_ID

ACCEPTANCE, ENVELOPE = "accettazione", "posta-certificata"
DELIVERY, FAILURE, TIMEOUT = "avvenuta-consegna", "errore-consegna", "preavviso-errore-consegna"
EARLY = "preavviso-errore-consegna-12"  # the 12-hour notice, as the log calls it: ends nothing
END_COLUMNS = {DELIVERY: "delivered_at", FAILURE: "failed_at", TIMEOUT: "timed_out_at"}


@dataclass(frozen=True)
class Seen:
    """A message in a mailbox."""

    mailbox: str
    kind: str
    message_id: str  # without brackets
    pec_id: str = ""
    recipient: str = ""  # that a receipt or notice speaks of
    recipients: tuple = ()  # of the original: (address, certified)
    flaw: str = ""  # why nobody should believe it


@dataclass
class Books:
    """What ledgers say."""

    # (kind, recipient, id of the message made), by PEC msgid
    log: dict[str, set[tuple[str, str, str]]] = field(default_factory=lambda: defaultdict(set))
    # the names of the columns that are set, by PEC msgid and recipient
    dispatches: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    senders: dict[str, str] = field(default_factory=dict)  # of accepted messages, by PEC msgid

    def __add__(self, other: "Books") -> "Books":
        both = Books(dispatches={**self.dispatches, **other.dispatches},
                     senders={**self.senders, **other.senders})
        for books in (self, other):
            for pec_id, lines in books.log.items():
                both.log[pec_id] |= lines
        return both


# ---- reading -----------------------------------------------------------------------------------


def read_mailbox(mailbox: str, messages: list[bytes], ca_file: Path) -> list[Seen]:
    """Raises AssertionError if certification data aren't valid; all are given to xmllint at once, since
    there are many."""
    with tempfile.TemporaryDirectory() as folder:
        seen = [_read(mailbox, PecMessage(raw), ca_file, Path(folder) / str(number))
                for number, raw in enumerate(messages)]
        if data := sorted(Path(folder).glob("*.xml")):
            run(["xmllint", "--noout", "--nonet", "--dtdvalid", DTD, *data])
    return seen


def _read(mailbox: str, message: PecMessage, ca_file: Path, file: Path) -> Seen:
    """`file`: name of files that may be written, without suffix."""
    message_id = (message.message_id or "").strip("<>")
    file.write_bytes(message.raw)
    try:
        run(["openssl", "cms", "-verify", "-in", file, "-CAfile", ca_file, "-purpose", "smimesign",
             "-out", "/dev/null"])
    except AssertionError as error:
        return Seen(mailbox, message.kind, message_id, flaw=str(error))
    finally:
        file.unlink()
    file.with_suffix(".xml").write_bytes(message.data())
    data = ElementTree.fromstring(message.data())
    kind = data.get("tipo")
    if kind == TIMEOUT and data.findtext("dati/errore-esteso").startswith("4.4.1 "):
        kind = EARLY
    return Seen(
        mailbox, kind, message_id, data.findtext("dati/identificativo"),
        (data.findtext("dati/consegna") or "").lower(),
        tuple((node.text.lower(), node.get("tipo") == "certificato")
              for node in data.iterfind("intestazione/destinatari")))


def read_ledger(provider: Provider) -> Books:
    books = Books()
    for pec_id, kind, recipient, made, sender, direction in provider.query(
            "SELECT pec_id, kind, recipient, generated_id, sender, direction FROM message_log"
            f" WHERE generated_id <> '{OTHER_ID}'"):  # a replay has a line, and is no end
        books.log[pec_id].add((kind, recipient, made))
        if (kind, direction) == (ACCEPTANCE, "issued"):
            books.senders[pec_id] = sender
    columns = ("accepted_at", *END_COLUMNS.values())
    for pec_id, recipient, *times in provider.query(
            f"SELECT pec_id, recipient, {', '.join(columns)} FROM dispatch"):
        books.dispatches[pec_id, recipient] = {
            name for name, time in zip(columns, times) if time is not None}
    return books


# ---- judging -----------------------------------------------------------------------------------


def complaints(seen: list[Seen], books: Books, users: set[str]) -> list[str]:
    """`users`: the mailboxes of people. What else there is, such as service mailboxes, isn't judged."""
    seen = [each for each in seen if each.mailbox in users]
    found = [f"{each.mailbox} has a message that is not certified mail, {each.message_id}: {each.flaw}"
             for each in seen if each.flaw]
    good = [each for each in seen if not each.flaw]
    found += _repeated(good)
    by_message = defaultdict(list)
    for each in good:
        by_message[each.pec_id].append(each)
    for pec_id, messages in by_message.items():
        if pec_id not in books.senders:
            found += [f"{each.mailbox} has {each.kind} about {pec_id}, which nobody accepted"
                      for each in messages]
    for pec_id, sender in books.senders.items():
        found += _about_message(pec_id, sender, by_message[pec_id], books, users)
    for pec_id, recipient in books.dispatches:
        if pec_id not in books.senders:
            found.append(f"a dispatch of {pec_id} to {recipient}, which nobody accepted")
    return found


def _repeated(seen: list[Seen]) -> list[str]:
    places = Counter((each.mailbox, each.message_id) for each in seen)
    found = [f"{mailbox} has {message_id} {times} times"
             for (mailbox, message_id), times in places.items() if times > 1]
    made = defaultdict(set)
    for each in seen:
        if each.kind != ENVELOPE:
            made[each.message_id].add((each.mailbox, each.kind, each.pec_id, each.recipient))
    return found + [f"{message_id} is several messages: {sorted(uses)}"
                    for message_id, uses in made.items() if len(uses) > 1]


def _about_message(pec_id: str, sender: str, messages: list[Seen], books: Books,
                   users: set[str]) -> list[str]:
    acceptances = [each for each in messages if each.kind == ACCEPTANCE]
    if len(acceptances) != 1 or acceptances[0].mailbox != sender:
        return [f"{sender} has not one acceptance of {pec_id}: {acceptances}"]
    found = []
    if (ACCEPTANCE, "", acceptances[0].message_id) not in books.log[pec_id]:
        found.append(f"the log does not know the acceptance of {pec_id}")
    addressed = dict(acceptances[0].recipients)
    for each in messages:
        if each.recipient and (each.mailbox != sender or each.recipient not in addressed):
            found.append(f"{each.mailbox} has {each.kind} of {pec_id} about {each.recipient}")
        if each.kind == ENVELOPE and each.mailbox not in addressed:
            found.append(f"{each.mailbox} has {pec_id}, which is not for it")
    for recipient, certified in addressed.items():
        about = [each for each in messages if each.recipient == recipient]
        judge = (_about_certified if certified else _about_unmarked if recipient in users
                 else _about_ordinary)
        found += judge(pec_id, recipient, about, books)
        received = any(each.kind == ENVELOPE and each.mailbox == recipient for each in messages)
        told = any(each.kind == DELIVERY for each in about)
        if received and not told:
            found.append(f"{recipient} has {pec_id}, and {sender} was not told so")
    return found


def _about_certified(pec_id: str, recipient: str, about: list[Seen], books: Books) -> list[str]:
    which = f"{pec_id} to {recipient}"
    closing = [each for each in about if each.kind in END_COLUMNS]
    early = [each for each in about if each.kind == EARLY]
    found = [f"{which}: {len(early)} notices after 12 hours"] if len(early) > 1 else []
    logged = {(kind, made) for kind, address, made in books.log[pec_id]
              if address == recipient and kind in (*END_COLUMNS, EARLY)}
    if logged != {(each.kind, each.message_id) for each in closing + early}:
        found.append(f"{which}: the log has {sorted(logged)}, the mailbox "
                     f"{sorted((each.kind, each.message_id) for each in closing + early)}")
    columns = books.dispatches.get((pec_id, recipient))
    if columns is None or "accepted_at" not in columns:
        return [*found, f"{which}: no dispatch was opened"]
    ended = columns & set(END_COLUMNS.values())
    if len(closing) != 1 or len(ended) != 1:
        found.append(f"{which}: ended by {[each.kind for each in closing]}, in the ledger by "
                     f"{sorted(ended)}, and not by one thing")
    elif {END_COLUMNS[closing[0].kind]} != ended:
        found.append(f"{which}: ended by {closing[0].kind}, but in the ledger by {sorted(ended)}")
    return found


def _about_unmarked(pec_id: str, recipient: str, about: list[Seen], books: Books) -> list[str]:
    """The sender's provider did not know yet that he is certified: no dispatch there, but an end."""
    which = f"{pec_id} to {recipient}, not known to be certified"
    closing = [(each.kind, each.message_id) for each in about if each.kind in END_COLUMNS]
    logged = {(kind, made) for kind, address, made in books.log[pec_id]
              if address == recipient and kind in END_COLUMNS}
    found = [] if len(closing) == 1 else [f"{which}: ended by {[kind for kind, _ in closing]}"]
    if logged != set(closing):
        found.append(f"{which}: the log has {sorted(logged)}, the mailbox {sorted(closing)}")
    # A report that came before the acceptance was made may have opened one, of which nothing follows.
    if "accepted_at" in books.dispatches.get((pec_id, recipient), ()):
        found.append(f"{which}: has a dispatch")
    return found


def _about_ordinary(pec_id: str, recipient: str, about: list[Seen], books: Books) -> list[str]:
    which = f"{pec_id} to {recipient}, not certified"
    found = [f"{which}: {each.kind}" for each in about if each.kind != FAILURE]
    if len(about) > 1:
        found.append(f"{which}: {len(about)} notices")
    if (pec_id, recipient) in books.dispatches:
        found.append(f"{which}: has a dispatch")
    return found

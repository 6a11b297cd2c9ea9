# SPDX-License-Identifier: GPL-2.0-or-later
"""What both ledgers say in the end, and whether it agrees with what lies in mailboxes and with itself
(chapter 8.5 of the rules). The judging is that of tests/support/closure.py; here are its facts.

    complaints = judge(ledgers(stage), found, world)
"""

import subprocess
from dataclasses import replace

from checker import AFTER_12_HOURS, ENVELOPE, TIMEOUT
from facts import Found, World
from stage import Stage
from support.closure import EARLY, Books, Seen, complaints, read_ledger
from support.replays import OTHER_ID

# Certified mail about an accepted message; notices of non-acceptance and anomaly envelopes are not.
JUDGED = {"posta-certificata", "accettazione", "avvenuta-consegna", "errore-consegna",
          "preavviso-errore-consegna"}
# The same sender and recipients in every line about a message (2.3).
# Two rows of `message` about one are two lists, unless they hold the same parties.
UNLIKE = """
SELECT pec_id, COUNT(DISTINCT lower(sender)), COUNT(DISTINCT message) FROM message_log AS line
WHERE kind <> 'errore' GROUP BY pec_id HAVING COUNT(DISTINCT lower(sender)) > 1 OR EXISTS (
    SELECT 1 FROM message_log AS one, message_log AS other, party
    WHERE one.pec_id = line.pec_id AND other.pec_id = line.pec_id AND party.message = one.message
    AND NOT EXISTS (SELECT 1 FROM party AS same WHERE same.message = other.message
                    AND same.position = party.position AND same.mailbox = party.mailbox
                    AND same.certified = party.certified))"""
# One certified recipient, one take-charge receipt (3.2.1), whoever logged it.
TAKEN_TWICE = ("SELECT pec_id, recipient, COUNT(DISTINCT generated_id) FROM message_log"
               f" WHERE kind = 'presa-in-carico' AND generated_id <> '{OTHER_ID}'"
               " GROUP BY pec_id, recipient"
               " HAVING COUNT(DISTINCT generated_id) > 1")
INCIDENTS = "SELECT what, pec_id, recipient, detail FROM incident WHERE resolved_at IS NULL"
LOST = INCIDENTS + " AND what LIKE 'lost %'"
OWED_TO_OTHERS = ("presa-in-carico", "avvenuta-consegna")
NULL = "\x01"  # what psql prints for it


class OnPostgresql:
    """A provider's ledger, asked as Provider.query in support/box.py is."""

    def __init__(self, uri: str):
        self._uri = uri

    def query(self, sql: str) -> list[tuple]:
        done = subprocess.run(
            ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator=\t",
             f"--pset=null={NULL}", "--set=ON_ERROR_STOP=1", self._uri, "--command", sql],
            capture_output=True, text=True, check=True)
        return [tuple(None if value == NULL else value for value in line.split("\t"))
                for line in done.stdout.splitlines()]


def ledgers(stage: Stage) -> dict:
    """By provider's key: something with `query`."""
    return {"alfa": OnPostgresql(stage.postgresql.uri("alfa")), "beta": stage.box.beta}


def judge(books: dict, found: list[Found], world: World) -> list[str]:
    """`books`: as `ledgers` returns them."""
    result = [f"{key}'s log on {pec_id}: {senders} senders, {recipients} lists of recipients"
              for key, ledger in books.items()
              for pec_id, senders, recipients in ledger.query(UNLIKE)]
    result += [f"{key}'s log on {pec_id}: {recipient} in {times} take-charge receipts"
               for key, ledger in books.items()
               for pec_id, recipient, times in ledger.query(TAKEN_TWICE)]
    read = sum((read_ledger(ledger) for ledger in books.values()), start=Books())
    seen = [_seen(each, world, read.senders) for each in found if each.kind in JUDGED]
    people = set(world.users) | set(world.aliases) | set(world.homes)
    return result + complaints(seen, read, people)


def _seen(each: Found, world: World, senders: dict[str, str]) -> Seen:
    """An envelope for an alias is, to that judge, in a mailbox of that name; and so is a receipt for what
    was sent under a name that its sender has no more."""
    kind = EARLY if each.kind == TIMEOUT and each.code == AFTER_12_HOURS else each.kind
    seen = Seen(each.mailbox, kind, each.message_id.strip("<>"), each.pec_id, each.about,
                each.recipients, each.flaw)
    if kind == ENVELOPE:
        for address, _ in each.recipients:
            if world.aliases.get(address) == each.mailbox:
                return replace(seen, mailbox=address)
    elif world.homes.get(sender := senders.get(each.pec_id, "")) == each.mailbox:
        return replace(seen, mailbox=sender)
    return seen


def incidents(ledger) -> list[tuple]:
    """What an operator should look at: what, PEC msgid, recipient, detail."""
    return ledger.query(INCIDENTS)


def lost_receipts(ledger) -> list[tuple]:
    """Likewise, those that were made and could not be handed over."""
    return ledger.query(LOST)


def not_kept(key: str, ledger, msgid: str, recipients: list[str]) -> list[str]:
    """Complaints about what the sender's provider is owed for these recipients of this message, and could
    not be given: an incident keeps each receipt."""
    [(pec_id,)] = ledger.query(f"SELECT pec_id FROM message WHERE msgid IN ('{msgid}', '{msgid[1:-1]}')")
    kept = {(what, recipient) for what, about, recipient, _ in lost_receipts(ledger) if about == pec_id}
    return [f"lost: {key} has no incident that keeps the {kind} of {msgid} for {recipient}"
            for recipient in recipients for kind in OWED_TO_OTHERS
            if (f"lost {kind}", recipient) not in kept]

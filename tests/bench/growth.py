# SPDX-License-Identifier: GPL-2.0-or-later
"""What one message to many recipients costs: the growth of both ledgers, and the memory of both milters.

Through real Postfix and Dovecot: alfa's user submits a message to N mailboxes of beta's, and has
to wait for the acceptance and N delivery receipts, and alfa's service mailbox for the take-charges.

    growth.py [--recipients 10,100,400,1000] [--size 10000] [--tables]

Of a ledger, the pages in use are counted, those in the write-ahead log too; --tables tells where they
went. Of pec-milter, RssAnon at most while the message was on its way.
"""

import argparse
import os
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from memory import Memory
from support.box import Box, Provider
from support.mailbox import Mailbox, expect_ok
from support.waiting import wait_until

SENDER = "anna@pec.alfa.example"
PATIENCE = 600.0  # seconds; a busy machine signs a thousand receipts


class Ledger:
    """How much of a ledger is in use; and, once it has grown, by how much."""

    def __init__(self, provider: Provider):
        self._file = provider.info["ledger"]
        self._before = self._tables()

    def growth(self) -> int:
        return sum(self.growth_by_table().values())

    def growth_by_table(self) -> dict[str, int]:
        """In bytes, largest first; an index is beside its table."""
        grown = {name: octets - self._before.get(name, 0) for name, octets in self._tables().items()}
        return dict(sorted(grown.items(), key=lambda pair: -pair[1]))

    def _tables(self) -> dict[str, int]:
        with closing(sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)) as database:
            return dict(database.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name"))


def make_mailboxes(box: Box, count: int) -> list[str]:
    """So many more users of beta's, known to Postfix and Dovecot."""
    addresses = [f"casella{number:04}@{box.beta.domain}" for number in range(count)]
    with (Path(box.beta.info["postfix_config"]) / "mailbox_maps").open("a", encoding="utf-8") as table:
        table.writelines(f"{address} {address}\n" for address in addresses)
    box.beta.reload_postfix()
    users = Path(box.beta.info["dovecot_config"]).with_name("users")
    _, _, uid, gid, _, home = users.read_text().splitlines()[0].split(":")[:6]
    with users.open("a", encoding="utf-8") as table:
        table.writelines(f"{address}:{{PLAIN}}-:{uid}:{gid}::{Path(home).parent / address}\n"
                         for address in addresses[:-1])
    box.beta.add_mailboxes({addresses[-1]: "-"})  # returns when Dovecot has read the file again
    return addresses


def letter(recipients: list[str], size: int) -> bytes:
    head = (f"From: {SENDER}\r\nTo: " + ",\r\n ".join(recipients) + "\r\nSubject: Convocazione\r\n"
            "Date: Sun, 22 Nov 2026 05:11:00 +0100\r\n"
            f"Message-ID: <{os.urandom(8).hex()}@client.example>\r\n\r\n").encode()
    line = b"x" * 76 + b"\r\n"
    return head + line * max(1, size // len(line))


def count_of(mailbox: Mailbox) -> int:
    return int(expect_ok(mailbox._imap.select("INBOX", readonly=True))[0])


def wait_for_the_end(box: Box, inbox: Mailbox, expected: int) -> None:
    """All receipts are in the sender's mailbox, and nothing is on its way any more."""
    wait_until(lambda: count_of(inbox) >= expected, f"{expected} messages", PATIENCE)
    wait_until(lambda: not box.alfa.queue() and not box.beta.queue(), "empty queues", PATIENCE)
    if count_of(inbox) != expected:
        raise AssertionError(f"{count_of(inbox)} messages in place of {expected}")


def measure(box: Box, recipients: list[str], size: int, show_tables: bool) -> None:
    providers = (box.alfa, box.beta)
    with box.alfa.mailbox(SENDER) as inbox:
        expected = count_of(inbox) + 1 + len(recipients)
        ledgers = [Ledger(provider) for provider in providers]
        memories = [Memory(box.programs.pid(provider.milter_name)) for provider in providers]
        begin = time.monotonic()
        with memories[0], memories[1]:
            box.alfa.submit(SENDER, recipients, letter(recipients, size))
            wait_for_the_end(box, inbox, expected)
        seconds = time.monotonic() - begin
    growth = [ledger.growth() for ledger in ledgers]
    print(f"{len(recipients):>10} {growth[0] / 1000:>9.0f} kB {growth[1] / 1000:>9.0f} kB"
          f" {growth[0] / len(recipients):>9.0f} {growth[1] / len(recipients):>9.0f}"
          f" {memories[0].most:>9.1f} MB {memories[1].most:>9.1f} MB {seconds:>6.0f} s", flush=True)
    if show_tables:
        for provider, ledger in zip(providers, ledgers):
            print(f"  {provider.domain}:")
            for name, octets in ledger.growth_by_table().items():
                if octets:
                    print(f"    {name:<32} {octets / 1000:>8.0f} kB {octets / len(recipients):>6.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench growth", description=__doc__.partition("\n")[0])
    parser.add_argument("--recipients", default="10,100,400,1000", help="of each message")
    parser.add_argument("--size", type=int, default=10_000, help="of the message's text, in bytes")
    parser.add_argument("--tables", action="store_true", help="tell which tables grew")
    arguments = parser.parse_args()
    counts = [int(count) for count in arguments.recipients.split(",")]
    if os.geteuid() != 0:
        sys.exit("bench: must run as root, because Postfix and Dovecot start as root")
    with tempfile.TemporaryDirectory(prefix="pec-") as directory:
        box = Box.bring_up(Path(directory))
        try:
            most = max(counts)
            box.reconfigure(box.alfa, policy={"recipients": most}, limits={
                "to_addresses": most, "total_size": 2 * most * (arguments.size + 40 * most)})
            mailboxes = make_mailboxes(box, most)
            measure(box, mailboxes[:1], arguments.size, False)  # what the programs take at first
            print("recipients   ledger alfa       beta  /recipient  beta     milter alfa       beta")
            for count in counts:
                measure(box, mailboxes[:count], arguments.size, arguments.tables)
        finally:
            box.down()


if __name__ == "__main__":
    main()

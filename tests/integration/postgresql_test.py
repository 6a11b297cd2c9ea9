#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Certified mail with the ledger on PostgreSQL: what the ledger decides comes out the same, and a
server that is away loses nothing."""

import re
import sys
import unittest

from support import harness
from support.foreign_provider import DOMAIN as GAMMA, ForeignProvider
from support.pec_mail import all_mailboxes, letter
from support.people import anna, bruno, dario
from support.postgresql import Postgresql, programs
from support.waiting import wait_until


def setUpModule():
    global box, mailboxes, server
    box = harness.sandbox()
    server = Postgresql(box.directory / "postgresql")
    unittest.addModuleCleanup(server.end)
    for provider in (box.alfa, box.beta):
        key = provider.domain.split(".")[1]
        server.create(key)
        # Without the ledger pec-policyd would have clients wait; here pec-milter is to be without it.
        box.reconfigure(provider, ledger={"connection": server.uri(key)},
                        policy={"without_ledger": "pass"})
    ForeignProvider(box)  # a certified domain where nobody ever answers
    mailboxes = all_mailboxes(box)


def ends(subject: str) -> dict[str, list[str]]:
    """What alfa's ledger has of each dispatch: its steps, by recipient."""
    rows = server.query("alfa", f"""
        SELECT d.recipient, d.taken_in_charge_at IS NOT NULL, d.delivered_at IS NOT NULL,
               d.failed_at IS NOT NULL, d.timed_out_at IS NOT NULL
        FROM dispatch d JOIN message_log e USING (pec_id)
        WHERE e.subject = '{subject}' AND e.kind = 'accettazione'""")
    names = ["taken in charge", "delivered", "failed", "timed out"]
    return {recipient: [name for name, is_set in zip(names, flags) if is_set == "t"]
            for recipient, *flags in rows}


class OnPostgresql(harness.Case):
    def submit(self, subject: str, *recipients: str) -> None:
        box.alfa.submit(anna, list(recipients),
                        letter(anna, to=recipients, subject=subject, message_id=f"<{subject}@client>"))

    def test_all_arrives_once(self):
        self.submit("arriva", dario, bruno)
        came = mailboxes.new().kinds()
        self.assertEqual(came[anna], ["accettazione", "avvenuta-consegna", "avvenuta-consegna"])
        self.assertEqual(came[dario], ["posta-certificata"])
        self.assertEqual(came[bruno], ["posta-certificata"])
        self.assertEqual(came[box.alfa.service_mailbox], ["presa-in-carico"] * 2)
        self.assertEqual(ends("arriva"), {dario: ["taken in charge", "delivered"],
                                          bruno: ["taken in charge", "delivered"]})

    def test_failures_are_told(self):
        nobody = f"nessuno@{box.beta.domain}"
        self.submit("fallisce", nobody, dario)
        self.assertEqual(mailboxes.new().kinds()[anna],
                         ["accettazione", "avvenuta-consegna", "errore-consegna"])
        self.assertEqual(ends("fallisce"),
                         {nobody: ["failed"], dario: ["taken in charge", "delivered"]})

    def test_timeouts_are_told_once(self):
        lost = f"qualcuno@{GAMMA}"
        self.submit("tace", lost)
        mailboxes.new(ordinary=1)
        for later, kinds in (("+13h", ["preavviso-errore-consegna"]), ("+13h", []),
                             ("+25h", ["preavviso-errore-consegna"]), ("+25h", [])):
            box.alfa.pecctl_at(later, "timeouts")
            self.assertEqual(mailboxes.new().kinds().get(anna, []), kinds)
        self.assertEqual(ends("tace"), {lost: ["timed out"]})

    def test_a_server_that_is_away_loses_nothing(self):
        server.stop()
        try:
            self.submit("aspetta", dario)  # what is certain is written later
            wait_until(lambda: re.search("ledger .*postgresql", box.alfa.milter_log()),
                       "the milter has missed its ledger")
        finally:
            server.start()
        self.assertEqual(mailboxes.new().kinds()[anna], ["accettazione", "avvenuta-consegna"])
        self.assertEqual(ends("aspetta"), {dario: ["taken in charge", "delivered"]})


if __name__ == "__main__":
    if programs() is None:
        print("SKIPPED: PostgreSQL is not installed")
        sys.exit(harness.SKIPPED)
    harness.main()

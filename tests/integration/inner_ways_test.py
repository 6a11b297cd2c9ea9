# SPDX-License-Identifier: GPL-2.0-or-later
"""The ways inside the host, from the queue to the receipts service and to the mailboxes. They are the same
whatever the site says of the ways to other hosts: its addresses, its tables of TLS policy. Runs in a network of
its own, since the host needs an address that is not of loopback.
"""

from support import harness, own_network
from support.changed_postfix import ChangedPostfix
from support.pec_mail import all_mailboxes, letter
from support.people import anna, bruno

PUBLIC = ("192.0.2.25", "2001:db8::25")


def setUpModule():
    global box, mailboxes
    for address in PUBLIC:
        own_network.add_address(address)
    box = harness.sandbox()
    mailboxes = all_mailboxes(box)


class InnerWays(harness.Case):
    def check(self, **settings: str) -> None:
        """All three receipts are made, and delivered, by a Postfix with these settings."""
        with ChangedPostfix(box.alfa) as postfix:
            postfix.set(**settings)
            box.alfa.submit(anna, [bruno], letter(anna, to=[bruno], subject="Prova"))
            self.assertEqual(mailboxes.new().kinds(), {
                anna: ["accettazione", "avvenuta-consegna"], bruno: ["posta-certificata"],
                box.alfa.service_mailbox: ["presa-in-carico"]})

    def test_one_public_address(self):
        """Postfix's smtp connects from that address then, and the receipts service would take it for a
        stranger."""
        self.check(inet_interfaces=PUBLIC[0])

    def test_one_public_address_of_each_kind(self):
        self.check(inet_protocols="all", inet_interfaces=", ".join(PUBLIC))

    def test_an_address_for_what_is_sent(self):
        self.check(smtp_bind_address=PUBLIC[0], lmtp_bind_address=PUBLIC[0])

    def test_a_table_of_tls_policy_that_does_not_exist(self):
        """None of ours needs it, so that none waits for the first `pecctl directory sync`."""
        self.check(smtp_tls_policy_maps=f"hash:{box.directory}/none")

    def test_tls_for_all(self):
        self.check(smtp_tls_security_level="secure")


if __name__ == "__main__":
    harness.main(own_network=True)

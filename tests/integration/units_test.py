# SPDX-License-Identifier: GPL-2.0-or-later
"""A provider with a secondary unit, in one installation: the unit answers for its own domains, with its
own key, and the provider's main entry for its own. Numbers in brackets are sections of RFC 6109.
"""

import re
from email.utils import parseaddr
from pathlib import Path

from support import harness
from support.clamav import literal, write_database
from support.foreign_provider import SENDER as GIULIA, ForeignProvider
from support.notices import NON_DELIVERY, TIMEOUT, about, ends, incidents, pec_id_of
from support.pec_mail import (ORDINARY, Arrivals, all_mailboxes, certified, check_signature, header_lines, letter,
                              subjects_of)
from support.pec_message import PecMessage
from support.people import anna, dario
from support.unit import UNIT, Unit

GIANNI = "gianni@ordinaria.example"
ACCEPTED, REFUSED = "accettazione", "non-accettazione"
ENVELOPE, TAKEN, DELIVERED, ANOMALY = ("posta-certificata", "presa-in-carico", "avvenuta-consegna",
                                       "errore")
VIRUS = "rilevazione-virus"


def setUpModule():
    global box, mailboxes, unit, ugo, vera, service, beta_service
    box = harness.sandbox()
    service, beta_service = box.alfa.service_mailbox, box.beta.service_mailbox
    unit = Unit(box, box.alfa)
    ugo, vera = unit.users
    ForeignProvider(box)
    mailboxes = all_mailboxes(box)


class Units(harness.Case):
    """Who made a message is `unit`, box.alfa (its main entry) or box.beta."""

    def send(self, sender: str, *to: str, ordinary: int = 0, fields: bytes = b"",
             body: bytes = b"\r\nCiao.\r\n") -> Arrivals:
        provider = box.beta if sender == dario else box.alfa
        provider.submit(sender, list(to), letter(sender, to=to, subject="Prova", fields=fields,
                                                 body=body))
        return mailboxes.new(ordinary)

    def check_made_by(self, maker, message: PecMessage) -> None:
        """[4.5.7, 5.5] Its signature, addresses and ids; the provider is one, whatever its units."""
        address = f"posta-certificata@{maker.domain}"
        self.assertEqual(check_signature(message, box.ca_file), address)
        self.assertEqual(parseaddr(message.header("From"))[1], address)
        self.assertRegex(message.message_id, rf"^<[A-Za-z0-9.]+@{re.escape(maker.domain)}>$")
        if message.kind != ENVELOPE:
            self.assertEqual(header_lines(message.raw, "Return-Path"),
                             [f"Return-Path: <{address}>\r\n".encode()])
        provider = box.beta if maker is box.beta else box.alfa
        self.assertEqual(certified(message).findtext("dati/gestore-emittente"), provider.name)

    def check_way(self, came: Arrivals, sender: str, recipient: str, by, to) -> None:
        """All that comes of a message: `by` has accepted it, `to` has delivered it."""
        service_of = {unit: unit.service_mailbox, box.alfa: service, box.beta: beta_service}
        self.assertEqual(came.kinds(), {sender: [ACCEPTED, DELIVERED], recipient: [ENVELOPE],
                                        service_of[by]: [TAKEN]})
        [acceptance], [envelope] = came.of_kind(ACCEPTED, at=sender), came.by_address[recipient]
        [taken] = came.by_address[service_of[by]]
        delivered = came.delivery_receipt(at=sender, about=recipient)
        for maker, message in ((by, acceptance), (by, envelope), (to, taken), (to, delivered)):
            with self.subTest(message.kind):
                self.check_made_by(maker, message)
                self.assertEqual(pec_id_of(message), envelope.message_id.strip("<>"))
        self.assertEqual(subjects_of(taken), [recipient])
        provider = box.beta if by is box.beta else box.alfa
        self.assertEqual(ends(provider, acceptance), {recipient: "delivered_at"})
        self.assertEqual(incidents(provider, pec_id_of(acceptance)), [])

    def check_notice(self, notice: PecMessage, by, kind: str, code: str, recipient: str = "") -> None:
        self.check_made_by(by, notice)
        self.assertEqual(notice.kind, kind)
        self.assertRegex(certified(notice).findtext("dati/errore-esteso"),
                         rf"^{re.escape(code)} - {re.escape(box.alfa.name)} - ")
        if recipient:
            self.assertEqual(about(notice), recipient)


class Certified(Units):
    def test_from_the_unit_to_another_provider(self):
        """[3.1.4, 3.1.5, 3.2.1] which believes it, and takes it in charge to the unit's own mailbox"""
        for sender in (ugo, vera):
            with self.subTest(sender):
                self.check_way(self.send(sender, dario), sender, dario, by=unit, to=box.beta)

    def test_from_another_provider_to_the_unit(self):
        """[3.2.1, 3.3.2]"""
        for recipient in (ugo, vera):
            with self.subTest(recipient):
                self.check_way(self.send(dario, recipient), dario, recipient, by=box.beta, to=unit)

    def test_inside_the_provider(self):
        """[3.4] All of it happens all the same, each by its own."""
        for sender, recipient, by, to in ((anna, ugo, box.alfa, unit), (ugo, anna, unit, box.alfa),
                                          (ugo, vera, unit, unit)):
            with self.subTest(sender, to=recipient):
                self.check_way(self.send(sender, recipient), sender, recipient, by, to)

    def test_to_both_at_once(self):
        """[3.2.1, 3.3.2] Each mailbox's delivery is certified by its own."""
        came = self.send(dario, anna, ugo)
        self.assertEqual(came.kinds()[dario], [ACCEPTED, DELIVERED, DELIVERED])
        for maker, recipient in ((box.alfa, anna), (unit, ugo)):
            self.check_made_by(maker, came.delivery_receipt(at=dario, about=recipient))
        taken = came.by_address[beta_service]
        self.assertEqual(sorted(each for message in taken for each in subjects_of(message)),
                         sorted([anna, ugo]))

    def test_a_directory_without_the_unit(self):
        """[4.5] is a mistake, and not gone by."""
        file = Path(box.info["directory_ldif"])
        whole = file.read_text(encoding="utf-8")
        self.addCleanup(box.reload, box.alfa)
        self.addCleanup(file.write_text, whole, encoding="utf-8")
        file.write_text("\n\n".join(entry for entry in whole.split("\n\n")
                                    if "providerUnit" not in entry), encoding="utf-8")
        box.reload(box.alfa)
        self.assertRegex(
            box.alfa.status(), f'directory: BAD since .*: no entry with providerName "{box.alfa.name}" '
                               f'and providerUnit "{UNIT}" manages the domain {unit.domain}: ')
        self.check_way(self.send(ugo, anna), ugo, anna, by=unit, to=box.alfa)

    def test_their_main_entry_is_as_ever(self):
        self.check_way(self.send(anna, dario), anna, dario, by=box.alfa, to=box.beta)


class Failures(Units):
    def test_non_acceptance(self):
        """[3.1.2]"""
        came = self.send(vera, dario, fields=b"Bcc: x@x.example\r\n")
        self.assertEqual(came.kinds(), {vera: [REFUSED]})
        self.check_notice(came.by_address[vera][0], unit, REFUSED, "5.6.0")

    def test_an_unknown_recipient(self):
        """[3.3.3] at another provider, whose host refuses it, or at our own"""
        for domain in (box.beta.domain, unit.domain, box.alfa.domain):
            nobody = f"nessuno@{domain}"
            with self.subTest(nobody):
                came = self.send(ugo, nobody)
                self.assertEqual(came.kinds()[ugo], [ACCEPTED, NON_DELIVERY])
                [notice] = came.of_kind(NON_DELIVERY, at=ugo)
                self.check_notice(notice, unit, NON_DELIVERY, "5.1.1", nobody)
                self.assertEqual(ends(box.alfa, notice), {nobody: "failed_at"})

    def test_a_full_mailbox(self):
        """[3.3.3] The unit that has the mailbox says so; the one that sent it, if that is ours."""
        box.alfa.set_quota(vera, "1K")
        self.addCleanup(box.alfa.set_quota, vera)
        for sender, by in ((dario, unit), (anna, box.alfa)):
            with self.subTest(sender):
                came = self.send(sender, vera)
                self.assertEqual(came.kinds()[sender], [ACCEPTED, NON_DELIVERY])
                [notice] = came.of_kind(NON_DELIVERY, at=sender)
                self.check_notice(notice, by, NON_DELIVERY, "5.2.2", vera)

    def test_nobody_answers(self):
        """[3.1.6] after 12 and after 24 hours"""
        came = self.send(vera, GIULIA, ordinary=1)
        self.assertEqual(came.kinds(), {vera: [ACCEPTED], ORDINARY: [ENVELOPE]})
        for later, code in (("+12h", "4.4.1"), ("+24h", "5.4.1")):
            with self.subTest(later):
                box.alfa.pecctl_at(later, "timeouts")
                came = mailboxes.new()
                self.assertEqual(came.kinds(), {vera: [TIMEOUT]})
                self.check_notice(came.by_address[vera][0], unit, TIMEOUT, code, GIULIA)

    def test_a_receipt_that_is_lost(self):
        """It comes back, and to the operators."""
        box.alfa.set_quota(ugo, "1K")
        self.addCleanup(box.alfa.set_quota, ugo)
        came = self.send(ugo, dario)
        self.assertEqual(came.kinds(), {dario: [ENVELOPE], box.beta.operators: [ANOMALY],
                                        unit.service_mailbox: [TAKEN],
                                        box.alfa.operators: ["ordinaria"]})


class Viruses(Units):
    """Each provider knows another one, so that it gets as far as it can."""

    AT_ALFA, AT_BETA = (f"a pattern that only {name}'s database knows" for name in ("alfa", "beta"))

    @classmethod
    def setUpClass(cls):
        for provider, known in ((box.alfa, cls.AT_ALFA), (box.beta, cls.AT_BETA)):
            folder = Path(provider.info["config"]).parent
            write_database(folder / "clamav", "test.ndb", [literal("Test", known.encode())])
            box.reconfigure(provider)

    def send_virus(self, sender: str, recipient: str, virus: str) -> Arrivals:
        return self.send(sender, recipient, body=f"\r\n{virus}\r\n".encode())

    def test_at_the_access_point(self):
        """[3.1.3]"""
        came = self.send_virus(vera, dario, self.AT_ALFA)
        self.assertEqual(came.kinds(), {vera: [REFUSED]})
        self.check_notice(came.by_address[vera][0], unit, REFUSED, "5.5.1")

    def test_at_the_incoming_point(self):
        """[3.2.4]"""
        came = self.send_virus(dario, vera, self.AT_ALFA)
        self.assertEqual(came.kinds(), {dario: [ACCEPTED, NON_DELIVERY], beta_service: [VIRUS]})
        self.check_notice(came.by_address[beta_service][0], unit, VIRUS, "5.5.1", vera)

    def test_found_by_another_provider(self):
        """[3.3.3] whose detection comes to the unit's service mailbox"""
        came = self.send_virus(ugo, dario, self.AT_BETA)
        self.assertEqual(came.kinds(), {ugo: [ACCEPTED, NON_DELIVERY], unit.service_mailbox: [VIRUS]})
        [notice] = came.of_kind(NON_DELIVERY, at=ugo)
        self.check_notice(notice, unit, NON_DELIVERY, "5.5.1", dario)
        self.assertEqual(ends(box.alfa, notice), {dario: "failed_at"})


class Ordinary(Units):
    def test_what_comes_to_the_unit(self):
        """[3.2.2]"""
        with box.alfa.connect("mx") as connection:
            connection.sendmail(GIANNI, [vera], letter(GIANNI, to=[vera], subject="Prova"))
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {vera: [ANOMALY]})
        [anomaly] = came.by_address[vera]
        self.assertEqual(check_signature(anomaly, box.ca_file), unit.signing_address)
        self.assertEqual(parseaddr(anomaly.header("From"))[1], unit.signing_address)

    def test_what_comes_to_its_own_addresses(self):
        """[2.2.5] is refused, unless it is a bounce: that is for the operators."""
        for address in (unit.signing_address, unit.service_mailbox):
            for sender, taken in ((GIANNI, False), ("", True)):
                with self.subTest(address, sender=sender), box.alfa.connect("mx") as connection:
                    connection.ehlo()
                    connection.mail(sender)
                    self.assertEqual(connection.rcpt(address)[0], 250)
                    code, text = connection.data(letter(GIANNI, to=[address], subject="Prova"))
                    self.assertEqual(code, 250 if taken else 550, text)
                    came = mailboxes.new()
                    self.assertEqual(came.kinds(), {box.alfa.operators: [ANOMALY]} if taken else {})
                    for anomaly in came.by_address[box.alfa.operators]:
                        self.assertEqual(check_signature(anomaly, box.ca_file), unit.signing_address)


if __name__ == "__main__":
    harness.main()

# SPDX-License-Identifier: GPL-2.0-or-later
"""A provider's key speaks for that provider's users and mailboxes, and for nobody else's: what a third
provider, gamma, signs with its genuine key, about messages that are not its to speak of. Judged by IMAP,
openssl and the ledgers.
"""

from dataclasses import dataclass, replace

from support import harness
from support.box import Provider
from support.directory import Entry, LdifDirectory, read_entries
from support.foreign_provider import (ADDRESS, DOMAIN, LOST_DOMAIN, NAME, ORIGINAL, SENDER as GIULIA, ForeignProvider,
                                      data_part, original_part)
from support.notices import dispatches, incidents, pec_id_of
from support.pec_mail import ORDINARY, all_mailboxes, check_signature, letter, plain_text
from support.pec_message import PecMessage
from support.people import anna, dario, elena
from support.waiting import wait_until

CERTIFIED, ACCEPTED, TAKEN, DELIVERED = ("posta-certificata", "accettazione", "presa-in-carico",
                                         "avvenuta-consegna")
NOT_ITS_OWN = ("il gestore che ha firmato il messaggio non può certificare messaggi di questo mittente o "
               "per questa casella")
MALFORMED = "il messaggio è firmato da un gestore di posta certificata, ma non è formalmente corretto"
FAILURE = "<errore-esteso>5.1.1 - PEC Gamma S.p.A. - indirizzo non valido</errore-esteso>"
VIRUS = "<errore-esteso>5.5.1 - PEC Gamma S.p.A. - presenza di un virus nel messaggio</errore-esteso>"
LATE = ("<errore-esteso>5.4.1 - PEC Gamma S.p.A. - il messaggio non è stato consegnato nelle prime "
        "ventiquattro ore dal suo invio</errore-esteso>")
AGAIN = 20  # times


def setUpModule():
    global box, mailboxes, gamma, service
    box = harness.sandbox()
    service = box.alfa.service_mailbox
    gamma = ForeignProvider(box)
    mailboxes = all_mailboxes(box)


def envelope(sender: str = GIULIA, pec_id: str = "", text: bytes = b"Ciao.") -> bytes:
    """To Dario, correct in all but whose it is."""
    pec_id = pec_id or gamma.new_id()
    content = gamma.mixed(gamma.xml(CERTIFIED, pec_id, [dario], sender=sender),
                          ORIGINAL.replace(b"Ciao.", text) % pec_id.encode())
    return (gamma.header(f"X-Trasporto: {CERTIFIED}", pec_id, sender=sender)
            + gamma.signed(content, gamma.sign(content)))


def data_of(message: bytes) -> str:
    return pec_id_of(PecMessage(message))


class Foreign(harness.Case):
    def known(self, pec_id: str) -> list:
        """What both ledgers have of a message."""
        return [(provider.query("SELECT direction, kind, recipient, generated_id, at FROM message_log"
                                " WHERE pec_id = ? ORDER BY 1, 2, 3", pec_id),
                 dispatches(provider, pec_id)) for provider in (box.alfa, box.beta)]

    def check_anomaly(self, to: Provider, recipient: str, message: bytes,
                      description: str = NOT_ITS_OWN, *, sender: str = GIULIA) -> None:
        """It comes in an anomaly envelope, and is nothing else to anybody."""
        pec_id = data_of(message)
        before, told = self.known(pec_id), incidents(to, pec_id)
        gamma.deliver(to, [recipient], message, sender=sender)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {recipient: ["errore"]})
        [anomaly] = came.by_address[recipient]
        self.assertEqual(check_signature(anomaly, box.ca_file), f"posta-certificata@{to.domain}")
        self.assertTrue(anomaly.postacert() == message, "postacert.eml is not what was sent")
        self.assertIn(f"per il seguente errore: {description} Il messaggio originale",
                      " ".join(plain_text(anomaly).split()))
        self.assertEqual(self.known(pec_id), before)
        expected = {*told, *([("foreign message", recipient)] if description == NOT_ITS_OWN else [])}
        self.assertEqual(set(incidents(to, pec_id)), expected)
        self.assertEqual(len(incidents(to, pec_id)), len(expected))


class Envelopes(Foreign):
    def test_of_others(self):
        for name, message in {
            "another provider's user": envelope(sender=anna),
            "the recipient's provider's own user": envelope(sender=elena),
            "the recipient himself": envelope(sender=dario),
            "nobody's user": envelope(sender="gianni@ordinaria.example"),
            "a user of a domain below its own": envelope(sender=f"giulia@sotto.{DOMAIN}"),
            "another provider's identificativo": envelope(pec_id=f"20261122.x@{box.alfa.domain}"),
            "the recipient's provider's identificativo": envelope(pec_id=f"20261122.y@{box.beta.domain}"),
            "nobody's identificativo": envelope(pec_id="20261122.z@ordinaria.example"),
        }.items():
            with self.subTest(name):
                self.check_anomaly(box.beta, dario, message)

    def test_an_internal_sender(self):
        """Receipts would go to the receipts service. It is no sender at all, so it is wrong in form."""
        self.check_anomaly(box.beta, dario, envelope(sender="giulia@pec.internal"), MALFORMED)

    def test_with_more_parts_than_ours_may_have(self):
        """[4] The frame alone decides, whatever lies in the original and in whichever order the parts
        are; a brief receipt then has the original as it is."""
        multipart = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        attached = (b"--b\r\nContent-Type: message/rfc822\r\n\r\n"
                    + b"".join(b"X-%d: %b\r\n" % (i, 900 * b"x") for i in range(9)) + b"\r\nCiao.\r\n")
        nested = b"".join(b'--b%d\r\nContent-Type: multipart/mixed; boundary="b%d"\r\n\r\n' % (i, i + 1)
                          for i in range(300)).replace(b"--b0", b"--b")
        for name, form, body in (
                ("parts", "breve", 10_050 * b"--b\r\nContent-Type: text/plain; name=x\r\n\r\nx\r\n"),
                ("headers of parts", "completa", 300 * attached), ("levels", "breve", nested)):
            with self.subTest(name):
                pec_id = gamma.new_id()
                original = ORIGINAL.partition(b"\r\n\r\n")[0] % pec_id.encode() + b"\r\n" + multipart + body
                content = (b'Content-Type: multipart/mixed; boundary="mixed"\r\n\r\n--mixed\r\n'
                           + original_part(original) + b"\r\n--mixed\r\n"
                           + data_part(gamma.xml(CERTIFIED, pec_id, [dario], receipt=form))
                           + b"\r\n--mixed--\r\n")
                gamma.deliver(box.beta, [dario], gamma.header(f"X-Trasporto: {CERTIFIED}", pec_id)
                              + gamma.signed(content, gamma.sign(content)))
                came = mailboxes.new(ordinary=2)
                self.assertEqual(came.kinds(), {dario: [CERTIFIED], ORDINARY: [DELIVERED, TAKEN]})
                [receipt] = came.of_kind(DELIVERED, at=ORDINARY)
                check_signature(receipt, box.ca_file)
                self.assertTrue(receipt.postacert() == original, "postacert.eml is not the original")

    def test_as_other_providers_write_them(self):
        """[4, 8.2] <msgid> without brackets, <identificativo> with them; where the XML does not say which
        receipt is asked for, the header's word holds."""
        pec_id = gamma.new_id()
        xml = gamma.xml(CERTIFIED, f"&lt;{pec_id}&gt;", [dario], receipt="",
                        facts="<msgid>1@client.example</msgid>")
        content = gamma.mixed(xml, ORIGINAL % pec_id.encode())
        head = gamma.header(f"X-Trasporto: {CERTIFIED}", pec_id, fields=b"X-TipoRicevuta: sintetica\r\n"
                            b"X-Riferimento-Message-ID: <1@client.example>\r\n")
        gamma.deliver(box.beta, [dario], head + gamma.signed(content, gamma.sign(content)))
        came = mailboxes.new(ordinary=2)
        self.assertEqual(came.kinds(), {dario: [CERTIFIED], ORDINARY: [DELIVERED, TAKEN]})
        for receipt in came.by_address[ORDINARY]:
            data = receipt.certification()
            self.assertEqual(data.findtext("dati/identificativo"), pec_id)
            self.assertEqual(data.findtext("dati/msgid"), "<1@client.example>")
            self.assertEqual(receipt.header("X-Riferimento-Message-ID"), "<1@client.example>")
        [receipt] = came.of_kind(DELIVERED, at=ORDINARY)
        self.assertEqual(receipt.certification().find("dati/ricevuta").get("tipo"), "sintetica")
        self.assertEqual(len(receipt.mixed_parts()), 2)

    def test_with_a_subject_longer_than_a_field_can_be(self):
        """[4] Whole in the certification data; cut, with dots, in Subject and texts of what we make."""
        for name, oggetto, shown in (("short", 70_000 * "x", 300 * "x" + "..."),
                                     ("as it is", 70_000 * "x", 70_000 * "x")):
            with self.subTest(name):
                pec_id = gamma.new_id()
                xml = gamma.xml(CERTIFIED, pec_id, [dario]).replace(
                    b"<oggetto>Prova", b"<oggetto>" + oggetto.encode())
                content = gamma.mixed(xml, ORIGINAL % pec_id.encode())
                head = gamma.header(f"X-Trasporto: {CERTIFIED}", pec_id).replace(
                    b": Prova\r\n", b": " + shown.encode() + b"\r\n")
                gamma.deliver(box.beta, [dario], head + gamma.signed(content, gamma.sign(content)))
                came = mailboxes.new(ordinary=2)
                self.assertEqual(came.kinds(), {dario: [CERTIFIED], ORDINARY: [DELIVERED, TAKEN]})
                for receipt in came.by_address[ORDINARY]:
                    check_signature(receipt, box.ca_file)
                    self.assertEqual(receipt.certification().findtext("intestazione/oggetto"), oggetto)
                    self.assertRegex(receipt.header("Subject"), r"^[A-Z ]+: x{200,30000}\.\.\.$")
                    self.assertRegex(receipt.text(), r'"x{200,30000}\.\.\."')

    def test_its_own(self):
        """By the same hands as those above."""
        gamma.deliver(box.beta, [dario], envelope())
        self.assertEqual(mailboxes.new(ordinary=2).kinds(),
                         {dario: [CERTIFIED], ORDINARY: [DELIVERED, TAKEN]})

    def test_under_the_id_of_a_message_that_waits(self):
        """In alfa's queue. It comes when it can, whole, and has its receipts; the false ones have none."""
        with box.alfa.deferring("smtp"):
            box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Vera"))
            [raw] = box.alfa.wait_for(anna, 1, containing=b"Subject: ACCETTAZIONE: Vera\r\n")
            pec_id = pec_id_of(PecMessage(raw))
            for sender in (GIULIA, anna):
                gamma.deliver(box.beta, [dario], envelope(sender, pec_id, b"Falsa."), sender=sender)
            wait_until(lambda: not box.beta.queue(), "both are brought")
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {anna: [ACCEPTED, DELIVERED], service: [TAKEN],
                                        dario: ["errore", "errore", CERTIFIED]})
        [true] = came.of_kind(CERTIFIED, at=dario)
        [receipt] = came.of_kind(DELIVERED, at=anna)
        for each in (true, receipt):
            self.assertEqual(check_signature(each, box.ca_file), f"posta-certificata@{box.alfa.domain}"
                             if each is true else f"posta-certificata@{box.beta.domain}")
            self.assertIn(b"hello", each.postacert())
            self.assertNotIn(b"Falsa.", each.raw)
        self.assertEqual(incidents(box.beta, pec_id), [("foreign message", dario)])
        self.assertEqual(incidents(box.alfa, pec_id), [])

    def test_the_same_again_and_again(self):
        """One anomaly envelope, one incident, and one line that alarms, for all of them."""
        message = envelope(sender=anna)
        known = len(box.beta.milter_log())
        for _ in range(AGAIN):
            gamma.deliver(box.beta, [dario], message)
            mailboxes_are = mailboxes.new().kinds()
            self.assertIn(mailboxes_are, ({dario: ["errore"]}, {}))
        self.assertEqual(incidents(box.beta, data_of(message)), [("foreign message", dario)])
        log = box.beta.milter_log()[known:]
        self.assertEqual(log.count("anomaly, known: "), AGAIN - 1)
        self.assertLessEqual(log.count("[warning]"), 1)


@dataclass
class Said:
    """What gamma says of a message."""

    kind: str
    about: str = ""
    more: str = ""
    error: str = "nessuno"

    def sign(self, pec_id: str, sender: str, recipients: list[str]) -> bytes:
        element = "ricezione" if self.kind == TAKEN else "consegna"
        facts = (f"<{element}>{self.about}</{element}>" if self.about else "") + self.more
        return gamma.receipt(self.kind, pec_id, recipients, sender=sender, error=self.error, facts=facts,
                             receipt="completa" if self.kind == DELIVERED else "")


class Receipts(Foreign):
    """About a message of Anna's that is still open at all its recipients' hosts."""

    def test_about_others_mailboxes(self):
        with box.alfa.deferring("smtp"):
            box.alfa.submit(anna, [dario, GIULIA], letter(anna, to=[dario, GIULIA], subject="Aperta"))
            [raw] = box.alfa.wait_for(anna, 1, containing=b"Subject: ACCETTAZIONE: Aperta\r\n")
            pec_id = pec_id_of(PecMessage(raw))
            box.alfa.wait_for(anna, 1, containing=b"Subject: ACCETTAZIONE: Aperta\r\n")
            known = self.known(pec_id)
            cases = {
                "delivery at another's": Said(DELIVERED, dario),
                "delivery at the sender's own": Said(DELIVERED, anna),
                "delivery at an ordinary one": Said(DELIVERED, "gianni@ordinaria.example"),
                "take-charge for another's": Said(TAKEN, dario),
                "non-delivery at another's": Said("errore-consegna", dario, FAILURE, "no-dest"),
                "a virus at another's": Said("rilevazione-virus", dario, VIRUS, "virus"),
                "acceptance": Said(ACCEPTED),
                "non-acceptance": Said("non-accettazione", "", FAILURE, "altro"),
                "24 hours": Said("preavviso-errore-consegna", GIULIA, LATE, "altro"),
            }
            messages = {}
            for name, said in cases.items():
                message = said.sign(pec_id, anna, [dario, GIULIA])
                messages[name] = message
                gamma.deliver(box.alfa, [anna], message, sender=ADDRESS)
            wait_until(lambda: len(box.alfa.queue()) == 1, "only the message waits")
            with box.alfa.mailbox(anna) as mailbox:
                found = [PecMessage(each) for each in mailbox.all()]
            anomalies = {each.postacert(): each for each in found if each.kind == "errore"}
            for name, message in messages.items():
                with self.subTest(name):
                    anomaly = anomalies[message]
                    self.assertEqual(check_signature(anomaly, box.ca_file),
                                     f"posta-certificata@{box.alfa.domain}")
                    self.assertIn(NOT_ITS_OWN, " ".join(plain_text(anomaly).split()))
            self.assertEqual(self.known(pec_id), known)
            self.assertEqual(incidents(box.alfa, pec_id), [("foreign message", anna)])
        came = mailboxes.new(ordinary=1)  # and now it goes its way
        self.assertEqual(came.kinds(), {
            anna: [ACCEPTED, DELIVERED] + len(cases) * ["errore"], service: [TAKEN],
            dario: [CERTIFIED], ORDINARY: [CERTIFIED]})

    def test_about_messages_that_are_not_ours(self):
        """Of its own user, to its own mailbox: nothing that we have to hear of."""
        for said in (Said(DELIVERED, GIULIA), Said(TAKEN, GIULIA), Said("rilevazione-virus", GIULIA, VIRUS,
                                                                        "virus")):
            with self.subTest(said.kind):
                self.check_anomaly(box.alfa, anna, said.sign(gamma.new_id(), GIULIA, [GIULIA]),
                                   sender=ADDRESS)

    def test_about_its_own(self):
        """By the same hands as those above."""
        box.alfa.submit(anna, [GIULIA], letter(anna, to=[GIULIA], subject="Sua"))
        [acceptance] = mailboxes.new(ordinary=1).of_kind(ACCEPTED, at=anna)
        pec_id = pec_id_of(acceptance)
        for said, to in ((Said(TAKEN, GIULIA), service), (Said(DELIVERED, GIULIA), anna)):
            gamma.deliver(box.alfa, [to], said.sign(pec_id, anna, [GIULIA]), sender=ADDRESS)
            self.assertEqual(mailboxes.new().kinds(), {to: [said.kind]})
        times = dispatches(box.alfa, pec_id)[GIULIA]
        self.assertIsNotNone(times["taken_in_charge_at"])
        self.assertIsNotNone(times["delivered_at"])
        self.assertEqual(incidents(box.alfa, pec_id), [])


class FormerOwners(Foreign):
    """Gamma's domain goes to beta; what gamma signed while it had the domain may still be under way."""

    @classmethod
    def setUpClass(cls):
        entries = read_entries(box)
        entries[NAME] = Entry(NAME, f"ricevute@{DOMAIN}", [gamma.certificate("good")],
                              [DOMAIN, LOST_DOMAIN])
        cls.directory = LdifDirectory(box, entries)
        cls.reload()
        beta = box.beta.name
        moved = {**entries, NAME: replace(entries[NAME], domains=[LOST_DOMAIN]),
                 beta: replace(entries[beta], domains=[box.beta.domain, DOMAIN])}
        cls.directory.publish(moved)
        cls.reload()

        def back() -> None:
            cls.directory.publish(entries)
            cls.reload()

        cls.addClassCleanup(back)

    @staticmethod
    def reload() -> None:
        for provider in (box.alfa, box.beta):
            box.reload(provider)

    def test_since_yesterday(self):
        with box.milter_clock(box.beta, "+1d"):
            gamma.deliver(box.beta, [dario], envelope())
            came = mailboxes.new(ordinary=2)
        self.assertEqual(came.kinds(), {dario: [CERTIFIED], ORDINARY: [DELIVERED, TAKEN]})

    def test_since_eight_days_ago(self):
        with box.milter_clock(box.beta, "+8d"):
            self.check_anomaly(box.beta, dario, envelope())

    def test_never_had_it(self):
        self.check_anomaly(box.beta, dario, envelope(sender=f"x@{box.beta.domain}"))


if __name__ == "__main__":
    harness.main()

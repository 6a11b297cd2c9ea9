# SPDX-License-Identifier: GPL-2.0-or-later
"""Other ways to send certified mail than the one in certified_mail_test.py. Numbers in brackets are
sections of RFC 6109.
"""

import base64
import email
import email.header
import email.policy
import re
import textwrap

from support import harness
from support.foreign_provider import ForeignProvider
from support.paths import ROOT
from support.pec_mail import (ORDINARY, PREFIXES, Arrivals, all_mailboxes, certified, check_signature, check_text,
                              header_lines, header_names, letter, plain_text, recipients_of, subjects_of)
from support.pec_message import PecMessage, run
from support.people import anna, bruno, dario, elena

OUTSIDE = "gianni@ordinaria.example"
CERTIFIED, EXTERNAL = "certificato", "esterno"
TEXT_BODY = b"Content-Type: text/plain\r\n\r\nhello\r\n"


def setUpModule():
    global box, mailboxes, info, alfa_service
    box = harness.sandbox()
    [info] = [alias for alias, mailbox in box.beta.info["aliases"].items() if mailbox == dario]
    alfa_service = box.alfa.service_mailbox
    mailboxes = all_mailboxes(box)


def send(message: bytes, *recipients: str, ordinary: int = 0, sender: str = "") -> Arrivals:
    """Anna submits it; returns all that comes of it, each with a good signature."""
    box.alfa.submit(sender or anna, list(recipients), message)
    came = mailboxes.new(ordinary)
    for each in came.all():
        check_signature(each, box.ca_file)
    return came


def check_words(message: PecMessage, form: str, recipients: list[tuple[str, str]],
                subject: str, msgid: str = "", recipient: str = "") -> None:
    """The Italian text, with the time and the id that the certified data give."""
    facts = certified(message).find("dati")
    check_text(plain_text(message), form, recipients, subject=subject, sender=anna, msgid=msgid,
               recipient=recipient, pec_id=facts.findtext("identificativo"),
               date=facts.findtext("data/giorno"), time=facts.findtext("data/ora"),
               zone=facts.find("data").get("zona"))


class InAMailProgram(harness.Case):
    def threads(self, message_id: str) -> list[tuple[bool, list[str]]]:
        """What is shown with what she has sent, and without it: kinds of messages."""
        message = letter(anna, to=[dario], subject="thread", message_id=message_id)
        came = send(message, dario)
        kinds = {each.header("Message-ID"): each.kind for each in came.by_address[anna]}
        with box.alfa.mailbox(anna) as inbox:
            inbox.append(message)
            found = inbox.threads()
        mailboxes.new()  # what she has kept is no arrival
        return sorted((message_id in ids, sorted(kinds[each] for each in ids if each in kinds))
                      for ids in found if ids & (kinds.keys() | {message_id}))

    def test_receipts_are_shown_with_the_message_sent(self):
        """In-Reply-To and References name the client's own Message-ID; Dovecot's THREAD goes by them"""
        self.assertEqual(self.threads("<thread@client.example>"),
                         [(True, ["accettazione", "avvenuta-consegna"])])

    def test_unless_the_provider_wants_them_apart(self):
        box.reconfigure(box.alfa, provider={"receipts_refer": "no"})
        self.addCleanup(box.reconfigure, box.alfa, provider={"receipts_refer": "yes"})
        self.assertEqual(self.threads("<apart@client.example>"),
                         [(False, ["accettazione"]), (True, ["avvenuta-consegna"])])


class Recipients(harness.Case):
    def test_at_the_same_provider(self):
        """[3.4] all of it happens, take-charge included"""
        came = send(letter(anna, to=[bruno], subject="near", message_id="<near@client>"), bruno)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna"], bruno: ["posta-certificata"],
            alfa_service: ["presa-in-carico"]})
        self.assertEqual(subjects_of(came.by_address[alfa_service][0]), [bruno])

    def test_to_oneself(self):
        """[3.4] The envelope comes to where the receipts come, and is no less delivered."""
        came = send(letter(anna, to=[anna], subject="self", message_id="<self@client>"), anna)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna", "posta-certificata"],
            alfa_service: ["presa-in-carico"]})

    def test_two_at_another_provider_one_at_our_own(self):
        """[3.2.1] One take-charge lists all recipients of a transaction; each has a delivery
        receipt of its own."""
        came = send(letter(anna, to=[dario, OUTSIDE], cc=[bruno, elena], subject="many",
                           message_id="<many@client>"), bruno, dario, elena, OUTSIDE, ordinary=1)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione"] + 3 * ["avvenuta-consegna"],
            alfa_service: 2 * ["presa-in-carico"], ORDINARY: ["posta-certificata"],
            bruno: ["posta-certificata"], dario: ["posta-certificata"], elena: ["posta-certificata"]})
        taken = {message.header("From"): message for message in came.by_address[alfa_service]}
        from_beta = taken[f"posta-certificata@{box.beta.domain}"]
        self.assertEqual(sorted(subjects_of(from_beta)), [dario, elena])
        listed = [(address, CERTIFIED) for address in subjects_of(from_beta)]
        check_words(from_beta, "presa-in-carico", listed, "many")
        self.assertEqual(subjects_of(taken[f"posta-certificata@{box.alfa.domain}"]), [bruno])
        order = [(dario, CERTIFIED), (OUTSIDE, EXTERNAL), (bruno, CERTIFIED), (elena, CERTIFIED)]
        for message in came.all():
            self.assertEqual(recipients_of(message), order)
        # It came to beta once, with two recipients: both copies have the same queue id.
        ids = [re.search(rb"by mx\.pec\.beta\.example \(Postfix\) with \S+ id (\S+?);?\r\n",
                         came.by_address[address][0].raw)[1] for address in (dario, elena)]
        self.assertEqual(ids[0], ids[1])

    def test_case_counts_neither_in_the_domain_nor_before_it(self):
        """[3.1.1] What the user wrote stands in the certified data."""
        written = "Dario@PEC.Beta.Example"
        came = send(letter(anna, to=["DARIO@pec.BETA.example"], subject="case"), written)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna"], dario: ["posta-certificata"],
            alfa_service: ["presa-in-carico"]})
        self.assertEqual(recipients_of(came.by_address[dario][0]), [(written, CERTIFIED)])
        [taken] = came.by_address[alfa_service]
        self.assertEqual([address.lower() for address in subjects_of(taken)], [dario])

    def test_quoted_local_parts(self):
        """[3.1.1] RFC 5322, 3.4.1: quotes that aren't needed mean nothing."""
        strange, same_as_dario = '"gian, ni"@ordinaria.example', f'"dario"@{box.beta.domain}'
        came = send(letter(anna, to=[strange, same_as_dario], subject="quotes"), strange,
                    same_as_dario, ordinary=1)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna"], dario: ["posta-certificata"],
            alfa_service: ["presa-in-carico"], ORDINARY: ["posta-certificata"]})
        self.assertEqual(recipients_of(came.by_address[dario][0])[0], (strange, EXTERNAL))
        self.assertIn(b"X-Original-To: " + strange.encode(), came.by_address[ORDINARY][0].raw)

    def test_ordinary_recipients_only(self):
        """[3.1.5] The envelope goes out, the acceptance says what they are; nothing else comes."""
        came = send(letter(anna, to=[OUTSIDE], subject="out", message_id="<out@client>"), OUTSIDE,
                    ordinary=1)
        self.assertEqual(came.kinds(), {anna: ["accettazione"], ORDINARY: ["posta-certificata"]})
        check_words(came.by_address[anna][0], "accettazione", [(OUTSIDE, EXTERNAL)], "out",
                    msgid="<out@client>")


class Headers(harness.Case):
    def test_no_message_id(self):
        """[3.1.3] no reference anywhere to what there was not; the rest as ever"""
        came = send(letter(anna, to=[dario], subject="without"), dario)
        self.assertEqual(len(came.all()), 4)
        for message in came.all():
            self.assertNotIn(b"X-Riferimento-Message-ID", message.raw)
            self.assertIsNone(certified(message).find("dati/msgid"))
        [acceptance] = came.of_kind("accettazione", at=anna)
        check_words(acceptance, "accettazione", [(dario, CERTIFIED)], "without")
        [envelope] = came.by_address[dario]
        self.assertEqual(header_lines(envelope.postacert(), "Message-ID"),
                         header_lines(envelope.raw, "Message-ID"))

    def test_reply_to(self):
        """[3.1.5, 4.4] inherited unmodified; its address is <risposte>"""
        field = b"Reply-To:  Ufficio   protocollo\r\n\t<Ufficio@ordinaria.example>\r\n"
        came = send(letter(anna, to=[dario], subject="reply", fields=field), dario)
        self.assertEqual(header_lines(came.by_address[dario][0].raw, "Reply-To"), [field])
        for message in came.all():
            self.assertEqual(certified(message).findtext("intestazione/risposte"),
                             "Ufficio@ordinaria.example")

    def test_subject_in_other_scripts(self):
        """[4.3, 4.4] The header and the XML lose nothing; the text, in Latin-1, keeps what it can."""
        subject = "Καλημέρα — 你好, 😀 “città” e Łódź, costa 5 €; ＜b＞ " + "lungo " * 20 + "òla"
        field = email.header.Header(subject, "utf-8", header_name="Subject").encode()
        came = send(letter(anna, to=[dario], subject=field.replace("\n", "\r\n")), dario)
        self.assertEqual(len(came.all()), 4)
        for message in came.all():
            self.assertEqual(certified(message).findtext("intestazione/oggetto"), subject)
            self.assertEqual(message.header("Subject"), PREFIXES[message.kind] + subject)
            [raw] = header_lines(message.raw, "Subject")
            self.assertTrue(raw.isascii())
            self.assertLessEqual(max(map(len, raw.split(b"\r\n"))), 76)  # RFC 2047, 2
            words = " ".join(plain_text(message).split())
            self.assertIn('"Kaleméra - ni hao, ? "città" e Lódz, costa 5 EUR; <b> lungo lungo ', words)
            self.assertIn(' lungo òla"', words)
            [html] = [part.get_content() for part in message.mixed_parts()[0].walk()
                      if part.get_content_type() == "text/html"]
            self.assertIn("costa 5 EUR; &lt;b&gt; lungo", " ".join(html.split()))  # and is no markup

    def test_no_subject(self):
        """[4.4] <oggetto> may be missing or empty; the prefix stands alone"""
        came = send(letter(anna, to=[dario]), dario)
        self.assertEqual(len(came.all()), 4)
        for message in came.all():
            self.assertEqual(message.header("Subject").strip(), PREFIXES[message.kind].strip())
            self.assertFalse(certified(message).findtext("intestazione/oggetto"))

    def test_the_date_is_the_providers(self):
        """[4.1] A wrong clock in the user's client certifies nothing."""
        wrong = "Mon, 1 Jan 2001 00:00:00 +0000"
        came = send(letter(anna, to=[dario], subject="old", date=wrong), dario)
        for message in came.all():
            self.assertNotIn("2001", message.header("Date"))
        self.assertIn(f"Date: {wrong}\r\n".encode(), came.by_address[dario][0].postacert())


class KindsOfReceipt(harness.Case):
    """[3.3.2]"""

    PDF = (b'Content-Type: application/pdf; name="contratto.pdf"\r\n'
           b'Content-Disposition: attachment; filename="contratto.pdf"\r\n'
           b"Content-Transfer-Encoding: base64\r\n", b"JVBERi0xLjQKJeLjz9MK\r\nJVBERi0xLjQK\r\n")
    NAMED = (b"Content-Type: text/plain; charset=utf-8;\r\n\tname*=utf-8''perch%C3%A9.txt\r\n"
             b"Content-Transfer-Encoding: 8bit\r\n", "perché no\r\n".encode())
    MESSAGE = (b"Content-Type: message/rfc822\r\n",
               b"From: a@x.example\r\nSubject: inner\r\n\r\ninner text\r\n")
    # What stays, and between two of these an attachment.
    KEPT = (b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="out"\r\n\r\npreamble\r\n'
            b'--out\r\nContent-Type: multipart/alternative; boundary="in"\r\n\r\n--in\r\n'
            b"Content-Type: text/plain\r\nContent-Disposition: inline\r\n\r\nIn allegato il contratto.\r\n"
            b"--in\r\nContent-Type: text/html\r\n\r\n<p>In allegato\r\n--in--\r\n\r\n--out\r\n",
            b"\r\n--out  \r\n", b"\r\n--out\r\n", b"\r\n--out--\r\nepilogue\r\n")
    NAMES = ["contratto.pdf.hash", "perché.txt.hash", None]

    def ask(self, form: str, body: bytes, cc: tuple = ()) -> Arrivals:
        fields = b"X-TipoRicevuta: %b\r\n" % form.encode()
        return send(letter(anna, to=[dario], cc=cc, subject=form, message_id="<form@client>",
                           fields=fields, body=body), dario, *cc)

    def check(self, came: Arrivals, about: str, asked: str, form: str) -> PecMessage:
        """The receipt about this recipient is of this form, and says which one was asked."""
        receipt = came.delivery_receipt(at=anna, about=about)
        self.assertEqual(certified(receipt).find("dati/ricevuta").get("tipo"), asked)
        subject = receipt.header("Subject").removeprefix(PREFIXES["avvenuta-consegna"])
        check_words(receipt, form, [], subject, recipient=about)
        names = [part.get_filename() for part in receipt.mixed_parts()]
        self.assertEqual(names, [None, "daticert.xml"]
                         + (["postacert.eml"] if form != "sintetica" else []))
        return receipt

    @classmethod
    def body(cls) -> bytes:
        attachments = [head + b"\r\n" + content for head, content in (cls.PDF, cls.NAMED, cls.MESSAGE)]
        return b"".join(kept + attached for kept, attached in zip(cls.KEPT, [*attachments, b""]))

    def test_brief(self):
        """[3.3.2.2] Attachments give way to their hashes, over their content as it stands in the
        message; all else stays as it is. A recipient in Cc gets the concise one."""
        came = self.ask("breve", self.body(), cc=(bruno,))
        self.assertEqual(header_lines(came.by_address[dario][0].raw, "X-TipoRicevuta"),
                         [b"X-TipoRicevuta: breve\r\n"])
        self.check(came, bruno, "breve", "sintetica")
        brief = self.check(came, dario, "breve", "breve").postacert()
        found = re.search(rb"(?s)" + b"(.*?)".join(re.escape(kept) for kept in self.KEPT) + rb"\Z", brief)
        self.assertIsNotNone(found, brief)
        [envelope] = came.by_address[dario]
        self.assertEqual(brief[:found.start()], envelope.postacert()[:found.start()])
        for hash_part, (_, content), name in zip(found.groups(), (self.PDF, self.NAMED, self.MESSAGE),
                                                 self.NAMES):
            part = email.message_from_bytes(hash_part, policy=email.policy.SMTP)
            self.assertEqual(part.get_content_type(), "text/plain")
            self.assertEqual(part.get_filename(), name or part.get_filename())
            self.assertTrue(part.get_filename().endswith(".hash"))
            self.assertEqual(part.get_payload().strip(), self.sha1sum(content))

    def test_who_has_the_message_can_compare_the_hashes(self):
        """By the recipe of docs/architecture.md."""
        came = self.ask("breve", self.body())
        sent = box.directory / "sent.eml"
        sent.write_bytes(came.by_address[dario][0].postacert())
        text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
        [recipe] = re.findall(r"(?s)<<'END'\n(.*?)\n    END\n", text)
        said = run(["python3", "-c", textwrap.dedent(recipe), sent]).splitlines()
        self.assertEqual(said, [f"{self.sha1sum(content)} {name}" for (_, content), name in
                                ((self.PDF, "contratto.pdf"), (self.NAMED, "perché.txt"))])

    def sha1sum(self, content: bytes) -> str:
        path = box.directory / "content"
        path.write_bytes(content)
        return run(["sha1sum", path]).split()[0]

    def test_brief_of_a_signed_message(self):
        """[3.3.2.2] Inside the first part only: the signature is no attachment."""
        head, content = self.PDF
        signed = (b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary="s"'
                  b'\r\n\r\n--s\r\nContent-Type: multipart/mixed; boundary="m"\r\n\r\n'
                  b"--m\r\n\r\ntext\r\n--m\r\n",
                  b"\r\n--m--\r\n\r\n--s\r\nContent-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n"
                  b"Content-Transfer-Encoding: base64\r\n\r\nMIIE2QYJKoZIhvcN\r\n--s--\r\n")
        came = self.ask("breve", signed[0] + head + b"\r\n" + content + signed[1])
        brief = self.check(came, dario, "breve", "breve").postacert()
        self.assertIn(signed[0], brief)
        self.assertTrue(brief.endswith(self.sha1sum(content).encode() + signed[1]), brief)

    def test_brief_of_an_encrypted_message(self):
        """[3.3.2.2] is complete: nothing can be taken out of it."""
        came = self.ask("breve", b'Content-Type: application/pkcs7-mime; name="smime.p7m"\r\n'
                        b"Content-Transfer-Encoding: base64\r\n\r\nMIIE2QYJKoZIhvcN\r\n")
        brief = self.check(came, dario, "breve", "breve").postacert()
        self.assertEqual(brief, came.by_address[dario][0].postacert())

    def test_concise(self):
        """[3.3.2.3]"""
        came = self.ask("sintetica", TEXT_BODY, cc=(bruno,))
        self.check(came, dario, "sintetica", "sintetica")
        self.check(came, bruno, "sintetica", "sintetica")

    def test_anything_else_is_complete(self):
        """[3.3.2]"""
        came = self.ask("qualunque", TEXT_BODY)
        self.assertEqual(header_lines(came.by_address[dario][0].raw, "X-TipoRicevuta"),
                         [b"X-TipoRicevuta: completa\r\n"])
        self.check(came, dario, "completa", "completa")


class PrimaryOrNot(harness.Case):
    """[3.3.2] A recipient in To gives the receipt that was asked for, one in Cc only the concise one,
    however the address is written and whatever mailbox an alias leads to."""

    @staticmethod
    def rows():
        """Name, To, Cc, and for each SMTP recipient the form of its receipt."""
        complete, concise = "completa", "sintetica"
        group = f"Ufficio protocollo: {dario}, Elena <{elena}>;"
        yield "group in To", [group], [bruno], {dario: complete, elena: complete, bruno: concise}
        yield "group in Cc", [bruno], [group], {dario: concise, elena: concise, bruno: complete}
        yield "group among others", [bruno, f"Altri:;, A:{elena};"], [dario], {
            bruno: complete, elena: complete, dario: concise}
        quoted = f'"dario"@{box.beta.domain}'
        yield "quoted local part in To", [quoted], [elena], {dario: complete, elena: concise}
        yield "quoted local part in Cc", [elena], [quoted], {dario: concise, elena: complete}
        yield "quoted SMTP recipient", [elena], [dario], {quoted: concise, elena: complete}
        yield "encoded words", [f"=?utf-8?Q?Citt=C3=A0_di_Dario?= <{dario}>"], [
            f"=?utf-8?B?{base64.b64encode(f'Elena <{dario}>'.encode()).decode()}?= <{elena}>"], {
                dario: complete, elena: concise}
        yield "encoded word that looks like an address", [
            f"=?us-ascii?Q?{dario.replace('@', '=40')}?= <{elena}>"], [dario], {
                dario: concise, elena: complete}
        yield "names and comments that look like addresses", [
            f'"{dario}" <{elena}> ({dario})'], [dario], {dario: concise, elena: complete}
        other_case = f"DARIO@{box.beta.domain.title()}"
        yield "other case in To", [other_case], [elena], {dario: complete, elena: concise}
        yield "other case in Cc", [elena], [other_case], {dario: concise, elena: complete}
        yield "in both", [elena, dario], [dario], {dario: complete, elena: complete}
        yield "in both, written otherwise", [f"D <{other_case}>"], [quoted, elena], {
            dario: complete, elena: concise}
        yield "alias in To", [info], [elena], {info: complete, elena: concise}
        yield "alias in Cc", [elena], [info], {info: concise, elena: complete}
        yield "alias in To, its mailbox in Cc", [info], [dario], {info: complete, dario: concise}
        yield "alias in Cc, its mailbox in To", [dario], [info], {info: concise, dario: complete}
        yield "alias in another case", [elena], [info], {info.upper(): concise, elena: complete}

    def check(self, came: Arrivals, name: str, asked: str, forms: dict[str, str]) -> None:
        receipts = came.of_kind("avvenuta-consegna", at=anna)
        self.assertEqual(sorted(subject for each in receipts for subject in subjects_of(each)),
                         sorted(address.replace('"', "") for address in forms))
        for address, form in forms.items():
            with self.subTest(name, recipient=address):
                address = address.replace('"', "")  # Postfix takes away what means nothing
                receipt = came.delivery_receipt(at=anna, about=address)
                self.assertEqual(certified(receipt).find("dati/ricevuta").get("tipo"), asked)
                check_words(receipt, form, [], name, recipient=address)
                has_original = [part.get_content_type() for part in receipt.mixed_parts()].count(
                    "message/rfc822")
                self.assertEqual(has_original, form != "sintetica")

    def test_one_message_for_each_way_to_write_it(self):
        rows = {name: rest for name, *rest in self.rows()}
        for name, (to, cc, forms) in rows.items():
            box.alfa.submit(anna, list(forms), letter(anna, to=to, cc=cc, subject=name))
        came = mailboxes.new()
        for message in came.all():
            check_signature(message, box.ca_file)
        for name, (to, cc, forms) in rows.items():
            with self.subTest(name):
                self.check(came.about(name), name, "completa", forms)

    def test_brief(self):
        came = send(letter(anna, to=[info], cc=[dario], subject="brief",
                           fields=b"X-TipoRicevuta: breve\r\n"), info, dario)
        self.check(came, "brief", "breve", {info: "breve", dario: "sintetica"})


class Aliases(harness.Case):
    """[3.3.2] Receipts speak of the address that the sender wrote; the certified data name no other."""

    def test_at_another_provider(self):
        came = send(letter(anna, to=[info], subject="alias", message_id="<alias@client>"), info)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione", "avvenuta-consegna"], dario: ["posta-certificata"],
            alfa_service: ["presa-in-carico"]})
        for message in came.all():
            self.assertEqual(recipients_of(message), [(info, CERTIFIED)])
        for receipt in (came.by_address[alfa_service][0],
                        came.of_kind("avvenuta-consegna", at=anna)[0]):
            self.assertEqual(subjects_of(receipt), [info])
        # What the delivery plugin goes by: Postfix's line is the first, after Dovecot's own.
        self.assertEqual(header_names(came.by_address[dario][0].raw)[:3],
                         ["Return-Path", "X-Original-To", "Received"])

    def test_at_the_same_provider(self):
        """[3.4]"""
        [(alias, mailbox)] = box.alfa.info["aliases"].items()
        self.assertEqual(mailbox, anna)
        came = send(letter(bruno, to=[alias], subject="near alias"), alias, sender=bruno)
        self.assertEqual(came.kinds(), {
            bruno: ["accettazione", "avvenuta-consegna"], anna: ["posta-certificata"],
            alfa_service: ["presa-in-carico"]})
        self.assertEqual(subjects_of(came.of_kind("avvenuta-consegna", at=bruno)[0]), [alias])

    def test_alias_and_its_mailbox(self):
        """Two recipients: each has its copy of the envelope and its receipt."""
        came = send(letter(anna, to=[info, dario], subject="both"), info, dario)
        self.assertEqual(came.kinds(), {
            anna: ["accettazione"] + 2 * ["avvenuta-consegna"], dario: 2 * ["posta-certificata"],
            alfa_service: ["presa-in-carico"]})
        about = [subjects_of(each) for each in came.of_kind("avvenuta-consegna", at=anna)]
        self.assertEqual(sorted(about), [[dario], [info]])
        self.assertEqual(sorted(subjects_of(came.by_address[alfa_service][0])), [dario, info])
        self.assertEqual(len({each.message_id for each in came.by_address[dario]}), 1)

    def test_a_field_that_came_with_the_envelope_is_not_believed(self):
        """Elena is certified in it, and has got nothing: there must be no receipt about her."""
        gamma = ForeignProvider(box)
        envelope = gamma.envelope([dario, elena], fields=f"X-Original-To: {elena}\r\n".encode())
        for message in (envelope, f"X-Original-To: {elena}\r\n".encode() + gamma.envelope(
                [dario, elena])):
            gamma.deliver(box.beta, [dario], message)
            came = mailboxes.new(ordinary=2)
            self.assertEqual(came.kinds(), {dario: ["posta-certificata"],
                                            ORDINARY: ["avvenuta-consegna", "presa-in-carico"]})
            self.assertIn(f"X-Original-To: {elena}".encode(), came.by_address[dario][0].raw)
            for receipt in came.by_address[ORDINARY]:
                self.assertEqual(subjects_of(receipt), [dario])


if __name__ == "__main__":
    harness.main()

# SPDX-License-Identifier: GPL-2.0-or-later
"""Viruses, at two providers that don't know the same ones (RFC 6109, 3.1.3, 3.2.3, 3.2.4): one that
the sender's provider finds, one that it misses and the recipient's finds. ClamAV is real, its
databases are the tests' own. Numbers in brackets are sections of RFC 6109.
"""

import base64
import os
import smtplib
import subprocess
from pathlib import Path

from support import harness
from support.box import Provider
from support.clamav import EICAR, TEST_FILES, Clamd, literal, whole_file, write_database, zipped
from support.foreign_provider import DOMAIN, ORIGINAL, ForeignProvider
from support.pec_mail import (ORDINARY, all_mailboxes, certified, check_signature, check_text, header_lines, letter,
                              plain_text, recipients_of)
from support.pec_message import PecMessage
from support.people import anna, bruno, carla, dario, elena
from support.provider import MILTER_UID
from support.waiting import wait_until

OUTSIDE = "gianni@ordinaria.example"
KNOWN_TO_ALFA = b"a pattern that alfa's database knows, and beta's does not"
AT_ALFA, EICAR_NAME = "Test.Alfa.UNOFFICIAL", "Test.Eicar.UNOFFICIAL"
FOUND = "presenza di un virus nel messaggio: "


def setUpModule():
    global box, mailboxes, gamma, service
    box = harness.sandbox()
    gamma = ForeignProvider(box)
    service = box.alfa.service_mailbox
    database(box.alfa, [literal("Test.Alfa", KNOWN_TO_ALFA)])
    database(box.beta, [literal("Test.Eicar", EICAR)])
    for provider in (box.alfa, box.beta):
        use_scanner(provider)
    mailboxes = all_mailboxes(box)


def folder_of(provider: Provider) -> Path:
    return Path(provider.info["config"]).parent


def database(provider: Provider, literals: list[str]) -> None:
    write_database(folder_of(provider) / "clamav", "test.ndb", literals)
    program = (TEST_FILES / "clam.exe").read_bytes()
    if provider is box.beta:
        write_database(folder_of(provider) / "clamav", "test.hdb",
                       [whole_file("Test.Program", program)])


def store(provider: Provider) -> Path:
    return folder_of(provider) / "viruses"


def use_scanner(provider: Provider) -> None:
    box.reconfigure(provider, antivirus={"engine": "scanner"})


def stored(provider: Provider) -> dict[str, bytes]:
    """Messages in the store, by id."""
    return {path.stem: path.read_bytes() for path in store(provider).glob("*.eml")}


def with_attachment(name: str, content: bytes, kind: str = "application/octet-stream") -> bytes:
    return (b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
            b"Content-Type: text/plain\r\n\r\nIn allegato.\r\n--b\r\n"
            + f'Content-Type: {kind}; name="{name}"\r\n'.encode()
            + b"Content-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(content).replace(b"\n", b"\r\n") + b"--b--\r\n")


def words_of(notice: PecMessage) -> dict[str, str]:
    facts = certified(notice).find("dati")
    return {"pec_id": facts.findtext("identificativo"), "date": facts.findtext("data/giorno"),
            "time": facts.findtext("data/ora"), "zone": facts.find("data").get("zona")}


class AtTheAccessPoint(harness.Case):
    def test_kept_and_refused(self):
        """[3.1.3]"""
        message = letter(anna, to=[bruno, dario], subject="Infetto", message_id="<v1@client>",
                         body=b"\r\n" + KNOWN_TO_ALFA + b"\r\n")
        before = stored(box.alfa)
        box.alfa.submit(anna, [bruno, dario], message)
        came = mailboxes.new()
        self.assertEqual(came.kinds(), {anna: ["non-accettazione"]})
        [notice] = came.by_address[anna]
        check_signature(notice, box.ca_file)
        self.assertEqual(header_lines(notice.raw, "X-VerificaSicurezza"),
                         [b"X-VerificaSicurezza: errore\r\n"])
        self.assertEqual(notice.header("Subject"),
                         "AVVISO DI NON ACCETTAZIONE PER VIRUS: Infetto")
        self.assertEqual(certified(notice).get("errore"), "virus")
        self.assertEqual(certified(notice).findtext("dati/errore-esteso"),
                         f"5.5.1 - {box.alfa.name} - {FOUND}{AT_ALFA}")
        check_text(plain_text(notice), "non-accettazione-virus", recipients_of(notice),
                   subject="Infetto", sender=anna, description=AT_ALFA, **words_of(notice))
        self.assertNotIn(KNOWN_TO_ALFA, notice.raw)
        [kept] = [content for name, content in stored(box.alfa).items() if name not in before]
        self.assertEqual(kept, message)
        for path in store(box.alfa).iterdir():
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_what_is_clean_is_certified(self):
        box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Pulito"))
        self.assertEqual(mailboxes.new().kinds(), {
            anna: ["accettazione", "avvenuta-consegna"], dario: ["posta-certificata"],
            service: ["presa-in-carico"]})


class TheStore(harness.Case):
    """What is kept, how often, and what becomes of who would fill the store."""

    def infected(self, subject: str) -> bytes:
        return letter(bruno, to=[dario], subject=subject, message_id=f"<{subject}@client>",
                      body=b"\r\n" + KNOWN_TO_ALFA + b"\r\n")

    def submit(self, message: bytes) -> None:
        box.alfa.submit(bruno, [dario], message)

    def new_in_store(self, before: dict) -> dict[str, bytes]:
        return {name: content for name, content in stored(box.alfa).items() if name not in before}

    def test_once_however_often_it_comes(self):
        """[3.1.3, 8.5 of the rules] each attempt has its notice and its line, which names the file"""
        before = stored(box.alfa)
        message = self.infected("tre-volte")
        for _ in range(3):
            self.submit(message)
        self.assertEqual(mailboxes.new().kinds(), {bruno: 3 * ["non-accettazione"]})
        [(name, content)] = self.new_in_store(before).items()
        self.assertEqual(content, message)
        lines = box.alfa.query("SELECT pec_id, identity FROM message_log WHERE sender = ? "
                               "AND kind = 'non-accettazione' AND error = 'virus' AND msgid = ?",
                               bruno, "<tre-volte@client>")
        self.assertEqual(len({pec_id for pec_id, _ in lines}), 3)
        self.assertEqual({identity for _, identity in lines}, {name})

    def test_beyond_the_quota_the_mailbox_is_blocked(self):
        box.reconfigure(box.alfa, antivirus={"infected_messages": 2})
        self.addCleanup(box.reconfigure, box.alfa, antivirus={"infected_messages": 30})
        message = letter(carla, to=[dario], subject="Quota", body=b"\r\n" + KNOWN_TO_ALFA + b"\r\n")
        with box.alfa.login(carla) as connection:
            for _ in range(3):
                connection.sendmail(carla, [dario], message)
            with self.assertRaises(smtplib.SMTPResponseException) as refused:
                connection.sendmail(carla, [dario], letter(carla, to=[dario], subject="Pulito"))
        self.assertEqual((refused.exception.smtp_code, refused.exception.smtp_error[:6]),
                         (550, b"5.7.1 "))
        self.assertEqual(mailboxes.new().kinds(), {carla: 3 * ["non-accettazione"]})
        [(state, reason)] = box.alfa.query("SELECT state, reason FROM mailbox WHERE address = ?", carla)
        self.assertEqual(state, "blocked")
        self.assertRegex(reason, "3 messages with viruses, of .* octets together, in one day")
        self.assertRegex(box.alfa.milter_log(), rf"\[error\].*action=block login=<{carla}>")
        box.alfa.submit(bruno, [dario], letter(bruno, to=[dario], subject="Pulito"))
        self.assertEqual(len(mailboxes.new().of_kind("posta-certificata", at=dario)), 1)

    def test_without_room_what_is_new_waits(self):
        """And goes on by itself when there is room again."""
        disk = folder_of(box.alfa) / "small-disk"
        disk.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=4m,mode=700,uid={MILTER_UID}",
                        "none", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", disk], check=True)
        box.reconfigure(box.alfa, antivirus={"store_dir": str(disk), "min_free_space": 2_000_000})
        self.addCleanup(box.reconfigure, box.alfa,
                        antivirus={"store_dir": str(store(box.alfa)), "min_free_space": 0})
        known, fresh = self.infected("noto"), self.infected("nuovo")
        self.submit(known)
        self.assertEqual(len(list(disk.glob("*.eml"))), 1)
        filling = disk / "filling"
        filling.write_bytes(bytes(3_000_000))
        wait_until(lambda: "virus-store: BAD" in box.alfa.status(), "the alarm")
        with self.assertRaises(smtplib.SMTPDataError) as put_off:
            self.submit(fresh)
        self.assertEqual(put_off.exception.smtp_code, 451)
        self.submit(known)
        self.submit(letter(bruno, to=[dario], subject="Pulito"))
        self.assertEqual(len(list(disk.glob("*.eml"))), 1)
        filling.unlink()
        self.submit(fresh)
        self.assertEqual(len(list(disk.glob("*.eml"))), 2)
        wait_until(lambda: "virus-store: good" in box.alfa.status(), "good again")
        self.assertEqual(mailboxes.new().kinds(),
                         {bruno: ["accettazione", "avvenuta-consegna"] + 3 * ["non-accettazione"],
                          dario: ["posta-certificata"], service: ["presa-in-carico"]})


class AtTheIncomingPoint(harness.Case):
    def send(self, subject: str, body: bytes, *to: str) -> tuple:
        """Anna's provider misses it; returns what comes of it, and what beta keeps."""
        before = stored(box.beta)
        box.alfa.submit(anna, list(to), letter(anna, to=to, subject=subject, body=body))
        came = mailboxes.new()
        return came, [content for name, content in stored(box.beta).items() if name not in before]

    def check_told(self, came, kept: list[bytes], subject: str, virus: str, *to: str) -> None:
        count = len(to)
        self.assertEqual(came.kinds(), {anna: ["accettazione"] + count * ["errore-consegna"],
                                        service: count * ["rilevazione-virus"]})
        [acceptance] = came.of_kind("accettazione", at=anna)
        pec_id = certified(acceptance).findtext("dati/identificativo")
        for message in came.all():
            check_signature(message, box.ca_file)
            self.assertEqual(certified(message).findtext("dati/identificativo"), pec_id)
        detections = {certified(each).findtext("dati/consegna"): each
                      for each in came.by_address[service]}
        notices = {certified(each).findtext("dati/consegna"): each
                   for each in came.of_kind("errore-consegna", at=anna)}
        self.assertEqual(set(detections), set(to))
        self.assertEqual(set(notices), set(to))
        for recipient in to:
            self.check_detection(detections[recipient], subject, virus, recipient)
            self.check_notice(notices[recipient], subject, virus, recipient)
        [envelope] = kept
        self.assertIn(f"Message-ID: <{pec_id}>".encode(), envelope)
        check_signature(PecMessage(envelope), box.ca_file)

    def check_detection(self, found: PecMessage, subject: str, virus: str, recipient: str) -> None:
        """[3.2.3]"""
        self.assertEqual(found.header("From"), f"posta-certificata@{box.beta.domain}")
        self.assertEqual(found.header("To"), service)
        self.assertEqual(header_lines(found.raw, "X-Mittente"), [f"X-Mittente: {anna}\r\n".encode()])
        self.assertEqual(found.header("Subject"), f"PROBLEMA DI SICUREZZA: {subject}")
        self.assertEqual(certified(found).get("errore"), "virus")
        self.assertEqual(certified(found).findtext("dati/errore-esteso"),
                         f"5.5.1 - {box.beta.name} - {FOUND}{virus}")
        check_text(plain_text(found), "rilevazione-virus", [], subject=subject, sender=anna,
                   recipient=recipient, description=virus, **words_of(found))

    def check_notice(self, found: PecMessage, subject: str, virus: str, recipient: str) -> None:
        """[3.2.4]"""
        self.assertEqual(found.header("From"), f"posta-certificata@{box.alfa.domain}")
        self.assertEqual(header_lines(found.raw, "X-VerificaSicurezza"),
                         [b"X-VerificaSicurezza: errore\r\n"])
        self.assertEqual(found.header("Subject"),
                         f"AVVISO DI MANCATA CONSEGNA PER VIRUS: {subject}")
        self.assertEqual(certified(found).get("errore"), "virus")
        self.assertEqual(certified(found).findtext("dati/gestore-emittente"), box.alfa.name)
        check_text(plain_text(found), "errore-consegna-virus", [], subject=subject, sender=anna,
                   recipient=recipient, description=virus, **words_of(found))

    def test_not_delivered_and_everybody_told(self):
        """[3.2.3, 3.2.4] one detection and one notice for each recipient"""
        came, kept = self.send("Eicar", b"\r\n" + EICAR + b"\r\n", dario, elena)
        self.check_told(came, kept, "Eicar", EICAR_NAME, dario, elena)
        self.assertRegex(box.alfa.milter_log(),
                         rf"\[warning\].*{box.beta.name} found a virus for .*{EICAR_NAME}")
        self.assertRegex(box.beta.milter_log(),
                         rf"\[warning\].*virus in an envelope: {EICAR_NAME}")

    def test_once_told_of_it_never_comes_in(self):
        """The same again, as after a lost answer, or sent by anybody."""
        _, [envelope] = self.send("Ripetuto", EICAR, dario)
        before = stored(box.beta)
        for _ in range(2):
            with box.beta.connect("mx") as connection:
                connection.sendmail(anna, [dario], envelope)
            self.assertEqual(mailboxes.new().kinds(), {})
        self.assertEqual(stored(box.beta), before)

    def test_wherever_it_hides(self):
        """[3.2.3]"""
        attached = (b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="o"\r\n\r\n--o\r\n'
                    b"Content-Type: message/rfc822\r\n\r\nFrom: x@x.example\r\nSubject: inside\r\n"
                    + with_attachment("eicar.com", EICAR) + b"\r\n--o--\r\n")
        pdf = (TEST_FILES / "clam.pdf").read_bytes()
        for name, body, virus in (
            ("base64", with_attachment("eicar.com", EICAR), EICAR_NAME),
            ("zip", with_attachment("a.zip", zipped("eicar.com", EICAR)), EICAR_NAME),
            ("zip in zip", with_attachment("a.zip", zipped("b.zip", zipped("e.com", EICAR))),
             EICAR_NAME),
            ("attached message", attached, EICAR_NAME),
            ("PDF", with_attachment("a.pdf", pdf, "application/pdf"), "Test.Program.UNOFFICIAL"),
        ):
            with self.subTest(name):
                came, kept = self.send(name, body, dario)
                self.check_told(came, kept, name, virus, dario)

    def test_in_an_envelope_of_wrong_form(self):
        """[2.2.2, 3.2.3] not delivered, kept, and its signer is told, once"""
        before = stored(box.beta)
        pec_id = gamma.new_id()
        content = gamma.mixed(gamma.xml("posta-certificata", pec_id, [dario]),
                              ORIGINAL % pec_id.encode() + EICAR + b"\r\n")
        message = gamma.header("", pec_id) + gamma.signed(content, gamma.sign(content))
        for told in (1, 0):
            gamma.deliver(box.beta, [dario], message)
            came = mailboxes.new(ordinary=told)
            self.assertEqual(came.kinds(), {ORDINARY: ["rilevazione-virus"]} if told else {})
            if told:
                [detection] = came.by_address[ORDINARY]
                check_signature(detection, box.ca_file)
                self.assertEqual(detection.header("To"), f"ricevute@{DOMAIN}")
                self.assertEqual(certified(detection).findtext("dati/consegna"), dario)
                self.assertEqual(certified(detection).findtext("dati/identificativo"), pec_id)
        [kept] = [content for name, content in stored(box.beta).items() if name not in before]
        self.assertIn(EICAR, kept)

    def test_in_ordinary_mail_it_is_refused(self):
        """[2.2.2] in SMTP, no notice, nothing kept"""
        before = stored(box.beta)
        with box.beta.connect("mx") as connection, \
                self.assertRaises(smtplib.SMTPDataError) as refused:
            connection.sendmail(OUTSIDE, [dario], letter(
                OUTSIDE, to=[dario], body=with_attachment("eicar.com", EICAR)))
        self.assertEqual(refused.exception.smtp_code, 550)
        self.assertEqual(refused.exception.smtp_error,
                         b"5.7.1 Il messaggio contiene un virus. The message contains a virus: "
                         + EICAR_NAME.encode())
        self.assertEqual(mailboxes.new().kinds(), {})
        self.assertEqual(stored(box.beta), before)

    @classmethod
    def tearDownClass(cls):
        """[8.5 of the rules] one virus non-delivery for one virus detection, and each dispatch is
        closed by it"""
        detected = box.alfa.query("SELECT pec_id, recipient FROM message_log WHERE direction = 'received' "
                                  "AND kind = 'rilevazione-virus' ORDER BY 1, 2")
        told = box.alfa.query("SELECT pec_id, recipient FROM message_log WHERE direction = 'issued' "
                              "AND kind = 'errore-consegna' AND error = 'virus' ORDER BY 1, 2")
        closed = box.alfa.query("SELECT pec_id, recipient FROM dispatch WHERE failed_at IS NOT NULL "
                                "ORDER BY 1, 2")
        if not detected or not detected == told == closed:
            raise AssertionError(f"detected {detected}, told {told}, closed {closed}")


class AtTheIncomingPointWithClamd(AtTheIncomingPoint):
    """The same with ClamAV's daemon in the place of pec-scanner."""

    @classmethod
    def setUpClass(cls):
        cls.clamd = Clamd(folder_of(box.beta) / "clamd", folder_of(box.beta) / "clamav", MILTER_UID)
        cls.addClassCleanup(use_scanner, box.beta)
        cls.addClassCleanup(cls.clamd.end)
        wait_until(cls.clamd.answers, "clamd answers")
        # It can't tell the age of a database that isn't an official one.
        box.reconfigure(box.beta, antivirus={"engine": "clamd", "clamd": str(cls.clamd.socket),
                                             "max_database_age_hours": 0})

    def test_its_state(self):
        self.assertRegex(box.beta.status(), "antivirus: good since .*clamd")


class WithoutADatabase(harness.Case):
    def test_mail_waits(self):
        """Nothing unscanned is certified, and nothing is lost: a database later, all is well."""
        files = {path: path.read_bytes() for path in (folder_of(box.alfa) / "clamav").iterdir()}
        for path in files:
            path.unlink()
        box.reconfigure(box.alfa)
        message = letter(anna, to=[dario], subject="Aspetta")
        with self.assertRaises(smtplib.SMTPDataError) as put_off:
            box.alfa.submit(anna, [dario], message)
        self.assertEqual(put_off.exception.smtp_code, 451)
        self.assertIn("not scanned for viruses: ", box.alfa.milter_log())
        self.assertRegex(box.alfa.status(), "antivirus: BAD since .*: ")
        self.assertEqual(mailboxes.new().kinds(), {})
        for path, content in files.items():
            path.write_bytes(content)
        box.reconfigure(box.alfa)
        self.assertRegex(box.alfa.status(), "antivirus: good since .*: 1 signature")
        box.alfa.submit(anna, [dario], message)
        self.assertEqual(len(mailboxes.new().of_kind("posta-certificata", at=dario)), 1)


class Unscanned(harness.Case):
    """What keeps the scanner from a verdict makes mail wait, unless the administrator lets it pass."""

    def setUp(self):
        self.addCleanup(use_scanner, box.alfa)

    def check(self, policy: str, reason: str, body: bytes, **settings) -> None:
        message = letter(anna, to=[dario], subject=policy, body=body)
        box.reconfigure(box.alfa, antivirus={policy: "wait", **settings})
        with self.assertRaises(smtplib.SMTPDataError) as put_off:
            box.alfa.submit(anna, [dario], message)
        self.assertEqual(put_off.exception.smtp_code, 451)
        self.assertEqual(mailboxes.new().kinds(), {})
        self.assertRegex(box.alfa.milter_log(), rf"\[warning\].*not scanned for viruses: .*{reason}")
        box.reconfigure(box.alfa, antivirus={policy: "pass"})
        box.alfa.submit(anna, [dario], message)
        self.assertEqual(len(mailboxes.new().of_kind("posta-certificata", at=dario)), 1)
        self.assertRegex(box.alfa.milter_log(), rf"\[warning\].*passed unscanned: .*{reason}")
        box.reconfigure(box.alfa, antivirus={policy: "wait"})

    def test_old_database(self):
        for path in (folder_of(box.alfa) / "clamav").iterdir():
            self.addCleanup(os.utime, path)
            os.utime(path, (0, 0))
        self.check("old_database", "older than 24 hours", b"\r\nclean\r\n",
                   max_database_age_hours=24)

    def test_deeper_than_the_limit(self):
        content = b"clean"
        for depth in range(6):
            content = zipped(f"{depth}.zip", content)
        self.addCleanup(box.reconfigure, box.alfa, antivirus={"max_recursion": 17})
        self.check("scan_error", "", with_attachment("a.zip", content), max_recursion=4)

    def test_a_zip_bomb(self):
        """Twenty kilobytes that would be twenty megabytes, twice the limit here."""
        self.addCleanup(box.reconfigure, box.alfa, antivirus={"max_scan_size": 419_430_400})
        self.check("scan_error", "", with_attachment("a.zip", zipped("0", bytes(20_000_000))),
                   max_scan_size=10_000_000)


if __name__ == "__main__":
    harness.main()

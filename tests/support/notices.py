# SPDX-License-Identifier: GPL-2.0-or-later
"""What the sender of a certified message is told of a recipient whom it did not reach: the notices of
RFC 6109, 3.1.6 and 3.3.3, checked from the signature to the last word, and what the ledger says.

    class Failures(NoticeCase):
        def test_unknown(self):
            [acceptance] = came.of_kind("accettazione", at=anna)
            [notice] = came.of_kind("errore-consegna", at=anna)
            self.check_notice(notice, acceptance, unknown_mailbox(recipient, by=box.alfa, words=...))
            self.assertEqual(ends(box.alfa, acceptance), {recipient: "failed_at"})
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from support import harness
from support.box import Provider
from support.pec_mail import (PREFIXES, certified, certified_values, check_signature, check_text, header_lines,
                              plain_text)
from support.pec_message import PecMessage

ENDS = ("delivered_at", "failed_at", "timed_out_at")
STEPS = ("accepted_at", "taken_in_charge_at", "warned_at", *ENDS)

NON_DELIVERY, TIMEOUT = "errore-consegna", "preavviso-errore-consegna"


@dataclass(frozen=True)
class Told:
    """What a notice says."""

    recipient: str
    by: Provider
    error: str
    detail: str  # errore-esteso, as a regular expression
    form: str = "errore-consegna"  # its key in TEXTS

    @property
    def kind(self) -> str:
        return NON_DELIVERY if self.form == "errore-consegna" else TIMEOUT


def failure(recipient: str, by: Provider, error: str, code: str, what: str,
            words: str) -> Told:
    """`words`: some of what the mail server said, as a regular expression."""
    return Told(recipient, by, error, rf"{re.escape(f'{code} - {by.name} - {what}')} \(.*{words}.*\)")


def unknown_mailbox(recipient: str, by: Provider, words: str) -> Told:
    return failure(recipient, by, "no-dest", "5.1.1", "indirizzo non valido", words)


def unknown_domain(recipient: str, by: Provider, words: str = "no such domain") -> Told:
    return failure(recipient, by, "no-dominio", "5.1.2", "dominio non valido", words)


def full_mailbox(recipient: str, by: Provider, words: str = "Quota exceeded") -> Told:
    return failure(recipient, by, "altro", "5.2.2", "casella piena", words)


def expired(recipient: str, by: Provider, words: str) -> Told:
    return failure(recipient, by, "altro", "5.4.7", "tempo massimo per la consegna superato", words)


def after_12_hours(recipient: str, by: Provider) -> Told:
    return Told(recipient, by, "altro", re.escape(
        f"4.4.1 - {by.name} - il messaggio non è stato consegnato nelle prime dodici ore dal suo "
        "invio"), "dodici-ore")


def after_24_hours(recipient: str, by: Provider) -> Told:
    return Told(recipient, by, "altro", re.escape(
        f"5.4.1 - {by.name} - il messaggio non è stato consegnato nelle prime ventiquattro ore dal "
        "suo invio"), "ventiquattro-ore")


def pec_id_of(message: PecMessage) -> str:
    return certified(message).findtext("dati/identificativo")


def about(message: PecMessage) -> str:
    """The one recipient that a delivery receipt or a notice speaks of."""
    return certified(message).findtext("dati/consegna")


def certified_time(message: PecMessage) -> datetime:
    facts = certified(message).find("dati")
    return datetime.strptime(" ".join((facts.findtext("data/giorno"), facts.findtext("data/ora"),
                                       facts.find("data").get("zona"))), "%d/%m/%Y %H:%M:%S %z")


# ---- the ledger ------------------------------------------------------------------------------------


def dispatches(provider: Provider, pec_id: str) -> dict[str, dict[str, int | None]]:
    """Each step's time, by recipient."""
    rows = provider.query(f"SELECT recipient, {', '.join(STEPS)} FROM dispatch WHERE pec_id = ?",
                          pec_id)
    return {recipient: dict(zip(STEPS, times)) for recipient, *times in rows}


def ends(provider: Provider, message: PecMessage) -> dict[str, str]:
    """How the dispatch of each certified recipient ended: a name of ENDS. Open ones are not in it;
    several ends are a failure."""
    found = {}
    for recipient, times in dispatches(provider, pec_id_of(message)).items():
        ended = [end for end in ENDS if times[end] is not None]
        if len(ended) > 1:
            raise AssertionError(f"{recipient} has several ends: {times}")
        if ended:
            found[recipient] = ended[0]
    return found


def incidents(provider: Provider, pec_id: str) -> list[tuple[str, str]]:
    """What is missing or contradictory and not resolved: what it is, and the recipient."""
    return provider.query("SELECT what, recipient FROM incident WHERE pec_id = ? AND "
                          "resolved_at IS NULL ORDER BY 1, 2", pec_id)


# ---- the notice ------------------------------------------------------------------------------------


class NoticeCase(harness.Case):
    def check_notice(self, notice: PecMessage, source: PecMessage, told: Told) -> None:
        """`source`: another message with the certified data, such as the acceptance."""
        signer = f"posta-certificata@{told.by.domain}"
        self.assertEqual(check_signature(notice, self.box.ca_file), signer)
        self._check_data(notice, source, told)
        self._check_header(notice, source, told, signer)
        self._check_words(notice, source, told)
        self._check_log(notice, source, told)

    def _check_data(self, notice: PecMessage, source: PecMessage, told: Told) -> None:
        found, given = certified(notice), certified(source)
        self.assertEqual((found.get("tipo"), found.get("errore")), (told.kind, told.error))
        self.assertEqual(
            [(node.tag, node.attrib, node.text) for node in found.find("intestazione")],
            [(node.tag, node.attrib, node.text) for node in given.find("intestazione")])
        for name in ("identificativo", "msgid"):
            self.assertEqual(found.findtext(f"dati/{name}"), given.findtext(f"dati/{name}"))
        self.assertEqual(found.findtext("dati/gestore-emittente"), told.by.name)
        self.assertEqual(about(notice), told.recipient)
        self.assertRegex(found.findtext("dati/errore-esteso"), rf"\A{told.detail}\Z")
        self.assertNotIn("ricevuta", [name for name, *_ in certified_values(notice)])

    def _check_header(self, notice: PecMessage, source: PecMessage, told: Told, signer: str) -> None:
        given = certified(source)
        self.assertEqual(header_lines(notice.raw, "Return-Path"),
                         [f"Return-Path: <{signer}>\r\n".encode()])
        self.assertEqual(notice.header("From"), signer)
        self.assertEqual(notice.header("To"), given.findtext("intestazione/mittente"))
        self.assertEqual(notice.header("Subject"),
                         PREFIXES[told.kind] + given.findtext("intestazione/oggetto"))
        self.assertEqual(header_lines(notice.raw, "X-Ricevuta"),
                         [f"X-Ricevuta: {told.kind}\r\n".encode()])
        for name in ("X-Trasporto", "X-TipoRicevuta", "X-VerificaSicurezza", "Auto-Submitted"):
            self.assertEqual(header_lines(notice.raw, name), [])
        msgid = given.findtext("dati/msgid")
        self.assertEqual(header_lines(notice.raw, "X-Riferimento-Message-ID"),
                         [f"X-Riferimento-Message-ID: {msgid}\r\n".encode()] if msgid else [])
        self.assertRegex(notice.message_id, rf"\A<[A-Za-z0-9.]+@{re.escape(told.by.domain)}>\Z")
        self.assertNotEqual(notice.message_id, f"<{pec_id_of(source)}>")
        self.assertEqual(parsedate_to_datetime(notice.header("Date")), certified_time(notice))
        # Nothing of the mail server's own notification is left, and no original.
        self.assertEqual([(part.get_content_type(), part.get_filename())
                          for part in notice.mixed_parts()],
                         [("multipart/alternative", None), ("application/xml", "daticert.xml")])

    def _check_words(self, notice: PecMessage, source: PecMessage, told: Told) -> None:
        facts, given = certified(notice).find("dati"), certified(source).find("intestazione")
        check_text(plain_text(notice), told.form, [], subject=given.findtext("oggetto"),
                   sender=given.findtext("mittente"), recipient=told.recipient,
                   description=facts.findtext("errore-esteso"), date=facts.findtext("data/giorno"),
                   time=facts.findtext("data/ora"), zone=facts.find("data").get("zona"),
                   pec_id=facts.findtext("identificativo"))

    def _check_log(self, notice: PecMessage, source: PecMessage, told: Told) -> None:
        """[2.3] One line about it at the provider that made it, and one where it came in."""
        sender = certified(source).findtext("intestazione/mittente")
        row = (told.recipient.lower(), told.error, certified(notice).findtext("dati/errore-esteso"))
        for provider in (self.box.alfa, self.box.beta):
            expected = []
            if provider is told.by:
                expected = [("issued", *row)]
            elif sender.endswith(f"@{provider.domain}"):
                expected = [("received", *row)]
            self.assertEqual(provider.query(
                "SELECT direction, recipient, error, detail FROM message_log WHERE generated_id = ?",
                notice.message_id.strip("<>")), expected)

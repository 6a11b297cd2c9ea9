# SPDX-License-Identifier: GPL-2.0-or-later
"""Certified mail as a user, a lawyer and a mail client see it: what the integration tests share.

    mailboxes = all_mailboxes(box)
    box.alfa.submit(anna, [dario], letter(anna, to=[dario], subject="Prova", message_id="<1@client>"))
    came = mailboxes.new()                  # all that came of it, when nothing is under way any more
    came.kinds()                            # {anna: ["accettazione", "avvenuta-consegna"], dario: ...}
    [envelope] = came.of_kind("posta-certificata", at=dario)
    check_signature(envelope, box.ca_file)

The wording of RFC 6109, as users and courts read it, stands here a second time (TEXTS): a slip of
the pen in the program's own templates must not go unseen. Failures are AssertionErrors.
"""

import base64
import functools
import re
import tempfile
import unittest
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from support.box import Box, Provider
from support.mailbox import Mailbox, Messages
from support.pec_message import PecMessage, run, split_parts
from support.waiting import PATIENCE, wait_until

ORDINARY = "ordinaria.example"  # stands for all addresses there: they share one Maildir

# Subject prefixes (RFC 6109, 3.1.2, 3.1.4 to 3.1.6, 3.2.1, 3.2.2, 3.3.2, 3.3.3).
PREFIXES = {
    "posta-certificata": "POSTA CERTIFICATA: ",
    "accettazione": "ACCETTAZIONE: ",
    "presa-in-carico": "PRESA IN CARICO: ",
    "avvenuta-consegna": "CONSEGNA: ",
    "non-accettazione": "AVVISO DI NON ACCETTAZIONE: ",
    "errore-consegna": "AVVISO DI MANCATA CONSEGNA: ",
    "preavviso-errore-consegna": "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO: ",
    "errore": "ANOMALIA MESSAGGIO: ",
}

WHEN = "Il giorno {date} alle ore {time} ({zone}) il messaggio "
DELIVERED = (WHEN + '"{subject}" proveniente da "{sender}" ed indirizzato a "{recipient}"\n'
             "è stato consegnato nella casella di destinazione.\n")
TO_ONE = '"{subject}" proveniente da "{sender}" e destinato all\'utente "{recipient}"\n'
END = "Identificativo messaggio: {pec_id}\n"
# Titles and wording. A line break here must be one; a blank may be one.
TEXTS = {
    "posta-certificata": "Messaggio di posta certificata\n" + WHEN
    + '"{subject}" è stato inviato da "{sender}" indirizzato a:\n{recipients}\n'
      "Il messaggio originale è incluso in allegato.\n" + END,
    "accettazione": "Ricevuta di accettazione\n" + WHEN
    + '"{subject}" proveniente da "{sender}" ed indirizzato a:\n{typed_recipients}\n'
      "è stato accettato dal sistema ed inoltrato.\n" + END,
    "presa-in-carico": "Ricevuta di presa in carico\n" + WHEN
    + '"{subject}" proveniente da "{sender}" ed indirizzato a:\n{recipients}\n'
      "è stato accettato dal sistema.\n" + END,
    "completa": "Ricevuta di avvenuta consegna\n" + DELIVERED + END,
    "breve": "Ricevuta breve di avvenuta consegna\n" + DELIVERED
             + "Ogni allegato è sostituito dalla sua impronta: il codice SHA-1 del contenuto\n"
               "dell'allegato, codificato come sta nel messaggio inviato.\n" + END,
    "sintetica": "Ricevuta sintetica di avvenuta consegna\n" + DELIVERED + END,
    "non-accettazione": "Errore nell'accettazione del messaggio\n"
    + 'Il giorno {date} alle ore {time} ({zone}) nel messaggio "{subject}" proveniente da "{sender}" '
      "ed indirizzato a:\n{recipients}\nè stato rilevato un problema che ne impedisce "
      "l'accettazione a causa di {description}.\nIl messaggio non è stato accettato.\n" + END,
    "non-accettazione-virus": "Errore nell'accettazione del messaggio per presenza di virus\n"
    + 'Il giorno {date} alle ore {time} ({zone}) nel messaggio "{subject}" proveniente da "{sender}" '
      "ed indirizzato a:\n{recipients}\nè stato rilevato un problema di sicurezza {description}.\n"
      "Il messaggio non è stato accettato.\n" + END,
    "rilevazione-virus": "Avviso di rilevazione virus informatico\n"
    + 'Il giorno {date} alle ore {time} ({zone}) nel messaggio "{subject}" proveniente da "{sender}" '
      "e destinato all'utente \"{recipient}\"\nè stato rilevato un problema di sicurezza "
      "{description}.\n" + END,
    "errore-consegna-virus": "Avviso di mancata consegna per virus\n"
    + 'Il giorno {date} alle ore {time} ({zone}) nel messaggio "{subject}" destinato all\'utente '
      '"{recipient}"\nè stato rilevato un problema di sicurezza {description}.\n'
      "Il messaggio non è stato consegnato.\n" + END,
    "errore-consegna": "Avviso di mancata consegna\n"
    + "Il giorno {date} alle ore {time} ({zone}) nel messaggio " + TO_ONE
    + "è stato rilevato un errore {description}.\nIl messaggio è stato rifiutato dal sistema.\n" + END,
    "dodici-ore": "Avviso di mancata consegna\n" + WHEN + TO_ONE
    + "non è stato consegnato nelle prime dodici ore dal suo invio. Non escludendo che questo possa "
      "avvenire in seguito si ritiene utile considerare che l'invio potrebbe non andare a buon fine. "
      "Il sistema provvederà comunque ad inviare un ulteriore avviso di mancata consegna se nelle "
      "prossime dodici ore non vi sarà la conferma della ricezione da parte del destinatario.\n" + END,
    "ventiquattro-ore": "Avviso di mancata consegna\n" + WHEN + TO_ONE
    + "non è stato consegnato nelle ventiquattro ore successive al suo invio. Si ritiene che la "
      "spedizione debba considerarsi non andata a buon fine.\n" + END,
    "errore": "Anomalia nel messaggio\n"
    + 'Il giorno {date} alle ore {time} ({zone}) è stato ricevuto il messaggio "{subject}" '
      'proveniente da "{sender}" ed indirizzato a:\n{recipients}\nTali dati non sono stati '
      "certificati per il seguente errore:\n{description}\n"
      "Il messaggio originale è incluso in allegato.\n",
}
TYPE_NAMES = {"certificato": "posta certificata", "esterno": "posta ordinaria"}


def letter(sender: str, *, to=(), cc=(), subject: str | None = None, message_id: str | None = None,
           date: str | None = "Sun, 22 Nov 2026 05:11:00 +0100", fields: bytes = b"",
           body: bytes = b"Content-Type: text/plain\r\n\r\nhello\r\n") -> bytes:
    """An original message, as bytes that nobody else has touched. `fields`: more header lines;
    `body`: begins with the last header lines."""
    lines = [f"From: {sender}"] if sender else []
    lines += [f"{name}: {', '.join(some)}" for name, some in (("To", to), ("Cc", cc)) if some]
    lines += [f"Subject: {subject}"] if subject is not None else []
    lines += [f"Message-ID: {message_id}"] if message_id else []
    lines += [f"Date: {date}"] if date else []
    return "".join(line + "\r\n" for line in lines).encode() + fields + body


# ---- what came --------------------------------------------------------------------------------


@dataclass
class Arrivals:
    """Messages by the address whose mailbox they lie in."""

    by_address: dict[str, list[PecMessage]]

    def kinds(self) -> dict[str, list[str]]:
        return {address: sorted(message.kind for message in messages)
                for address, messages in self.by_address.items() if messages}

    def of_kind(self, kind: str, at: str) -> list[PecMessage]:
        return [message for message in self.by_address[at] if message.kind == kind]

    def about(self, subject: str) -> "Arrivals":
        """What came of the message with this subject."""
        return Arrivals({address: [message for message in messages
                                   if message.header("Subject") == PREFIXES[message.kind] + subject]
                         for address, messages in self.by_address.items()})

    def delivery_receipt(self, at: str, about: str) -> PecMessage:
        """The one delivery receipt that speaks of this recipient."""
        found = [message for message in self.of_kind("avvenuta-consegna", at)
                 if certified(message).findtext("dati/consegna") == about]
        if len(found) != 1:
            raise AssertionError(f"{len(found)} delivery receipts for {about}")
        return found[0]

    def all(self) -> list[PecMessage]:
        return [message for messages in self.by_address.values() for message in messages]


class Mailboxes:
    """All mailboxes of a sandbox, looked at as one."""

    def __init__(self, box: Box):
        self._box = box
        self._places: dict[str, Messages] = {ORDINARY: box.ordinary}
        for provider in (box.alfa, box.beta):
            for address in [*provider.users, provider.service_mailbox, provider.operators]:
                self._places[address] = provider.mailbox(address)
        self._seen: dict[str, Counter] = {address: Counter() for address in self._places}

    def close(self) -> None:
        for place in self._places.values():
            if isinstance(place, Mailbox):
                place.__exit__()

    def new(self, ordinary: int = 0) -> Arrivals:
        """All that has come since the last call, once nothing is under way any more and this many
        messages have reached the ordinary host."""
        try:
            wait_until_quiet(self._box)
        except AssertionError:
            for address in self._places:
                self._new_at(address)  # what did come is not the next test's
            raise
        wanted = self._seen[ORDINARY].total() + ordinary
        wait_until(lambda: len(self._box.ordinary.all()) >= wanted,
                   f"{ordinary} messages at {ORDINARY}")
        return Arrivals({address: self._new_at(address) for address in self._places})

    def _new_at(self, address: str) -> list[PecMessage]:
        now = Counter(self._places[address].all())
        new = now - self._seen[address]
        self._seen[address] = now
        return [PecMessage(raw) for raw in new.elements()]


def all_mailboxes(box: Box) -> Mailboxes:
    """For a module's tests."""
    mailboxes = Mailboxes(box)
    unittest.addModuleCleanup(mailboxes.close)
    return mailboxes


def wait_until_quiet(box: Box, patience: float = PATIENCE) -> None:
    """Returns when the queues of both providers are empty, and the ordinary host has nothing under way.
    What leaves a queue is in the next one, or in a mailbox, before it is gone; and nothing goes to and fro
    more than once. So to look three times in turn is enough. What is stuck is thrown away: one test fails
    of it, not all."""
    providers = (box.alfa, box.beta)
    queues = [box.alfa.queue, box.beta.queue, box.ordinary_is_busy]
    try:
        wait_until(lambda: not any(queue() for _ in range(3) for queue in queues),
                   "empty queues", patience)
    except AssertionError as error:
        stuck = "\n".join(_story_of(provider, mail) for provider in providers for mail in provider.queue())
        for provider in providers:
            run(["/usr/sbin/postsuper", "-c", provider.info["postfix_config"], "-d", "ALL"])
        raise AssertionError(f"{error}; stuck: {stuck}") from error


def _story_of(provider: Provider, mail: dict) -> str:
    """What Postfix says of it now, and has said so far."""
    lines = Path(provider.info["maillog"]).read_text(errors="replace").splitlines()
    return "\n".join([f"{provider.domain}: {mail}", *(line for line in lines if mail["queue_id"] in line)])


# ---- what it says -----------------------------------------------------------------------------


def check_signature(message: PecMessage, ca_file: Path) -> str:
    """Twice: as a mail client does, and over exactly the bytes in the mailbox, which openssl's
    reader of S/MIME would bring into canonical form first. Returns the signer's address."""
    signed, signature = split_parts(message.raw)
    with tempfile.TemporaryDirectory() as folder:
        content, p7s = Path(folder) / "content", Path(folder) / "p7s"
        content.write_bytes(signed)
        p7s.write_bytes(base64.b64decode(signature.partition(b"\r\n\r\n")[2]))
        run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", p7s, "-content", content,
             "-CAfile", ca_file, "-purpose", "any", "-out", "/dev/null"])
    return message.verify(ca_file)


def header_names(raw: bytes) -> list[str]:
    header = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    return re.findall(r"(?m)^([^\s:]+):", header)


def header_lines(raw: bytes, name: str) -> list[bytes]:
    """The fields of this name, in exactly this spelling, with their folds."""
    header = raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    return re.findall(rb"(?m)^" + name.encode() + rb": (?:[^\r\n]|\r\n[ \t])*\r\n", header)


def plain_text(message: PecMessage) -> str:
    return message.text().replace("\r\n", "\n")


def check_text(text: str, form: str, recipients: list[tuple[str, str]], **values: str) -> None:
    """That the text is TEXTS[form], filled with these values. An acceptance also names the client's
    own Message-ID, if there was one: `msgid`."""
    expected = TEXTS[form].format(
        recipients="\n".join(address for address, _ in recipients),
        typed_recipients="\n".join(f'{address} ("{TYPE_NAMES[kind]}")'
                                   for address, kind in recipients),
        **values)
    pattern = re.escape(expected).replace(r"\ ", "[ \n]").replace("\\\n", "\n+")
    if form == "accettazione" and values.get("msgid"):
        pattern += f"[^\n]*{re.escape(values['msgid'])}\n"
    if not re.fullmatch(pattern, text):
        raise AssertionError(f"text is\n{text}\nand should be\n{expected}")


@functools.cache
def certified(message: PecMessage) -> Element:
    """daticert.xml, valid against the DTD; xmllint is asked once for each message."""
    return message.certification()


def certified_values(message: PecMessage) -> list[tuple[str, dict, str]]:
    """All elements of daticert.xml in order: name, attributes, text."""
    return [(node.tag, node.attrib, (node.text or "").strip()) for node in certified(message).iter()]


def recipients_of(message: PecMessage) -> list[tuple[str, str]]:
    return [(node.text, node.get("tipo"))
            for node in certified(message).iterfind("intestazione/destinatari")]


def subjects_of(message: PecMessage) -> list[str]:
    """The recipients that a take-charge or delivery receipt speaks of."""
    facts = certified(message).find("dati")
    return [node.text for node in facts if node.tag in ("consegna", "ricezione")]

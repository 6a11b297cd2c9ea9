# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/demo shows, once all is built.

Anna, at pec.alfa.example, writes to Dario at pec.beta.example, with a copy to Bruno at her own
provider and to somebody with ordinary mail. What then lies in the mailboxes is read over IMAP, and
judged by openssl and xmllint.
"""

import argparse
import email.message
import email.policy
import email.utils
import shutil
import sys
import tempfile
from pathlib import Path

from support.box import Box
from support.pec_message import PecMessage
from support.waiting import wait_until

SENDER, TO, CC = "anna@pec.alfa.example", "dario@pec.beta.example", "bruno@pec.alfa.example"
OUTSIDE = "gianni@ordinaria.example"
# What must come to be: (where it lies, kind, the recipient it is about).
EXPECTED = {
    (SENDER, "accettazione", None),
    (TO, "posta-certificata", None),
    (CC, "posta-certificata", None),
    (OUTSIDE, "posta-certificata", None),
    ("ricevute@pec.alfa.example", "presa-in-carico", TO),
    ("ricevute@pec.alfa.example", "presa-in-carico", CC),
    (SENDER, "avvenuta-consegna", TO),
    (SENDER, "avvenuta-consegna", CC),
}
ORDER = ["posta-certificata", "accettazione", "presa-in-carico", "avvenuta-consegna"]


def original() -> email.message.EmailMessage:
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"] = f"Anna Bianchi <{SENDER}>"
    message["To"] = TO
    message["Cc"] = f"{CC}, {OUTSIDE}"
    message["Subject"] = "Invio del contratto"
    message["Date"] = email.utils.localtime()
    message["Message-ID"] = "<contratto-1@anna.example>"
    message.set_content("Gentile Dario,\nin allegato il contratto.\nAnna\n")
    message.add_attachment(b"%PDF-1.4 the contract", maintype="application", subtype="pdf",
                           filename="contratto.pdf")
    return message


def everything(box: Box) -> list[tuple[str, PecMessage]]:
    """All messages of all mailboxes, each with where it lies."""
    found = [(OUTSIDE, PecMessage(raw)) for raw in box.ordinary.all()]
    for provider in (box.alfa, box.beta):
        for address in [*provider.users, provider.service_mailbox]:
            with provider.mailbox(address) as mailbox:
                found += [(address, PecMessage(raw)) for raw in mailbox.all()]
    return found


def about(message: PecMessage) -> str | None:
    facts = message.certification().find("dati")
    return facts.findtext("consegna") or facts.findtext("ricezione")


def verdict(message: PecMessage, box: Box) -> tuple[bool, str]:
    """Whether openssl finds the signature good, and in words."""
    try:
        signer = message.verify(box.ca_file)
    except AssertionError as error:
        return False, f"BAD: {error}"
    if email.utils.parseaddr(message.header("From"))[1] != signer:
        return False, f"BAD: by {signer}, which is not the From address"
    return True, f"good (openssl), by {signer}"


def show(number: int, place: str, message: PecMessage, box: Box) -> bool:
    certified = message.certification()
    facts = certified.find("dati")
    moment = facts.find("data")
    recipients = ", ".join(f"{node.text} ({node.get('tipo')})"
                           for node in certified.iterfind("intestazione/destinatari"))
    good, signature = verdict(message, box)
    print(f"\n{number}. {moment.findtext('ora')} {moment.get('zona')}  {message.header('Subject')}")
    print(f"   lies in      {place}")
    print(f"   kind         {message.kind}")
    print(f"   from         {message.header('From')}")
    print(f"   signature    {signature}")
    print(f"   daticert.xml valid (xmllint), tipo={certified.get('tipo')} errore={certified.get('errore')}")
    print(f"   certified by {facts.findtext('gestore-emittente')}")
    print(f"   sender       {certified.findtext('intestazione/mittente')}")
    print(f"   recipients   {recipients}")
    if about(message):
        print(f"   about        {about(message)}")
    print(f"   identifier   {facts.findtext('identificativo')}")
    print(f"   client's id  {facts.findtext('msgid')}")
    return good


def run(box: Box) -> bool:
    message = original()
    print(f"{SENDER} submits \"{message['Subject']}\" over SMTPS, with login, to {TO}, "
          f"with copies to {CC} and {OUTSIDE}.")
    box.alfa.submit(SENDER, [TO, CC, OUTSIDE], message.as_bytes())
    try:
        wait_until(lambda: len(everything(box)) >= len(EXPECTED), "all messages")
    except AssertionError:
        pass  # said below, one by one
    found = everything(box)
    found.sort(key=lambda pair: (pair[1].certification().findtext("dati/data/ora"),
                                 ORDER.index(pair[1].kind)))
    signed = [show(number, place, each, box) for number, (place, each) in enumerate(found, 1)]

    came = [(place, each.kind, about(each)) for place, each in found]
    missing = EXPECTED - set(came)
    too_much = [key for key in came if came.count(key) > 1 or key not in EXPECTED]
    print()
    for key in missing:
        print(f"MISSING: {key}")
    for key in too_much:
        print(f"UNEXPECTED: {key}")
    if missing or too_much or not all(signed):
        return False
    print(f"All {len(EXPECTED)} messages came, each once, each with a good signature.")
    return True


def print_settings(box: Box) -> None:
    print("\nThe providers are running. For your own mail client (certificate authority: "
          f"{box.ca_file}):")
    for provider in (box.alfa, box.beta):
        def at(service):
            return ":".join(map(str, provider.info[service]))
        print(f"  {provider.name}: IMAPS {at('imaps')}, SMTPS {at('smtps')}, "
              f"POP3S {at('pop3s')}")
        for address, password in provider.info["users"].items():
            print(f"    {address}  password {password}")
        service = provider.info["service_mailbox"]
        print(f"    {service['address']}  password {service['password']}  (service mailbox)")
    print(f"Logs and settings: {box.directory}/sandbox.json")
    print(f"To end it: scripts/sandbox down {box.directory}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the providers running")
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="pec-demo-"))
    try:
        box = Box.bring_up(directory)
    except AssertionError as error:
        shutil.rmtree(directory, ignore_errors=True)
        sys.exit(f"demo: {error}")
    good = False
    try:
        good = run(box)
        if not good:
            box.print_logs()
    finally:
        if arguments.keep:
            print_settings(box)
        else:
            box.down()
            shutil.rmtree(directory, ignore_errors=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

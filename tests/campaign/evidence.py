# SPDX-License-Identifier: GPL-2.0-or-later
"""What lies in mailboxes, as facts (facts.py): over IMAP, by Python's standard library and openssl.

    found = collect(box, world)

Messages may be large and are many: each is cut up by its boundaries (pec_message.py), verified, and
forgotten again. The signature is verified over the very bytes that lie in the mailbox.
"""

import base64
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from email.parser import BytesHeaderParser
from email.policy import SMTP
from pathlib import Path

from facts import Found, World, fingerprint
from stage import insist
from support.box import Box, Provider
from support.pec_message import split_parts

AT_ONCE = 3


def collect(box: Box, world: World) -> list[Found]:
    """All messages of all users and service mailboxes, and of the ordinary host."""
    places = [(provider, address) for provider in (box.alfa, box.beta)
              for address in (*provider.users, provider.service_mailbox)]

    def read(place: tuple[Provider, str]) -> list[Found]:
        provider, address = place
        # Dovecot may find only now that the database has cut it off.
        login = insist(lambda: provider.mailbox(address), f"{address} logs in")
        with tempfile.TemporaryDirectory() as folder, login as mailbox:
            return [examine(address, raw, box.ca_file, Path(folder)) for raw in mailbox.all()]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [each for some in pool.map(read, places) for each in some]
    with tempfile.TemporaryDirectory() as folder:
        return found + [examine(world.ordinary, raw, box.ca_file, Path(folder))
                        for raw in box.ordinary.all()]


def examine(mailbox: str, raw: bytes, ca_file: Path, folder: Path) -> Found:
    """`folder`: for files of this call alone."""
    header = BytesHeaderParser(policy=SMTP).parsebytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    kind = header["X-Trasporto"] or header["X-Ricevuta"] or "ordinaria"
    message_id = str(header["Message-ID"] or "").strip()
    if kind == "ordinaria":
        return Found(mailbox, kind, message_id)
    try:
        signed, signature = split_parts(raw)
        verify(signed, signature, ca_file, folder)
        parts = split_parts(signed)
        facts = _certified_facts(parts)
    except (AssertionError, TypeError, ValueError, ElementTree.ParseError) as error:
        return Found(mailbox, str(kind), message_id, flaw=f"{type(error).__name__}: {error}")
    original = _body(parts, b"postacert.eml")
    if kind == "errore":
        facts["reference"] = message_id
    return Found(mailbox, str(kind), message_id, original=fingerprint(original) if original else "",
                 **facts)


def verify(signed: bytes, signature: bytes, ca_file: Path, folder: Path) -> None:
    (folder / "signed").write_bytes(signed)
    encoded = signature.partition(b"\r\n\r\n")[2]
    (folder / "signature").write_bytes(base64.b64decode(encoded))
    done = subprocess.run(
        ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", folder / "signature",
         "-content", folder / "signed", "-CAfile", ca_file, "-purpose", "smimesign", "-out",
         "/dev/null"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"signature: {done.stdout}")


def _certified_facts(parts: list[bytes]) -> dict:
    """What daticert.xml says; an anomaly envelope has none."""
    encoded = _body(parts, b"daticert.xml")
    if not encoded:
        return {}
    data = ElementTree.fromstring(base64.b64decode(encoded))

    def text(path: str) -> str:
        return (data.findtext(path) or "").strip()

    receipt = data.find("dati/ricevuta")
    return {
        "reference": text("dati/msgid"),
        "pec_id": text("dati/identificativo"),
        "about": text("dati/consegna").lower(),
        "covers": tuple(node.text.strip().lower() for node in data.iterfind("dati/ricezione")),
        "recipients": tuple((node.text.strip().lower(), node.get("tipo") == "certificato")
                            for node in data.iterfind("intestazione/destinatari")),
        "code": text("dati/errore-esteso").partition(" ")[0],
        "asked": receipt.get("tipo") if receipt is not None else "",
    }


def _body(parts: list[bytes], name: bytes) -> bytes:
    """Of the part with this name; nothing if there is none."""
    for part in parts:
        header, _, body = part.partition(b"\r\n\r\n")
        if re.search(rb'name="?' + re.escape(name), header):
            return body
    return b""

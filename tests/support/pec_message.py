# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading certified mail without the project's own code: Python's email, openssl, xmllint.

    message = PecMessage(raw)
    message.kind                            # "posta-certificata", "accettazione", ...
    message.verify(ca_file)                 # raises AssertionError if the signature doesn't hold
    message.certification().findtext("dati/identificativo")
    message.postacert()                     # the embedded original, byte for byte
"""

import email
import email.policy
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from support.paths import ROOT

DTD = ROOT / "tests" / "data" / "daticert.dtd"


class PecMessage:
    def __init__(self, raw: bytes):
        self.raw = raw
        self.parsed = email.message_from_bytes(raw, policy=email.policy.SMTP)

    def header(self, name: str) -> str | None:
        """The one value of a header field; None: there is no such field; two are an error."""
        values = self.parsed.get_all(name, [])
        if len(values) > 1:
            raise AssertionError(f"{len(values)} fields {name}")
        return str(values[0]) if values else None

    @property
    def kind(self) -> str:
        """The value of X-Trasporto or of X-Ricevuta; "ordinaria" if there is neither."""
        transport, receipt = self.header("X-Trasporto"), self.header("X-Ricevuta")
        if transport and receipt:
            raise AssertionError("both X-Trasporto and X-Ricevuta")
        return transport or receipt or "ordinaria"

    @property
    def message_id(self) -> str:
        return self.header("Message-ID")

    def verify(self, ca_file: Path) -> str:
        """Checks the signature with openssl; returns the signer's address (subjectAltName)."""
        with tempfile.TemporaryDirectory() as folder:
            message, signer = Path(folder) / "message", Path(folder) / "signer"
            message.write_bytes(self.raw)
            run(["openssl", "cms", "-verify", "-in", message, "-CAfile", ca_file,
                 "-purpose", "smimesign", "-signer", signer, "-out", "/dev/null"])
            names = run(["openssl", "x509", "-in", signer, "-noout", "-ext", "subjectAltName"])
        return re.search(r"email:(\S+)", names)[1].rstrip(",")

    def data(self) -> bytes:
        """daticert.xml as it stands."""
        [part] = [p for p in self.mixed_parts() if p.get_filename() == "daticert.xml"]
        return part.get_payload(decode=True)

    def certification(self) -> ElementTree.Element:
        """daticert.xml, after xmllint has found it valid against the DTD."""
        content = self.data()
        with tempfile.NamedTemporaryFile(suffix=".xml") as file:
            file.write(content)
            file.flush()
            run(["xmllint", "--noout", "--nonet", "--dtdvalid", DTD, file.name])
        return ElementTree.fromstring(content)

    def text(self) -> str:
        """The text/plain alternative, as the user reads it."""
        [alternative] = [p for p in self.mixed_parts() if p.get_content_subtype() == "alternative"]
        [plain] = [p for p in alternative.iter_parts() if p.get_content_type() == "text/plain"]
        return plain.get_content()

    def mixed_parts(self) -> list:
        """The direct children of the multipart/mixed, which is the signed part."""
        return list(next(self.parsed.iter_parts()).iter_parts())

    def postacert(self) -> bytes:
        """The embedded original. Cut out of the raw bytes by the boundaries alone: no parser that
        could put anything right has touched it."""
        signed = split_parts(self.raw)[0]
        for part in split_parts(signed):
            header, _, body = part.partition(b"\r\n\r\n")
            if b'name="postacert.eml"' in header:
                return body
        raise AssertionError("no postacert.eml in the multipart/mixed")


def split_parts(entity: bytes) -> list[bytes]:
    """The parts of a multipart entity, exactly: what stands between `boundary CRLF` and
    `CRLF boundary`."""
    header = entity.partition(b"\r\n\r\n")[0]
    content_type = re.search(rb"(?im)^content-type:(?:[^\r\n]|\r\n[ \t])*", header)[0]
    boundary = re.search(rb'boundary="?([^";\r\n]+)"?', content_type)[1]
    delimiter = b"\r\n--" + boundary
    sections = entity.split(delimiter)[1:]
    for number, section in enumerate(sections):
        if section.startswith(b"--"):
            return [part.partition(b"\r\n")[2] for part in sections[:number]]
    raise AssertionError(f"multipart with boundary {boundary!r} isn't closed")


def run(command: list) -> str:
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.stdout}")
    return done.stdout

# SPDX-License-Identifier: GPL-2.0-or-later
"""A third provider that is nothing but keys: what comes from it is written here by hand and signed by
openssl, so nothing of the project's own code has a part in it.

    gamma = ForeignProvider(box)            # certificates, and an entry in the providers' directory
    gamma.deliver(box.beta, [dario], gamma.envelope([dario]))

Its certificates (gamma.certificates): "good", and in the same entry of the directory "expired",
"future" (not yet valid), "revoked" (its CA's list says so), "stranger" (of a CA that nobody trusts);
"unlisted" is good but in nobody's entry.
"""

import base64
import hashlib
import itertools
import os
import ssl
import subprocess
from email.utils import format_datetime
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.sax.saxutils import escape

from support.box import Box, Provider
from support.pec_message import run

NAME, DOMAIN = "PEC Gamma S.p.A.", "pec.gamma.example"
LOST_DOMAIN = "pec.smarrita.example"  # gamma's, too; no host has ever been seen there
ADDRESS = f"posta-certificata@{DOMAIN}"
SENDER = f"giulia@{DOMAIN}"
ZONE = timezone(timedelta(hours=1))
PREFIXES = {"posta-certificata": "POSTA CERTIFICATA", "accettazione": "ACCETTAZIONE",
            "avvenuta-consegna": "CONSEGNA", "errore-consegna": "AVVISO DI MANCATA CONSEGNA",
            "presa-in-carico": "PRESA IN CARICO", "rilevazione-virus": "PROBLEMA DI SICUREZZA",
            "non-accettazione": "AVVISO DI NON ACCETTAZIONE",
            "preavviso-errore-consegna": "AVVISO DI MANCATA CONSEGNA PER SUP. TEMPO MASSIMO"}
ORIGINAL = (b"From: Giulia <giulia@pec.gamma.example>\r\nTo: dario@pec.beta.example\r\n"
            b"Subject: Prova\r\nMessage-ID: <%b>\r\n\r\nCiao.\r\n")

CA_CONFIG = """\
[ca]
default_ca = here
[here]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
default_crl_days = 90
unique_subject = no
policy = any
certificate = {ca}.pem
private_key = {ca}.key
[any]
organizationName = supplied
[signing]
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = email:{address}
[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
"""


class ForeignProvider:
    def __init__(self, box: Box):
        self._box = box
        self._folder = box.directory / "gamma"
        self._folder.mkdir()
        (self._folder / "index.txt").touch()
        self._numbers = itertools.count(1)
        self._trusted = box.ca_file.with_suffix("")
        self._make_certificates()
        self._enter_directory()

    # ---- keys ------------------------------------------------------------------------------------

    def certificate(self, name: str) -> Path:
        return self._folder / f"{name}.pem"

    def _config(self, ca: Path) -> Path:
        path = self._folder / f"{ca.name}.cnf"
        path.write_text(CA_CONFIG.format(folder=self._folder, ca=ca, address=ADDRESS))
        return path

    def _make_certificates(self) -> None:
        stranger = self._folder / "stranger-ca"
        run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-noenc", "-days", "90", "-subj", "/O=Stranger", "-config", self._config(stranger),
             "-extensions", "authority", "-keyout", f"{stranger}.key", "-out", f"{stranger}.pem"])
        now = datetime.now(timezone.utc)
        day = timedelta(days=1)
        self._issue("good", self._trusted, now - 5 * day, now + 80 * day)
        self._issue("unlisted", self._trusted, now - 5 * day, now + 5 * day)
        self._issue("expired", self._trusted, now - 5 * day, now - day)
        self._issue("future", self._trusted, now + day, now + 5 * day)
        self._issue("revoked", self._trusted, now - 5 * day, now + 5 * day)
        self._issue("stranger", stranger, now - 5 * day, now + 5 * day)
        ca = ["openssl", "ca", "-config", self._config(self._trusted)]
        run([*ca, "-revoke", self.certificate("revoked")])
        run([*ca, "-gencrl", "-out", self._box.crl_file])

    def publish_strangers_list(self) -> None:
        """A list of revoked certificates, but of another authority."""
        stranger = self._folder / "stranger-ca"
        run(["openssl", "ca", "-config", self._config(stranger), "-gencrl",
             "-out", self._box.crl_file])

    def _issue(self, name: str, ca: Path, begin: datetime, end: datetime) -> None:
        request = self._folder / f"{name}.csr"
        config = self._config(ca)
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-noenc", "-subj", f"/O={NAME}", "-config", config,
             "-keyout", self._folder / f"{name}.key", "-out", request])
        run(["openssl", "ca", "-batch", "-notext", "-config", config, "-extensions", "signing",
             "-startdate", f"{begin:%Y%m%d%H%M%SZ}", "-enddate", f"{end:%Y%m%d%H%M%SZ}",
             "-in", request, "-out", self.certificate(name)])

    def _enter_directory(self) -> None:
        lines = [f"dn: providerName={NAME},o=postacert", "objectClass: provider",
                 f"providerName: {NAME}", f"mailReceipt: ricevute@{DOMAIN}",
                 f"managedDomains: {DOMAIN}", f"managedDomains: {LOST_DOMAIN}"]
        for name in ("good", "expired", "future", "revoked", "stranger"):
            der = ssl.PEM_cert_to_DER_cert(self.certificate(name).read_text())
            lines += [f"providerCertificateHash: {hashlib.sha1(der).hexdigest()}",
                      f"providerCertificate;binary:: {base64.b64encode(der).decode()}"]
        with open(self._box.info["directory_ldif"], "a", encoding="utf-8") as directory:
            directory.write("\n" + "\n".join(lines) + "\n")
        for provider in (self._box.alfa, self._box.beta):
            self._box.reload(provider)

    # ---- messages --------------------------------------------------------------------------------

    def new_id(self) -> str:
        return f"gamma.{os.getpid()}.{next(self._numbers)}@{DOMAIN}"

    def sign(self, content: bytes, certificate: str = "good", also: str | None = None) -> bytes:
        """A detached CMS signature, DER; with a second signer if one is named."""
        command = ["openssl", "cms", "-sign", "-binary", "-outform", "DER", "-md", "sha256"]
        for name in filter(None, (certificate, also)):
            command += ["-signer", self.certificate(name), "-inkey", self._folder / f"{name}.key"]
        done = subprocess.run(list(map(str, command)), input=content, capture_output=True, check=True)
        return done.stdout

    def xml(self, kind: str, pec_id: str, recipients: list[str], *, sender: str = SENDER,
            error: str = "nessuno", facts: str = "", receipt: str = "completa") -> bytes:
        """daticert.xml; `facts`: what follows <ricevuta>."""
        listed = "".join(f'<destinatari tipo="certificato">{escape(each)}</destinatari>'
                         for each in recipients)
        form = f'<ricevuta tipo="{receipt}"/>' if receipt else ""
        now = datetime.now(ZONE)
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<postacert tipo="{kind}" errore="{error}">'
                f"<intestazione><mittente>{sender}</mittente>{listed}<risposte>{sender}</risposte>"
                f"<oggetto>Prova</oggetto></intestazione><dati><gestore-emittente>{NAME}"
                f'</gestore-emittente><data zona="+0100"><giorno>{now:%d/%m/%Y}</giorno>'
                f"<ora>{now:%H:%M:%S}</ora></data><identificativo>{pec_id}</identificativo>{form}{facts}"
                "</dati></postacert>\n").encode()

    @staticmethod
    def mixed(xml: bytes | None, original: bytes | None, *more: bytes) -> bytes:
        """The signed part."""
        parts = [b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\nMessaggio di gamma\r\n"]
        if xml is not None:
            parts.append(data_part(xml))
        if original is not None:
            parts.append(original_part(original))
        return (b'Content-Type: multipart/mixed; boundary="mixed"\r\n\r\n--mixed\r\n'
                + b"\r\n--mixed\r\n".join([*parts, *more]) + b"\r\n--mixed--\r\n")

    @staticmethod
    def signed(content: bytes, *signatures: bytes) -> bytes:
        """Content-Type and body of the multipart/signed. (openssl can't read one-letter boundaries.)"""
        parts = [content] + [signature_part(each) for each in signatures]
        return (b'MIME-Version: 1.0\r\nContent-Type: multipart/signed; micalg=sha-256;\r\n'
                b'\tprotocol="application/pkcs7-signature"; boundary="signed"\r\n\r\n--signed\r\n'
                + b"\r\n--signed\r\n".join(parts) + b"\r\n--signed--\r\n")

    @staticmethod
    def header(kind: str, message_id: str, *, sender: str = SENDER, address: str = ADDRESS,
               to: str = "dario@pec.beta.example", fields: bytes = b"") -> bytes:
        """`kind`: the line "X-Trasporto: …" or "X-Ricevuta: …"; both empty: neither."""
        shown = f'"Per conto di: {sender}" <{address}>' if kind.startswith("X-T") else address
        prefix = PREFIXES.get(kind.partition(": ")[2], "POSTA CERTIFICATA")
        lines = [f"From: {shown}", f"To: {to}", f"Subject: {prefix}: Prova",
                 f"Message-ID: <{message_id}>",
                 f"Date: {format_datetime(datetime.now(timezone.utc))}", *([kind] if kind else [])]
        return "".join(line + "\r\n" for line in lines).encode() + fields

    def envelope(self, recipients: list[str], certificate: str = "good", **header) -> bytes:
        """A correct transport envelope, apart from what `certificate` and `header` make of it."""
        pec_id = self.new_id()
        content = self.mixed(self.xml("posta-certificata", pec_id, recipients),
                             ORIGINAL % pec_id.encode())
        return (self.header("X-Trasporto: posta-certificata", pec_id, **header)
                + self.signed(content, self.sign(content, certificate)))

    def receipt(self, kind: str, pec_id: str, recipients: list[str], *, sender: str,
                facts: str, error: str = "nessuno", receipt: str = "") -> bytes:
        content = self.mixed(self.xml(kind, pec_id, recipients, sender=sender, facts=facts,
                                      error=error, receipt=receipt), None)
        return (self.header(f"X-Ricevuta: {kind}", self.new_id(), to=sender)
                + self.signed(content, self.sign(content)))

    @staticmethod
    def deliver(to: Provider, recipients: list[str], message: bytes,
                sender: str = SENDER) -> None:
        """Over SMTP, to the provider's incoming point; raises what smtplib raises if refused."""
        with to.connect("mx") as connection:
            connection.sendmail(sender, recipients, message)


def data_part(xml: bytes) -> bytes:
    return (b'Content-Type: application/xml; name="daticert.xml"\r\nContent-Disposition: inline; '
            b'filename="daticert.xml"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            + base64.encodebytes(xml).replace(b"\n", b"\r\n"))


def original_part(original: bytes) -> bytes:
    return (b'Content-Type: message/rfc822; name="postacert.eml"\r\nContent-Disposition: inline; '
            b'filename="postacert.eml"\r\n\r\n' + original)


def signature_part(der: bytes) -> bytes:
    return (b'Content-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
            b"Content-Transfer-Encoding: base64\r\n\r\n"
            + base64.encodebytes(der).replace(b"\n", b"\r\n"))

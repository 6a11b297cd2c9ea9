# SPDX-License-Identifier: GPL-2.0-or-later
"""A certificate authority of a test's own: certificates of any profile and time, and CRLs.

    root = Authority(folder, "root")
    signer = root.issue("signer", "/O=Index/CN=Signer", ["keyUsage = critical, digitalSignature"])
    signer.certificate, signer.key                  # PEM files in the folder
    root.crl(starts=now - hour, ends=now + hour)    # DER
"""

import datetime
import subprocess
from dataclasses import dataclass
from pathlib import Path

UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
CONFIG = """\
[ca]
default_ca = here
[here]
database = {database}
serial = {folder}/serial
rand_serial = yes
new_certs_dir = {folder}
certificate = {certificate}
private_key = {key}
default_md = sha256
policy = any
unique_subject = no
x509_extensions = extensions
[any]
countryName = optional
organizationName = optional
commonName = optional
[req]
distinguished_name = dn
utf8 = yes
[dn]
[extensions]
"""
CA = ["basicConstraints = critical, CA:TRUE", "keyUsage = critical, keyCertSign, cRLSign",
      "subjectKeyIdentifier = hash"]
# The profile of the providers' signing certificates (RFC 6109, 5.5).
SIGNING = ["keyUsage = critical, digitalSignature", "subjectKeyIdentifier = hash",
           "authorityKeyIdentifier = keyid"]
SERVER = [*SIGNING, "extendedKeyUsage = serverAuth"]
CLIENT = [*SIGNING, "extendedKeyUsage = clientAuth"]


@dataclass(frozen=True)
class Issued:
    certificate: Path
    key: Path


def now() -> datetime.datetime:
    return datetime.datetime.now(UTC).replace(microsecond=0)


def _text(time: datetime.datetime) -> str:
    return time.strftime("%Y%m%d%H%M%SZ")


def _run(*command) -> None:
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stdout}")


class Authority:
    def __init__(self, folder: Path, name: str):
        self._folder = folder / f"{name}-ca"
        self._folder.mkdir()
        self.certificate = self._folder / "ca.pem"
        self.crl_file = self._folder / "crl.pem"  # what crl() made last
        self._key = self._folder / "ca.key"
        (self._folder / "index.txt").touch()
        config = self._config("ca", CA)
        request = self._folder / "ca.csr"
        _run("openssl", "req", "-new", "-config", config, *self._new_key(self._key),
             "-subj", f"/O={name}/CN={name}", "-out", request)
        # Older than all that it signs.
        _run("openssl", "ca", "-batch", "-selfsign", "-config", config, "-in", request, "-notext",
             "-preserveDN", "-startdate", _text(now() - 60 * DAY),
             "-enddate", _text(now() + 60 * DAY), "-out", self.certificate)

    def issue(self, name: str, subject: str, extensions: list[str],
              starts: datetime.datetime | None = None,
              ends: datetime.datetime | None = None) -> Issued:
        config = self._config(name, extensions)
        issued = Issued(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request = self._folder / f"{name}.csr"
        _run("openssl", "req", "-new", "-config", config, *self._new_key(issued.key), "-utf8",
             "-subj", subject, "-out", request)
        _run("openssl", "ca", "-batch", "-config", config, "-in", request, "-notext",
             "-preserveDN", "-utf8", "-startdate", _text(starts or now() - DAY),
             "-enddate", _text(ends or now() + 50 * DAY), "-out", issued.certificate)
        return issued

    def revoke(self, issued: Issued) -> None:
        _run("openssl", "ca", "-config", self._config("crl", []), "-revoke", issued.certificate)

    def crl(self, starts: datetime.datetime | None = None,
            ends: datetime.datetime | None = None) -> bytes:
        pem, der = self.crl_file, self._folder / "crl.der"
        _run("openssl", "ca", "-config", self._config("crl", []), "-gencrl",
             "-crl_lastupdate", _text(starts or now() - DAY),
             "-crl_nextupdate", _text(ends or now() + 7 * DAY), "-out", pem)
        _run("openssl", "crl", "-in", pem, "-outform", "DER", "-out", der)
        return der.read_bytes()

    @staticmethod
    def _new_key(path: Path) -> list:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", path]

    def _config(self, name: str, extensions: list[str]) -> Path:
        config = self._folder / f"{name}.cnf"
        config.write_text(CONFIG.format(database=self._folder / "index.txt", folder=self._folder,
                                        certificate=self.certificate, key=self._key)
                          + "\n".join(extensions) + "\n")
        return config

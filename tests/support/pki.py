# SPDX-License-Identifier: GPL-2.0-or-later
"""The sandbox's certificates: one test CA that issues signing and TLS certificates.

The signing certificates follow the profile of RFC 6109, 5.5: the provider's name in O, its signing
address in subjectAltName, keyUsage digitalSignature (critical), key identifiers, and no
basicConstraints. Keys are made by several openssl processes at once: RSA keys take time.
"""

import subprocess
from pathlib import Path

EXTENSIONS = {
    "ca": [
        "basicConstraints = critical, CA:TRUE",
        "keyUsage = critical, keyCertSign, cRLSign",
        "subjectKeyIdentifier = hash",
    ],
    "signing": [
        "keyUsage = critical, digitalSignature",
        "subjectKeyIdentifier = hash",
        "authorityKeyIdentifier = keyid",
    ],
    "tls": [
        "keyUsage = critical, digitalSignature",
        "extendedKeyUsage = serverAuth",
        "subjectKeyIdentifier = hash",
        "authorityKeyIdentifier = keyid",
    ],
}
EC_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
RSA_KEY = ["-newkey", "rsa:2048"]
DAYS = 90  # that a certificate lasts


class Pki:
    """    pki = Pki(directory)                     # makes the CA, if there is none yet
    pki.begin_signing("alfa-signing", "PEC Alfa", "posta-certificata@pec.alfa.example")
    pki.begin_tls("alfa-tls", "mx.pec.alfa.example", "127.0.0.1")
    pki.finish()                             # now <name>.pem and <name>.key are there
    """

    def __init__(self, directory: Path):
        self._directory = directory
        self._running: list[tuple[str, subprocess.Popen]] = []
        self.ca_file = directory / "ca.pem"
        self.crl_file = directory / "ca.crl"
        if self.ca_file.exists():
            return
        directory.mkdir()
        self._begin("ca", EC_KEY, "/O=Test/CN=Test CA of the sandbox", None)
        self.finish()
        self._make_empty_crl()

    def certificate(self, name: str) -> Path:
        return self._directory / f"{name}.pem"

    def key(self, name: str) -> Path:
        return self._directory / f"{name}.key"

    def begin_signing(self, name: str, provider: str, address: str, days: int = DAYS) -> None:
        subject = f"/C=IT/O={provider}/CN={provider}"
        self._begin(name, RSA_KEY, subject, f"email:{address}", "signing", days)

    def begin_tls(self, name: str, host: str, address: str) -> None:
        self._begin(name, EC_KEY, f"/CN={host}", f"DNS:{host}, IP:{address}", "tls")

    def _make_empty_crl(self) -> None:
        database, config = self._directory / "index.txt", self._directory / "crl.cnf"
        database.touch()
        config.write_text("[ca]\ndefault_ca = here\n[here]\ndefault_md = sha256\n"
                          f"default_crl_days = 90\ndatabase = {database}\n")
        subprocess.run(["openssl", "ca", "-config", config, "-gencrl", "-cert", self.ca_file,
                        "-keyfile", self.key("ca"), "-out", self.crl_file],
                       check=True, capture_output=True)

    def _begin(self, name, key, subject, alternative, profile="ca", days=DAYS) -> None:
        lines = ["[req]", "distinguished_name = dn", "utf8 = yes", "[dn]", "[extensions]"]
        lines += EXTENSIONS[profile]
        if alternative:
            lines.append(f"subjectAltName = {alternative}")
        config = self._directory / f"{name}.cnf"
        config.write_text("\n".join(lines) + "\n")
        issuer = [] if profile == "ca" else ["-CA", self.ca_file, "-CAkey", self.key("ca")]
        command = ["openssl", "req", "-x509", "-config", config, "-extensions", "extensions"]
        command += [*key, "-noenc", "-sha256", "-days", str(days), "-subj", subject, *issuer]
        command += ["-keyout", self.key(name), "-out", self.certificate(name)]
        self._running.append(
            (name, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
        )

    def finish(self) -> None:
        for name, process in self._running:
            output, _ = process.communicate()
            if process.returncode != 0:
                raise RuntimeError(f"openssl could not make {name}: {output.decode()}")
        self._running = []

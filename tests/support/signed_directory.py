# SPDX-License-Identifier: GPL-2.0-or-later
"""The providers' directory as the index serves it: LDIF within a signature, by HTTPS with a client's certificate.

    class Sync(DirectoryCase):
        def test_it(self):
            self.publish(signed(directory("comune.example")))
            self.sync()
"""

import functools
import os
import subprocess
import time
import unittest
from pathlib import Path

from support.authority import CLIENT, SERVER, SIGNING, Authority
from support.clock import faketime
from support.folders import temporary_folder
from support.pecctl_site import ALFA, BETA, PecctlCase, entry, service_identity
from support.web_server import WebServer

SIGNER = ["keyUsage = critical, digitalSignature", "subjectKeyIdentifier = hash"]


def profile(domain: str) -> list[str]:
    return [*SIGNING, f"subjectAltName = email:posta-certificata@{domain}"]


PROFILE = profile("pec.alfa.example")


class Keys:
    """Three authorities and what they have issued; alfa and beta are certificates of providers."""

    def __init__(self, folder: Path):
        folder.chmod(0o755)
        self.folder = folder
        self.web, self.index, self.providers = (Authority(folder, n) for n in ("Web", "Index", "Providers"))
        self.alfa = self.provider_certificate("alfa", ALFA)
        self.beta = self.provider_certificate("beta", BETA, profile("pec.beta.example"))
        self.web.issue("server", "/CN=index", [*SERVER, "subjectAltName = IP:127.0.0.1"])
        client = self.web.issue("client", "/CN=alfa", CLIENT)
        stranger = Authority(folder, "Stranger").issue("client", "/CN=eve", CLIENT)
        self.index.issue("signer", "/O=Index/CN=Signer", SIGNER)
        self.index.crl()
        service_identity(client.key, stranger.key)

    def provider_certificate(self, name: str, provider: str, extensions: list[str] = PROFILE) -> Path:
        return self.providers.issue(name, f"/O={provider}/CN=Signing", extensions).certificate


@functools.cache
def keys() -> Keys:
    """Made once in a module."""
    return Keys(temporary_folder(unittest.addModuleCleanup))


def signed(ldif: str, authority: str = "Index", signer: str = "signer",
           at: float | None = None) -> bytes:
    """LDIF within a CMS signed structure, DER; signed now, or at that time."""
    certificate = keys().folder / f"{authority}-ca" / f"{signer}.pem"
    clock = {} if at is None else faketime(time.strftime("@%F %T", time.gmtime(at))) | {"TZ": "UTC"}
    return subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-signer", certificate,
         "-inkey", certificate.with_suffix(".key")],
        input=ldif.encode(), capture_output=True, check=True, env=os.environ | clock).stdout


def directory(*domains: str, more: str = "") -> str:
    """Alfa with these domains beside its own, and beta."""
    managed = "".join(f"managedDomains: {domain}\n" for domain in domains)
    return (entry(keys().alfa, ALFA, "pec.alfa.example") + managed + "\n"
            + entry(keys().beta, BETA, "pec.beta.example") + "\n" + more)


class DirectoryCase(PecctlCase):
    def setUp(self):
        super().setUp()
        self.file = self.site / "directory.ldif.p7m"
        self.policy = self.site / "tls-policy"
        (self.site / "main.cf").write_text("compatibility_level = 3.6\n")  # postmap wants one
        self.environment = {"MAIL_CONFIG": str(self.site)}
        server, client = (keys().folder / "Web-ca" / name for name in ("server", "client"))
        self.web = self.enterContext(WebServer((server.with_suffix(".pem"), server.with_suffix(".key"),
                                                keys().web.certificate)))
        self.options |= {
            "directory.source": f"ldif:{self.file}",
            "directory.signer_ca_file": keys().index.certificate,
            "directory.signer_subject": "O=Index, CN=Signer",
            "trust.crl_file": keys().index.crl_file,
            "directory_sync.url": self.web.url("/index.p7m"),
            "directory_sync.ca_file": keys().web.certificate,
            "directory_sync.certificate_file": client.with_suffix(".pem"),
            "directory_sync.key_file": client.with_suffix(".key"),
            "directory_sync.tls_policy_map": f"hash:{self.policy}",
        }
        self.configure()

    def publish(self, content: bytes) -> None:
        self.web.files["/index.p7m"] = content

    def pecctl(self, *arguments, **identity) -> subprocess.CompletedProcess:
        return super().pecctl("directory", *arguments, **identity)

    def sync(self, *arguments) -> None:
        done = self.pecctl("sync", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def state(self) -> list[tuple]:
        """All files of the site, as nobody has touched them."""
        return sorted((path.name, path.stat().st_ino, path.stat().st_mtime_ns)
                      for path in self.site.iterdir())

    def assert_refused(self, pattern: str, *arguments) -> None:
        """One line says why, and nothing has changed."""
        before = self.state()
        self.assert_complaint(pattern, "sync", *arguments)
        self.assertEqual(self.state(), before)

    def policy_of(self, domain: str) -> str:
        return subprocess.run(["postmap", "-q", domain, f"hash:{self.policy}"], text=True,
                              env=os.environ | self.environment,
                              capture_output=True, check=False).stdout.strip()

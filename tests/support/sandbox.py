# SPDX-License-Identifier: GPL-2.0-or-later
"""Two certified-mail providers and an ordinary mail host, whole, on this machine's loopback.

    sandbox = Sandbox(Path("/tmp/s"))
    sandbox.up(build_dir=Path("build/dev"))     # writes /tmp/s/sandbox.json
    sandbox.down()

pec.alfa.example and pec.beta.example each have Postfix, Dovecot with the delivery plugin, pec-milter,
pec-policyd, pec-scanner, three users and a service mailbox; ordinaria.example is a Postfix that stores into a
Maildir. They know each other by route tables (there is no DNS) and talk over STARTTLS. Each sandbox has a
loopback address of its own and ports that it finds free, so several can run side by side. Postfix
and Dovecot start as root, as always; pec-milter (with pec-policyd), pec-scanner and the mail stores
have numeric users of their own.
Raises ProgramError, with the tails of the logs, if something doesn't come up; nothing runs then.
"""

import base64
import hashlib
import json
import os
import shutil
import ssl
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.mail_hosts import MAIL_UID, Postfix
from support.pki import Pki
from support.processes import ProgramError, Programs, free_ports
from support.provider import Provider, Site, built

ORDINARY_CONF = Path(__file__).resolve().parent / "ordinary"
ORDINARY_DOMAIN = "ordinaria.example"
ORDINARY_HOST = f"mx.{ORDINARY_DOMAIN}"
FOREIGN_DOMAIN = "pec.gamma.example"  # of a provider without a host: the ordinary one takes its mail
LONGEST_DIRECTORY = 60  # sockets lie in it, whose names have 108 characters at most
TAIL_LINES = 15


class Sandbox:
    def __init__(self, directory: Path):
        self.directory = directory.absolute()
        self.file = self.directory / "sandbox.json"
        self._register = self.directory / "processes.json"
        self._programs = Programs(self._register)
        self._alfa = Provider(self._programs, self.directory, "alfa", "PEC Alfa S.p.A.",
                              ["anna", "bruno", "carla"])
        self._beta = Provider(self._programs, self.directory, "beta", "PEC Beta S.r.l.",
                              ["dario", "elena", "fabio"])
        self._providers = [self._alfa, self._beta]
        self._ordinary = Postfix(self._programs, "postfix-ordinaria", self.directory / "ordinaria")
        self._maildir = self.directory / "ordinaria" / "Maildir"

    def down(self) -> None:
        """Ends all that `up` started, however far it came. Files stay, to be read."""
        if not self._register.exists():
            raise ProgramError(f"{self.directory} is not a sandbox: no {self._register.name} there")
        self._programs.end_all()

    def up(self, build_dir: Path, milter: str = "pec") -> None:
        """`milter`: "pec", or "passthrough" for one that changes nothing."""
        self._take_directory()
        try:
            site = self._prepare(build_dir)
            for provider in self._providers:
                provider.start(milter, build_dir)
            self._ordinary.start()
            for provider in self._providers:
                provider.wait(site)
            self.file.write_text(json.dumps(self._describe(site), indent=2) + "\n")
        except BaseException as error:
            self._programs.end_all()
            if isinstance(error, ProgramError):
                raise ProgramError(f"{error}\n{self._log_tails()}") from error
            raise

    def _take_directory(self) -> None:
        """A new or empty directory, or that of a sandbox that is down: this one is cleared."""
        if len(str(self.directory)) > LONGEST_DIRECTORY:
            raise ProgramError(f"{self.directory} is too long a name, because sockets lie in it; "
                               f"take one of at most {LONGEST_DIRECTORY} characters")
        if self._register.exists():
            if self._programs.members():
                raise ProgramError(f"a sandbox is up in {self.directory}; take it down first")
            for entry in ["pki", "alfa", "beta", "ordinaria", "directory.ldif", self.file.name]:
                remove(self.directory / entry)
        elif self.directory.exists() and any(self.directory.iterdir()):
            raise ProgramError(f"{self.directory} is not empty; a sandbox needs a directory of its own")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        for parent in self.directory.parents:
            if not parent.stat().st_mode & stat.S_IXOTH:
                raise ProgramError(f"the users of mail store and milter can't get through {parent}; "
                                   f"take another place, or chmod o+x {parent}")
        self._programs.clear()

    def _prepare(self, build_dir: Path) -> Site:
        built(build_dir, "dovecot-plugin/lib20_pec_limits_plugin.so")
        # An own address in 127/8: no other sandbox takes the ports found here.
        address = "127." + ".".join(str(1 + byte % 254) for byte in os.urandom(3))
        held = free_ports(address, len(self._providers) * len(Provider.PORTS) + 1)
        numbers = [holder.getsockname()[1] for holder in held]
        self._ordinary_port = numbers.pop()
        for provider in self._providers:
            provider.port = {name: numbers.pop() for name in Provider.PORTS}
        peers = {p.domain: f"[{address}]:{p.port['mx']}" for p in self._providers}
        ordinary = f"[{address}]:{self._ordinary_port}"
        site = Site(
            address=address,
            pki=self._make_certificates(address),
            directory_ldif=self.directory / "directory.ldif",
            routes={**peers, ORDINARY_DOMAIN: ordinary, FOREIGN_DOMAIN: ordinary},
            tls_names={peers[p.domain]: p.host for p in self._providers},
        )
        site.directory_ldif.write_text(self._ldif(site.pki), encoding="utf-8")
        with ThreadPoolExecutor() as pool:
            jobs = [pool.submit(provider.prepare, site, build_dir) for provider in self._providers]
            jobs.append(pool.submit(self._prepare_ordinary, site))
            for job in jobs:
                job.result()
        for holder in held:  # only now: the servers that take them start next
            holder.close()
        return site

    def _make_certificates(self, address: str) -> Pki:
        pki = Pki(self.directory / "pki")
        for provider in self._providers:
            pki.begin_signing(provider.signing, provider.name, provider.signing_address)
            pki.begin_tls(provider.tls, provider.host, address)
        pki.begin_tls("ordinaria-tls", ORDINARY_HOST, address)
        pki.finish()
        return pki

    def _ldif(self, pki: Pki) -> str:
        """The providers' directory (RFC 6109, 4.5)."""
        entries = ["dn: o=postacert\nobjectClass: top\nobjectClass: organization\no: postacert\n"]
        for provider in self._providers:
            der = ssl.PEM_cert_to_DER_cert(pki.certificate(provider.signing).read_text())
            encoded = base64.b64encode(der).decode()
            folded = "\n ".join(encoded[i:i + 72] for i in range(0, len(encoded), 72))
            entries.append(
                f"dn: providerName={provider.name},o=postacert\n"
                "objectClass: top\nobjectClass: provider\n"
                f"providerName: {provider.name}\n"
                f"providerCertificateHash: {hashlib.sha1(der).hexdigest()}\n"
                f"providerCertificate;binary::\n {folded}\n"
                f"mailReceipt: {provider.service_mailbox}\n"
                f"managedDomains: {provider.domain}\n"
            )
        return "\n".join(entries)

    def _prepare_ordinary(self, site: Site) -> None:
        values = {
            "HOSTNAME": ORDINARY_HOST,
            "DOMAIN": ORDINARY_DOMAIN,
            "FOREIGN_DOMAIN": FOREIGN_DOMAIN,
            "MAILDIR": self._maildir,
            "MAIL_UID": MAIL_UID,
            "MX": f"{site.address}:{self._ordinary_port}",
            "TLS_CERTIFICATE_FILE": site.pki.certificate("ordinaria-tls"),
            "TLS_KEY_FILE": site.pki.key("ordinaria-tls"),
            "TLS_CA_FILE": site.pki.ca_file,
        }
        self._ordinary.prepare(ORDINARY_CONF, values, site.routes_from(ORDINARY_DOMAIN, FOREIGN_DOMAIN))
        for folder in ("", "new", "cur", "tmp"):
            (self._maildir / folder).mkdir()
            os.chown(self._maildir / folder, MAIL_UID, MAIL_UID)

    def _describe(self, site: Site) -> dict:
        return {
            "ca_file": str(site.pki.ca_file),
            "directory_ldif": str(site.directory_ldif),
            "providers": {provider.key: provider.describe(site) for provider in self._providers},
            "ordinary": {
                "domain": ORDINARY_DOMAIN,
                "mx": [site.address, self._ordinary_port],
                "maildir": str(self._maildir),
                "maillog": str(self._ordinary.maillog),
                "postfix_config": str(self._ordinary.etc),
                "processes": {"postfix": self._programs.pid(self._ordinary.name)},
            },
        }

    def _log_tails(self) -> str:
        logs = [self._ordinary.maillog]
        for provider in self._providers:
            logs += [provider.milter_log, provider.policy_log, provider.dovecot.log,
                     provider.postfix.maillog]
        return "\n".join(tail(log) for log in logs if log.exists())


def tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join([f"--- {log}", *lines])


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)

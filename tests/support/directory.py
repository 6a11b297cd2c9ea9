# SPDX-License-Identifier: GPL-2.0-or-later
"""The providers' directory of a sandbox, changed while the milters run: in its file, or in an OpenLDAP
server of its own that scripts/ldap-copy has set up.

    entries = read_entries(box)                       # what the sandbox began with
    directory = LdapDirectory(box, entries)           # or LdifDirectory(box, entries)
    entries["PEC Gamma S.p.A."] = Entry(...)
    directory.publish(entries)                        # one change at a time
"""

import base64
import hashlib
import os
import ssl
import subprocess
import threading
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from support.box import Box
from support.paths import ROOT
from support.processes import Programs, as_user


@dataclass
class Entry:
    """A provider's entry (RFC 6109, 4.5.9)."""

    name: str
    mail_receipt: str
    certificates: list[Path]
    domains: list[str]
    unit: str = ""  # of a secondary unit

    @property
    def dn(self) -> str:
        unit = f"providerUnit={self.unit}," if self.unit else ""
        return f"{unit}providerName={self.name},o=postacert"

    def attributes(self) -> dict[str, list[str]]:
        """What follows each name in LDIF."""
        ders = [ssl.PEM_cert_to_DER_cert(file.read_text()) for file in self.certificates]
        return {
            "objectClass": [": top", ": provider"],
            "providerName": [f": {self.name}"],
            **({"providerUnit": [f": {self.unit}"]} if self.unit else {}),
            "providerCertificateHash": [f": {hashlib.sha1(der).hexdigest()}" for der in ders],
            "providerCertificate;binary": [f":: {base64.b64encode(der).decode()}" for der in ders],
            "mailReceipt": [f": {self.mail_receipt}"],
            "managedDomains": [f": {domain}" for domain in self.domains],
        }

    def ldif(self, changetype: str = "") -> str:
        head = f"dn: {self.dn}\n" + (f"changetype: {changetype}\n" if changetype else "")
        return head + "".join(f"{name}{value}\n" for name, values in self.attributes().items()
                              for value in values)


def ldif_of(entries: dict[str, Entry]) -> str:
    base = "dn: o=postacert\nobjectClass: top\nobjectClass: organization\no: postacert\n"
    return "\n".join([base, *(entry.ldif() for entry in entries.values())])


def read_entries(box: Box) -> dict[str, Entry]:
    """Those of the sandbox's own providers."""
    return {provider.name: Entry(provider.name, provider.service_mailbox,
                                 [box.ca_file.with_name(f"{key}-signing.pem")], [provider.domain])
            for key, provider in (("alfa", box.alfa), ("beta", box.beta))}


class LdifDirectory:

    def __init__(self, box: Box, entries: dict[str, Entry]):
        self._file = Path(box.info["directory_ldif"])
        self.source = f"ldif:{self._file}"
        self._lock = threading.Lock()
        self._damaged = False
        self.publish(entries)

    def publish(self, entries: dict[str, Entry]) -> None:
        """While it is damaged: it is there when that is mended."""
        with self._lock:
            self._kept = ldif_of(entries)
            self._write()

    def damage(self) -> str:
        """Makes it unreadable; what the milter must say of it."""
        self._set_damaged(True)
        return f"{self._file}: "

    def mend(self) -> None:
        self._set_damaged(False)

    def _set_damaged(self, damaged: bool) -> None:
        with self._lock:
            self._damaged = damaged
            self._write()

    def _write(self) -> None:
        ldif = self._kept[: len(self._kept) // 2] + "\n?\n" if self._damaged else self._kept
        beside = self._file.with_suffix(".new")
        beside.write_text(ldif, encoding="utf-8")
        beside.rename(self._file)


class Slapd:
    """An OpenLDAP server of one's own, set up by scripts/ldap-copy in `folder`, with this LDIF. It runs
    as the user `uid`, who may change it, and ends with `programs`."""

    def __init__(self, programs: Programs, folder: Path, ldif: str = "", uid: int | None = None):
        file = folder.with_suffix(".ldif")
        file.write_text(ldif, encoding="utf-8")
        folder.mkdir()
        if uid is not None:
            os.chown(folder, uid, uid)
        subprocess.run([ROOT / "scripts" / "ldap-copy", folder, *([file] if ldif else [])],
                       capture_output=True, check=True, cwd="/", **as_user(uid))
        self._programs = programs
        self._folder = folder
        self._uid = uid
        self.socket = folder / "ldapi"
        self.url = "ldapi://" + str(self.socket).replace("/", "%2F")
        self.start()

    def start(self) -> None:
        self._programs.start("slapd", ["/usr/sbin/slapd", "-d", "0", "-F", self._folder / "config",
                                       "-h", self.url], self._folder.with_suffix(".log"), self._uid)
        self._programs.wait_for("slapd", self.socket)

    def kill(self) -> None:
        self._programs.kill("slapd")
        self.socket.unlink()

    def modify(self, changes: str) -> None:
        """As who runs this: LDIF with change records, of the directory or of cn=config."""
        identity = {"user": self._uid, "group": self._uid} if self._uid is not None else {}
        subprocess.run(["ldapmodify", "-Q", "-Y", "EXTERNAL", "-H", self.url],
                       input=changes.encode(), capture_output=True, check=True, **identity)


class LdapDirectory:

    def __init__(self, box: Box, entries: dict[str, Entry]):
        self.slapd = Slapd(box.programs, box.directory / "ldap", ldif_of(entries))
        self._entries = deepcopy(entries)
        self.source = self.slapd.url

    def mend(self) -> None:
        self.slapd.start()

    def damage(self) -> str:
        """Ends it; what the milter must say of that."""
        self.slapd.kill()
        return f"{self.source}: Can't contact LDAP server"

    def publish(self, entries: dict[str, Entry]) -> None:
        changes = [f"dn: {entry.dn}\nchangetype: delete\n"
                   for name, entry in self._entries.items() if name not in entries]
        for name, entry in entries.items():
            if name not in self._entries:
                changes.append(entry.ldif("add"))
            elif entry != self._entries[name]:
                changes.append(self._modification(entry))
        self.slapd.modify("\n".join(changes))
        self._entries = deepcopy(entries)

    @staticmethod
    def _modification(entry: Entry) -> str:
        """All in one: nobody ever sees half of it."""
        replaced = [f"replace: {name}\n" + "".join(f"{name}{value}\n" for value in values)
                    for name, values in entry.attributes().items()
                    if name not in ("objectClass", "providerName")]
        return f"dn: {entry.dn}\nchangetype: modify\n" + "-\n".join(replaced)

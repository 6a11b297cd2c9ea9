# SPDX-License-Identifier: GPL-2.0-or-later
"""pecctl directory sync with an OpenLDAP server: what it gets, in one transaction, and what not.

The server is what scripts/ldap-copy sets up, and is read with ldapsearch. Index and signatures are
those of pecctl_directory_test. Needs no root.
"""

import base64
import os
import re
import shutil
import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

from pecctl_directory_test import ALFA, BETA, SIGNER, profile, signed
from start_test import entry
from support.directory import Slapd
from support.folders import temporary_folder
from support.processes import Programs
from support.provider import MILTER_UID
from support.signed_directory import DirectoryCase, keys

BASE = "dn: o=postacert\nobjectClass: top\nobjectClass: organization\no: postacert\n\n"
SIGNED_ON = re.compile("directory signed on (.*)")
NOTHING_NEW = "the server has all of it already"

# What ldapsearch prints: each entry's attributes, their values sorted.
Entries = dict[str, dict[str, list[bytes]]]


def alfa(*domains: str, more: str = "") -> str:
    """Alfa's entry, with further domains and lines."""
    managed = "".join(f"managedDomains: {domain}\n" for domain in domains)
    return entry(keys().alfa, ALFA, "pec.alfa.example") + managed + more + "\n"


def beta(*domains: str, more: str = "") -> str:
    managed = "".join(f"managedDomains: {domain}\n" for domain in domains)
    return entry(keys().beta, BETA, "pec.beta.example") + managed + more + "\n"


def unit(domain: str = "due.alfa.example") -> str:
    """A unit of alfa's, which signs with alfa's certificate."""
    return as_unit(entry(keys().alfa, ALFA, domain))


def as_unit(main_entry: str) -> str:
    return main_entry.replace("dn: ", "dn: providerUnit=Due,", 1) + "providerUnit: Due\n\n"


def utc(at: float) -> str:
    return time.strftime("%FT%TZ", time.gmtime(at))


def parse(ldif: str) -> Entries:
    """LDIF without folded lines. Names in lower case and without options."""
    entries: Entries = {}
    for record in filter(None, ldif.split("\n\n")):
        attributes: dict[str, list[bytes]] = {}
        for line in record.strip().splitlines():
            name, value = line.split(":", 1)
            octets = base64.b64decode(value[2:]) if value.startswith(":") else value[1:].encode()
            attributes.setdefault(name.split(";")[0].lower(), []).append(octets)
        [dn] = attributes.pop("dn")
        entries[dn.decode()] = {name: sorted(values) for name, values in attributes.items()}
    return entries


class ServerOfOld:
    """An LDAP server that is empty, knows no extended operation, and would take any change."""

    ANSWERS = {0x60: (0x61, 0), 0x63: (0x65, 32), 0x77: (0x78, 2),  # bind, search, extended
               0x66: (0x67, 0), 0x68: (0x69, 0), 0x4A: (0x6B, 0)}  # modify, add, delete

    def __init__(self, path: Path):
        self.path = path
        self.writes = 0

    def __enter__(self) -> "ServerOfOld":
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.path))
        self.path.chmod(0o777)
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # nobody has come
        with connection, connection.makefile("rb") as requests:
            while requests.read(1) == b"\x30":
                message = requests.read(self._length(requests))
                kind, end = message[2 + message[1]], 2 + message[1]  # after the message's number
                if kind == 0x42:  # unbind
                    return
                answer, result = self.ANSWERS[kind]
                self.writes += kind in (0x66, 0x68, 0x4A)
                body = message[:end] + bytes([answer, 7, 0x0A, 1, result, 4, 0, 4, 0])
                connection.sendall(bytes([0x30, len(body)]) + body)

    @staticmethod
    def _length(requests) -> int:
        [first] = requests.read(1)
        return first if first < 0x80 else int.from_bytes(requests.read(first - 0x80), "big")


class LdapCase(DirectoryCase):
    def setUp(self):
        super().setUp()
        self.folder = temporary_folder(self.addCleanup)
        self.folder.chmod(0o755)
        programs = Programs(self.folder / "programs.json")
        self.addCleanup(programs.end_all)
        uid = MILTER_UID if os.geteuid() == 0 else None
        self.slapd = Slapd(programs, self.folder / "ldap", uid=uid)
        self.configure(directory__source=self.slapd.url, directory__max_shrink_percent=100)

    def search(self, *arguments: str) -> str:
        return subprocess.run(
            ["ldapsearch", "-LLL", "-x", "-o", "ldif_wrap=no", "-H", self.slapd.url, "-b",
             "o=postacert", *arguments], text=True, capture_output=True, check=False).stdout

    def entries(self) -> Entries:
        """All but when they were signed, which the base entry says."""
        entries = parse(self.search())
        if base := entries.get("o=postacert"):
            base["description"] = [text for text in base.get("description", [])
                                   if not SIGNED_ON.fullmatch(text.decode())]
            if not base["description"]:
                del base["description"]
        return entries

    def signed_on(self) -> list[str]:
        """When the directory was signed that the server holds, as the base entry says it."""
        return [found[1] for text in parse(self.search())["o=postacert"].get("description", [])
                if (found := SIGNED_ON.fullmatch(text.decode()))]

    def context_csn(self) -> str:
        return self.search("-s", "base", "contextCSN")

    def state(self) -> list[tuple]:
        """The site's files, and all that the server holds, down to who changed it when."""
        held = self.search("*", "+").splitlines() if self.slapd.socket.exists() else []
        return super().state() + [(line, 0, 0) for line in held if not line.startswith("contextCSN")]

    def synchronise(self, *ldif: str, force: bool = False, at: float | None = None) -> str:
        """Returns what has changed, in the program's words. `at`: when it is signed."""
        self.publish(signed("".join(ldif), at=at))
        done = self.pecctl("sync", *(["--force"] if force else []))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\Ahttps://.*: \d+ entries, \d+ domains; [^\n]*\n\Z")
        return done.stdout.strip().split("; ", 1)[1]

    def assert_holds(self, *ldif: str) -> None:
        self.maxDiff = None
        self.assertEqual(self.entries(), parse(BASE + "".join(ldif)))


class Changes(LdapCase):
    """What the server holds in the end is what was published."""

    def test_an_empty_server_is_filled(self):
        self.assertEqual(self.entries(), {})
        self.assertEqual(self.synchronise(alfa("comune.example"), unit(), beta()),
                         "entries: 3 added, 0 changed, 0 removed; domains: 4 added, 0 removed")
        self.assert_holds(alfa("comune.example"), unit(), beta())
        self.assertEqual(self.policy_of("comune.example"), "encrypt")
        self.assertFalse(self.file.exists())

    def test_a_second_run_changes_nothing(self):
        at = time.time()
        self.synchronise(alfa("comune.example"), unit(), beta(), at=at)
        before = self.context_csn()
        self.assertIn("contextCSN: ", before)
        for again in (alfa("comune.example") + unit() + beta(),
                      beta() + unit() + alfa("Comune.EXAMPLE").replace("objectClass", "objectclass")):
            self.assertEqual(self.synchronise(again, at=at), NOTHING_NEW)
            self.assertEqual(self.context_csn(), before)

    def test_domains_come_and_go_and_only_their_entry_changes(self):
        self.synchronise(alfa("uno.example", "due.example"), beta())
        other = self.search("-s", "base", "-b", f"providerName={BETA},o=postacert", "entryCSN")
        self.assertEqual(self.synchronise(alfa("due.example", "tre.example"), beta()),
                         "entries: 0 added, 1 changed, 0 removed; domains: 1 added, 1 removed")
        self.assert_holds(alfa("due.example", "tre.example"), beta())
        self.assertEqual(
            self.search("-s", "base", "-b", f"providerName={BETA},o=postacert", "entryCSN"), other)
        self.assertEqual(self.policy_of("uno.example"), "")
        self.assertEqual(self.policy_of("tre.example"), "encrypt")

    def test_a_certificate_is_renewed(self):
        new = entry(keys().provider_certificate("alfa-new", ALFA), ALFA, "pec.alfa.example") + "\n"
        lines = [line for line in new.splitlines() if "Certificate" in line]
        both = alfa(more="\n".join(lines) + "\n")
        for state in (alfa(), both, new):
            self.synchronise(state, beta())
            self.assert_holds(state, beta())

    def test_a_domain_moves_to_another_provider(self):
        self.synchronise(alfa("comune.example"), beta())
        self.synchronise(alfa(), beta("comune.example"))
        self.assert_holds(alfa(), beta("comune.example"))
        self.synchronise(alfa("comune.example"), beta())
        self.assert_holds(alfa("comune.example"), beta())

    def test_providers_and_units_come_and_go(self):
        self.synchronise(beta())
        self.assertEqual(self.synchronise(unit(), alfa(), beta()),
                         "entries: 2 added, 0 changed, 0 removed; domains: 2 added, 0 removed")
        self.assert_holds(alfa(), unit(), beta())
        self.synchronise(alfa(), beta())
        self.assert_holds(alfa(), beta())
        self.synchronise(alfa(), unit())
        self.assert_holds(alfa(), unit())
        self.assertEqual(self.synchronise(beta(), force=True),  # we are gone ourselves
                         "entries: 1 added, 0 changed, 2 removed; domains: 1 added, 2 removed")
        self.assert_holds(beta())

    def test_a_flawed_entry_stays_as_it_is(self):
        """[4.5] The rest goes in, and the flaw is told."""
        self.synchronise(alfa(), beta())
        self.publish(signed(alfa("nuovo.example")
                            + beta(more=f"providerCertificateHash: {40 * '0'}\nmanagedDomains: x.example\n")))
        done = self.pecctl("sync")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"\Apecctl: https://.*: entry .*: providerCertificateHash 0{40} is not "
                         r"that of a certificate in this entry; its last good version is in use\n\Z")
        self.assertRegex(done.stdout, r"; entries: 0 added, 1 changed, 0 removed; domains: 1 added, 0 removed\n")
        self.assert_holds(alfa("nuovo.example"), beta())

    def test_other_attributes_are_kept_in_step(self):
        described = beta(more="description: Città\nobjectClass: LDIFLocationURLObject\n"
                              "LDIFLocationURL: https://beta.example/beta.p7m\n")
        base = BASE.replace("o: ", "description: L'indice\no: ")
        self.synchronise(base, alfa(), described)
        self.assertEqual(self.entries(), parse(base + alfa() + described))
        self.assertEqual(len(self.signed_on()), 1)
        self.synchronise(alfa(), beta().replace("ricevute@", "Ricevute@"))
        self.assertEqual(self.entries(),
                         parse(base + alfa() + beta().replace("ricevute@", "Ricevute@")))

    def test_entries_that_are_no_providers_are_left_alone(self):
        self.synchronise(alfa(), beta())
        other = "dn: cn=lettore,o=postacert\nobjectClass: organizationalRole\ncn: lettore\n\n"
        self.slapd.modify(other.replace("\n", "\nchangetype: add\n", 1))
        self.synchronise(alfa("comune.example"))
        self.assert_holds(other, alfa("comune.example"))

    def test_what_was_flawed_here_is_mended(self):
        self.synchronise(alfa("comune.example"), beta())
        self.slapd.modify(f"dn: providerName={BETA},o=postacert\nchangetype: modify\n"
                          "add: managedDomains\nmanagedDomains: COMUNE.example\n")
        self.assertEqual(self.synchronise(alfa("comune.example"), beta()),
                         "entries: 0 added, 1 changed, 0 removed; domains: 0 added, 1 removed")
        self.assert_holds(alfa("comune.example"), beta())

    def test_readers_see_the_new_state(self):
        table = self.site / "table"
        for domain in ("uno.example", "due.example"):
            self.synchronise(alfa(domain))
            self.assertEqual(self.pecctl("tls-policy", table).returncode, 0)
            self.assertEqual(set(table.read_text().splitlines()),
                             {f"{domain} encrypt", "pec.alfa.example encrypt"})

    def test_the_last_change_is_seen_after_all_others(self):
        """contextCSN moves before a transaction is to be seen: who had read it then would not look
        again, if it did not move once more."""
        self.synchronise(alfa(), beta())
        self.synchronise(alfa("comune.example"), beta("altro.example"))
        [context] = parse(self.context_csn())["o=postacert"]["contextcsn"]
        provided = parse(self.search("(objectClass=provider)", "entryCSN"))
        self.assertEqual(len(provided), 2)
        for attributes in provided.values():
            self.assertLess(attributes["entrycsn"][0], context)


class Refusals(LdapCase):
    """Nothing at all changes, neither at the server nor in a file, and one line says why."""

    def setUp(self):
        super().setUp()
        self.synchronise(alfa("comune.example"), beta())

    def assert_directory_refused(self, ldif: str, pattern: str, *arguments: str) -> None:
        self.publish(signed(ldif))
        self.assert_refused(pattern, *arguments)

    def assert_new_domain_refused(self, pattern: str) -> None:
        self.assert_directory_refused(alfa("comune.example", "nuovo.example") + beta(),
                                      f"ldapi://.*: {pattern}")

    def test_an_attribute_that_the_server_does_not_know(self):
        for domains in (["comune.example", "nuovo.example"], ["nuovo.example"]):
            self.assert_directory_refused(
                alfa(*domains) + beta(more="telepatia: si\n"),
                rf"ldapi://.*: Undefined attribute type \(telepatia: .*\); it refuses the changes, at "
                rf'entry "providerName={BETA},o=postacert", and nothing was changed')

    def test_what_the_schema_forbids_shows_only_at_the_end(self):
        gamma = keys().provider_certificate("gamma", "PEC Gamma", profile("pec.gamma.example"))
        added = entry(gamma, "PEC Gamma", "pec.gamma.example") + "telephoneNumber: 1\n\n"
        self.assert_directory_refused(
            alfa("nuovo.example") + added,
            'ldapi://.*: Object class violation; it refuses the changes, at entry "providerName=PEC '
            'Gamma,o=postacert", and nothing was changed')

    def test_a_unit_without_its_provider(self):
        name, domain = "PEC Omega S.p.A.", "due.omega.example"
        omega = entry(keys().provider_certificate("omega", name, profile(domain)), name, domain)
        self.assert_directory_refused(
            alfa("comune.example") + beta() + as_unit(omega),
            "ldapi://.*: No such object; it refuses the changes, at entry .*Omega.*")

    def test_another_signer(self):
        keys().web.issue("signer", "/O=Index/CN=Signer", SIGNER)
        self.publish(signed(alfa() + beta(), "Web"))
        self.assert_refused("https://.*CN=Signer: unable to get .*issuer.*")

    def test_half_the_domains_are_gone_unless_that_is_right(self):
        self.configure(directory__max_shrink_percent=20)
        self.assert_directory_refused(
            alfa(), "https://.*: 2 of our 3 domains are gone from it, and .*--force.*")
        self.synchronise(alfa(), force=True)
        self.assert_holds(alfa())

    def test_an_older_directory(self):
        """However good it is, it has domains and keys that are gone; by the time of its signature,
        which the server keeps beside what was signed, also for other hosts."""
        at = time.time() + 1
        self.synchronise(alfa("comune.example", "nuovo.example"), beta(), at=at)
        self.assertEqual(self.signed_on(), [utc(at)])
        self.publish(signed(alfa("comune.example") + beta(), at=at - 1))
        refused = ("https://.*: it was signed on .* UTC, and ours, which is in place, on .* UTC: it is "
                   "an old one; .*--force.*")
        self.assert_refused(refused)
        self.synchronise(alfa("comune.example"), beta(), force=True, at=at - 1)
        self.assert_holds(alfa("comune.example"), beta())
        self.assertEqual(self.signed_on(), [utc(at - 1)])

    def test_a_newer_directory_that_says_the_same_makes_the_one_before_old(self):
        at = time.time() + 2
        self.synchronise(alfa("comune.example"), beta(), at=at)
        self.publish(signed(alfa() + beta(), at=at - 1))
        self.assert_refused("https://.*: it was signed on .*: it is an old one; .*--force.*")

    def test_the_server_is_down(self):
        self.slapd.kill()
        self.assert_new_domain_refused("Can't contact LDAP server; see that the server runs .*")
        self.slapd.start()
        self.synchronise(alfa("nuovo.example"), beta())
        self.assert_holds(alfa("nuovo.example"), beta())

    def test_a_user_who_may_not_write(self):
        if os.geteuid() != 0:
            self.skipTest("only root can be somebody else")
        # All is root's, so it runs as root, who is nobody to the server.
        key = keys().folder / "Web-ca" / "client.key"
        self.addCleanup(os.chown, key, MILTER_UID, MILTER_UID)
        for file in (key, self.site, *self.site.rglob("*")):
            os.chown(file, 0, 0)
        self.identity = {}
        self.assert_new_domain_refused(
            "Insufficient access.*; it refuses the changes, at entry .*, and nothing was changed: give "
            "write access to the user of directory.bind_dn, .*")

    def test_a_dn_that_may_write_and_one_that_may_not(self):
        password = self.site / "password"
        password.write_text("aperto\n")
        password.chmod(0o600)
        if self.identity:
            os.chown(password, MILTER_UID, MILTER_UID)
        accounts = "".join(
            f"dn: cn={name},o=postacert\nchangetype: add\nobjectClass: organizationalRole\n"
            f"objectClass: simpleSecurityObject\nuserPassword: aperto\n\n"
            for name in ("reader", "writer"))
        self.slapd.modify(
            accounts + "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcAccess\n"
                       "olcAccess: to attrs=userPassword by anonymous auth\n"
                       'olcAccess: to * by dn.exact="cn=writer,o=postacert" write by * read\n')
        self.configure(directory__bind_dn="cn=reader,o=postacert",
                       directory__bind_password_file=password)
        self.assert_new_domain_refused("Insufficient access.*, and nothing was changed: .*")
        self.configure(directory__bind_dn="cn=writer,o=postacert")
        self.synchronise(alfa("nuovo.example"), beta())
        self.assertEqual(set(self.entries()), {
            "o=postacert", "cn=reader,o=postacert", "cn=writer,o=postacert",
            f"providerName={ALFA},o=postacert", f"providerName={BETA},o=postacert"})

    def test_a_database_without_transactions(self):
        self.slapd.kill()
        databases = self.folder / "ldap" / "config" / "cn=config"
        [mdb, *overlays] = sorted(databases.glob("olcDatabase={1}mdb*"), key=Path.is_dir)
        [folder] = overlays
        shutil.rmtree(folder)
        text = mdb.read_text().replace("{1}mdb", "{1}ldif").replace("olcMdbConfig", "olcLdifConfig")
        mdb.write_text("".join(line for line in text.splitlines(keepends=True)
                               if not line.startswith(("#", "olcDbIndex", "olcDbM"))))
        mdb.rename(databases / "olcDatabase={1}ldif.ldif")
        self.slapd.start()
        self.assert_new_domain_refused(
            "Critical extension is unavailable.*; it refuses the changes, at entry "
            '"o=postacert", and nothing was changed')
        self.assertEqual(self.entries(), {})

    def test_a_server_without_transactions(self):
        with ServerOfOld(self.site / "old") as old:
            self.configure(directory__source="ldapi://" + str(old.path).replace("/", "%2F"))
            self.assert_new_domain_refused(
                r"Protocol error; it has no transactions \(RFC 5805\), without which half of the "
                "directory might be changed: use a server that has, .*; nothing was changed")
            self.assertEqual(old.writes, 0)

    def test_a_request_that_is_too_large(self):
        self.slapd.modify("dn: cn=config\nchangetype: modify\nreplace: olcSockbufMaxIncomingAuth\n"
                          "olcSockbufMaxIncomingAuth: 16384\n")
        many = [f"d{n}.example" for n in range(2000)]
        self.assert_directory_refused(
            alfa("comune.example") + beta(*many),
            "ldapi://.*: Can't contact LDAP server.*; no answer, at entry .*, and nothing was "
            r"changed: .*\(here of \d+ octets\) is larger than its olcSockbufMaxIncomingAuth")

    def test_a_table_that_cannot_be_written(self):
        self.configure(directory_sync__tls_policy_map=f"hash:{self.site}/none/tls-policy")
        self.assert_directory_refused(
            alfa("nuovo.example") + beta(),
            f"can't write beside {self.site}/none/tls-policy: .*nothing was changed")


if __name__ == "__main__":
    unittest.main(verbosity=2)

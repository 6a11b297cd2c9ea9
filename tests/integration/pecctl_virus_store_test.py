# SPDX-License-Identifier: GPL-2.0-or-later
"""What pecctl does and says: the virus-store commands, on a folder with files written here, as the
unit tests of the store have them. Needs no root.
"""

import calendar
import os
import re
import resource
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

from support.pecctl_site import LedgerCase
from support.provider import MILTER_UID

MESSAGE = b"Subject: x\r\n\r\nX5O!\x00\xff\n"
FOUND = datetime(2026, 11, 22, 5, 11, 22, tzinfo=timezone.utc)  # 06:11:22 in Rome


def months_before(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


class VirusCase(LedgerCase):
    def setUp(self):
        super().setUp()
        self.store = self.site / "viruses"
        self.store.mkdir(mode=0o700)
        self.give(self.store)
        self.write_config(antivirus__store_dir=str(self.store))

    def give(self, path: Path) -> Path:
        """To whom the program runs as."""
        if self.identity:
            os.chown(path, MILTER_UID, MILTER_UID)
        return path

    def put(self, name: str, content: bytes = b"x", written: datetime = FOUND) -> Path:
        path = self.store / name
        path.write_bytes(content)
        path.chmod(0o600)
        os.utime(path, (written.timestamp(), written.timestamp()))
        return self.give(path)

    def keep(self, id_: str, at: datetime = FOUND, **changes: str) -> None:
        """Values as TOML has them."""
        values = {"at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "id": f'"{id_}"',
                  "message_id": '"<1@client.example>"', "pec_id": '"1.2@pec.alfa.example"',
                  "recipients": '[ "bruno@pec.beta.example", "carla@pec.beta.example" ]',
                  "role": '"access"', "sender": '"anna@pec.alfa.example"',
                  "virus": '"Eicar-Test-Signature"'} | changes
        self.put(f"{id_}.eml", MESSAGE, at)
        self.put(f"{id_}.toml", "".join(f"{k} = {v}\n" for k, v in values.items()).encode(), at)

    def names(self) -> list[str]:
        return sorted(path.name for path in self.store.iterdir())

    def command(self, *arguments, **options):
        return self.pecctl("virus-store", *arguments, **options)

    def assert_lines(self, expected: list[str], *arguments) -> None:
        done = self.command(*arguments)
        self.assertEqual((done.returncode, done.stdout.splitlines(), done.stderr), (0, expected, ""))

    def assert_complains(self, pattern: str, *arguments, **options) -> None:
        before = self.names() if self.store.is_dir() else None
        self.assert_complaint(pattern, "virus-store", *arguments, **options)
        self.assertEqual(self.names() if self.store.is_dir() else None, before)


def line(id_: str, time: str = "22/11/2026 06:11:22 +0100") -> str:
    return (f"{id_}  {time}  access  Eicar-Test-Signature  anna@pec.alfa.example -> "
            "bruno@pec.beta.example, carla@pec.beta.example")


class List(VirusCase):
    def test_an_empty_store_has_no_lines(self):
        self.assert_lines([], "list")

    def test_one_line_for_each_by_time(self):
        self.keep("a.2", FOUND + timedelta(days=250))
        self.keep("b.1")
        self.assert_lines([line("b.1"), line("a.2", "30/07/2027 07:11:22 +0200")], "list")

    def test_text_from_outside_makes_no_line_and_moves_no_cursor(self):
        self.keep("a.1", virus=r'"x\ny\u001B[2J"', sender=r'"\r\u0000@x"', recipients=r'[ "\t" ]')
        self.assert_lines(["a.1  22/11/2026 06:11:22 +0100  access  x?y?[2J  ??@x -> ?"], "list")

    def test_the_empty_reverse_path(self):
        self.keep("a.1", sender='""', recipients='["b@pec.beta.example"]', role='"incoming"')
        self.assert_lines(["a.1  22/11/2026 06:11:22 +0100  incoming  Eicar-Test-Signature  "
                           "<> -> b@pec.beta.example"], "list")

    def test_damage_is_shown_among_the_rest(self):
        self.keep("good")
        self.keep("no.metadata", FOUND + timedelta(days=1))
        (self.store / "no.metadata.toml").unlink()
        self.keep("no.message", FOUND + timedelta(days=2))
        (self.store / "no.message.eml").unlink()
        self.put("half.toml", b'at = 2026-11-2')
        self.put(".new-abcdef", b"Subject: hal")
        done = self.command("list")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        lines = done.stdout.splitlines()
        self.assertEqual(lines[0], line("good"))
        self.assertRegex(lines[1], rf"^half  22/11/2026 06:11:22 \+0100  damaged: {self.store}"
                                   rf"/half.eml is missing; {self.store}/half.toml is damaged: .+$")
        self.assertRegex(lines[2], r"^no.metadata  23/11/2026 06:11:22 \+0100  damaged: can't read "
                                   rf"{self.store}/no.metadata.toml: No such file or directory")
        self.assertEqual(lines[3], line("no.message", "24/11/2026 06:11:22 +0100")
                         + f"  damaged: {self.store}/no.message.eml is missing")
        self.assertEqual(len(lines), 4)


class Show(VirusCase):
    SHOWN = ["id: a.1", "time: 22/11/2026 06:11:22 +0100", "role: access",
             "virus: Eicar-Test-Signature", "sender: anna@pec.alfa.example",
             "recipient: bruno@pec.beta.example", "recipient: carla@pec.beta.example",
             "PEC msgid: 1.2@pec.alfa.example", "Message-ID: <1@client.example>"]

    def setUp(self):
        super().setUp()
        self.keep("a.1")
        self.file = self.site / "virus.eml"

    def test_all_that_is_known_and_never_the_message(self):
        self.assert_lines(self.SHOWN, "show", "a.1")

    def test_that_it_came_again(self):
        self.keep("b.2")
        again = (FOUND + timedelta(days=1)).timestamp()
        os.utime(self.store / "b.2.toml", (again, again))
        self.assertIn("\ntime: 23/11/2026 06:11:22 +0100\nfirst time: 22/11/2026 06:11:22 +0100\n",
                      self.command("show", "b.2").stdout)

    def test_text_from_outside_makes_no_line(self):
        self.keep("b.2", message_id=r'"<1>\nvirus: none"', recipients="[]")
        done = self.command("show", "b.2")
        self.assertIn("\nMessage-ID: <1>?virus: none\n", done.stdout)
        self.assertNotIn("recipient", done.stdout)

    def test_damage(self):
        self.put("a.1.toml", b"virus = 1\n")
        done = self.command("show", "a.1")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\Aid: a\.1\ntime: 22/11/2026 06:11:22 \+0100\n"
                                      rf"damaged: {self.store}/a.1.toml is damaged: .+\n\Z")

    def test_the_message_goes_into_a_new_file_of_its_reader_alone(self):
        self.assert_lines(self.SHOWN, "show", "a.1", "--message", self.file)
        self.assertEqual(self.file.read_bytes(), MESSAGE)
        self.assertEqual(self.file.stat().st_mode & 0o7777, 0o600)

    def test_the_message_of_damaged_metadata_too(self):
        self.put("a.1.toml", b"")
        self.assertEqual(self.command("show", "a.1", "--message", self.file).returncode, 0)
        self.assertEqual(self.file.read_bytes(), MESSAGE)

    def test_a_file_that_is_there_is_not_touched(self):
        exists = f"can't write {self.file}: File exists; name a file that isn't there yet"
        self.file.write_text("mine")
        self.assert_complains(exists, "show", "a.1", "--message", self.file)
        self.assertEqual(self.file.read_text(), "mine")
        self.file.unlink()
        self.file.symlink_to(self.site / "elsewhere")
        self.assert_complains(exists, "show", "a.1", "--message", self.file)
        self.assertFalse((self.site / "elsewhere").exists())

    def test_a_folder_that_may_not_be_written(self):
        folder = self.site / "closed"
        folder.mkdir(mode=0o500)
        self.give(folder)
        self.assert_complains(f"can't write {folder}/x: Permission denied; name a file in a folder "
                              "where the virus store's owner may write",
                              "show", "a.1", "--message", folder / "x")

    def test_a_file_that_can_not_be_finished_is_taken_away(self):
        limit = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (5, 5)),
                 "restore_signals": False}  # Python ignores SIGXFSZ: the write fails instead
        self.assert_complains(f"can't write {self.file}: File too large", "show", "a.1",
                              "--message", self.file, **limit, **self.identity)
        self.assertFalse(self.file.exists())

    def test_an_id_that_is_not_there(self):
        for id_ in ("x", "../viruses/a.1", "a.1.eml", "", "a\nb"):
            for more in ([], ["--message", self.file]):
                shown = re.escape(id_.replace("\n", "?"))
                self.assert_complains(f'no message "{shown}" in virus store {self.store}',
                                      "show", id_, *more)
        self.assertFalse(self.file.exists())

    def test_a_message_that_is_missing(self):
        (self.store / "a.1.eml").unlink()
        self.assert_complains(f"can't read {self.store}/a.1.eml: No such file or directory; .*",
                              "show", "a.1", "--message", self.file)
        self.assertFalse(self.file.exists())


class Prune(VirusCase):
    def setUp(self):
        super().setUp()
        self.now = datetime.now(timezone.utc)
        self.limit = months_before(self.now, 30)

    def test_thirty_months_and_not_a_minute_less(self):
        self.keep("older", self.limit - timedelta(minutes=1))
        self.keep("younger", self.limit + timedelta(minutes=1))
        done = self.command("prune")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\Aremoved older  .* -> bruno@pec.beta.example, .*\n\Z")
        self.assertEqual(self.names(), ["younger.eml", "younger.toml"])
        self.assertEqual((self.store / "younger.eml").read_bytes(), MESSAGE)

    def test_a_dry_run_only_says_so(self):
        self.keep("older", self.limit - timedelta(minutes=1))
        self.put(".new-abcdef", written=self.now - timedelta(hours=25))
        before = self.names()
        done = self.command("prune", "--dry-run")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"\Awould remove older  .*\n"
                         rf"would remove {self.store}/.new-abcdef, which an interrupted write left\n"
                         r"\Z")
        self.assertEqual(self.names(), before)

    def test_nothing_to_remove(self):
        self.keep("younger", self.limit + timedelta(minutes=1))
        for more in ([], ["--dry-run"]):
            done = self.command("prune", *more)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"\Anothing is older than thirty months "
                                          r"\(\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \+0[12]00\)\n\Z")
        self.assertEqual(len(self.names()), 2)

    def test_leftovers_of_a_crash_when_a_day_old(self):
        self.put(".new-aaaaaa", written=self.now - timedelta(hours=25))
        self.put(".new-bbbbbb", written=self.now - timedelta(hours=23))
        self.put("README", written=self.limit - timedelta(days=1))
        self.assert_lines([f"removed {self.store}/.new-aaaaaa, which an interrupted write left"],
                          "prune")
        self.assertEqual(self.names(), [".new-bbbbbb", "README"])

    def test_a_damaged_message_goes_by_when_it_was_written(self):
        self.put("old.eml", written=self.limit - timedelta(minutes=1))
        self.put("new.eml", written=self.limit + timedelta(minutes=1))
        done = self.command("prune")
        self.assertRegex(done.stdout, r"\Aremoved old  .*damaged: .*\n\Z")
        self.assertEqual(self.names(), ["new.eml"])

    def test_what_can_not_be_removed(self):
        self.put("old.toml")
        (self.store / "old.toml").unlink()
        (self.store / "old.toml").mkdir()
        past = (self.limit - timedelta(days=1)).timestamp()
        os.utime(self.store / "old.toml", (past, past))
        self.assert_complains(f"can't remove {self.store}/old.toml: Is a directory", "prune")


class Complaints(VirusCase):
    COMMANDS = (["list"], ["show", "a.1"], ["prune"], ["prune", "--dry-run"])

    def assert_all_complain(self, pattern: str) -> None:
        for arguments in self.COMMANDS:
            with self.subTest(arguments):
                self.assert_complains(pattern, *arguments)

    def test_no_folder(self):
        self.store.rmdir()
        self.assert_all_complain(f"virus store {self.store}: No such file or directory; make it for "
                                 f'the service\'s user alone: "install -d -m 700 -o USER '
                                 f'{self.store}"')
        self.assertFalse(self.store.exists())

    def test_a_folder_that_others_may_enter(self):
        self.store.chmod(0o750)
        self.assert_all_complain(f"{self.store} is open to others than its owner: "
                                 f'run "chmod 700 {self.store}" .*')

    def test_a_folder_that_we_may_not_write_to(self):
        self.store.chmod(0o500)
        self.assert_all_complain(f"virus store {self.store}: Permission denied; make the service's "
                                 "user its owner, with mode 700")

    def test_no_configuration(self):
        self.config.unlink()
        self.assert_all_complain(f"can't read {self.config}: No such file or directory; .*")

    def test_a_time_zone_that_is_none(self):
        self.write_config(antivirus__store_dir=str(self.store), provider__time_zone="Europe/Roma")
        self.assert_all_complain('time zone "Europe/Roma" is not known to this system: .*')


class Root(VirusCase):
    def setUp(self):
        self.root = self.as_root()
        super().setUp()
        self.keep("a.1")

    def test_works_as_the_owner_of_the_store(self):
        file = self.site / "virus.eml"
        done = self.command("show", "a.1", "--message", file, **self.root)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((file.stat().st_uid, file.stat().st_gid), (MILTER_UID, MILTER_UID))

    def test_may_not_write_where_the_owner_may_not(self):
        folder = self.site / "roots"
        folder.mkdir()
        folder.chmod(0o770)
        os.chown(folder, 0, 0)
        self.assert_complains(f"can't write {folder}/x: Permission denied; name a file in a folder "
                              "where the virus store's owner may write",
                              "show", "a.1", "--message", folder / "x", **self.root)

    def test_is_told_that_there_is_no_folder(self):
        self.write_config(antivirus__store_dir=str(self.site / "none"))
        self.assert_complains(f"virus store {self.site}/none: No such file or directory; .*",
                              "list", **self.root)


class CommandLine(VirusCase):
    def assert_usage(self, pattern: str, *arguments) -> None:
        done = self.command(*arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        self.assertRegex(done.stderr, pattern)
        self.assertIn("--help", done.stderr)

    def test_exactly_one_command_and_id(self):
        self.keep("a.1")
        self.assert_usage("subcommand is required")
        self.assert_usage("ID is required", "show")
        self.assert_usage("b.2", "show", "a.1", "b.2")
        self.assert_usage("a.1", "list", "a.1")
        self.assert_usage("a.1", "prune", "a.1")
        self.assert_usage("--message", "show", "a.1", "--message")
        self.assert_usage("--dry-run", "list", "--dry-run")
        self.assertEqual(self.names(), ["a.1.eml", "a.1.toml"])

    def test_help(self):
        for arguments, words in {("--help",): ("list", "show", "prune"),
                                 ("show", "--help"): ("ID", "--message"),
                                 ("prune", "--help"): ("--dry-run", "thirty months")}.items():
            done = self.command(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            for word in words:
                self.assertIn(word, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)

# SPDX-License-Identifier: GPL-2.0-or-later
"""What `pecctl config` prints: the sample file, what is wrong with a file, what holds. Needs no root."""

import json
import re
import tomllib
import unittest

from support.pecctl_site import ALFA, PecctlCase

UNIT = ('[[unit]]\nunit = "Unit 2"\ndomain = "pec.unit2.example"\ncertificate_file = "/p/2.crt"\n'
        'key_file = "/p/2.key"\n')
SOLID = {"antivirus.engine": "none"}  # no files of other services


class Sample(PecctlCase):
    def test_it_is_a_file_that_can_be_read_without_one(self):
        sample = self.answer_to("config", "sample")
        self.assertFalse(self.config.exists())
        self.assertEqual(tomllib.loads(sample)["provider"]["name"], ALFA)
        self.config.write_text(sample)
        shown = self.answer_to("config", "show")
        for name in re.findall(r"(?m)^#?(\w+) = ", sample.partition("[[unit]]")[0]):
            self.assertRegex(shown, rf"(?m)^\w+\.{name} = ")

    def test_every_default_that_it_names_holds(self):
        sample = self.answer_to("config", "sample").partition("\n# A secondary unit")[0]
        written_out = re.sub(r"(?m)^#(?! )", "", sample)
        self.config.write_text(sample)
        defaults = json.loads(self.answer_to("config", "show", "--json"))
        self.config.write_text(written_out)
        written = json.loads(self.answer_to("config", "show", "--json"))
        self.assertEqual([(each["key"], each["value"]) for each in defaults],
                         [(each["key"], each["value"]) for each in written])
        self.assertFalse([each for each in written if each["origin"] == "default"])


class Check(PecctlCase):
    def setUp(self):
        super().setUp()
        self.options |= SOLID

    def problems(self) -> list[str]:
        """Each without the program's name."""
        done = self.pecctl("config", "check")
        self.assertEqual((done.returncode, done.stdout), (1, ""), done)
        lines = done.stderr.splitlines()
        self.assertTrue(all(line.startswith("pecctl: ") for line in lines), lines)
        return [line.removeprefix("pecctl: ") for line in lines]

    def test_a_good_file(self):
        self.configure()
        self.assertEqual(self.answer_to("config", "check"),
                         f'{self.config}: the options are good; "pec-milter --check" also tries what they name\n')

    def test_every_mistake_with_its_line_and_the_nearest_key(self):
        self.configure('[legder]\nconnection = "x"\n', log__level="loud", milter__sokcet="unix:/m")
        lines = self.config.read_text().splitlines()

        def line_of(text: str) -> int:
            return next(number for number, line in enumerate(lines, 1) if line.startswith(text))

        self.assertEqual(self.problems(), [
            f"{self.config}:{line_of('sokcet')}:1: unknown option milter.sokcet; did you mean milter.socket?",
            f"{self.config}:{line_of('level')}:9: log.level is not a choice; write one of debug | info | warn | error",
            f"{self.config}:{line_of('[legder]')}:2: unknown section [legder]; did you mean [ledger]?"])

    def test_no_file(self):
        self.assertRegex(self.problems()[0], f"^can't read {self.config}: No such file or directory; ")

    def test_files_that_others_could_change_or_read(self):
        self.configure()
        (self.site / "internal.secret").chmod(0o644)
        self.config.chmod(0o666)
        problems = self.problems()
        self.assertEqual(len(problems), 2, problems)
        self.assertRegex(problems[0], f"^{self.config} may be written by others .*chmod go-w {self.config}")
        self.assertRegex(problems[1], "internal.secret is open to others .*chmod 600 .*internal.secret_file")

    def test_files_of_every_program(self):
        """Those that pec-policyd and the scanner read, too."""
        command, database = self.site / "tell", self.site / "clamav"
        command.write_text("#!/bin/sh\n")
        command.chmod(0o777)
        database.mkdir()
        database.chmod(0o777)
        self.configure(policy__notify_command=str(command), antivirus__engine="scanner",
                       antivirus__scanner_temp_dir=str(self.site), antivirus__scanner_socket=f"{self.site}/s")
        problems = "\n".join(self.problems())
        self.assertIn("policy.notify_command", problems)
        self.assertIn("antivirus.database_dir", problems)

    def test_root_is_told_the_same(self):
        root = self.as_root()
        self.configure()
        self.assertEqual(self.pecctl("config", "check", **root).returncode, 0)
        self.site.chmod(0o777)
        done = self.pecctl("config", "check", **root)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(f"chmod go-w {self.site}", done.stderr)


class Show(PecctlCase):
    def lines(self) -> dict[str, str]:
        return dict(line.split(" = ", 1) for line in self.answer_to("config", "show").splitlines())

    def test_the_value_and_the_origin_of_each_option(self):
        self.configure(limits__to_addresses=12)
        lines = self.lines()
        self.assertEqual(lines["milter.socket"], f'"unix:{self.site}/socket"  # {self.config}:2')
        self.assertRegex(lines["limits.to_addresses"], rf"^12  # {self.config}:\d+$")
        self.assertEqual(lines["log.level"], '"info"  # default')
        self.assertEqual(lines["limits.message_size"], "31457280  # default")

    def test_what_stands_before_the_origin_is_toml(self):
        name = 'PEC "Alfa" \\ Söhne'
        self.configure(provider__name=name.replace("\\", "\\\\").replace('"', '\\"'))
        shown = self.answer_to("config", "show")
        self.assertEqual(tomllib.loads(shown)["provider"]["name"], name)

    def test_the_options_of_units(self):
        self.configure(UNIT + UNIT)
        lines = self.lines()
        self.assertIn('"pec.unit2.example"  # ', lines["unit[2].domain"])
        self.assertEqual(lines["unit[1].text_file"], '""  # default')

    def test_no_password(self):
        self.configure(ledger__connection="postgresql://pec:Geheim@db.alfa.example/pec")
        for form in ([], ["--json"]):
            shown = self.answer_to("config", "show", *form)
            self.assertIn("postgresql://pec:********@db.alfa.example/pec", shown)
            self.assertNotIn("Geheim", shown)

    def test_for_programs(self):
        self.configure(limits__to_addresses=12)
        shown = {each["key"]: each for each in json.loads(self.answer_to("config", "show", "--json"))}
        self.assertEqual(shown["provider.name"],
                         {"key": "provider.name", "value": ALFA, "origin": shown["provider.name"]["origin"]})
        self.assertRegex(shown["provider.name"]["origin"], rf"^{self.config}:\d+$")
        self.assertEqual(shown["limits.to_addresses"]["value"], 12)
        self.assertEqual(shown["log.level"], {"key": "log.level", "value": "info", "origin": "default"})
        self.assertEqual(len(shown), len(self.lines()))

    def test_a_file_with_mistakes_is_not_shown(self):
        self.configure(log__level="loud", log__destination="me")
        done = self.pecctl("config", "show")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertEqual(len(re.findall(r"(?m)^pecctl: .* is not a choice; ", done.stderr)), 2, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)

# SPDX-License-Identifier: GPL-2.0-or-later
"""The manual pages and the completion that the build has the programs print: nothing is missing, nothing in them is
taken for markup. Needs a build, and man (or groff, on a host without it)."""

import os
import re
import shutil
import subprocess
import unittest

from support.paths import BUILD_DIR

PAGES = BUILD_DIR / "documents"
DAEMONS = ("milter/pec-milter", "policyd/pec-policyd", "scanner/pec-scanner")
PECCTL = BUILD_DIR / "pecctl" / "pecctl"
TERMINAL = 80
ONE_LINE = 3000  # for a paragraph, so that a text can be looked for


def output_of(*command, **options) -> str:
    return subprocess.run(command, check=True, timeout=60, stdout=subprocess.PIPE, text=True, **options).stdout


def pages() -> list:
    return sorted(PAGES.glob("*.[0-9]"))


def formatted(page, columns: int) -> subprocess.CompletedProcess:
    command = ["groff", "-man", "-wmac", "-K", "utf8", "-T", "utf8", "-P-cbou", f"-rLL={columns}n", page]
    if shutil.which("man"):
        command = ["man", "--warnings", "-E", "UTF-8", "-l", page]
    return subprocess.run(command, env=os.environ | {"LC_ALL": "C.UTF-8", "MANWIDTH": str(columns)}, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def rendered(page) -> str:
    """As it is read, each run of blanks as one."""
    return re.sub(r"\s+", " ", formatted(page, ONE_LINE).stdout)


def help_of(*command) -> str:
    return output_of(*command, "--help")


def commands_in(text: str) -> list[str]:
    """Of a help text, the names under "Subcommands:"."""
    _, _, listed = text.partition("\nSubcommands:\n")
    return re.findall(r"(?m)^  ([a-z][\w-]*)(?= |$)", listed.partition("\n\n")[0])


def options_in(text: str) -> set[str]:
    """Of a help text, the options, and the arguments by position."""
    usage = re.search(r"(?m)^Usage: .*", text)[0]
    listed = set(re.findall(r"(?m)^ {2,4}(?:-\w,)?(--[\w-]+)", text))
    return listed | set(re.findall(r"(?m)^  ([A-Z_]{2,})(?= )", text)) | set(re.findall(r" ([A-Z_]{2,})\b", usage)) - {
        "OPTIONS", "SUBCOMMAND"}


def all_commands(*above: str):
    """Each command of pecctl, with its help."""
    text = help_of(PECCTL, *above)
    if above:
        yield above, text
    for name in commands_in(text):
        yield from all_commands(*above, name)


class Pages(unittest.TestCase):
    def test_they_are_formatted_without_a_warning(self):
        self.assertGreater(len(pages()), 15)
        for page in pages():
            with self.subTest(page.name):
                done = formatted(page, TERMINAL)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertLessEqual(max(map(len, done.stdout.splitlines())), TERMINAL)

    def test_each_is_found_by_its_name(self):
        for page in pages():
            with self.subTest(page.name):
                name = page.name.rpartition(".")[0]
                self.assertRegex(rendered(page), rf"NAME {re.escape(name)} - \S.* (SYNOPSIS|DESCRIPTION) ")

    def test_no_page_has_a_date_or_a_commit(self):
        """The same source makes the same page."""
        for page in pages():
            self.assertRegex(page.read_text(), r'(?m)^\.TH \S+ \d "" "PEC suite" "Certified mail"$')

    def test_each_page_that_is_named_is_there(self):
        there = {page.name for page in pages()}
        for page in pages():
            for name, section in re.findall(r"\b((?:pec|pecctl)[\w.-]*)\((\d)\)", rendered(page)):
                self.assertIn(f"{name}.{section}", there, page.name)


class Options(unittest.TestCase):
    """pec.toml(5), compared with the table of options, as `pecctl config sample` prints it."""

    def test_each_option_of_each_section_with_its_text_and_default(self):
        sample = output_of(PECCTL, "config", "sample")
        page = rendered(PAGES / "pec.toml.5")
        found = re.findall(r"(?m)^#?(\[+\w+\]+)$|^# (.+)\n#?(\w+) = (.*)$", sample)
        self.assertGreater(len(found), 100)
        at = 0
        for section, doc, name, value in found:  # in this order
            with self.subTest(section or name):
                wanted = section or f" {name} {doc}"
                at = page.find(wanted, at)
                self.assertGreaterEqual(at, 0, wanted)
                if name:
                    self.assertRegex(page[at + len(wanted):], r"^( From \d+ to \d+(, or 0)?\.)?"
                                     rf" (Default|Must be set; for example): {re.escape(value)}")


class Commands(unittest.TestCase):
    def test_each_command_of_pecctl_has_its_page_and_each_page_its_command(self):
        commands = commands_in(help_of(PECCTL))
        self.assertGreater(len(commands), 9)
        self.assertEqual({page.name for page in PAGES.glob("pecctl-*")}, {f"pecctl-{name}.8" for name in commands},
                         "correct PECCTL_COMMANDS, or remove the page of a former command")
        page = rendered(PAGES / "pecctl.8")
        for name in commands:
            self.assertIn(f" pecctl-{name}(8) ", page)

    def test_each_command_and_option_is_in_the_page_of_its_group(self):
        seen = 0
        for command, text in all_commands():
            page = rendered(PAGES / f"pecctl-{command[0]}.8")
            with self.subTest(" ".join(command)):
                seen += 1
                doc = text.splitlines()[0]
                self.assertIn(doc, page)
                for option in options_in(text):
                    self.assertRegex(page, rf"(?<![\w-]){option}(?![\w-])")
                if not commands_in(text):
                    _, _, entries = page.partition(" COMMANDS ")
                    entry = entries[entries.index("pecctl " + " ".join(command)):]
                    entry = entry[:entry.find(" pecctl ", 8)]
                    for option in options_in(text) - {"--help"}:
                        self.assertIn(option, entry)
        self.assertGreater(seen, 30)

    def test_each_option_of_a_program_is_in_its_page(self):
        for program in (*DAEMONS, "pecctl/pecctl"):
            text = help_of(BUILD_DIR / program)
            page = rendered(PAGES / (program.split("/")[1] + ".8"))
            with self.subTest(program):
                self.assertLessEqual({"--help", "--version", "--config"}, options_in(text))
                for option in options_in(text):
                    self.assertRegex(page, rf"(?<![\w-]){option}(?![\w-])")
                self.assertIn(text.splitlines()[0], page)

    def test_there_is_no_other_page(self):
        done = subprocess.run([PECCTL, "--manual", "pecctl-mailbux"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("there is no page pecctl-mailbux", done.stderr)


class Completion(unittest.TestCase):
    def completed(self, *words: str) -> set[str]:
        """What bash offers for the last word."""
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pecctl;'
                  ' printf "%s\\n" "${COMPREPLY[@]}"')
        output = output_of("bash", "-uc", script, "bash", PAGES / "pecctl.bash", "pecctl", *words, cwd="/")
        return set(output.split())

    def test_every_command_and_option(self):
        self.assertLessEqual(set(commands_in(help_of(PECCTL))) | {"--config", "--version"}, self.completed(""))
        for command, text in all_commands():
            with self.subTest(" ".join(command)):
                words = {option for option in options_in(text) if option.startswith("--")} | {"--config"}
                self.assertEqual(self.completed(*command, ""), words | set(commands_in(text)))

    def test_what_was_begun(self):
        self.assertEqual(self.completed("mail"), {"mailbox"})
        self.assertEqual(self.completed("mailbox", "set", "anna@pec.alfa.example", "--cl"), {"--closed"})
        self.assertEqual(self.completed("--config", "/x", "mailbox", "sh"), {"show"})

    def test_a_value_is_not_a_command(self):
        self.assertEqual(self.completed("--config", ""), set())
        self.assertEqual(self.completed("mailbox", "add", "--holder", ""), set())

    def test_nothing_hidden(self):
        self.assertFalse(self.completed("--ma") | self.completed("--bash"))


if __name__ == "__main__":
    unittest.main(verbosity=2)

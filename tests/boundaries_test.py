#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The boundaries of docs/architecture.md, checked by reading the sources: which folder includes which, what the
rules may know, and where adapters are made."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAYERS = ["base", "mime", "pec", "smime", "directory", "ledger", "antivirus", "config", "service"]
# The libraries of common/ that each program stands on.
PROGRAMS = {
    "milter": set(LAYERS),
    "policyd": {"base", "mime", "pec", "smime", "ledger", "config", "service"},
    "scanner": {"base", "mime", "pec", "antivirus", "config", "service"},
    "pecctl": set(LAYERS),
    "dovecot-plugin": {"base", "mime", "pec", "smime"},
}
# Other people's libraries, and who alone includes them: folders, or a file.
OUTSIDE = {
    "openssl/": ("common/smime", "common/directory"),
    "ldap.h": ("common/directory",),
    "ldif.h": ("common/directory",),
    "lber.h": ("common/directory",),
    "soci/": ("common/ledger",),
    "libpq-fe.h": ("common/ledger",),
    "gmime/": ("common/mime",),
    "unicode/": ("common/mime",),
    "toml++/": ("common/config", "common/antivirus"),
    "boost/": ("common/service", "policyd"),
    "curl/": ("pecctl",),
    "systemd/": ("common/service/notify.cpp",),
    "nlohmann/": ("policyd", "pecctl"),
    "CLI/": ("common/service/daemon.hpp", "common/service/manual.cpp", "pecctl"),
    "libmilter/": ("milter/libmilter_shim.cpp",),
    "clamav.h": ("scanner",),  # the key is not where the parsers are
    "seccomp.h": ("scanner",),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
# What a rule can't do if it is to decide the same for the same message and facts.
IMPURE_INCLUDE = re.compile(r"^(filesystem|fstream|iostream|cstdio|ctime|random|thread|future|unistd\.h|fcntl\.h"
                            r"|poll\.h|spawn\.h|netdb\.h|sys/.*|spdlog/.*|base/(file|ids)\.hpp)$")
IMPURE_CODE = re.compile(r"\b\w+_clock::now\b|\bSystemClock\b|(?:\bstd|(?<!\w))::time\("
                         r"|\b(?:gettimeofday|clock_gettime)\b"
                         r"|\bfilesystem::|\b[io]?fstream\b|\bfopen\b|\bgetenv\b|\brandom_device\b|\bsystem\(")
# Where adapters are made; everything else is given what stands behind the interfaces.
MAKERS = {
    "milter": {"parts.cpp", "parts.hpp"},
    "policyd": {"main.cpp"},
    "scanner": {"main.cpp"},
    "pecctl": {"main.cpp", "context.cpp", "context.hpp", "directory_publish.cpp", "incidents.cpp",
               "virus_store.cpp"},
    "dovecot-plugin": {"delivery_c.cpp"},
}


def sources(folder):
    for path in sorted((ROOT / folder).rglob("*")):
        if path.suffix in {".cpp", ".hpp", ".c", ".h"}:
            yield path, INCLUDE.findall(path.read_text())


def code_of(path):
    """Without comments, includes and text."""
    text = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', INCLUDE.sub("", path.read_text()))
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.DOTALL)


def adapters():
    """Each class of common/ that implements an interface. Of clocks and of what a directory says at one time there
    may be others anywhere."""
    ports = set(re.findall(r"^class (\w+) \{", (ROOT / "common/pec/ports.hpp").read_text(), re.MULTILINE))
    ports = (ports | {"IdSource"}) - {"DirectorySnapshot"}
    found = set()
    for path in [*(ROOT / "common").rglob("*.hpp")] * 2:  # a class of adapters is one, too
        for name, bases in re.findall(r"^class (\w+)(?: final)? : ((?:public \w+(?:,\s*)?)+)", path.read_text(),
                                      re.MULTILINE):
            if (ports | found) & set(re.findall(r"public (\w+)", bases)):
                found.add(name)
    return found


class Boundaries(unittest.TestCase):
    def test_each_library_uses_only_those_before_it(self):
        seen = 0
        for index, layer in enumerate(LAYERS):
            for path, includes in sources(f"common/{layer}"):
                seen += 1
                for include in includes:
                    used = include.split("/")[0]
                    if used in LAYERS and "/" in include:
                        self.assertLessEqual(LAYERS.index(used), index, f"{path} includes {include}")
                    self.assertNotIn(used, PROGRAMS, f"{path} includes {include}")
        self.assertGreater(seen, 50)

    def test_each_library_has_its_place(self):
        self.assertEqual({path.name for path in (ROOT / "common").iterdir() if path.is_dir()}, set(LAYERS))

    def test_each_program_uses_only_its_libraries(self):
        for program, libraries in PROGRAMS.items():
            used = {}
            for path, includes in sources(program):
                used |= {include.split("/")[0]: path for include in includes if "/" in include}
            for folder in used.keys() & {*LAYERS, *PROGRAMS}:
                self.assertIn(folder, libraries | {program}, f"{used[folder]} includes {folder}")

    def test_the_rules_know_no_outside_library(self):
        for layer in ("base", "mime", "pec"):
            for path, includes in sources(f"common/{layer}"):
                for include in includes:
                    self.assertNotRegex(include, r"^(openssl|ldap|ldif|lber|soci|sqlite3|libmilter|libpq|clamav)", path)

    def test_each_outside_library_has_its_users(self):
        used = set()
        for folder in ("common", *PROGRAMS):
            for path, includes in sources(folder):
                name = str(path.relative_to(ROOT))
                for library, include in ((each, i) for i in includes for each in OUTSIDE if i.startswith(each)):
                    used.add(library)
                    self.assertTrue(name.startswith(OUTSIDE[library]), f"{name} includes {include}")
        self.assertEqual(used, set(OUTSIDE))

    def test_libmilter_is_included_by_the_shim_alone(self):
        users = [
            str(path.relative_to(ROOT))
            for folder in ("common", *PROGRAMS)
            for path, includes in sources(folder)
            if "libmilter/mfapi.h" in includes
        ]
        self.assertEqual(users, ["milter/libmilter_shim.cpp"])

    def test_libclamav_is_included_by_the_scanner_alone(self):
        """The key is not where the parsers are."""
        for folder in ("common", "milter", "policyd", "pecctl", "dovecot-plugin"):
            for path, includes in sources(folder):
                self.assertNotIn("clamav.h", includes, path)

    def test_the_rules_touch_no_file_and_read_no_clock(self):
        """The time and ids are among the facts that they are given."""
        for path, includes in sources("common/pec"):
            for include in includes:
                self.assertNotRegex(include, IMPURE_INCLUDE, path)
            self.assertNotRegex(code_of(path), IMPURE_CODE, path)

    def test_only_main_constructs_the_adapters(self):
        found = adapters()
        self.assertGreaterEqual(found, {
            "CmsSigner", "CmsVerifier", "DirectoryKeeper", "SqlLedger", "RandomIdSource", "ScannerClient",
            "ClamdClient", "PostfixAliases", "DovecotQuotas", "HmacAuthenticator", "FolderVirusStore"})
        named = re.compile(rf"\b({'|'.join(sorted(found))})\b")
        made = re.compile(rf"^(?!\s*using ).*{named.pattern}(?!\s*[&*])", re.MULTILINE)
        for program, makers in MAKERS.items():
            for path, _ in sources(program):
                if path.name in makers:
                    continue
                self.assertIsNone(made.search(code_of(path)), f"{path} makes an adapter")
                if program == "milter":  # nor does it name one
                    self.assertIsNone(named.search(path.read_text()), path)

    def test_an_include_in_quotes_names_its_folder(self):
        """As seen from common/, the root or tests/. What is not ours stands in angle brackets."""
        roots = [ROOT / "common", ROOT, ROOT / "tests"]
        for folder in ("common", "milter", "policyd", "scanner", "pecctl", "dovecot-plugin", "tests"):
            for path, _ in sources(folder):
                for include in re.findall(r'^\s*#\s*include\s*"([^"]+)"', path.read_text(), re.MULTILINE):
                    ours = "/" in include and any((root / include).is_file() for root in roots)
                    self.assertTrue(ours and ".." not in include, f"{path} includes \"{include}\"")


if __name__ == "__main__":
    unittest.main()

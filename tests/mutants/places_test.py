# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/mutants finds the places of its table in the sources of today, and plants faults in code alone."""

import unittest

from mutants import ROOT, faults_of_table, sources, tests_of
from places import faults_in

TEXT = """\
// a == b, true
#define MANY 1
bool f(int a, int b) {
  const auto text = "a == b, true";  // and 1 more
  if (!a) return g(text, 1);
  call(a);
  return a == b && b < 2;
}
"""


class Places(unittest.TestCase):
    def test_only_code_is_changed(self):
        self.assertCountEqual([fault.after.strip() for fault in faults_in("f.cpp", TEXT)], [
            "if (a) return g(text, 1);", "if (!a) return g(text, 2);", ";", "return a != b && b < 2;",
            "return a == b || b < 2;", "return a == b && b <= 2;", "return a == b && b < 3;"])

    def test_each_source_has_tests_and_places(self):
        paths = sources(ROOT)
        self.assertGreater(len(paths), 200)
        for path in paths:
            self.assertTrue(tests_of(path), path)
        places = sum(len(faults_in(path, (ROOT / path).read_text())) for path in paths)
        self.assertGreater(places, 5000)

    def test_the_places_of_the_table_are_there(self):
        for fault in faults_of_table(ROOT):
            self.assertNotEqual(fault.before, fault.after)
            self.assertTrue(tests_of(fault.path), fault.path)


if __name__ == "__main__":
    unittest.main()

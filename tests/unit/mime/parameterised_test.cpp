// SPDX-License-Identifier: GPL-2.0-or-later

#include "mime/parameterised.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace pec::mime;

TEST_CASE("parameters are read in all their forms", "[rfc2231]") {
  struct Row {
    const char* raw;
    const char* value;
    const char* name;
    const char* expected;
  };
  const Row rows[] = {
      {" Attachment; FileName=\"a b.pdf\"", "attachment", "filename", "a b.pdf"},
      {" attachment; filename=a.pdf; size=1", "attachment", "filename", "a.pdf"},
      {" attachment; filename = a.pdf ; size=1", "attachment", "filename", "a.pdf"},
      {" attachment;\r\n\tfilename*0*=utf-8'it'citt%C3%A0;\r\n filename*1=\" e.pdf\"", "attachment",
       "filename", "citt\xc3\xa0 e.pdf"},
      {" attachment; filename*=iso-8859-1''perch%E9.txt", "attachment", "filename",
       "perch\xc3\xa9.txt"},
      {" attachment; filename=\"=?utf-8?B?Y2l0dMOg?=.txt\"", "attachment", "filename",
       "citt\xc3\xa0.txt"},
      {" attachment; filename=\"perch\xe9.txt\"", "attachment", "filename", "perch\xc3\xa9.txt"},
      {" attachment; filename=\"citt\xc3\xa0.txt\"", "attachment", "filename", "citt\xc3\xa0.txt"},
      {" attachment; filename=first; filename=second", "attachment", "filename", "first"},
      {" attachment; filename*=utf-8''a%0D%0AX-Trasporto:%20b", "attachment", "filename",
       "a  X-Trasporto: b"},
      {" text/plain;; charset=utf-8;", "text/plain", "charset", "utf-8"},
      {" text / plain (comment)", "text/plain", "charset", ""},
      {"", "", "charset", ""},
      {" ; charset=utf-8", "", "charset", "utf-8"},
      {" (never closed", "", "charset", ""},
      {" attachment; filename=\"unfinished", "attachment", "filename", "unfinished"},
      {" attachment; filename=\"a;b=c\\\"d\"; x=y", "attachment", "filename", "a;b=c\"d"},
      {" attachment; filename=invoice(1).pdf", "attachment", "filename", "invoice(1).pdf"},
      {" attachment; (a;b) filename=a.pdf (c)", "attachment", "filename", "a.pdf"},
      {" attachment; nothing; filename=a.pdf", "attachment", "filename", "a.pdf"},
      {" attachment; empty=; filename=a.pdf", "attachment", "filename", "a.pdf"},
      {" attachment; filename=plain; filename*=utf-8''exact", "attachment", "filename", "exact"},
      {" a/b; name*1=b; name*0=a; name*2*=%63", "a/b", "name", "abc"},
      {" a/b; name*0=a; name*2=c", "a/b", "name", "a"},
      {" a/b; name*0*=utf-8''%C3; name*1*=%A0", "a/b", "name", "\xc3\xa0"},
      {" a/b; name*=no-such-set''%E0", "a/b", "name", "\xc3\xa0"},
      {" a/b; name*=%zz%4", "a/b", "name", "%zz%4"},
      {" a/b; name*='", "a/b", "name", "'"},
      {" a/b; name*99999999999999999999=x", "a/b", "name", "x"},
      {" a/b; boundary=\"=?utf-8?q?b?=\"", "a/b", "boundary", "=?utf-8?q?b?="},
      {" a/b; boundary=\"caff\xe8  x\"", "a/b", "boundary", "caff\xe8  x"},
  };
  for (const Row& row : rows) {
    INFO(row.raw);
    const auto parsed = parse_parameterised(row.raw);
    CHECK(parsed.value == row.value);
    CHECK(parsed.parameter(row.name) == row.expected);
  }
}

TEST_CASE("a hostile field costs no more than an honest one") {
  std::string many = " a/b";
  for (int i = 0; i < 1'000'000; ++i) many += ";n" + std::to_string(i) + "=v";
  CHECK(parse_parameterised(many).parameter("n5") == "v");
  CHECK(parse_parameterised(many).parameters.size() < 10'000);
}

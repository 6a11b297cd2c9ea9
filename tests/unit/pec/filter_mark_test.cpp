// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/filter_mark.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace pec;

namespace {

const FilterOptions rspamd{"X-Rspamd-Action", "reject", "add header", {"X-Spam", "X-Rspamd"}};
const FilterOptions spamassassin{"X-Spam-Level", "**********", "*****", {"X-Spam", "X-Rspamd"}};

mime::HeaderList header(std::string_view lines) {
  return mime::parse_header(lines).fields;
}

SpamLevel level(std::string_view lines, const FilterOptions& options) {
  return take_mark(header(lines), options).level;
}

}  // namespace

TEST_CASE("the filter's mark is one of three levels", "[rule:2]") {
  CHECK(level("X-Rspamd-Action: reject\r\n", rspamd) == SpamLevel::spam);
  CHECK(level("X-Rspamd-Action: add header\r\n", rspamd) == SpamLevel::suspected);
  CHECK(level("X-Rspamd-Action: no action\r\n", rspamd) == SpamLevel::not_spam);
  CHECK(level("X-Spam-Level: ************\r\n", spamassassin) == SpamLevel::spam);
  CHECK(level("X-Spam-Level: ******\r\n", spamassassin) == SpamLevel::suspected);
  CHECK(level("X-Spam-Level: ****\r\n", spamassassin) == SpamLevel::not_spam);
  CHECK(level("X-Spam-Level:\r\n", spamassassin) == SpamLevel::not_spam);
  CHECK(level("Subject: x\r\n", rspamd) == SpamLevel::not_spam);
}

TEST_CASE("a mark is read in any case, and the worst of several holds", "[rule:2]") {
  CHECK(level("x-rspamd-action:  REJECT\r\n", rspamd) == SpamLevel::spam);
  CHECK(level("X-Rspamd-Action: reject\r\nX-Rspamd-Action: no action\r\n", rspamd) ==
        SpamLevel::spam);
  CHECK(level("X-Rspamd-Action: no action\r\nX-Rspamd-Action: add header\r\n", rspamd) ==
        SpamLevel::suspected);
}

TEST_CASE("the result of DMARC for the sender, or else of SPF, is read where the filter writes it",
          "[rule:4]") {
  const auto check = [](std::string_view lines) {
    auto options = rspamd;
    options.added_fields.emplace_back("Authentication-Results");
    const auto unmarked = take_mark(header(lines), options);
    CHECK(unmarked.header.size() == 0);
    return unmarked.sender_check;
  };
  const std::string field = "Authentication-Results: mx.pec.alfa.example;\r\n";
  CHECK(check(field + "\tspf=pass smtp.mailfrom=a@b.example;\r\n\tdmarc=fail reason=\"x\" "
                      "header.from=b.example\r\n") == SenderCheck::fail);
  CHECK(check(field +
              "\tspf=fail smtp.mailfrom=a@b.example; DMARC=Pass (policy=none) header.from=b\r\n") ==
        SenderCheck::pass);
  CHECK(check(field + "\tdkim=none; (a comment) spf=fail smtp.mailfrom=b.example\r\n") ==
        SenderCheck::fail);
  for (const auto* nothing :
       {"\tspf=pass\r\n", "\tspf=softfail\r\n", "\tdmarc=none; dmarc=failure\r\n",
        "\tdkim=fail reason=dmarc=fail\r\n", "\tnone\r\n"})
    CHECK(check(field + nothing) == SenderCheck::unknown);
  CHECK(check(field + "\tdmarc=pass\r\n" + field + "\tdmarc=fail\r\n") == SenderCheck::fail);
  CHECK(check(field + "\tdmarc=pass\r\n" + field + "\tnone\r\n") == SenderCheck::unknown);

  // The sender's own, and one that is not among the filter's fields.
  const auto own = field + "\tdmarc=pass\r\n";
  CHECK(take_mark(header("X-PEC-Set-Aside-" + own), rspamd).sender_check == SenderCheck::unknown);
  CHECK(take_mark(header(own), rspamd).sender_check == SenderCheck::unknown);
  CHECK(take_mark(header(own), rspamd).header.wire() == own);
}

TEST_CASE("all that the filter added is taken away, and nothing else", "[rule:2]") {
  const std::string_view sent = "From: a@b.example\r\nSubject:x\r\n\ty\r\nX-Other: X-Spam\r\n";
  const auto unmarked =
      take_mark(header("X-Spam: Yes\r\n" + std::string(sent) +
                       "X-Spamd-Result: default: False [1.00 / 15.00]\r\n\tONE(1.00)[]\r\n"
                       "x-rspamd-server : mx1\r\nX-Rspamd-Action: reject\r\n"),
                rspamd);
  CHECK(unmarked.header.wire() == sent);
}

TEST_CASE("a sender's fields under the filter's names are not marks and come back", "[rule:2]") {
  const auto unmarked = take_mark(header("X-PEC-Set-Aside-X-Rspamd-Action: reject\r\n"
                                         "X-PEC-Set-Aside-X-SPAM-Level :  **\r\n *\r\n"
                                         "X-PEC-Set-Aside-X-PEC-Set-Aside-X-Spam: no\r\n"
                                         "x-pec-set-aside-x: y\r\n"
                                         "X-Rspamd-Action: no action\r\n"),
                                  rspamd);
  CHECK(unmarked.level == SpamLevel::not_spam);
  CHECK(unmarked.header.wire() ==
        "X-Rspamd-Action: reject\r\n"
        "X-SPAM-Level :  **\r\n *\r\n"
        "X-PEC-Set-Aside-X-Spam: no\r\n"
        "x-pec-set-aside-x: y\r\n");
}

TEST_CASE("without a filter no field is anything but the sender's", "[rule:2]") {
  const auto sent =
      header("X-Spam: Yes\r\nX-PEC-Set-Aside-X-Spam: Yes\r\nX-Rspamd-Action: reject\r\n");
  const auto unmarked = take_mark(sent, {});
  CHECK(unmarked.level == SpamLevel::not_spam);
  CHECK(unmarked.header == sent);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pec/alias_delivery.hpp"

#include "pec/internal_recipient.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <ostream>

namespace pec {
std::ostream& operator<<(std::ostream& out, const AliasStanding& standing) {
  out << "what=" << static_cast<int>(standing.what)
      << " at=" << standing.at.time_since_epoch().count() << " have=" << standing.have;
  for (const auto& row : standing.rows)
    out << " [" << row.tag << " " << row.mailbox << " " << row.delivered.has_value()
        << row.completes << "]";
  return out;
}
}  // namespace pec

using namespace pec;
using What = AliasStanding::What;

namespace {

const std::string info = "info@b.example", anna = "anna@b.example", bruno = "bruno@b.example",
                  carla = "carla@b.example";
const std::vector<std::string> all{anna, bruno, carla};

Instant at(long long seconds) {
  return Instant(std::chrono::seconds(seconds));
}

AliasReport report_by(const std::string& mailbox, std::vector<std::string> behind = all) {
  return {info, mailbox_tag(mailbox), std::move(behind)};
}

// The results of one report after another.
struct Alias {
  std::vector<AliasMailbox> rows{};

  AliasStanding report(const AliasReport& report, long long seconds) {
    auto standing = judge(report, at(seconds), rows);
    rows = standing.rows;
    return standing;
  }
};

}  // namespace

TEST_CASE("an alias has its receipt when all mailboxes have the message, in any order",
          "[rule:5]") {
  auto order = all;
  do {
    Alias alias;
    const auto first = alias.report(report_by(order[0]), 10);
    CHECK(first.what == What::others_wait);
    CHECK(description_of(first, report_by(order[0])) == "alias: 1 of 3 mailboxes have it");
    CHECK(alias.report(report_by(order[1]), 30).what == What::others_wait);
    // Its time is that of the latest delivery, whoever reports last.
    const auto last = alias.report(report_by(order[2]), 20);
    CHECK(last.what == What::due);
    CHECK(last.at == at(30));
    CHECK(last.have == 3);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("the copy of an alias's mailbox that comes again has the same outcome", "[rule:5]") {
  Alias alias;
  for (int time = 0; time < 2; ++time)
    CHECK(alias.report(report_by(anna), 10 + time).what == What::others_wait);
  CHECK(alias.report(report_by(bruno), 20).what == What::others_wait);
  const auto due = alias.report(report_by(carla), 15);
  CHECK(due.what == What::due);
  CHECK(alias.report(report_by(carla), 99) == due);
  for (const auto& other : {anna, bruno}) {
    const auto told = alias.report(report_by(other), 99);
    CHECK(told.what == What::told);
    CHECK(told.rows == due.rows);
  }
}

TEST_CASE("the set as of the first delivery stands", "[rule:5]") {
  Alias alias;
  CHECK(alias.report(report_by(anna, {anna, bruno}), 10).what == What::others_wait);
  const auto stranger = alias.report(report_by(carla), 20);
  CHECK(stranger.what == What::not_in_set);
  CHECK(description_of(stranger, report_by(carla)) ==
        "alias: info@b.example did not lead to this mailbox at the first delivery: it was changed "
        "since, and this message may get no delivery receipt");
  CHECK(alias.report(report_by(bruno, {}), 30).what == What::due);
  CHECK(alias.report(report_by(carla), 20).what == What::not_in_set);
}

TEST_CASE(
    "where the tables know nothing of it, the first mailbox has the receipt, and no other one",
    "[rule:5]") {
  const auto behind =
      GENERATE(std::vector<std::string>{}, std::vector{info}, std::vector{bruno, carla});
  Alias alias;
  const auto first = alias.report(report_by(anna, behind), 10);
  CHECK(first.what == What::due);
  CHECK(first.at == at(10));
  CHECK(first.rows == std::vector<AliasMailbox>{{mailbox_tag(anna), "", at(10), true}});
  const auto second = alias.report(report_by(bruno, behind), 20);
  CHECK(second.what == What::second);
  CHECK(second.rows == first.rows);
  CHECK(description_of(second, report_by(bruno)) ==
        "alias: info@b.example leads to several mailboxes, and the first one's delivery gave the "
        "receipt: name its table in aliases.tables");
  CHECK(alias.report(report_by(anna, behind), 10) == first);
}

TEST_CASE("an alias to one mailbox has its receipt at once", "[rule:5]") {
  Alias alias;
  const auto standing = alias.report(report_by(anna, {anna}), 10);
  CHECK(standing.what == What::due);
  CHECK(standing.rows == std::vector<AliasMailbox>{{mailbox_tag(anna), anna, at(10), true}});
}

TEST_CASE("recognising a report about an alias", "[rule:5]") {
  const auto report = [](const std::string& recipient, const std::string& tag,
                         const std::vector<std::string>& behind) {
    return report_of({InternalEvent::delivery, recipient, at(1), tag}, behind);
  };
  const auto tag = mailbox_tag(anna);
  CHECK(report("Info@B.example", tag, {"Anna@b.example", bruno, anna}) ==
        AliasReport{info, tag, {anna, bruno}});
  CHECK(report(info, tag, {}) == AliasReport{info, tag, {}});
  // An alias that leads to itself, too: its own copy has no tag.
  CHECK(report("Anna@b.example", "", {anna, bruno}) == AliasReport{anna, tag, {anna, bruno}});
  // A plain mailbox; and an alias's copy from the last version.
  CHECK_FALSE(report(anna, "", {anna}));
  CHECK_FALSE(report(anna, "", {}));
  CHECK_FALSE(report(info, "", {anna, bruno}));
}

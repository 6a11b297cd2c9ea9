// SPDX-License-Identifier: GPL-2.0-or-later

#include "directory/directory_keeper.hpp"

#include "support/results.hpp"
#include "unit/directory/directory_ldif.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <map>
#include <thread>

using namespace pec;
using namespace pec::directory;
using namespace pec::test;

namespace {

// The content of a source, changed by the test while others read it.
struct Shelf {
  Guarded<Reading> reading;
  Guarded<std::string> failure;  // empty: it can be read

  void put(std::shared_ptr<const ProvidersDirectory> providers, Instant as_of = test_time) {
    auto held = reading.lock();
    held->version += "+";
    held->providers = std::move(providers);
    held->as_of = as_of;
  }
};

class ShelfSource final : public Source {
public:
  explicit ShelfSource(Shelf& shelf) : shelf_(shelf) {}
  Result<Reading> read(const std::string& known_version, const KnownBefore&) override {
    if (const auto failure = *shelf_.failure.lock(); !failure.empty()) return unavailable(failure);
    auto reading = *shelf_.reading.lock();
    if (reading.version == known_version) reading.providers = nullptr;
    return reading;
  }

private:
  Shelf& shelf_;
};

// Domains n1.example, n2.example, ... of one provider.
std::shared_ptr<const ProvidersDirectory> domains(int from, int to) {
  static const auto certificate = make_identity({.common_name = "Alfa"}).certificate;
  EntryText entry{.name = "PEC Alfa", .certificates = {&certificate}};
  for (int n = from; n < to; ++n) entry.domains.push_back(fmt::format("n{}.example", n));
  return *ProvidersDirectory::from_ldif(ldif_of(entry));
}

// Keeps its input, and fails when a test wants it.
class ShelfHistory final : public DomainHistory {
public:
  Result<Former> take_up(const Owned& all, Instant as_of, Instant now,
                         std::chrono::days remembered) override {
    const auto& owned = all.domains;
    CHECK(as_of <= now);
    CHECK(remembered == std::chrono::days(7));
    if (!failure.empty()) return unavailable(failure);
    for (const auto& [provider, domains] : known) {
      FormerDomains lost{provider, now, {}};
      const auto found = owned.find(provider);
      for (const auto& domain : domains)
        if (found == owned.end() || std::ranges::count(found->second, domain) == 0)
          lost.domains.push_back(domain);
      if (!lost.domains.empty()) former.push_back(lost);
    }
    known.clear();
    for (const auto& [provider, domains] : owned)
      known[provider].assign(domains.begin(), domains.end());
    for (const auto& each : certificates)
      if (std::ranges::count(all.certificates, each) == 0)
        former_certificates.push_back({each, now});
    certificates = all.certificates;
    return Former{former, former_certificates};
  }

  std::string failure;  // empty: it can be asked
  std::map<std::string, std::vector<std::string>> known;
  std::vector<FormerDomains> former;
  std::vector<OwnedCertificate> certificates;
  std::vector<FormerCertificate> former_certificates;
};

struct KeeperWorld {
  std::unique_ptr<DirectoryKeeper> open(std::uint64_t max_shrink_percent = 20,
                                        DirectoryKeeper::Check check = {},
                                        DomainHistory* history = nullptr) {
    return *DirectoryKeeper::open(
        std::make_unique<ShelfSource>(shelf),
        {.source = "shelf:", .max_shrink_percent = max_shrink_percent, .max_age_hours = 72}, clock,
        std::move(check), history);
  }

  Shelf shelf;
  TestClock clock;
};

const std::string one_provider = "1 providers, 10 domains, as of 2026-11-22 05:11:22 UTC";

}  // namespace

TEST_CASE("a change of the source is taken up, and what sessions have taken stays as it was") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10));
  const auto keeper = world.open();
  const auto taken = keeper->snapshot();
  CHECK(keeper->refresh() == false);
  CHECK(keeper->snapshot() == taken);
  CHECK(keeper->state().good);
  CHECK(keeper->state().text == one_provider);

  world.shelf.put(domains(0, 12), test_time + std::chrono::minutes(1));
  CHECK(keeper->refresh() == true);
  CHECK(keeper->snapshot()->provider_of_domain("n11.example") != nullptr);
  CHECK(taken->provider_of_domain("n11.example") == nullptr);
  CHECK(keeper->state().text == "1 providers, 12 domains, as of 2026-11-22 05:12:22 UTC");
}

TEST_CASE("a source that can't be read at the start is an error, with its sentence") {
  KeeperWorld world;
  *world.shelf.failure.lock() = "shelf: server down";
  const auto keeper = error_of(DirectoryKeeper::open(std::make_unique<ShelfSource>(world.shelf),
                                                     {.source = "shelf:"}, world.clock));
  CHECK(keeper.detail == "shelf: server down");
}

TEST_CASE("a source that can't be read any more leaves the old directory in use, and says so") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10));
  const auto keeper = world.open();
  const auto running = keeper->snapshot();
  *world.shelf.failure.lock() = "shelf: server down";
  for (int time = 0; time < 2; ++time) {
    CHECK(error_of(keeper->refresh()).detail == "shelf: server down");
    CHECK(keeper->snapshot() == running);
    CHECK_FALSE(keeper->state().good);
    CHECK(keeper->state().text == "shelf: server down; still in use: " + one_provider);
  }
  world.shelf.failure.lock()->clear();
  CHECK(keeper->refresh() == false);
  CHECK(keeper->state().good);
}

TEST_CASE("a source that has shrunk by more than is allowed is refused until the next start") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10));
  const auto keeper = world.open();
  const auto running = keeper->snapshot();

  world.shelf.put(domains(3, 40));  // more domains than before, but three have gone
  const std::string refused =
      "shelf:: 3 of 10 domains would go, and directory.max_shrink_percent lets 20% go at once; if "
      "that is right, restart the program, which then takes it as it is";
  for (int time = 0; time < 2; ++time) {
    CHECK(error_of(keeper->refresh()).detail == refused);
    CHECK(keeper->snapshot() == running);
    CHECK_FALSE(keeper->state().good);
    CHECK(keeper->state().text == refused + "; still in use: " + one_provider);
  }
  CHECK(world.open()->snapshot()->provider_of_domain("n39.example") != nullptr);

  world.shelf.put(domains(2, 10));
  CHECK(keeper->refresh() == true);
  CHECK(keeper->state().good);
}

namespace {

Result<void> must_have_n0(const ProvidersDirectory& directory) {
  if (directory.provider_of_domain("n0.example")) return {};
  return bad_input("no n0.example: enter it");
}

}  // namespace

TEST_CASE("a directory that the program's check refuses is not taken up", "[rule:8.4]") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10));
  const auto keeper = world.open(20, must_have_n0);
  const auto running = keeper->snapshot();

  world.shelf.put(domains(1, 10));
  const std::string refused = "shelf:: no n0.example: enter it";
  for (int time = 0; time < 2; ++time) {
    CHECK(error_of(keeper->refresh()).detail == refused);
    CHECK(keeper->snapshot() == running);
    CHECK_FALSE(keeper->state().good);
    CHECK(keeper->state().text == refused + "; still in use: " + one_provider);
  }
  SECTION("nor is it at the start") {
    const auto opened =
        error_of(DirectoryKeeper::open(std::make_unique<ShelfSource>(world.shelf),
                                       {.source = "shelf:"}, world.clock, must_have_n0));
    CHECK(opened.detail == refused);
  }
  SECTION("one that has shrunk, too, does not advise a restart, which would fail") {
    world.shelf.put(domains(20, 21));
    CHECK(error_of(keeper->refresh()).detail == refused);
  }
  SECTION("put right, it is") {
    world.shelf.put(domains(0, 9));
    CHECK(keeper->refresh() == true);
    CHECK(keeper->state().good);
  }
}

namespace {

// Alfa and beta, with these domains beside their own.
std::shared_ptr<const ProvidersDirectory> alfa_and_beta(std::vector<std::string> alfas,
                                                        std::vector<std::string> betas) {
  static const auto alfa = make_identity({.common_name = "Alfa"}).certificate;
  static const auto beta = make_identity({.common_name = "Beta"}).certificate;
  alfas.push_back("pec.alfa.example");
  betas.push_back("pec.beta.example");
  return *ProvidersDirectory::from_ldif(
      ldif_of({.name = "PEC Alfa", .certificates = {&alfa}, .domains = std::move(alfas)}) +
      ldif_of({.name = "PEC Beta", .certificates = {&beta}, .domains = std::move(betas)}));
}

bool speaks(const DirectoryKeeper& keeper, std::string_view home, std::string_view domain,
            Instant at) {
  const auto snapshot = keeper.snapshot();
  return snapshot->speaks_for(snapshot->provider_of_domain(home)->name, domain, at);
}

}  // namespace

TEST_CASE("a domain that has gone to another provider is the former one's for seven days more",
          "[rule:4]") {
  using std::chrono::days;
  KeeperWorld world;
  ShelfHistory history;
  world.shelf.put(alfa_and_beta({"comune.example"}, {}));
  const auto keeper = world.open(100, {}, &history);
  const auto before = keeper->snapshot();
  const auto* alfa = "pec.alfa.example";
  const auto* beta = "pec.beta.example";
  CHECK(speaks(*keeper, alfa, "comune.example", test_time));
  CHECK_FALSE(speaks(*keeper, beta, "comune.example", test_time));

  world.clock.advance(days(1));
  const auto changed = world.clock.now();
  world.shelf.put(alfa_and_beta({}, {"comune.example"}));
  REQUIRE(keeper->refresh() == true);
  CHECK(speaks(*keeper, beta, "comune.example", changed));
  CHECK(speaks(*keeper, alfa, "comune.example", changed + days(1)));
  CHECK(speaks(*keeper, alfa, "Comune.EXAMPLE", changed + days(7)));
  CHECK_FALSE(speaks(*keeper, alfa, "comune.example", changed + days(8)));
  CHECK_FALSE(
      before->speaks_for(before->provider_of_domain(beta)->name, "comune.example", changed));
}

TEST_CASE("a former owner of a certificate is known for messages of that time, and for no others",
          "[rule:4]") {
  using std::chrono::days;
  KeeperWorld world;
  ShelfHistory history;
  world.shelf.put(alfa_and_beta({}, {}));
  const auto keeper = world.open(100, {}, &history);
  const auto before = keeper->snapshot();
  const auto der = before->provider_of_domain("pec.beta.example")->certificates.front();
  CHECK(before->provider_of_certificate_at(der, test_time) == before->provider_of_certificate(der));

  world.clock.advance(days(1));
  world.shelf.put(domains(0, 10));  // beta is gone
  REQUIRE(keeper->refresh() == true);
  const auto after = keeper->snapshot();
  CHECK(after->provider_of_certificate(der) == nullptr);
  const auto* former = after->provider_of_certificate_at(der, test_time);
  REQUIRE(former);
  CHECK(former->name == "PEC Beta");
  CHECK(former->mail_receipt == before->provider_of_domain("pec.beta.example")->mail_receipt);
  CHECK(after->provider_of_certificate_at(der, test_time + days(9)) == nullptr);
  CHECK(after->provider_of_certificate_at("nobody's", test_time) == nullptr);
}

TEST_CASE("while the history of domains can't be asked, the old directory stays, and says so",
          "[rule:4]") {
  KeeperWorld world;
  ShelfHistory history;
  world.shelf.put(alfa_and_beta({"comune.example"}, {}));
  const auto keeper = world.open(100, {}, &history);
  const auto running = keeper->snapshot();
  history.failure = "ledger down";
  world.shelf.put(alfa_and_beta({}, {"comune.example"}));
  for (int time = 0; time < 2; ++time) {
    CHECK(error_of(keeper->refresh()).detail == "ledger down");
    CHECK(keeper->snapshot() == running);
    CHECK_FALSE(keeper->state().good);
    CHECK_THAT(keeper->state().text,
               Catch::StartsWith("ledger down; still in use: 2 providers, 3 domains"));
  }
  history.failure.clear();
  CHECK(keeper->refresh() == true);
  CHECK(keeper->state().good);
  CHECK(speaks(*keeper, "pec.alfa.example", "comune.example", test_time));

  history.failure = "ledger down";  // nothing new to remember: nobody asks
  CHECK(keeper->refresh() == false);
  CHECK(keeper->state().good);
}

TEST_CASE("a directory that was issued before the one in use is refused until the next start",
          "[rule:8.4]") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10), test_time);
  world.shelf.reading.lock()->issued = test_time;
  const auto keeper = world.open();
  const auto running = keeper->snapshot();
  world.shelf.put(domains(0, 11), test_time + std::chrono::hours(1));  // fetched later all the same
  world.shelf.reading.lock()->issued = test_time - std::chrono::seconds(1);
  const std::string refused =
      "shelf:: it is of 2026-11-22 05:11:21 UTC, older than the directory in use, which is of "
      "2026-11-22 05:11:22 UTC; put the current one there, or, if that is right, restart the "
      "program, which then takes it as it is";
  for (int time = 0; time < 2; ++time) {
    CHECK(error_of(keeper->refresh()).detail == refused);
    CHECK(keeper->snapshot() == running);
    CHECK_FALSE(keeper->state().good);
    CHECK(keeper->state().text == refused + "; still in use: " + one_provider);
  }
  CHECK(world.open()->snapshot()->provider_of_domain("n10.example") != nullptr);
  world.shelf.reading.lock()->issued = test_time;
  CHECK(keeper->refresh() == true);
}

TEST_CASE("how much may go is the administrator's decision") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10));
  const auto none = world.open(0), all = world.open(100);
  world.shelf.put(domains(0, 11));
  CHECK(none->refresh() == true);
  world.shelf.put(domains(0, 10));
  CHECK_THAT(error_of(none->refresh()).detail, Catch::Contains("1 of 11 domains would go"));
  world.shelf.put(domains(50, 51));
  CHECK(all->refresh() == true);
}

TEST_CASE("a directory that is not renewed in time is in a bad state, though it can be read") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10));
  const auto keeper = world.open();
  world.clock.advance(std::chrono::hours(72));
  CHECK(keeper->refresh() == false);
  CHECK(keeper->state().good);
  world.clock.advance(std::chrono::seconds(1));
  CHECK(keeper->refresh() == false);
  CHECK_FALSE(keeper->state().good);
  CHECK(keeper->state().text ==
        "shelf: has not been renewed since 2026-11-22 05:11:22 UTC, longer than "
        "directory.max_age_hours (72) allows; find out why; in use: " +
            one_provider);

  SECTION("renewed, it is good again") {
    world.shelf.put(domains(0, 10), world.clock.now());
    CHECK(keeper->refresh() == true);
    CHECK(keeper->state().good);
  }
  SECTION("and so it is if the source says that it has not changed") {
    world.shelf.reading.lock()->as_of = world.clock.now();
    CHECK(keeper->refresh() == false);
    CHECK(keeper->state().good);
    CHECK(keeper->state().text == one_provider);
  }
  SECTION("a source that can't be read, either, says both") {
    *world.shelf.failure.lock() = "shelf: server down";
    CHECK_FALSE(keeper->refresh());
    CHECK_THAT(keeper->state().text, Catch::StartsWith("shelf: server down; still in use: shelf: "
                                                       "has not been renewed since"));
  }
}

TEST_CASE("an old directory is freed by a refresh, never by the session that had it last") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10));
  const auto keeper = world.open();
  const std::weak_ptr<const ProvidersDirectory> first = keeper->providers();
  auto session = keeper->snapshot();

  world.shelf.put(domains(0, 11));
  CHECK(keeper->refresh() == true);
  session = nullptr;
  CHECK_FALSE(first.expired());
  CHECK(keeper->refresh() == false);
  CHECK(first.expired());

  const std::weak_ptr<const ProvidersDirectory> second = keeper->providers();
  world.shelf.put(domains(0, 12));
  CHECK(keeper->refresh() == true);  // nobody has the second
  CHECK(second.expired());
}

TEST_CASE("a watch takes up changes by itself and when asked, and reports each look") {
  KeeperWorld world;
  world.shelf.put(domains(0, 10));
  const auto keeper = world.open();
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::pair<bool, std::string>> reports;
  const auto look = [&] { return keeper->look(); };
  const auto report = [&](const PartState& state) {
    const std::lock_guard lock(mutex);
    reports.emplace_back(state.good, state.text);
    changed.notify_all();
  };
  const auto wait_for = [&](bool good, const std::string& beginning) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds(20), [&] {
      return reports.back().first == good && reports.back().second.starts_with(beginning);
    });
  };

  SECTION("by itself") {
    const Watch watch(std::chrono::milliseconds(1), look, report);
    CHECK(wait_for(true, one_provider));
    *world.shelf.failure.lock() = "shelf: server down";
    CHECK(wait_for(false, "shelf: server down"));
    world.shelf.failure.lock()->clear();
    world.shelf.put(domains(0, 12));
    CHECK(wait_for(true, "1 providers, 12 domains"));
    CHECK(keeper->snapshot()->provider_of_domain("n11.example") != nullptr);
  }
  SECTION("when asked") {
    Watch watch(std::chrono::hours(24), look, report);
    REQUIRE(reports.size() == 1);
    CHECK(reports[0] == std::pair(true, one_provider));
    world.shelf.put(domains(0, 12));
    CHECK(watch.look() == true);
    REQUIRE(reports.size() == 2);
    CHECK(reports[1].second.starts_with("1 providers, 12 domains"));
  }
}

TEST_CASE("threads that look up during refreshes see one directory or the other") {
  KeeperWorld world;
  const std::shared_ptr<const ProvidersDirectory> both[] = {domains(0, 10), domains(10, 20)};
  world.shelf.put(both[0]);
  const auto keeper = world.open(100);
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> readers;
    for (int i = 0; i < 4; ++i)
      readers.emplace_back([&] {
        while (!stop) {
          const auto snapshot = keeper->snapshot();
          const bool first = snapshot->provider_of_domain("n0.example") != nullptr;
          const bool second = snapshot->provider_of_domain("n10.example") != nullptr;
          if (first == second) ++wrong;
        }
      });
    std::vector<std::jthread> refreshers;
    for (int i = 0; i < 2; ++i)
      refreshers.emplace_back([&] {
        for (int n = 1; n <= 50; ++n) {
          world.shelf.put(both[n % 2]);
          if (!keeper->refresh()) ++wrong;
        }
      });
    refreshers.clear();
    stop = true;
  }
  CHECK(wrong == 0);
}

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/timeouts.hpp"

#include "base/text.hpp"
#include "pec/internal_recipient.hpp"
#include "pec/receipt_types.hpp"
#include "pecctl/commands.hpp"

#include <chrono>
#include <fmt/format.h>
#include <limits>
#include <memory>
#include <set>
#include <utility>

namespace pec::pecctl {

namespace {

constexpr std::size_t batch = 500;           // fetched at once
constexpr std::size_t marked_together = 20;  // after a crash, at most this many are requested again

InternalEvent event_of(const ledger::DueNotice& notice) {
  return event_of_timeout(notice.kind).value();
}

std::string name_of(const ledger::DueNotice& notice) {
  return text::printable(
      fmt::format("{}  {}  {}", wire_name(event_of(notice)), notice.pec_id, notice.recipient));
}

// The notices due at `now`. A run asks for the same `now` all the time, so it ends.
Result<std::vector<ledger::DueNotice>> due_at(const ledger::SqlMessageLog& ledger, Instant now,
                                              const config::Config& config, std::size_t most) {
  const auto before = [&](std::uint64_t hours) {
    return now - std::chrono::hours(static_cast<std::int64_t>(hours));
  };
  return ledger.due_notices(before(config.timeouts.early_hours),
                            before(config.timeouts.timeout_hours), most);
}

// The notice replaces it. Only the Message-ID counts: the internal recipient is bound to it.
std::string request_for(const ledger::DueNotice& notice, const Stamp& stamp,
                        const std::string& us) {
  return fmt::format(
      "Date: {}\r\nFrom: <{}>\r\nTo: <{}>\r\nMessage-ID: <{}>\r\nSubject: {}\r\n\r\n"
      "This asks for a notice, which should have taken its place.\r\n",
      stamp.header, us, us, text::printable(notice.pec_id), wire_name(event_of(notice)));
}

class Run {
public:
  Run(ledger::SqlMessageLog& ledger, Submitter& receipts, const Authenticator& secret,
      const Clock& clock, const config::Config& config)
      : ledger_(ledger),
        receipts_(receipts),
        secret_(secret),
        clock_(clock),
        config_(config),
        zone_(config.provider.time_zone) {}

  Answer go() && {
    const auto now = clock_.now();
    for (bool more = true; more;) {
      // Failed ones are still due, and come before the others.
      const auto due = due_at(ledger_, now, config_, failed_ + batch);
      if (!due) {
        answer_.problems.push_back(due.error().detail);
        break;
      }
      more = send_new_among(*due);
    }
    return std::move(answer_);
  }

private:
  // Returns whether to go on.
  bool send_new_among(const std::vector<ledger::DueNotice>& due) {
    bool any = false;
    bool go_on = true;
    for (const auto& notice : due) {
      if (!go_on) break;
      if (!tried_.emplace(notice.pec_id, notice.recipient, notice.kind).second) continue;
      any = true;
      go_on = send(notice);
      if (go_on && unmarked_.size() >= marked_together) go_on = mark();
    }
    return mark() && go_on && any;
  }

  // Returns false if the service takes nothing.
  bool send(const ledger::DueNotice& notice) {
    const auto stamp = zone_.stamp(clock_.now());
    const auto done = request(notice, stamp);
    if (done) {
      unmarked_.push_back(notice);
      answer_.lines.push_back(
          fmt::format("requested {}  {}", time_text(zone_, stamp.at), name_of(notice)));
      return true;
    }
    ++failed_;
    const bool stop = done.error().fault == Fault::unavailable;
    answer_.problems.push_back(fmt::format("{}: {}{}", name_of(notice), done.error().detail,
                                           stop ? "; it and the rest wait for the next run" : ""));
    return !stop;
  }

  Result<void> request(const ledger::DueNotice& notice, const Stamp& stamp) {
    PEC_TRY(auto internal, format_internal({event_of(notice), notice.recipient, stamp.at},
                                           notice.pec_id, secret_));
    return receipts_.submit({std::move(internal)}, request_for(notice, stamp, receipts_.sender()));
  }

  bool mark() {
    if (unmarked_.empty()) return true;
    const auto done = ledger_.mark_sent(std::exchange(unmarked_, {}));
    if (!done) answer_.problems.push_back(done.error().detail + "; the next run asks again");
    return done.has_value();
  }

  ledger::SqlMessageLog& ledger_;
  Submitter& receipts_;
  const Authenticator& secret_;
  const Clock& clock_;
  const config::Config& config_;
  const LegalTime zone_;
  std::set<std::tuple<std::string, std::string, EventKind>> tried_;
  std::size_t failed_ = 0;
  std::vector<ledger::DueNotice> unmarked_;  // in Postfix's queue, but not yet marked in the ledger
  Answer answer_;
};

}  // namespace

Answer send_due_notices(ledger::SqlMessageLog& ledger, Submitter& receipts,
                        const Authenticator& secret, const Clock& clock,
                        const config::Config& config) {
  return Run(ledger, receipts, secret, clock, config).go();
}

Answer show_due_notices(const ledger::SqlMessageLog& ledger, const Clock& clock,
                        const config::Config& config) {
  constexpr std::size_t all = std::numeric_limits<std::int32_t>::max();
  const auto now = clock.now();
  const LegalTime zone(config.provider.time_zone);
  const auto due = due_at(ledger, now, config, all);
  if (!due) return {{}, {due.error().detail}};
  Answer answer;
  for (const auto& notice : *due)
    answer.lines.push_back(
        fmt::format("would request {}  {}", time_text(zone, now), name_of(notice)));
  if (due->empty()) answer.lines.emplace_back("no notice is due");
  return answer;
}

void add_timeouts(CLI::App& app, Command& chosen) {
  const auto dry_run = std::make_shared<bool>(false);
  auto& timeouts = add_command(
      app, chosen, "timeouts",
      "Have the notices made that are owed after 12 and 24 hours; for a timer",
      [dry_run](const Context& context) -> Result<Answer> {
        PEC_TRY(const auto site, context.open_site(*dry_run ? std::set<config::FileUse>()
                                                            : std::set{config::FileUse::secrets}));
        if (*dry_run) return show_due_notices(*site.ledger, context.clock, site.config);
        PEC_TRY(auto receipts, context.receipts_service(site.config));
        return send_due_notices(*site.ledger, receipts.submitter, receipts.secret, context.clock,
                                site.config);
      });
  timeouts.add_flag("--dry-run", *dry_run, "Only say which are due");
  timeouts.footer("Exit status: 0 if all that are due were made; 1 if not: run it again.");
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/incidents.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"
#include "pec/copy_binding.hpp"
#include "pec/lost_receipt.hpp"
#include "pecctl/commands.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <span>
#include <utility>

namespace pec::pecctl {

namespace {

// Whether it is a missing receipt whose copy was kept, so that it can be made.
bool can_be_reissued(const Incident& incident) {
  return missing_receipt(incident.what) && !incident.copy.empty();
}

// Whether it is a receipt that was made and could not be handed over.
bool is_lost_receipt(const Incident& incident) {
  return incident.what.starts_with(lost_prefix);
}

std::string_view can_be_mended(const Incident& incident) {
  if (is_lost_receipt(incident)) return incident.copy.empty() ? "can't be resent" : "can be resent";
  return can_be_reissued(incident) ? "can be reissued" : "can't be reissued";
}

// "accettazione  2026…@pec.alfa.example  anna@…"
std::string name_of(const Incident& incident) {
  return text::printable(
      fmt::format("{}  {}  {}", incident.what, incident.pec_id, incident.recipient));
}

std::string line_of(const Incident& incident, const LegalTime& zone) {
  auto line = fmt::format("{}  {}  {}  {}", time_text(zone, incident.at), name_of(incident),
                          can_be_mended(incident), incident.detail);
  if (incident.resolved) line += "  closed " + time_text(zone, *incident.resolved);
  return text::printable(line);
}

// At least one.
Result<std::vector<Incident>> open_incidents(const ledger::SqlMessageLog& ledger,
                                             const std::string& pec_id,
                                             const std::string& recipient) {
  const std::string wanted(text::without_brackets(pec_id));
  auto incidents = ledger.incidents_of(wanted);
  if (!incidents) return incidents;
  std::erase_if(*incidents, [&](const Incident& incident) {
    return !(recipient.empty() || mime::same_address(incident.recipient, recipient));
  });
  if (incidents->empty())
    return bad_input(fmt::format("no open incident of message {}{}; see pecctl incidents --all",
                                 text::printable(wanted),
                                 recipient.empty() ? "" : " and " + text::printable(recipient)));
  return incidents;
}

using Group = std::vector<Incident>;  // one receipt

// A take-charge lists all recipients of a transaction (RFC 6109, 3.2.1); others are for one each.
bool are_one_receipt(const Incident& a, const Incident& b) {
  return a.what == wire_name(InternalEvent::take_charge) && a.what == b.what &&
         a.event_at == b.event_at && a.copy == b.copy;
}

void add(std::vector<Group>& groups, Incident incident) {
  const auto group = std::find_if(groups.begin(), groups.end(), [&](const Group& each) {
    return are_one_receipt(each.front(), incident);
  });
  if (group != groups.end())
    group->push_back(std::move(incident));
  else
    groups.push_back({std::move(incident)});
}

// "1@pec.alfa.example anna@…": the arguments for the command that deals with it.
std::string words_for(const Incident& incident) {
  return text::printable(incident.pec_id) + ' ' + text::printable(incident.recipient);
}

std::string why_not_reissued(const Incident& incident) {
  const auto then = "then close it: pecctl incidents resolve " + words_for(incident);
  if (is_lost_receipt(incident))
    return fmt::format(
        "{}: it was made, but could not be handed over; send it again: pecctl receipts resend {}",
        name_of(incident), words_for(incident));
  if (!missing_receipt(incident.what))
    return fmt::format("{}: it is not a missing receipt ({}); look into it, {}", name_of(incident),
                       text::printable(incident.detail), then);
  return fmt::format("{}: no copy was kept to make the receipt of; tell those concerned, {}",
                     name_of(incident), then);
}

std::string why_not_resent(const Incident& incident) {
  return fmt::format(
      "{}: the receipt did not come back whole, so it was not kept (bounce_size_limit of Postfix); "
      "tell those concerned, then close it: pecctl incidents resolve {}",
      name_of(incident), words_for(incident));
}

Result<void> submit(std::span<const Incident> group, const MissingReceipt& wanted,
                    Submitter& receipts, const Authenticator& secret) {
  const auto& copy = group.front().copy;
  const auto bound_to = binding_of(wanted.event, mime::split_message(mime::Bytes::of(copy)));
  std::vector<std::string> recipients;
  for (const auto& incident : group) {
    PEC_TRY(auto internal, format_internal({wanted.event, incident.recipient, incident.event_at,
                                            wanted.mailbox_tag},
                                           bound_to, secret));
    recipients.push_back(std::move(internal));
  }
  return receipts.submit(recipients, copy);
}

// `now` is from before the service took it, so an incident that comes back at once stays open.
void close(std::span<const Incident> group, const Result<void>& taken,
           ledger::SqlMessageLog& ledger, Instant now, std::string_view what_was_done,
           Answer& answer) {
  for (const auto& incident : group) {
    auto done = taken;
    if (done) done = ledger.resolve_incident(incident, now);
    if (done)
      answer.lines.push_back(fmt::format("{} {}", what_was_done, name_of(incident)));
    else
      answer.problems.push_back(fmt::format("{}: {}", name_of(incident), done.error().detail));
  }
}

}  // namespace

Result<Answer> list_incidents(const ledger::SqlMessageLog& ledger, const LegalTime& zone,
                              bool all) {
  PEC_TRY(const auto incidents, ledger.incidents(all));
  Answer answer;
  for (const auto& incident : incidents) answer.lines.push_back(line_of(incident, zone));
  return answer;
}

Result<Answer> resolve_incidents(ledger::SqlMessageLog& ledger, const Clock& clock,
                                 const std::string& pec_id, const std::string& recipient) {
  PEC_TRY(const auto incidents, open_incidents(ledger, pec_id, recipient));
  Answer answer;
  for (const auto& incident : incidents) {
    PEC_TRY_VOID(ledger.resolve_incident(incident, clock.now()));
    answer.lines.push_back("closed " + name_of(incident));
  }
  return answer;
}

Answer reissue_receipts(ledger::SqlMessageLog& ledger, Submitter& receipts,
                        const Authenticator& host_group, const Authenticator& delivery_point,
                        const Clock& clock, const std::string& pec_id,
                        const std::string& recipient) {
  auto incidents = open_incidents(ledger, pec_id, recipient);
  if (!incidents) return {{}, {incidents.error().detail}};
  Answer answer;
  std::vector<Group> groups;
  for (auto& incident : *incidents) {
    if (can_be_reissued(incident))
      add(groups, std::move(incident));
    else
      answer.problems.push_back(why_not_reissued(incident));
  }
  for (const auto& group : groups) {
    const auto wanted = *missing_receipt(group.front().what);
    const bool delivery = wanted.event == InternalEvent::delivery;
    const auto now = clock.now();
    const auto taken = submit(group, wanted, receipts, delivery ? delivery_point : host_group);
    close(group, taken, ledger, now, "reissued", answer);
  }
  return answer;
}

Answer resend_receipts(ledger::SqlMessageLog& ledger, Submitter& receipts,
                       const Authenticator& host_group, const Clock& clock,
                       const std::string& pec_id, const std::string& recipient) {
  auto incidents = open_incidents(ledger, pec_id, recipient);
  if (!incidents) return {{}, {incidents.error().detail}};
  std::erase_if(*incidents, [](const Incident& each) { return !is_lost_receipt(each); });
  Answer answer;
  if (incidents->empty())
    answer.problems.emplace_back(
        "no receipt of this message waits to be sent again; see pecctl incidents");
  for (const auto& incident : *incidents) {
    if (incident.copy.empty()) {
      answer.problems.push_back(why_not_resent(incident));
      continue;
    }
    const std::span alone(&incident, 1);
    const auto now = clock.now();
    const auto taken = submit(alone, {InternalEvent::sent_again, ""}, receipts, host_group);
    close(alone, taken, ledger, now, "sent again", answer);
  }
  return answer;
}

namespace {

struct Options {
  std::string pec_id, recipient;
  bool all = false;
};

void add_message(CLI::App& command, Options& options) {
  command.add_option("PEC_MSGID", options.pec_id, "The message")->required();
  command.add_option("RECIPIENT", options.recipient,
                     "Whom the incident is about; left out: all of that message");
}

Result<Answer> reissue(const Context& context, const Options& options) {
  PEC_TRY(const auto site, context.open_site({config::FileUse::secrets}));
  PEC_TRY(auto receipts, context.receipts_service(site.config));
  PEC_TRY(const auto delivery_point,
          smime::HmacAuthenticator::from_file(site.config.internal.delivery_secret_file));
  return reissue_receipts(*site.ledger, receipts.submitter, receipts.secret, delivery_point,
                          context.clock, options.pec_id, options.recipient);
}

Result<Answer> resend(const Context& context, const Options& options) {
  PEC_TRY(const auto site, context.open_site({config::FileUse::secrets}));
  PEC_TRY(auto receipts, context.receipts_service(site.config));
  return resend_receipts(*site.ledger, receipts.submitter, receipts.secret, context.clock,
                         options.pec_id, options.recipient);
}

}  // namespace

void add_incidents(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  auto& incidents =
      add_command(app, chosen, "incidents",
                  "What should have been and is not: missing receipts, contradictions",
                  [options](const Context& context) -> Result<Answer> {
                    PEC_TRY(const auto site, context.open_site());
                    return list_incidents(*site.ledger, site.zone(), options->all);
                  });
  auto* all = incidents.add_flag("--all", options->all, "Also those that are closed");
  auto& resolve = add_command(incidents, chosen, "resolve", "Close what has been dealt with",
                              [options](const Context& context) -> Result<Answer> {
                                PEC_TRY(const auto site, context.open_site());
                                return resolve_incidents(*site.ledger, context.clock,
                                                         options->pec_id, options->recipient);
                              });
  add_message(resolve, *options);
  resolve.excludes(all);
}

void add_receipts(CLI::App& app, Command& chosen) {
  auto& receipts = add_group(app, "receipts", "The receipts that we issue");
  const auto options = std::make_shared<Options>();
  add_message(add_command(receipts, chosen, "reissue",
                          "Make the receipts that incidents say are missing, and close these",
                          [options](const Context& context) { return reissue(context, *options); }),
              *options);
  add_message(
      add_command(
          receipts, chosen, "resend",
          "Send the receipts again that could not be handed over, and close their incidents",
          [options](const Context& context) { return resend(context, *options); }),
      *options);
}

}  // namespace pec::pecctl

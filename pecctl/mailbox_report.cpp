// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/mailbox_report.hpp"

#include "base/text.hpp"
#include "base/utc.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pec::pecctl {

namespace {

Json json_of(const Mailbox& mailbox) {
  Json object{{"address", mailbox.address},
              {"state", state_name(mailbox.status.state)},
              {"closed", mailbox.status.closed}};
  if (mailbox.status.state != MailboxState::active) {
    object["since"] = utc_time(mailbox.status.since);
    object["reason"] = mailbox.status.reason;
  }
  if (mailbox.created) {
    object["created"] = utc_time(*mailbox.created);
    object["holder"] = mailbox.holder;
    object["contacts"] = mailbox.contacts;
    object["home"] = mailbox.home;
    object["has_password"] = !mailbox.password.empty();
  }
  if (!mailbox.status.renamed_to.empty()) object["renamed_to"] = mailbox.status.renamed_to;
  return object;
}

// "blocked since ... (why), closed (certified mail only)"; usual settings are left out.
std::string state_text(const MailboxStatus& status, const LegalTime& zone) {
  std::string text;
  if (status.state != MailboxState::active)
    text = fmt::format("{} since {} ({}), ", state_name(status.state),
                       time_text(zone, status.since), status.reason);
  text += openness_text(status.closed);
  return text::printable(text);
}

std::vector<std::string> lines_of(const Mailbox& mailbox,
                                  const std::vector<ledger::MailboxEvent>& events,
                                  const LegalTime& zone) {
  std::vector<std::string> lines{
      fmt::format("{}: {}", mailbox.address, state_text(mailbox.status, zone))};
  if (mailbox.created) {
    lines.push_back(
        fmt::format("account since {}, {}", time_text(zone, *mailbox.created),
                    mailbox.password.empty() ? "without a password" : "with a password"));
    lines.push_back("holder: " + mailbox.holder);
    lines.push_back("contacts: " + mailbox.contacts);
  }
  if (!mailbox.status.renamed_to.empty())
    lines.push_back("now called " + mailbox.status.renamed_to);
  for (const auto& event : events)
    lines.push_back(fmt::format("{}  {}  {}", time_text(zone, event.at), event.what, event.detail));
  for (auto& line : lines) line = text::printable(text::trim(line));
  return lines;
}

}  // namespace

Result<std::string> our_mailbox(std::string_view address, const DirectorySnapshot& directory,
                                const config::Config& config) {
  if (!mime::is_valid_address(address))
    return bad_input(fmt::format("\"{}\" is not a mail address; write it like anna@{}",
                                 text::printable(address), config.provider.domain));
  auto mailbox = mime::canonical_address(address);
  const auto domain = mime::domain_of(mailbox);
  const auto* provider = directory.provider_of_domain(domain);
  if (provider == nullptr)
    return bad_input(
        fmt::format("{}: no provider in {} manages the domain {}; correct the address, "
                    "or add the domain to our entry there",
                    mailbox, config.directory.source, domain));
  if (!text::equals_ignoring_case(provider->name, config.provider.name))
    return bad_input(fmt::format(
        "{}: the domain {} is managed by \"{}\" in {}, and we are \"{}\"; "
        "correct the address, or provider.name in the configuration",
        mailbox, domain, provider->name, config.directory.source, config.provider.name));
  return mailbox;
}

std::string_view openness_text(bool closed) {
  return closed ? "closed (certified mail only)" : "open (ordinary mail, too)";
}

Result<Answer> show_mailbox(const Site& site, const std::string& address, bool as_json) {
  PEC_TRY(const auto found, site.ledger->find_mailbox(address));
  PEC_TRY(const auto events, site.ledger->events_of_mailbox(address));
  const auto mailbox = found.value_or(Mailbox{.address = address});
  if (!as_json) return Answer{lines_of(mailbox, events, site.zone())};
  auto object = json_of(mailbox);
  object["events"] = Json::array();
  for (const auto& event : events)
    object["events"].push_back(
        {{"at", utc_time(event.at)}, {"what", event.what}, {"detail", event.detail}});
  return Answer{{json_text(object)}};
}

Result<Answer> list_mailboxes(const Site& site, bool as_json) {
  PEC_TRY(const auto all, site.ledger->mailboxes());
  Json array = Json::array();
  for (const auto& mailbox : all) array.push_back(json_of(mailbox));
  if (as_json) return Answer{{json_text(array)}};
  Answer answer;
  const auto zone = site.zone();
  for (const auto& mailbox : all)
    answer.lines.push_back(
        text::printable(fmt::format("{}: {}", mailbox.address, state_text(mailbox.status, zone))));
  return answer;
}

}  // namespace pec::pecctl

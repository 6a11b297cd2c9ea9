#include "mailbox.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

#include <fmt/format.h>

namespace pec::pecctl {

Result<std::string> our_mailbox(std::string_view address, const DirectorySnapshot& directory,
                                const Config& config) {
  if (!mime::is_valid_address(address))
    return bad_input(fmt::format("\"{}\" is no mail address; write it like anna@{}",
                                 text::printable(address), config.provider.domain));
  auto mailbox = mime::canonical_address(address);
  const auto domain = mime::domain_of(mailbox);
  const auto* provider = directory.provider_of_domain(domain);
  if (provider == nullptr)
    return bad_input(
        fmt::format("{}: no provider in {} manages the domain {}; correct the address, "
                    "or add the domain to our entry there",
                    mailbox, config.directory.source, domain));
  if (provider->name != config.provider.name)
    return bad_input(fmt::format(
        "{}: the domain {} is managed by \"{}\" in {}, and we are \"{}\"; "
        "correct the address, or provider.name in the configuration",
        mailbox, domain, provider->name, config.directory.source, config.provider.name));
  return mailbox;
}

Result<std::string> set_mailbox(SqlLedger& ledger, const std::string& mailbox, bool closed) {
  if (auto done = ledger.set_closed(mailbox, closed); !done) return tl::unexpected(done.error());
  return show_mailbox(ledger, mailbox);
}

Result<std::string> show_mailbox(const SqlLedger& ledger, const std::string& mailbox) {
  const auto status = ledger.mailbox(mailbox);
  if (!status) return tl::unexpected(status.error());
  return fmt::format("{}: {}", mailbox,
                     status->closed ? "closed (certified mail only)" : "open (ordinary mail, too)");
}

}  // namespace pec::pecctl

#include "pec/formal_checks.hpp"

#include "base/text.hpp"
#include "mime/address.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pec {

namespace {

// The addresses of all fields of that name, in order.
std::vector<mime::Address> addresses_in(const mime::Message& message, std::string_view field) {
  std::vector<mime::Address> all;
  for (const auto* each : message.header.find_all(field)) {
    auto some = mime::parse_addresses(each->value);
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

bool contains(const std::vector<mime::Address>& list, std::string_view address) {
  return std::any_of(list.begin(), list.end(), [&](const mime::Address& each) {
    return mime::same_address(each.address, address);
  });
}

}  // namespace

FormalFailure check_from(const mime::Message& message) {
  const auto from = addresses_in(message, "From");
  if (from.empty()) return "il campo From manca o non contiene alcun indirizzo";
  if (from.size() > 1) return "il campo From contiene più di un indirizzo";
  if (!mime::is_valid_address(from.front().address))
    return fmt::format("l'indirizzo \"{}\" nel campo From non è valido",
                       text::printable(from.front().address));
  return std::nullopt;
}

FormalFailure check_to(const mime::Message& message) {
  const auto to = addresses_in(message, "To");
  const bool any = std::any_of(to.begin(), to.end(), [](const mime::Address& each) {
    return mime::is_valid_address(each.address);
  });
  if (!any) return "il campo To manca o non contiene alcun indirizzo valido";
  return std::nullopt;
}

FormalFailure check_sender(const mime::Message& message, const Submission& submission) {
  const auto from = addresses_in(message, "From");
  if (from.size() == 1 && mime::same_address(from.front().address, submission.sender))
    return std::nullopt;
  return fmt::format("il mittente della trasmissione SMTP \"{}\" non coincide con il campo From",
                     text::printable(submission.sender));
}

FormalFailure check_recipients(const mime::Message& message, const Submission& submission) {
  const auto to = addresses_in(message, "To");
  const auto cc = addresses_in(message, "Cc");
  std::vector<std::string> missing;
  for (const auto& recipient : submission.recipients)
    if (!contains(to, recipient) && !contains(cc, recipient))
      missing.push_back(text::printable(recipient));
  if (missing.empty()) return std::nullopt;
  return fmt::format("destinatari assenti dai campi To e Cc: {}", text::join(missing, ", "));
}

FormalFailure check_bcc(const mime::Message& message) {
  for (const auto* field : message.header.find_all("Bcc"))
    if (!field->unfolded().empty())
      return "il campo Bcc (Ccn) contiene un valore: i destinatari nascosti non sono ammessi";
  return std::nullopt;
}

FormalFailure check_single_fields(const mime::Message& message) {
  std::vector<std::string> repeated;
  for (const std::string name :
       {"From", "To", "Cc", "Reply-To", "Subject", "Message-ID", "Date", "Sender"})
    if (message.header.find_all(name).size() > 1) repeated.push_back(name);
  if (repeated.empty()) return std::nullopt;
  return fmt::format("campi di intestazione ripetuti: {}", text::join(repeated, ", "));
}

FormalFailure check_field_sizes(const mime::Message& message) {
  constexpr std::size_t surely_whole = 50'000;
  std::vector<std::string> cut;
  for (const auto& field : message.header)
    if (field.value.size() >= surely_whole) cut.push_back(text::printable(field.name));
  if (cut.empty()) return std::nullopt;
  return fmt::format("campi di intestazione troppo lunghi: {}", text::join(cut, ", "));
}

std::vector<std::string> check_formally(const mime::Message& message,
                                        const Submission& submission) {
  std::vector<std::string> failures;
  for (auto& failure : {check_from(message), check_to(message), check_sender(message, submission),
                        check_recipients(message, submission), check_bcc(message),
                        check_single_fields(message), check_field_sizes(message)})
    if (failure) failures.push_back(*failure);
  return failures;
}

}  // namespace pec

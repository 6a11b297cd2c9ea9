// SPDX-License-Identifier: GPL-2.0-or-later

// The options of a secondary unit: the provider's rows of the table of options, in the unit's
// words.
#include "config/option_checks.hpp"
#include "config/options.hpp"

#include <algorithm>
#include <vector>

namespace pec::config {

namespace {

// The provider's option, with another example and sentence if these are not empty.
Option of_provider(std::string_view name, std::string_view value = {}, std::string_view doc = {}) {
  const auto all = options();
  auto option = *std::find_if(all.begin(), all.end(), [&](const Option& each) {
    return each.section == "provider" && each.name == name;
  });
  option.section = "unit";
  if (!value.empty()) option.value = value;
  if (!doc.empty()) option.doc = doc;
  return option;
}

}  // namespace

std::span<const Option> unit_options() {
  static const std::vector<Option> all{
      {"unit", "unit", true, "Unit 2",
       "The unit's providerUnit in the providers' directory, exactly.",
       Text{at<&Config::provider, &Config::Provider::unit>, not_empty}},
      of_provider("domain", "pec.unit2.example",
                  "The unit's own mail domain, which the PEC msgids of its users and "
                  "posta-certificata@ are in."),
      of_provider("certificate_file", "/etc/pec/unit2.crt",
                  "The unit's signing certificate and then its chain, PEM."),
      of_provider("key_file", "/etc/pec/unit2.key"),
      of_provider("other_certificate_file"),
      of_provider("service_mailbox", "",
                  "Where other providers send their take-charge receipts and virus detections "
                  "(mailReceipt), such as ricevute@pec.unit2.example; required for \"pecctl "
                  "directory publish\"."),
      of_provider("text_file", "",
                  "A text of the unit's own, UTF-8, that ends every receipt, notice and envelope."),
      of_provider("text_dir", "",
                  "A folder of texts of the unit's own for single kinds of message, such as "
                  "non-delivery.txt; each stands above that of text_file (texts/README.md)."),
      of_provider("second_language_dir"),
  };
  return all;
}

}  // namespace pec::config

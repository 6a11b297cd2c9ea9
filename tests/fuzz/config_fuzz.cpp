// SPDX-License-Identifier: GPL-2.0-or-later

// The configuration file (common/config/config.hpp).
//
// Input: the file.
// - What was read passes the checks of the table of options, defaults included.
// - A comment changes nothing; a section that nobody knows is never passed over.
// - Written as config_text() does, what it sets is the same configuration.
// - Complaints are lines that begin with the file's name.
#include "base/file.hpp"
#include "base/text.hpp"
#include "config/config.hpp"
#include "config/config_text.hpp"
#include "config/options.hpp"
#include "fuzz/property.hpp"

#include <algorithm>
#include <string>
#include <sys/mman.h>

using namespace pec;
using fuzz::must_hold;

namespace {

// The reader needs a file's name: this file has no place on disk.
template <class T>
Result<T> load(Result<T> (*reader)(const std::filesystem::path&), std::string_view content,
               std::string& name) {
  const FileDescriptor file(memfd_create("pec.toml", MFD_CLOEXEC));
  must_hold(file && write_all(file.get(), content) == 0, "a file in memory can be written");
  name = "/proc/self/fd/" + std::to_string(file.get());
  return reader(name);
}

struct PassesChecks {
  config::Config& config;

  bool operator()(const config::Text& text) const { return text.check(text.place(config)).empty(); }
  bool operator()(const config::AbsolutePath& path) const {
    const auto& value = path.place(config);
    return value.is_absolute() || (path.may_be_empty && value.empty());
  }
  bool operator()(const config::Number& number) const {
    const auto value = number.place(config);
    return (value >= number.least && value <= number.most) || (number.zero_too && value == 0);
  }
  bool operator()(const config::Extensions& extensions) const {
    const auto& all = extensions.place(config);
    return std::all_of(all.begin(), all.end(), [](const std::string& each) {
      return !each.empty() && each == text::lower(each) && !each.starts_with('.');
    });
  }
  bool operator()(const config::Words& words) const {
    const auto& all = words.place(config);
    return std::all_of(all.begin(), all.end(), [&](const std::string& each) {
      return !each.empty() && words.check(each).empty();
    });
  }
  template <class E>
  bool operator()(const config::Choice<E>& choice) const {
    return std::any_of(choice.names.begin(), choice.names.end(),
                       [&](const auto& name) { return name.second == choice.place(config); });
  }
};

void check_complaints(const std::string& detail, const std::string& name) {
  for (const auto line : text::split(detail, '\n'))
    must_hold(line.starts_with(name) && fuzz::on_one_line(line),
              "a complaint is a line that begins with the file's name");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string content(fuzz::text_of(data, size));
  std::string name;
  auto config = load(config::load_config, content, name);
  if (!config) {
    check_complaints(config.error().detail, name);
    return 0;
  }
  for (const auto& option : config::options())
    must_hold(std::visit(PassesChecks{*config}, option.field), "what was read passes its check");

  const auto commented = load(config::load_config, content + "\n# nothing\n", name);
  must_hold(commented.has_value() && *commented == *config, "a comment changes nothing");
  const auto values = load(config::load_values, content, name);
  must_hold(values.has_value(), "what is a whole configuration sets something");
  const auto again = config::parse_config(config::config_text(*values), name);
  must_hold(again.has_value() && *again == *config, "what was written is what was read");
  const auto more = load(config::load_config, content + "\n[nobody-knows]\n", name);
  must_hold(
      !more && more.error().detail.find("unknown section [nobody-knows]") != std::string::npos,
      "an unknown section is refused");
  return 0;
}

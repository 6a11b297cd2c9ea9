// SPDX-License-Identifier: GPL-2.0-or-later

// `pecctl certificate`: our signing certificates, and the request for a new one (RFC 6109, 5.5).
//
//     /etc/pec/alfa.crt  posta-certificata@alfa.example  until 2027-11-22 05:11:22 UTC, 357 days
//
// `request` makes a new key and never touches one that is there: mail that was signed with the old
// one is on its way. `check` looks at certificate and key together, as pec-milter will.

#include "smime/certificate.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "pecctl/commands.hpp"
#include "pecctl/signing_certificates.hpp"
#include "smime/certificate_request.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

namespace fs = std::filesystem;
using config::Config;

struct Options {
  std::string unit;  // empty: the provider itself
  fs::path key_file, request_file;
};

// Never a file that is there already.
Result<void> write_new(const fs::path& path, std::string_view content, mode_t mode) {
  const FileDescriptor file(
      open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file && errno == EEXIST)
    return bad_input(fmt::format("{} is there already, and stays: name a new file", path.string()));
  if (!file) return bad_input(fmt::format("can't make {}: {}", path.string(), errno_text(errno)));
  if (write_all(file.get(), content) == 0 && fsync(file.get()) == 0) return {};
  const int error = errno;
  unlink(path.c_str());
  return unavailable(fmt::format("can't write {}: {}", path.string(), errno_text(error)));
}

// The service reads the key. Its user owns the internal secret.
Result<std::string> give_to_service(const fs::path& key, const Config& config) {
  struct stat status {};
  if (geteuid() != 0) return std::string();
  if (stat(config.internal.secret_file.c_str(), &status) != 0)
    return fmt::format("{} belongs to root: make the service's user its owner", key.string());
  if (chown(key.c_str(), status.st_uid, status.st_gid) == 0) return std::string();
  return unavailable(
      fmt::format("can't give {} to the service's user: {}", key.string(), errno_text(errno)));
}

Result<Config::Provider> identity_of(const Config& config, const std::string& unit) {
  for (const auto& us : config.identities())
    if (text::equals_ignoring_case(us.unit, unit)) return us;
  return bad_input(fmt::format("pec.toml has no [[unit]] called \"{}\"", text::printable(unit)));
}

Result<Answer> request(const Context& context, const Options& options) {
  PEC_TRY(const auto config, context.load_config({}));
  PEC_TRY(const auto us, identity_of(config, options.unit));
  PEC_TRY(const auto made,
          smime::make_request({us.name, us.unit, "posta-certificata@" + text::lower(us.domain)}));
  PEC_TRY_VOID(write_new(options.key_file, made.key_pem, 0400));
  if (auto written = write_new(options.request_file, made.request_pem, 0644); !written) {
    unlink(options.key_file.c_str());
    return tl::unexpected(written.error());
  }
  Answer answer{{fmt::format("key: {}", options.key_file.string()),
                 fmt::format("request: {}", options.request_file.string()),
                 "send the request to the authority; when the certificate is there, publish both "
                 "(provider.other_certificate_file) before you change to it"}};
  PEC_TRY(const auto remark, give_to_service(options.key_file, config));
  if (!remark.empty()) answer.lines.push_back(remark);
  return answer;
}

Result<std::string> line_of(const fs::path& file, const X509& certificate, Instant now) {
  PEC_TRY(const auto end, end_text(certificate, now));
  return text::printable(fmt::format("{}  {}  {}", file.string(),
                                     text::join(smime::rfc822_names(certificate), ", "), end));
}

Result<Answer> show(const Context& context) {
  PEC_TRY(const auto config, context.load_config({}));
  Answer answer;
  for (const auto& [file, us] : signing_certificates(config)) {
    PEC_TRY(const auto chain, smime::certificates_from_pem_file(file));
    PEC_TRY(auto line, line_of(file, *chain.front(), context.now()));
    answer.lines.push_back(std::move(line));
  }
  return answer;
}

Result<Answer> check(const Context& context) {
  PEC_TRY(const auto config, context.load_config({config::FileUse::signing}));
  PEC_TRY_VOID(context.become_service_user(config));
  Answer answer;
  for (const auto& [file, us] : signing_certificates(config))
    for (auto& flaw : certificate_flaws(file, us, context, config))
      answer.problems.push_back(text::printable(flaw));
  if (answer.problems.empty()) answer.lines.emplace_back("all certificates are good");
  return answer;
}

}  // namespace

void add_certificate(CLI::App& app, Command& chosen) {
  auto& group = add_group(app, "certificate", "Our signing certificates");
  const auto options = std::make_shared<Options>();
  auto& requesting =
      add_command(group, chosen, "request", "Make a new key, and the request for its certificate",
                  [options](const Context& context) { return request(context, *options); });
  requesting.add_option("--unit", options->unit, "For this unit; left out: for the provider");
  requesting.add_option("--key", options->key_file, "The new file of the key")->required();
  requesting.add_option("--request", options->request_file, "The new file of the request")
      ->required();
  requesting.footer("A file that is there already is never written to.");
  add_command(group, chosen, "show", "Whose they are, and until when", show);
  add_command(group, chosen, "check", "Say what is wrong with them and their keys", check)
      .footer("Exit status: 0 if all are good; 1 if not.");
}

}  // namespace pec::pecctl

// SPDX-License-Identifier: GPL-2.0-or-later

#include "milter/libmilter_shim.hpp"

#include "base/text.hpp"
#include "milter/reply.hpp"

#include <arpa/inet.h>
#include <array>
#include <fmt/format.h>
#include <libmilter/mfapi.h>
#include <memory>
#include <netinet/in.h>
#include <optional>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <sys/stat.h>

// libmilter takes C callbacks with one context pointer, and may call those of one connection from
// different threads. So the context holds all state (smfi_setpriv), nothing is thread_local, and
// every callback is noexcept. An exception becomes a tempfail, and the client keeps the message.
//
// The library's string parameters are `char*` for historical reasons; it does not write to them.

namespace pec::milter {

namespace {

// libmilter has no user pointer for the whole filter, so these two are set once, before smfi_main.
Handlers handlers;                   // NOLINT(cert-err58-cpp): empty until serve()
std::filesystem::path spool_folder;  // NOLINT(cert-err58-cpp)
std::optional<Load> load;            // NOLINT(cert-err58-cpp)

// The state of a connection.
struct Connection {
  Role role;
  Share::Held place;
  MailSession mail;
};

char* mutable_text(const std::string& text) {
  return const_cast<char*>(text.c_str());
}

std::string macro(SMFICTX* context, const std::string& name) {
  const char* value = smfi_getsymval(context, mutable_text(name));
  return value ? value : "";
}

class LibmilterQueueFile final : public QueueFile {
public:
  explicit LibmilterQueueFile(SMFICTX* context) : context_(context) {}

  Result<void> delete_header(const std::string& name, int index) override {
    return done(smfi_chgheader(context_, mutable_text(name), index, nullptr), "delete a header");
  }
  Result<void> append_header(const std::string& name, const std::string& raw_value) override {
    // Postfix expects folds as "\n" and writes its own line ends.
    const auto value = text::replace_all(raw_value, "\r\n", "\n");
    return done(smfi_addheader(context_, mutable_text(name), mutable_text(value)), "add a header");
  }
  Result<void> replace_body(std::string_view chunk) override {
    constexpr std::size_t largest = 65535;
    for (; !chunk.empty(); chunk.remove_prefix(std::min(chunk.size(), largest))) {
      const auto piece = chunk.substr(0, largest);
      auto* bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(piece.data()));
      const int result = smfi_replacebody(context_, bytes, static_cast<int>(piece.size()));
      if (result != MI_SUCCESS) return done(result, "replace the body");
    }
    return {};
  }
  Result<void> change_sender(const std::string& sender) override {
    return done(smfi_chgfrom(context_, mutable_text(bracketed(sender)), nullptr),
                "change the sender");
  }
  Result<void> delete_recipient(const std::string& as_written) override {
    return done(smfi_delrcpt(context_, mutable_text(bracketed(as_written))), "delete a recipient");
  }
  Result<void> add_recipient(const std::string& recipient) override {
    return done(smfi_addrcpt(context_, mutable_text(bracketed(recipient))), "add a recipient");
  }
  void progress() override { smfi_progress(context_); }

private:
  static std::string bracketed(const std::string& address) { return "<" + address + ">"; }

  static Result<void> done(int result, const char* what) {
    if (result == MI_SUCCESS) return {};
    return unavailable(fmt::format("the mail server did not take the request to {}", what),
                       ErrorSource::mail_server);
  }

  SMFICTX* context_;
};

// A client that causes one fault can cause thousands. One within an hour is an alert; the others go
// to the log.
spdlog::level::level_enum level_of(SMFICTX* context, ErrorSource source) {
  const auto* connection = static_cast<const Connection*>(smfi_getpriv(context));
  const auto role = connection ? std::optional(connection->role) : std::nullopt;
  return handlers.tally->alert_of_waiting(role, source) ? spdlog::level::warn : spdlog::level::info;
}

MailSession& session_of(SMFICTX* context) {
  auto* connection = static_cast<Connection*>(smfi_getpriv(context));
  if (!connection) throw std::logic_error("callback without a session");
  return connection->mail;
}

// ASCII, no control characters, no "%" (libmilter's formatter eats it), one line.
std::string fit_for_reply(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e || c == '%')
      c = '?';
  return text;
}

sfsistat refuse(SMFICTX* context, const Reply& reply) {
  smfi_setreply(context, mutable_text(reply.code), mutable_text(reply.enhanced),
                mutable_text(fit_for_reply(reply.text)));
  return reply.permanent() ? SMFIS_REJECT : SMFIS_TEMPFAIL;
}

// The message waits.
sfsistat put_off(SMFICTX* context, const Error& error) {
  spdlog::log(level_of(context, source_of(error)), "tempfail: {}", error.detail);
  return refuse(context, reply_for(error));
}

// Runs a callback's body. An exception is logged and becomes a tempfail.
template <class Body>
sfsistat guarded(SMFICTX* context, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& error) {
    return put_off(context, {Fault::internal, {}, error.what()});
  } catch (...) {
    return put_off(context, {Fault::internal, {}, "an exception of unknown type"});
  }
}

sfsistat on_negotiate(SMFICTX*, unsigned long offered_actions, unsigned long offered_steps,
                      unsigned long, unsigned long, unsigned long* actions, unsigned long* steps,
                      unsigned long* reserved1, unsigned long* reserved2) noexcept {
  constexpr unsigned long needed_actions =
      SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY | SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_CHGFROM;
  // Signatures over embedded messages would break without the leading blanks of header values.
  constexpr unsigned long needed_steps = SMFIP_HDR_LEADSPC;
  constexpr unsigned long unused_steps = SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NODATA;
  if ((offered_actions & needed_actions) != needed_actions ||
      (offered_steps & needed_steps) != needed_steps) {
    spdlog::error(
        "the mail server does not offer what this milter needs: is it Postfix 3 or later?");
    return SMFIS_REJECT;
  }
  *actions = needed_actions;
  *steps = needed_steps | (offered_steps & unused_steps);
  *reserved1 = 0;
  *reserved2 = 0;
  return SMFIS_CONTINUE;
}

// Postfix then answers 451 to all that the client asks, and closes this connection.
sfsistat put_off_connection(Role role) {
  if (handlers.tally->count({}, {"too many connections"}))
    spdlog::warn("too many connections at once, at most {} are allowed: one of {} is put off",
                 load->connections.limit(), daemon_name_of(role));
  return SMFIS_TEMPFAIL;
}

// Empty if it has no address, or one of another kind.
std::string text_of(const _SOCK_ADDR* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* octets = nullptr;
  if (address && address->sa_family == AF_INET)
    octets = &reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
  if (address && address->sa_family == AF_INET6)
    octets = &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
  if (octets) inet_ntop(address->sa_family, octets, text.data(), text.size());
  return text.data();
}

sfsistat on_connect(SMFICTX* context, char*, _SOCK_ADDR* client) noexcept {
  return guarded(context, [&] {
    const auto role = role_of(macro(context, "{daemon_name}"));
    if (!role) return put_off(context, role.error());
    const auto party = party_of(*role);
    auto place = load->connections.take(party, 1);
    auto held = load->octets.take(party, 0);
    if (!place || !held) return put_off_connection(*role);
    auto connection = std::make_unique<Connection>(
        Connection{*role, std::move(*place),
                   MailSession(*role, spool_folder, std::move(*held), text_of(client))});
    if (smfi_setpriv(context, connection.get()) != MI_SUCCESS)
      throw std::runtime_error("smfi_setpriv failed");
    connection.release();
    return static_cast<sfsistat>(SMFIS_CONTINUE);
  });
}

sfsistat go_on_unless(SMFICTX* context, const std::optional<Refusal>& refusal) {
  if (!refusal) return SMFIS_CONTINUE;
  const auto level =
      refusal->waits_for ? level_of(context, *refusal->waits_for) : spdlog::level::info;
  spdlog::log(level, "{}", refusal->log);
  return refuse(context, refusal->reply);
}

// SIZE=1234 after the address (RFC 1870). An unreadable size counts as not declared.
std::uint64_t declared_octets(char** arguments) {
  constexpr std::string_view keyword = "SIZE=";
  for (++arguments; *arguments; ++arguments) {
    const std::string_view parameter(*arguments);
    if (text::starts_with_ignoring_case(parameter, keyword))
      return text::number(parameter.substr(keyword.size())).value_or(0);
  }
  return 0;
}

sfsistat on_mail(SMFICTX* context, char** arguments) noexcept {
  return guarded(context, [&] {
    const auto resolved = macro(context, "{mail_addr}");
    const bool over_tls = !std::string_view(macro(context, "{tls_version}")).empty();
    return go_on_unless(context, session_of(context).begin({arguments[0], resolved},
                                                           macro(context, "{auth_authen}"),
                                                           over_tls, declared_octets(arguments)));
  });
}

sfsistat on_recipient(SMFICTX* context, char** arguments) noexcept {
  return guarded(context, [&] {
    const auto resolved = macro(context, "{rcpt_addr}");
    const auto mailer = macro(context, "{rcpt_mailer}");
    return go_on_unless(context, session_of(context).add_recipient({arguments[0], resolved, mailer},
                                                                   handlers.admit));
  });
}

sfsistat on_header(SMFICTX* context, char* name, char* value) noexcept {
  return guarded(
      context, [&] { return go_on_unless(context, session_of(context).add_header(name, value)); });
}

sfsistat on_body(SMFICTX* context, unsigned char* bytes, std::size_t size) noexcept {
  return guarded(context, [&] {
    const auto kept = session_of(context).add_body({reinterpret_cast<const char*>(bytes), size});
    if (kept) return static_cast<sfsistat>(SMFIS_CONTINUE);
    return put_off(context, kept.error());
  });
}

sfsistat on_end_of_message(SMFICTX* context) noexcept {
  return guarded(context, [&] {
    const auto transaction = session_of(context).finish(macro(context, "i"));
    if (!transaction) return put_off(context, transaction.error());
    const auto held = session_of(context).hold_while_handled();
    if (!held) return put_off(context, held.error());
    LibmilterQueueFile queue_file(context);
    const auto outcome = handlers.handle(*transaction, queue_file);
    spdlog::log(outcome.alert ? spdlog::level::warn : spdlog::level::info, "{}", outcome.log);
    if (!outcome.alarm.empty()) spdlog::error("{}", outcome.alarm);
    switch (outcome.verdict) {
      case Outcome::Verdict::accept:
        return static_cast<sfsistat>(SMFIS_CONTINUE);
      case Outcome::Verdict::discard:
        return static_cast<sfsistat>(SMFIS_DISCARD);
      case Outcome::Verdict::refuse:
        break;
    }
    return refuse(context, outcome.reply);
  });
}

sfsistat on_abort(SMFICTX* context) noexcept {
  return guarded(context, [&] {
    session_of(context).reset();
    return static_cast<sfsistat>(SMFIS_CONTINUE);
  });
}

// Also called for connections that never got a session.
sfsistat on_close(SMFICTX* context) noexcept {
  delete static_cast<Connection*>(smfi_getpriv(context));
  smfi_setpriv(context, nullptr);
  return SMFIS_CONTINUE;
}

}  // namespace

void serve(const ShimOptions& options, Handlers handle_with) {
  handlers = std::move(handle_with);
  spool_folder = options.temp_dir;
  load.emplace(options.limits);

  std::string name = "pec-milter";
  smfiDesc description{};
  description.xxfi_name = name.data();
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags =
      SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_CHGBODY | SMFIF_ADDRCPT | SMFIF_DELRCPT | SMFIF_CHGFROM;
  description.xxfi_negotiate = on_negotiate;
  description.xxfi_connect = on_connect;
  description.xxfi_envfrom = on_mail;
  description.xxfi_envrcpt = on_recipient;
  description.xxfi_header = on_header;
  description.xxfi_body = on_body;
  description.xxfi_eom = on_end_of_message;
  description.xxfi_abort = on_abort;
  description.xxfi_close = on_close;

  const auto unable = fmt::format(
      "can't listen on {}: correct milter.socket, and make sure that no other "
      "process holds it and that its folder can be written",
      options.socket);
  // A unix socket is for its owner and group: Postfix reaches it through the group of its folder.
  const auto old_mask = umask(0117);
  const bool open = smfi_setconn(mutable_text(options.socket)) == MI_SUCCESS &&
                    smfi_register(description) == MI_SUCCESS && smfi_opensocket(true) == MI_SUCCESS;
  umask(old_mask);
  if (!open) throw std::runtime_error(unable);
  options.listening();
  if (smfi_main() != MI_SUCCESS) throw std::runtime_error("libmilter stopped with an error");
}

}  // namespace pec::milter

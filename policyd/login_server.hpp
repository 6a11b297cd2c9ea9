// Listens on loopback for Dovecot's auth processes: HTTP, POST ?command=allow and ?command=report.
//
//     LoginServer server(logins, {.listen = "127.0.0.1:10590", .secret = digits});   // throws if it can't
//     server.run();                                                                  // until stop()
//
// Whoever does not bear the secret is answered 403, what is no question 400; neither reaches the ledger. A
// connection that is silent or slow is closed, and beyond `most_connections` a new one is. Dovecot takes no
// answer as "go on", and says so in its log.
//
// run() uses the thread that calls it.
#pragma once

#include "login_policy.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace pec::policy {

// The field of a question's header that holds the secret.
inline constexpr auto login_secret_field = "X-PEC-Secret";

struct LoginServerOptions {
  std::string listen{};  // "127.0.0.1:PORT" (0: any that is free)
  std::string secret{};
  std::size_t most_connections = 500;
  std::chrono::milliseconds idle_limit = std::chrono::seconds(30);  // Dovecot's own is ten
};

class LoginServer {
public:
  // Throws std::runtime_error, with the address and how to mend it.
  LoginServer(const LoginPolicy& logins, const LoginServerOptions& options);
  ~LoginServer();

  void run();
  void stop();  // from any thread

  std::uint16_t port() const;

private:
  class Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace pec::policy

// SPDX-License-Identifier: GPL-2.0-or-later

// A session with one of this host's public services, as a mail program of a user has it: with TLS,
// for the host's own name, and a certificate of an authority that is trusted.
//
//     TlsSession imap({"imaps", "imaps", "mx.pec.alfa.example", "192.0.2.1", "993", ca_file}, 10s);
//     PEC_TRY_VOID(imap.command("CAPABILITY"));
//
// Trusted are the system's authorities and those in `ca_file`. It connects when needed, and ends
// the session with QUIT or LOGOUT. Errors: unavailable, with the service, its address, and what
// went wrong. One thread.
#pragma once

#include "base/c_handle.hpp"
#include "base/result.hpp"

#include <array>
#include <chrono>
#include <curl/curl.h>
#include <filesystem>
#include <string>

namespace pec::pecctl {

struct TlsServer {
  std::string name;    // "submission", for errors
  std::string scheme;  // "smtps", "smtp" (with STARTTLS), "imaps", "pop3s"
  std::string host;    // the name that the certificate must have
  std::string address;
  std::string port;
  std::filesystem::path ca_file;

  std::string text() const;  // "submission at 192.0.2.1:587"
};

class TlsSession {
public:
  // `limit`: of each call. Throws std::runtime_error if libcurl lacks what this needs.
  TlsSession(TlsServer server, std::chrono::seconds limit);

  void log_in(const std::string& user, const std::string& password);

  // One command, of IMAP in INBOX if there is a login. The answer's lines.
  Result<std::string> command(const std::string& line);

  // From this address to itself; with CRLF line ends.
  Result<void> submit(const std::string& address, std::string_view message);

private:
  Result<void> perform();

  const TlsServer server_;
  CHandle<CURL, curl_easy_cleanup> curl_;
  CHandle<curl_slist, curl_slist_free_all> connect_to_;
  std::array<char, CURL_ERROR_SIZE> problem_{};
};

}  // namespace pec::pecctl

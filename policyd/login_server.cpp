// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/login_server.hpp"

#include "base/text.hpp"
#include "policyd/connections.hpp"

#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <fmt/format.h>
#include <optional>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

namespace pec::policyd {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Answer = http::response<http::string_body>;

constexpr std::uint32_t longest_header = 4096;

// Reports that wait for the ledger's disk; those that wait at the same moment share one commit.
class Reports {
public:
  Reports(LoginPolicy& logins, const LoginServerOptions& options)
      : logins_(logins), most_(options.most_reports), pool_(options.report_threads) {}

  void take(LoginRequest request) {
    if (++waiting_ > most_) {
      --waiting_;
      return logins_.note_unjudged(not_counted, "the ledger is too slow for so many");
    }
    asio::post(pool_, [this, request = std::move(request)]() noexcept {
      try {
        logins_.report(request);
      } catch (const std::exception& error) {
        logins_.note_unjudged(not_counted, error.what());
      }
      --waiting_;
    });
  }
  // Waits for all reports that were taken.
  void finish() { pool_.join(); }

private:
  static constexpr auto not_counted = "the result of a login was not counted";

  LoginPolicy& logins_;
  const std::size_t most_;
  std::atomic<std::size_t> waiting_ = 0;
  asio::thread_pool pool_;
};

class Connection;
using Connections = OpenConnections<Connection>;

struct Shared {
  LoginPolicy& logins;
  service::Alarms& alarms;
  const LoginServerOptions options;
  Connections connections;
  Reports reports;
};

// One connection; it answers its questions one after the other. It lives as long as an Asio
// operation holds it.
class Connection : public std::enable_shared_from_this<Connection> {
public:
  Connection(tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (place_) shared_.connections.remove(*place_);
  }

  void start() {
    auto [place, idle] = shared_.connections.add(shared_from_this());
    place_ = place;
    if (idle) idle->close();
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->read(); });
  }

  // From any thread.
  void close() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->stream_.close(); });
  }

private:
  void read() {
    parser_.emplace();
    parser_->header_limit(longest_header);
    parser_->body_limit(longest_login_request);
    stream_.expires_after(shared_.options.idle_limit);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       if (!error) self->have_read();
                     });
  }

  void have_read() {
    answer_ = answer_to(parser_->get());
    answer_.keep_alive(parser_->get().keep_alive() && answer_.result() == http::status::ok);
    answer_.prepare_payload();
    stream_.expires_after(shared_.options.idle_limit);
    http::async_write(stream_, answer_,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (!error && self->answer_.keep_alive()) self->read();
                      });
  }

  Answer answer_to(const http::request<http::string_body>& question) const {
    const auto presented = question[login_secret_field];
    if (!text::equals_in_constant_time(shared_.options.secret,
                                       {presented.data(), presented.size()}))
      return refuse(http::status::forbidden,
                    "without the secret of policy.logins_secret_file (Dovecot's is in "
                    "pec-logins.conf.ext)");
    shared_.connections.trust(*place_);
    const std::string_view target(question.target().data(), question.target().size());
    const bool is_report = target.ends_with("command=report");
    if (question.method() != http::verb::post || (!is_report && !target.ends_with("command=allow")))
      return refuse(http::status::bad_request, "neither allow nor report");
    auto request = parse_login_request(question.body());
    if (!request) return refuse(http::status::bad_request, request.error().detail);
    try {
      if (!is_report) return answer(http::status::ok, shared_.logins.allow(*request));
      // Until the ledger has it, it counts as under way. So nothing is lost by not waiting.
      shared_.reports.take(std::move(*request));
      return answer(http::status::ok, R"({"status":0})");
    } catch (const std::exception& error) {
      return refuse(http::status::internal_server_error, error.what());
    }
  }

  static Answer answer(http::status status, std::string body) {
    Answer made(status, 11);
    made.set(http::field::content_type, "application/json");
    made.body() = std::move(body);
    return made;
  }

  Answer refuse(http::status status, std::string_view why) const {
    const auto line = fmt::format("a question about a login can't be answered: {}", why);
    if (shared_.alarms.tell({line})) spdlog::warn("{}", line);
    return answer(status, "{}");
  }

  boost::beast::tcp_stream stream_;
  Shared& shared_;
  std::optional<Connections::Place> place_;
  boost::beast::flat_buffer buffer_{longest_header + longest_login_request};
  std::optional<http::request_parser<http::string_body>> parser_;
  Answer answer_;
};

}  // namespace

class LoginServer::Listener {
public:
  Listener(LoginPolicy& logins, service::Alarms& alarms, const LoginServerOptions& options)
      : shared_{logins, alarms, options, Connections(options.most_connections), {logins, options}} {
    try {
      acceptor_.emplace(io_, endpoint_of(options.listen));
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error(
          fmt::format("can't listen on {}: {}; stop the other program there, or correct "
                      "policy.logins_listen",
                      options.listen, error.code().message()));
    }
    accept_all(io_, *acceptor_, [this](auto socket) {
      std::make_shared<Connection>(tcp::socket(std::move(socket)), shared_)->start();
    });
  }

  void run() {
    // As in Server: an exception here does not come from a question.
    const auto work = [this]() noexcept { io_.run(); };
    {
      std::vector<std::jthread> others;
      for (std::size_t i = 1; i < shared_.options.threads; ++i) others.emplace_back(work);
      work();
    }
    shared_.reports.finish();
  }
  void stop() { io_.stop(); }
  std::uint16_t port() const { return acceptor_->local_endpoint().port(); }
  std::size_t connections() const { return shared_.connections.size(); }

private:
  Shared shared_;  // outlives io_, which holds the connections' last operations
  asio::io_context io_;
  std::optional<tcp::acceptor> acceptor_;
};

LoginServer::LoginServer(LoginPolicy& logins, service::Alarms& alarms,
                         const LoginServerOptions& options)
    : listener_(std::make_unique<Listener>(logins, alarms, options)) {}

LoginServer::~LoginServer() = default;

void LoginServer::run() {
  listener_->run();
}

void LoginServer::stop() {
  listener_->stop();
}

std::uint16_t LoginServer::port() const {
  return listener_->port();
}

std::size_t LoginServer::connections() const {
  return listener_->connections();
}

}  // namespace pec::policyd

#include "login_server.hpp"

#include "base/text.hpp"

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <charconv>
#include <fmt/format.h>
#include <optional>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <string_view>

namespace pec::policy {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Answer = http::response<http::string_body>;

constexpr std::uint32_t longest_header = 4096;

// Takes as long for a wrong secret as for the right one; how long it is everybody may know.
bool is_same(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned different = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    different |= static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i]);
  return different == 0;
}

asio::ip::tcp::endpoint endpoint_of(std::string_view address) {
  const auto colon = address.rfind(':');
  std::uint16_t port = 0;
  std::from_chars(address.data() + colon + 1, address.data() + address.size(), port);
  return {asio::ip::make_address(std::string(address.substr(0, colon))), port};
}

// One connection, its questions one after the other. It lives as long as an operation of Asio's holds it.
class Connection : public std::enable_shared_from_this<Connection> {
public:
  Connection(tcp::socket socket, const LoginPolicy& logins, const LoginServerOptions& options,
             std::size_t& open)
      : stream_(std::move(socket)), logins_(logins), options_(options), open_(open) {
    ++open_;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { --open_; }

  void read() {
    parser_.emplace();
    parser_->header_limit(longest_header);
    parser_->body_limit(longest_login_request);
    stream_.expires_after(options_.idle_limit);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       if (!error) self->have_read();
                     });
  }

private:
  void have_read() {
    answer_ = answer_to(parser_->get());
    answer_.keep_alive(parser_->get().keep_alive() && answer_.result() == http::status::ok);
    answer_.prepare_payload();
    stream_.expires_after(options_.idle_limit);
    http::async_write(stream_, answer_,
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        if (!error && self->answer_.keep_alive()) self->read();
                      });
  }

  Answer answer_to(const http::request<http::string_body>& question) const {
    const auto presented = question[login_secret_field];
    if (!is_same(options_.secret, {presented.data(), presented.size()}))
      return refuse(http::status::forbidden,
                    "without the secret of policy.logins_secret_file (Dovecot's is in "
                    "pec-logins.conf.ext)");
    const std::string_view target(question.target().data(), question.target().size());
    const bool is_report = target.ends_with("command=report");
    if (question.method() != http::verb::post || (!is_report && !target.ends_with("command=allow")))
      return refuse(http::status::bad_request, "neither allow nor report");
    const auto request = parse_login_request(question.body());
    if (!request) return refuse(http::status::bad_request, request.error().detail);
    try {
      if (!is_report) return answer(http::status::ok, logins_.allow(*request));
      logins_.report(*request);
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

  static Answer refuse(http::status status, std::string_view why) {
    spdlog::warn("a question about a login can't be answered: {}", why);
    return answer(status, "{}");
  }

  boost::beast::tcp_stream stream_;
  const LoginPolicy& logins_;
  const LoginServerOptions& options_;
  std::size_t& open_;
  boost::beast::flat_buffer buffer_{longest_header + longest_login_request};
  std::optional<http::request_parser<http::string_body>> parser_;
  Answer answer_;
};

}  // namespace

class LoginServer::Listener {
public:
  Listener(const LoginPolicy& logins, const LoginServerOptions& options)
      : logins_(logins), options_(options) {
    try {
      acceptor_.emplace(io_, endpoint_of(options.listen));
    } catch (const boost::system::system_error& error) {
      throw std::runtime_error(
          fmt::format("can't listen on {}: {}; end who else listens there, or correct "
                      "policy.logins_listen",
                      options.listen, error.code().message()));
    }
    accept();
  }

  void run() { io_.run(); }
  void stop() { io_.stop(); }
  std::uint16_t port() const { return acceptor_->local_endpoint().port(); }

private:
  void accept() {
    acceptor_->async_accept([this](const error_code& error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return pause(error);
      if (open_ < options_.most_connections)
        std::make_shared<Connection>(std::move(socket), logins_, options_, open_)->read();
      accept();
    });
  }

  // Not at once again: what is lacking (memory, descriptors) would still be.
  void pause(const error_code& error) {
    spdlog::error("a connection could not be accepted: {}", error.message());
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](const error_code& stopped) {
      if (!stopped) accept();
    });
  }

  const LoginPolicy& logins_;
  const LoginServerOptions options_;
  std::size_t open_ = 0;  // outlives io_, which holds the connections' last operations
  asio::io_context io_{1};
  asio::steady_timer timer_{io_};
  std::optional<tcp::acceptor> acceptor_;
};

LoginServer::LoginServer(const LoginPolicy& logins, const LoginServerOptions& options)
    : listener_(std::make_unique<Listener>(logins, options)) {}

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

}  // namespace pec::policy

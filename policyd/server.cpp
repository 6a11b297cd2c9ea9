// SPDX-License-Identifier: GPL-2.0-or-later

#include "policyd/server.hpp"

#include "policyd/connections.hpp"
#include "service/open_files.hpp"

#include <algorithm>
#include <boost/asio.hpp>
#include <cerrno>
#include <fmt/format.h>
#include <list>
#include <optional>
#include <spdlog/spdlog.h>
#include <stdexcept>
#include <string_view>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace pec::policyd {

namespace {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;
using std::chrono::milliseconds;

class Connection;
using Connections = OpenConnections<Connection>;

// One connection: waits for a request, answers it, and so on. It lives as long as an Asio operation
// holds it. Beside the timer there is always exactly one operation, so no two threads are in it.
class Connection : public std::enable_shared_from_this<Connection> {
public:
  Connection(Socket socket, const Policy& policy, Connections& all, milliseconds idle_limit)
      : socket_(std::move(socket)),
        timer_(socket_.get_executor()),
        policy_(policy),
        all_(all),
        idle_limit_(idle_limit) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (place_) all_.remove(*place_);
  }

  void start() {
    auto [place, idle] = all_.add(shared_from_this());
    place_ = place;
    if (idle) idle->close();
    asio::dispatch(strand_of(), [self = shared_from_this()] { self->read(); });
  }

  // From any thread.
  void close() {
    asio::dispatch(strand_of(), [self = shared_from_this()] {
      boost::system::error_code ignored;  // the connection ends anyway
      self->socket_.close(ignored);
      self->timer_.cancel();
    });
  }

private:
  Socket::executor_type strand_of() { return socket_.get_executor(); }

  void read() {
    timer_.expires_after(idle_limit_);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      if (const auto self = weak.lock(); self && !cancelled) self->close();
    });
    asio::async_read_until(
        socket_, asio::dynamic_buffer(received_, longest_request), end_of_request,
        [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
          self->have_read(error, size);
        });
  }

  void have_read(const boost::system::error_code& error, std::size_t size) {
    if (error == asio::error::not_found) return hang_up("longer than any request");
    if (error) return timer_.cancel(), void();  // closed, by either side
    all_.touch(*place_);
    auto answer = answer_to(std::string_view(received_).substr(0, size));
    if (!answer) return hang_up(answer.error().detail);
    received_.erase(0, size);
    answer_ = std::move(*answer);
    asio::async_write(
        socket_, asio::buffer(answer_),
        [self = shared_from_this()](const boost::system::error_code& failed, std::size_t) {
          if (failed)
            self->timer_.cancel();
          else
            self->read();
        });
  }

  // If a request can't even be refused, only its own connection ends.
  Result<std::string> answer_to(std::string_view request) const {
    try {
      return policy_.answer(request);
    } catch (const std::exception& error) {
      return internal_error(error.what());
    }
  }

  void hang_up(const std::string& why) {
    spdlog::warn("a connection is closed because its request can't be answered: {}", why);
    timer_.cancel();
  }

  Socket socket_;
  asio::steady_timer timer_;
  const Policy& policy_;
  Connections& all_;
  const milliseconds idle_limit_;
  std::optional<Connections::Place> place_;
  std::string received_, answer_;
};

// The wanted number of connections, or as many as the limit of open files allows after raising it.
// Without this limit, a surplus connection would not be accepted; with it, an idle one is closed.
std::size_t possible_connections(std::size_t wanted, std::size_t others) {
  const auto files = service::raise_open_files(wanted + others);
  if (files <= others)
    throw std::runtime_error(fmt::format(
        "only {} files may be open, which is too few; raise that limit (LimitNOFILE)", files));
  return std::min(wanted, files - others);
}

// A socket without a listener is left over from a killed server. A socket with a listener is not
// ours to take.
void remove_stale_socket(asio::io_context& io, const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  asio::local::stream_protocol::socket probe(io);
  boost::system::error_code error;
  probe.connect(path, error);
  if (error == asio::error::connection_refused) unlink(path.c_str());
}

}  // namespace

class Server::Listeners {
public:
  Listeners(const Policy& policy, const ServerOptions& options)
      : policy_(policy),
        options_(options),
        connections_(possible_connections(options.most_connections, options.other_files)) {
    for (const auto& address : options.listen) {
      try {
        listen(address);
      } catch (const boost::system::system_error& error) {
        throw std::runtime_error(fmt::format(
            "can't listen on {}: {}; let the service's user write to its folder, stop the "
            "other program there, or correct policy.listen",
            address, error.code().message()));
      }
    }
  }

  void run() {
    // An exception here does not come from a request (memory is lacking). End at once, to be
    // started again; meanwhile Postfix lets its clients wait.
    const auto work = [this]() noexcept { io_.run(); };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < options_.threads; ++i) others.emplace_back(work);
    work();
  }

  void stop() { io_.stop(); }

  std::vector<std::uint16_t> ports() const {
    std::vector<std::uint16_t> ports;
    for (const auto& acceptor : inet_) ports.push_back(acceptor.local_endpoint().port());
    return ports;
  }

  std::size_t connections() const { return connections_.size(); }

private:
  void listen(std::string_view address) {
    constexpr std::string_view local = "unix:", inet = "inet:";
    if (address.starts_with(local)) {
      const std::string path(address.substr(local.size()));
      remove_stale_socket(io_, path);
      // From the first moment only the user and the group can open it.
      const mode_t before = umask(0117);
      try {
        unix_.emplace_back(io_, asio::local::stream_protocol::endpoint(path));
      } catch (...) {
        umask(before);
        throw;
      }
      umask(before);
      return accept(unix_.back());
    }
    address.remove_prefix(inet.size());
    inet_.emplace_back(io_, endpoint_of(address));
    accept(inet_.back());
  }

  template <class Acceptor>
  void accept(Acceptor& acceptor) {
    accept_all(io_, acceptor, [this](auto socket) {
      std::make_shared<Connection>(Socket(std::move(socket)), policy_, connections_,
                                   options_.idle_limit)
          ->start();
    });
  }

  const Policy& policy_;
  const ServerOptions options_;
  Connections connections_;  // outlives io_, which holds the connections' last operations
  asio::io_context io_;
  std::list<asio::local::stream_protocol::acceptor> unix_;
  std::list<asio::ip::tcp::acceptor> inet_;
};

Server::Server(const Policy& policy, const ServerOptions& options)
    : listeners_(std::make_unique<Listeners>(policy, options)) {}

Server::~Server() = default;

void Server::run() {
  listeners_->run();
}

void Server::stop() {
  listeners_->stop();
}

std::vector<std::uint16_t> Server::ports() const {
  return listeners_->ports();
}

std::size_t Server::connections() const {
  return listeners_->connections();
}

}  // namespace pec::policyd

// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/own_socket.hpp"

#include <boost/asio.hpp>
#include <exception>
#include <fmt/format.h>
#include <vector>

namespace pec::service {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Unix = asio::local::stream_protocol;
using Tcp = asio::ip::tcp;

// A question under way. All its steps run in one call of run().
template <class Protocol>
class Question {
public:
  Question(std::vector<typename Protocol::endpoint> places, std::string_view text,
           std::size_t octets)
      : places_(std::move(places)), text_(text), answer_(octets, '\0') {}

  Result<std::string> run(const Patience& patience) {
    connect();
    const std::stop_callback stop(patience.stop, [this] { io_.stop(); });
    io_.run_for(patience.time);
    if (result_) return unavailable(result_.message());
    return std::move(answer_);
  }

private:
  void connect() {
    asio::async_connect(socket_, places_, [this](const error_code& failed, const auto&) {
      // So many clients wait at a unix socket that there is no room for one more: wait, too.
      if (failed == asio::error::no_buffer_space) return wait();
      if (failed) return end(failed);
      write();
    });
  }
  void wait() {
    timer_.expires_after(std::chrono::milliseconds(20));
    timer_.async_wait([this](const error_code&) { connect(); });
  }
  void write() {
    asio::async_write(socket_, asio::buffer(text_), [this](const error_code& failed, std::size_t) {
      if (failed) return end(failed);
      read();
    });
  }
  void read() {
    asio::async_read(socket_, asio::buffer(answer_),
                     [this](const error_code& failed, std::size_t) { end(failed); });
  }
  void end(const error_code& result) { result_ = result; }

  const std::vector<typename Protocol::endpoint> places_;
  const std::string_view text_;
  std::string answer_;
  error_code result_ = asio::error::timed_out;  // until it has ended
  asio::io_context io_;
  typename Protocol::socket socket_{io_};
  asio::steady_timer timer_{io_};
};

Result<std::string> ask_at(const OwnSocket& socket, std::string_view question, std::size_t octets,
                           const Patience& patience) {
  if (!socket.path.empty())
    return Question<Unix>({Unix::endpoint(socket.path)}, question, octets).run(patience);
  asio::io_context io;
  std::vector<Tcp::endpoint> places;
  for (const auto& found : Tcp::resolver(io).resolve(socket.host, socket.port))
    places.push_back(found.endpoint());
  return Question<Tcp>(std::move(places), question, octets).run(patience);
}

}  // namespace

Result<std::string> ask(const OwnSocket& socket, std::string_view question, std::size_t octets,
                        const Patience& patience) {
  const auto failed = [&](std::string_view why) {
    return unavailable(fmt::format(
        "{}: {}", socket.path.empty() ? socket.host + ":" + socket.port : socket.path, why));
  };
  try {
    auto answer = ask_at(socket, question, octets, patience);
    if (!answer) return failed(answer.error().detail);
    return answer;
  } catch (const std::exception& error) {
    return failed(error.what());
  }
}

}  // namespace pec::service

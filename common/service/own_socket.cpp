// SPDX-License-Identifier: GPL-2.0-or-later

#include "service/own_socket.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <exception>
#include <fmt/format.h>

namespace pec::service {

namespace {

using Unix = boost::asio::local::stream_protocol;
using Tcp = boost::asio::ip::tcp;

template <class Stream>
Result<std::string> answer_of(Stream& stream, std::string_view question, std::size_t octets) {
  stream << question << std::flush;
  std::string answer(octets, '\0');
  if (stream.read(answer.data(), static_cast<std::streamsize>(octets))) return answer;
  return unavailable(stream.error() ? stream.error().message() : "it hung up");
}

Result<std::string> ask_at(const OwnSocket& socket, std::string_view question, std::size_t octets,
                           std::chrono::milliseconds patience) {
  if (!socket.path.empty()) {
    Unix::iostream stream;
    stream.expires_after(patience);
    stream.connect(Unix::endpoint(socket.path));
    return answer_of(stream, question, octets);
  }
  Tcp::iostream stream;
  stream.expires_after(patience);
  stream.connect(socket.host, socket.port);
  return answer_of(stream, question, octets);
}

}  // namespace

Result<std::string> ask(const OwnSocket& socket, std::string_view question, std::size_t octets,
                        std::chrono::milliseconds patience) {
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

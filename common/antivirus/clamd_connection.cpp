// SPDX-License-Identifier: GPL-2.0-or-later

#include "antivirus/clamd_connection.hpp"

#include "base/c_handle.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace pec::antivirus {

namespace {

constexpr std::size_t largest_chunk = std::size_t{1} << 20;
constexpr std::size_t longest_answer = 4096;

tl::unexpected<Error> no_clamd(const std::string& address, const std::string& cause) {
  return unavailable(fmt::format("clamd at {} can't be reached: {}", address, cause));
}

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Result<Address> unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return no_clamd(path, "the path is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  Address made;
  std::memcpy(&made.storage, &address, sizeof address);
  made.size = sizeof address;
  return made;
}

// The first address of the name.
Result<Address> internet_address(const std::string& host_and_port) {
  const auto colon = host_and_port.rfind(':');
  if (colon == std::string::npos) return no_clamd(host_and_port, "no port is given");
  const auto host = host_and_port.substr(0, colon), port = host_and_port.substr(colon + 1);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &list); error != 0)
    return no_clamd(host_and_port, gai_strerror(error));
  const CHandle<addrinfo, freeaddrinfo> found(list);
  Address made;
  std::memcpy(&made.storage, found->ai_addr, found->ai_addrlen);
  made.size = found->ai_addrlen;
  return made;
}

std::string big_endian(std::size_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>((number >> shift) & 0xff);
  return bytes;
}

}  // namespace

Result<ClamdConnection> ClamdConnection::open(const std::string& address,
                                              std::chrono::milliseconds timeout) {
  PEC_TRY(const auto peer,
          address.starts_with('/') ? unix_address(address) : internet_address(address));
  ClamdConnection connection(FileDescriptor(
      socket(peer.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)));
  const int fd = connection.socket_.get();
  if (fd < 0) return no_clamd(address, errno_text(errno));
  const auto* storage = reinterpret_cast<const sockaddr*>(&peer.storage);
  if (connect(fd, storage, peer.size) == 0) return connection;
  if (errno != EINPROGRESS) return no_clamd(address, errno_text(errno));
  connection.set_deadline(timeout);
  if (auto ready = connection.wait(POLLOUT); !ready) return no_clamd(address, ready.error().detail);
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return no_clamd(address, errno_text(error));
  return connection;
}

void ClamdConnection::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = Clock::now() + from_now;
}

// Waits for one of the events and returns those that came. An error or a closed connection counts
// as all of them.
Result<short> ClamdConnection::wait(short events) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline_ - Clock::now()).count();
    pollfd watched{socket_.get(), events, 0};
    const int ready =
        left > 0 ? poll(&watched, 1, static_cast<int>(std::min<long long>(left, 1'000'000))) : 0;
    if (ready > 0) {
      const bool ended = (watched.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
      return ended ? events : watched.revents;
    }
    if (ready < 0 && errno != EINTR) return unavailable(errno_text(errno));
    if (ready == 0 && Clock::now() >= deadline_) {
      timed_out_ = true;
      return unavailable("clamd did not answer in time");
    }
  }
}

Result<ClamdConnection::Sent> ClamdConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    PEC_TRY(const auto ready, wait(POLLIN | POLLOUT));
    if (ready & POLLIN) return Sent::interrupted;
    const auto count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count >= 0)
      bytes.remove_prefix(static_cast<std::size_t>(count));
    else if (errno == EPIPE || errno == ECONNRESET)
      return Sent::interrupted;
    else if (errno != EINTR && errno != EAGAIN)
      return unavailable("sending to clamd failed: " + errno_text(errno));
  }
  return Sent::all;
}

Result<ClamdConnection::Sent> ClamdConnection::send_chunks(std::string_view slice) {
  while (!slice.empty()) {
    const auto chunk = slice.substr(0, largest_chunk);
    slice.remove_prefix(chunk.size());
    auto sent = send(big_endian(chunk.size()));
    if (sent && *sent == Sent::all) sent = send(chunk);
    if (!sent || *sent == Sent::interrupted) return sent;
  }
  return Sent::all;
}

Result<std::string> ClamdConnection::read_answer() {
  std::string answer;
  std::array<char, 512> buffer{};
  while (answer.size() < longest_answer) {
    PEC_TRY_VOID(wait(POLLIN));
    const auto count = recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (count < 0) return unavailable("clamd broke the connection: " + errno_text(errno));
    if (count == 0) return unavailable("clamd closed the connection without an answer");
    answer.append(buffer.data(), static_cast<std::size_t>(count));
    if (const auto end = answer.find('\0'); end != std::string::npos) return answer.substr(0, end);
  }
  return answer;  // too long for an answer of clamd
}

Result<std::string> ClamdConnection::ask(std::string_view command) {
  PEC_TRY_VOID(send("z" + std::string(command) + '\0'));
  return read_answer();
}

// If clamd wants no more bytes, it answers before it has them all.
Result<std::string> ClamdConnection::ask_to_scan(const mime::Rope& message) {
  Result<Sent> sent = send(std::string("zINSTREAM") + '\0');
  message.for_each([&](std::string_view slice) {
    if (sent && *sent == Sent::all) sent = send_chunks(slice);
  });
  if (sent && *sent == Sent::all) sent = send(big_endian(0));
  if (!sent) return tl::unexpected(sent.error());
  return read_answer();
}

}  // namespace pec::antivirus

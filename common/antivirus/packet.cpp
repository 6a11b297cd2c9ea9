// SPDX-License-Identifier: GPL-2.0-or-later

#include "antivirus/packet.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

namespace pec::antivirus {

namespace {

using Clock = std::chrono::steady_clock;

// More room than any caller needs. The kernel closes descriptors that don't fit, and says so.
constexpr std::size_t most_received = 8;
using Control = std::array<std::byte, CMSG_SPACE(most_received * sizeof(int))>;

Result<void> wait_until_readable(int socket, Deadline deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd watched{socket, POLLIN, 0};
    const int ready =
        left > 0 ? poll(&watched, 1, static_cast<int>(std::min<long long>(left, 1'000'000))) : 0;
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return unavailable("waiting failed: " + errno_text(errno));
    if (ready == 0 && Clock::now() >= deadline) return unavailable("no answer in time");
  }
}

// Takes over all descriptors that came, so that they are closed in any case.
std::vector<FileDescriptor> descriptors_of(msghdr& message) {
  std::vector<FileDescriptor> files;
  for (cmsghdr* each = CMSG_FIRSTHDR(&message); each; each = CMSG_NXTHDR(&message, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(each) + i * sizeof fd, sizeof fd);
      files.emplace_back(fd);
    }
  }
  return files;
}

}  // namespace

Result<void> send_packet(int socket, std::string_view text, std::span<const int> files) {
  if (text.empty() || text.size() > longest_packet || files.size() > most_received)
    return internal_error("a packet that can't be sent");
  iovec content{const_cast<char*>(text.data()), text.size()};
  msghdr message{};
  message.msg_iov = &content;
  message.msg_iovlen = 1;
  alignas(cmsghdr) Control control{};
  if (!files.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(files.size_bytes());
    cmsghdr* const rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(files.size_bytes());
    std::memcpy(CMSG_DATA(rights), files.data(), files.size_bytes());
  }
  while (sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    if (errno != EINTR) return unavailable("sending failed: " + errno_text(errno));
  return {};
}

Result<Packet> receive_packet(int socket, std::size_t most_files, Deadline deadline) {
  std::array<char, longest_packet> buffer{};
  iovec content{buffer.data(), buffer.size()};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  ssize_t size = -1;
  do {
    PEC_TRY_VOID(wait_until_readable(socket, deadline));
    message = msghdr{};
    message.msg_iov = &content;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    size = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  } while (size < 0 && (errno == EINTR || errno == EAGAIN));
  if (size < 0) return unavailable("the connection broke: " + errno_text(errno));
  Packet packet;
  packet.files = descriptors_of(message);
  if (size == 0) return unavailable("the connection was closed");
  if ((message.msg_flags & MSG_TRUNC) != 0)
    return bad_input(fmt::format("a packet longer than {} octets", longest_packet));
  if ((message.msg_flags & MSG_CTRUNC) != 0 || packet.files.size() > most_files)
    return bad_input(fmt::format("a packet with more than {} descriptors", most_files));
  packet.text.assign(buffer.data(), static_cast<std::size_t>(size));
  return packet;
}

Result<sockaddr_un> socket_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return bad_input(fmt::format("{}: the path is too long for a socket; at most {} characters",
                                 path, sizeof address.sun_path - 1));
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace pec::antivirus

// SPDX-License-Identifier: GPL-2.0-or-later

#include "scanner/server.hpp"

#include "antivirus/clam_mail.hpp"
#include "antivirus/scanner_protocol.hpp"
#include "mime/rope.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace pec::scanner {

namespace {

using antivirus::Piece;

class Mapping {
public:
  Mapping(void* address, std::size_t size) : address_(address), size_(size) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { munmap(address_, size_); }

private:
  void* address_;
  std::size_t size_;
};

// Maps the file from its beginning, since an offset need not be a multiple of the page size.
Result<mime::Bytes> map(const FileDescriptor& file, const Piece& piece) {
  struct stat info {};
  if (fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return bad_input("a descriptor that is not a file's");
  if (piece.offset + piece.size > static_cast<std::uint64_t>(info.st_size))
    return bad_input("a range that ends beyond its file");
  const auto end = static_cast<std::size_t>(piece.offset + piece.size);
  // MAP_PRIVATE, because Linux before 6.7 refuses MAP_SHARED of a sealed file, even for reading.
  void* address = mmap(nullptr, end, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (address == MAP_FAILED) return unavailable("a message can't be mapped: " + errno_text(errno));
  return mime::Bytes{
      std::make_shared<const Mapping>(address, end),
      {static_cast<const char*>(address) + piece.offset, static_cast<std::size_t>(piece.size)}};
}

Result<mime::Rope> message_of(const antivirus::Packet& packet) {
  PEC_TRY(const auto pieces, antivirus::read_scan_request(packet.text));
  if (pieces.size() != packet.files.size())
    return bad_input(
        fmt::format("{} ranges, and {} descriptors", pieces.size(), packet.files.size()));
  mime::Rope message;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    PEC_TRY(auto bytes, map(packet.files[i], (pieces)[i]));
    message.append(std::move(bytes));
  }
  return message;
}

std::string refusal(std::string_view reason) {
  return antivirus::scan_answer(antivirus::scan_failed(ScanResult::Failure::error, reason));
}

}  // namespace

FileDescriptor listen_on(const std::string& path, std::chrono::milliseconds beat_every) {
  const auto failed = [&](const std::string& cause) {
    return std::runtime_error(fmt::format(
        "can't listen on {}: {}; let the scanner's user write to its folder, or correct "
        "antivirus.scanner_socket",
        path, cause));
  };
  const auto address = antivirus::socket_address(path);
  if (!address) throw failed(address.error().detail);
  FileDescriptor listening(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!listening || (unlink(path.c_str()) != 0 && errno != ENOENT)) throw failed(errno_text(errno));
  // accept() wakes only one of the waiting threads; poll() would wake them all.
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(beat_every);
  const timeval every{seconds.count(), std::chrono::microseconds(beat_every - seconds).count()};
  const mode_t before = umask(0117);
  const bool bound =
      bind(listening.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0;
  const int error = errno;
  umask(before);
  if (!bound) throw failed(errno_text(error));
  if (setsockopt(listening.get(), SOL_SOCKET, SO_RCVTIMEO, &every, sizeof every) != 0 ||
      listen(listening.get(), SOMAXCONN) != 0)
    throw failed(errno_text(errno));
  return listening;
}

Server::Server(int listening, const Scanner& scanner, ServerOptions options, Beats& beats)
    : listening_(listening), scanner_(scanner), options_(options), beats_(beats) {}

void Server::run() {
  std::vector<std::jthread> others;
  std::exception_ptr problem;
  const std::size_t count = std::min(options_.threads, most_threads);
  for (std::size_t i = 1; i < count; ++i)
    others.emplace_back([this, &beat = beats_.threads[i]] {
      try {
        serve(beat);
      } catch (const std::exception&) {
        stop();  // stops all: an error of accept() in one thread is one in all
      }
    });
  try {
    serve(beats_.threads[0]);
  } catch (...) {
    problem = std::current_exception();
    stop();
  }
  others.clear();
  if (problem) std::rethrow_exception(problem);
}

void Server::stop() {
  stop_ = true;
}

void Server::serve(std::atomic<std::uint32_t>& beat) {
  while (!stop_) {
    ++beat;
    const FileDescriptor client(accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC));
    if (client)
      talk_to(client.get());
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
      throw std::system_error(errno, std::generic_category(), "accepting a connection");
  }
}

// A client that does not read the answer, or is gone, gets none. That is not an error.
void Server::talk_to(int client) const {
  const auto deadline = std::chrono::steady_clock::now() + options_.client_patience;
  const auto packet = antivirus::receive_packet(client, antivirus::most_pieces, deadline);
  const auto answer = packet ? answer_to(*packet) : refusal(packet.error().detail);
  static_cast<void>(antivirus::send_packet(client, answer));
}

std::string Server::answer_to(const antivirus::Packet& packet) const try {
  if (packet.text == antivirus::state_request) return antivirus::state_answer(scanner_.state());
  const auto message = message_of(packet);
  return message ? antivirus::scan_answer(scanner_.scan(*message))
                 : refusal(message.error().detail);
} catch (const std::exception& problem) {
  return refusal(problem.what());
}

}  // namespace pec::scanner

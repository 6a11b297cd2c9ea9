// SPDX-License-Identifier: GPL-2.0-or-later

#include "antivirus/scanner_client.hpp"

#include "antivirus/clam_mail.hpp"
#include "antivirus/packet.hpp"
#include "antivirus/scanner_protocol.hpp"
#include "base/file.hpp"
#include "mime/body_spool.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace pec::antivirus {

namespace {

using Failure = ScanResult::Failure;

// A message as it goes to pec-scanner.
struct Parcel {
  std::vector<Piece> pieces;
  std::vector<int> files;             // one for each piece
  mime::Rope keeps;                   // owner of the mapped files
  std::vector<FileDescriptor> owned;  // memfds and copies

  void add(const mime::Bytes& in_file) {
    pieces.push_back({static_cast<std::uint64_t>(in_file.view.data() - in_file.file->begin),
                      in_file.view.size()});
    files.push_back(in_file.file->descriptor);
    keeps.append(in_file);
  }
  void add(FileDescriptor whole, std::size_t size) {
    pieces.push_back({0, size});
    files.push_back(whole.get());
    owned.push_back(std::move(whole));
  }
};

// After this nobody can change its content or size, we neither.
Result<FileDescriptor> sealed(std::string_view octets) {
  FileDescriptor file(memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return unavailable("a message can't be handed to the scanner: " + errno_text(errno));
  if (const int error = write_all(file.get(), octets); error != 0)
    return unavailable("a message can't be handed to the scanner: " + errno_text(error));
  if (fcntl(file.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    return unavailable("a message can't be sealed for the scanner: " + errno_text(errno));
  return file;
}

// Adds all but a body in a file: the header, and a small body.
Result<void> add_from_memory(Parcel& parcel, const std::vector<mime::Bytes>& slices,
                             const std::filesystem::path& temp_dir) {
  mime::BodySpool spool(temp_dir);
  for (const auto& slice : slices)
    if (auto kept = spool.append(slice.view); !kept) return kept;
  PEC_TRY(const auto bytes, spool.finish());
  if (bytes.file) {
    parcel.add(bytes);
    return {};
  }
  if (bytes.view.empty()) return {};
  PEC_TRY(auto file, sealed(bytes.view));
  parcel.add(std::move(file), bytes.view.size());
  return {};
}

Result<Parcel> pack(const mime::Rope& message, const std::filesystem::path& temp_dir) {
  auto before = message.slices();
  mime::Bytes last;
  if (!before.empty() && before.back().file) {
    last = std::move(before.back());
    before.pop_back();
  }
  Parcel parcel;
  PEC_TRY_VOID(add_from_memory(parcel, before, temp_dir));
  if (last.file) parcel.add(last);
  return parcel;
}

// `waiting`: how long to wait for a connection when the socket's queue is full.
Result<FileDescriptor> connect_to(const std::string& path, std::chrono::milliseconds waiting) {
  PEC_TRY(const auto address, socket_address(path));
  FileDescriptor connection(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(waiting);
  const timeval limit{seconds.count(), (waiting - seconds).count() * 1000};
  if (!connection ||
      setsockopt(connection.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
      connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return unavailable(
        fmt::format("pec-scanner can't be reached at {}: {}; see that it runs, and that this "
                    "program's user may "
                    "write to its socket",
                    path, errno_text(errno)));
  return connection;
}

// The answer to one question, or the reason why there is none.
struct Asked {
  Failure failure = Failure::none;
  std::string text;
};

Asked ask(const ScannerClientOptions& options, std::string_view question,
          std::span<const int> files = {}) {
  const auto waiting = options.max_scan_time + options.patience;
  const auto deadline = std::chrono::steady_clock::now() + waiting;
  const auto connection = connect_to(options.socket, waiting);
  if (!connection) return {Failure::no_engine, connection.error().detail};
  if (auto sent = send_packet(connection->get(), question, files); !sent)
    return {Failure::error, "pec-scanner: " + sent.error().detail};
  auto answer = receive_packet(connection->get(), 0, deadline);
  if (answer) return {Failure::none, std::move(answer->text)};
  const bool late = std::chrono::steady_clock::now() >= deadline;
  return {late ? Failure::timeout : Failure::error,
          fmt::format("pec-scanner gave no answer: {}", answer.error().detail)};
}

}  // namespace

ScannerClient::ScannerClient(ScannerClientOptions options) : options_(std::move(options)) {}

ScanResult ScannerClient::scan(const mime::Rope& message) const try {
  const auto parcel = pack(message, options_.temp_dir);
  if (!parcel) return scan_failed(Failure::error, parcel.error().detail);
  const auto asked = ask(options_, scan_request(parcel->pieces), parcel->files);
  if (asked.failure != Failure::none) return scan_failed(asked.failure, asked.text);
  return read_scan_answer(asked.text);
} catch (const std::exception& problem) {
  return scan_failed(Failure::error, problem.what());
}

std::string ScannerClient::state() const {
  const auto asked = ask(options_, state_request);
  if (asked.failure != Failure::none) return asked.text;
  const auto words = read_state_answer(asked.text);
  return words ? *words : words.error().detail;
}

}  // namespace pec::antivirus

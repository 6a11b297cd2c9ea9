// SPDX-License-Identifier: GPL-2.0-or-later

#include "pecctl/selftest/own_process.hpp"

#include "base/file.hpp"
#include "pecctl/answer.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pec::pecctl {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string to_text(const Finding& finding) {
  return json_text(Json{static_cast<int>(finding.verdict), finding.found, finding.remedy});
}

Finding from_text(const std::string& text) {
  const auto json = Json::parse(text);
  return {static_cast<Verdict>(json.at(0).get<int>()), json.at(1).get<std::string>(),
          json.at(2).get<std::string>()};
}

Finding looked(const std::function<Result<Finding>()>& look) {
  try {
    auto finding = look();
    return finding ? std::move(*finding) : bad(finding.error().detail);
  } catch (const std::exception& error) {
    return bad(error.what());
  }
}

// What the process writes until it ends; nothing if it takes too long.
std::optional<std::string> all_from(int pipe, milliseconds limit) {
  std::string text;
  std::array<char, 4096> some{};
  const auto until = steady_clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    pollfd ready{pipe, POLLIN, 0};
    if (left.count() <= 0 || poll(&ready, 1, static_cast<int>(left.count())) <= 0)
      return std::nullopt;
    const auto got = read(pipe, some.data(), some.size());
    if (got <= 0) return text;
    text.append(some.data(), static_cast<std::size_t>(got));
  }
}

[[noreturn]] void be_the_process(int pipe, const std::function<Result<Finding>()>& look) {
  setpgid(0, 0);                     // with all that it starts
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // if the administrator ends us
  write_all(pipe, to_text(looked(look)));
  _exit(0);  // without the ends that are ours: what is buffered would be printed twice
}

}  // namespace

Finding in_own_process(milliseconds limit, const std::function<Result<Finding>()>& look) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return bad("can't make a pipe: " + errno_text(errno));
  const FileDescriptor ours(ends[0]);
  FileDescriptor theirs(ends[1]);
  const auto child = fork();
  if (child < 0) return bad("can't start a process: " + errno_text(errno));
  if (child == 0) be_the_process(theirs.get(), look);
  theirs = FileDescriptor();
  const auto text = all_from(ours.get(), limit);
  if (!text) {
    kill(-child, SIGKILL);
    kill(child, SIGKILL);  // if it had no group of its own yet
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!text)
    return bad(
        fmt::format("no answer within {} s",
                    std::chrono::duration_cast<std::chrono::duration<double>>(limit).count()));
  if (WIFSIGNALED(status))
    return bad(fmt::format("the check itself ended by signal {}", WTERMSIG(status)));
  if (text->empty()) return bad("the check itself ended without an answer");
  return from_text(*text);
}

}  // namespace pec::pecctl

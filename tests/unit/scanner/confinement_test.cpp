// SPDX-License-Identifier: GPL-2.0-or-later

// A confined process can still scan, and ends if it does more.
#include "scanner/confinement.hpp"

#include "base/file.hpp"
#include "scanner/clam_engine.hpp"
#include "scanner/clam_messages.hpp"
#include "support/clam_samples.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <functional>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace pec;
using namespace pec::scanner;
using namespace pec::test;
using Outcome = ScanResult::Outcome;

namespace {

constexpr Limits limits{
    .data = std::uint64_t{2} << 30, .file_size = 1 << 20, .files = 100, .threads = 1000};

// The wait status of a child that confines itself and then does this; 0: it succeeded.
int status_of(const std::function<bool()>& act) {
  const pid_t child = fork();
  if (child == 0) {
    try {
      confine(limits);
      _exit(act() ? 0 : 1);
    } catch (const std::exception&) {
      _exit(2);
    }
  }
  int status = -1;
  waitpid(child, &status, 0);
  return status;
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return fmt::format("signal {}", WTERMSIG(status));
  return fmt::format("status {}", WEXITSTATUS(status));
}

}  // namespace

TEST_CASE("a confined process that asks for what scanning does not need is ended at once") {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "file").string();
  const FileDescriptor file(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  int pair[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
  const FileDescriptor one(pair[0]), other(pair[1]);
  const pid_t parent = getpid();
  const std::pair<const char*, std::function<void()>> acts[] = {
      {"socket", [] { ::socket(AF_INET, SOCK_STREAM, 0); }},
      {"unix socket", [] { ::socket(AF_UNIX, SOCK_STREAM, 0); }},
      {"socketpair", [&] { ::socketpair(AF_UNIX, SOCK_STREAM, 0, pair); }},
      {"connect", [&] { ::connect(one.get(), nullptr, 0); }},
      {"bind", [&] { ::bind(one.get(), nullptr, 0); }},
      {"listen", [&] { ::listen(one.get(), 1); }},
      {"execve", [] { ::execl("/bin/true", "true", nullptr); }},
      {"fork", [] { syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
      {"kill", [&] { ::kill(parent, 0); }},
      {"tgkill another", [&] { syscall(SYS_tgkill, parent, parent, 0); }},
      {"ptrace", [&] { ptrace(PTRACE_ATTACH, parent, nullptr, nullptr); }},
      {"process_vm_readv", [&] { process_vm_readv(parent, nullptr, 0, nullptr, 0, 0); }},
      {"pidfd_getfd", [] { syscall(SYS_pidfd_getfd, 0, 0, 0); }},
      {"setuid", [] { static_cast<void>(::setuid(getuid())); }},
      {"chmod", [&] { ::chmod(path.c_str(), 04755); }},
      {"fchmod", [&] { ::fchmod(file.get(), 0666); }},
      {"chown", [&] { static_cast<void>(::chown(path.c_str(), 0, 0)); }},
      {"symlink", [&] { static_cast<void>(::symlink("/etc/shadow", (path + "l").c_str())); }},
      {"link", [&] { static_cast<void>(::link(path.c_str(), (path + "2").c_str())); }},
      {"mount", [] { syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr); }},
      {"unshare", [] { static_cast<void>(::unshare(CLONE_NEWUSER)); }},
      {"chroot", [] { static_cast<void>(::chroot("/")); }},
      {"memfd_create", [] { syscall(SYS_memfd_create, "x", 0); }},
      {"io_uring", [] { syscall(SYS_io_uring_setup, 1, nullptr); }},
      {"bpf", [] { syscall(SYS_bpf, 0, nullptr, 0); }},
      {"keys", [] { syscall(SYS_keyctl, 0, 0, 0, 0, 0); }},
      {"dumpable again", [] { prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }},
      {"another filter", [] { prctl(PR_SET_SECCOMP, 2, nullptr, 0, 0); }},
      {"other limits",
       [] {
         const rlimit unlimited{1, 1};
         syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, &unlimited, nullptr);
       }},
  };
  for (const auto& [name, act] : acts) {
    INFO(name);
    const auto& todo = act;
    CHECK(how_it_ended(status_of([&] {
            todo();
            return true;
          })) == fmt::format("signal {}", SIGSYS));
  }
}

TEST_CASE("a confined process has no rights to gain, is not dumped, and is limited") {
  const auto holds = [](int what, rlim_t most) {
    rlimit now{};
    return getrlimit(static_cast<__rlimit_resource_t>(what), &now) == 0 &&
           now.rlim_cur == now.rlim_max && now.rlim_max <= most;
  };
  const auto status = [](std::string_view line) {
    return read_file("/proc/thread-self/status").value_or("").find(line) != std::string::npos;
  };
  CHECK(how_it_ended(status_of(
            [&] { return status("NoNewPrivs:\t1") && status("Seccomp:\t2"); })) == "status 0");
  CHECK(how_it_ended(status_of([&] {
          return holds(RLIMIT_CORE, 0) && holds(RLIMIT_DATA, limits.data) &&
                 holds(RLIMIT_FSIZE, limits.file_size) && holds(RLIMIT_NOFILE, limits.files) &&
                 holds(RLIMIT_NPROC, limits.threads);
        })) == "status 0");
  // Another process of the same user could read its memory if it were dumpable.
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    renounce_rights();
    static_cast<void>(write_all(ends[1], prctl(PR_GET_DUMPABLE) == 0 ? "n" : "y"));
    _exit(0);
  }
  char dumpable = 0;
  REQUIRE(read(ends[0], &dumpable, 1) == 1);
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  CHECK(dumpable == 'n');
}

TEST_CASE("a write beyond the limit of a file fails, and does not end the process") {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "file").string();
  CHECK(how_it_ended(status_of([&] {
          const FileDescriptor file(open(path.c_str(), O_CREAT | O_RDWR, 0600));
          return file && write_all(file.get(), std::string((1 << 20) + 1, 'x')) == EFBIG;
        })) == "status 0");
}

TEST_CASE("a confined process has threads, and dies by abort() as it should") {
  CHECK(how_it_ended(status_of([] {
          int done = 0;
          std::thread([&] { done = 1; }).join();
          return done == 1;
        })) == "status 0");
  CHECK(how_it_ended(status_of([]() -> bool {
          std::signal(SIGABRT, SIG_DFL);  // not Catch's
          std::abort();
        })) == fmt::format("signal {}", SIGABRT));
}

// The list of system calls is long enough for every kind of file of which there is an example.
TEST_CASE("a confined process scans, and takes up a new database", "[rule:2]") {
  const TemporaryFolder database, temp, work;
  make_database(database.path());
  ClamOptions options;
  options.database_dir = database.path();
  options.temp_dir = temp.path();
  const auto zip = zip_of(work.path(), "eicar.com", eicar());
  std::vector<std::string> infected = {plain_mail(eicar()), mail_with_file(zip, "a.zip"),
                                       envelope_of(mail_with_file(zip, "a.zip"))};
  std::vector<std::string> any;
  for (const auto& file : std::filesystem::directory_iterator(clam_testfiles))
    if (file.is_regular_file())
      any.push_back(mail_with_file(content_of(file.path()), file.path().filename().string()));
  CHECK(any.size() > 20);
  const std::string png = "\x89PNG\r\n\x1a\n" + std::string(100, '\0');
  const std::string jpeg =
      "\xff\xd8\xff\xe0" + std::string("\0\x10JFIF", 6) + std::string(100, '\0');
  for (const auto& other :
       {png, jpeg, std::string("%PDF-1.4\n1 0 obj\n<</Filter/FlateDecode>>stream\nxx\nendstream"),
        std::string("{\\rtf1 {\\object{\\*\\objdata 0105}}}"),
        std::string(
            "<html><script>var x='%u9090';</script><img src=data:image/png;base64,AAAA></html>")})
    any.push_back(mail_with_file(other));
  // Images are decoded, for signatures of what they show.
  put_file(database.path() / "image.ldb",
           "Test.Image;Engine:150-255,Target:0;0;fuzzy_img#af2ad01ed42993c7#0\n");
  for (const auto* image :
       {"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+"
        "M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
        "R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==",
        "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP////////////////////////////////////////////////////////"
        "/////"
        "/////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="})
    any.push_back(mail_with_part(
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n", image));
  const pid_t child = fork();
  if (child == 0) {
    // Exit statuses of its own say how far it came.
    const auto expect = [](bool holds, int where) {
      if (!holds) _exit(where);
    };
    try {
      { const ClamMessages started; }
      confine(
          {.data = std::uint64_t{2} << 30, .file_size = 500 << 20, .files = 256, .threads = 1000});
      const ClamEngine engine(
          options, [](const std::string&) {}, std::chrono::milliseconds(5));
      for (const auto& message : infected)
        expect(engine.scan(mime::Rope(message)).outcome == Outcome::infected, 10);
      int found = 0;
      for (const auto& message : any)
        found += engine.scan(mime::Rope(message)).outcome == Outcome::infected ? 1 : 0;
      expect(found >= 10, 11);
      expect(engine.scan(mime::Rope(plain_mail("Ciao"))).outcome == Outcome::clean, 12);
      add_second_signature(database.path());
      const mime::Rope second(plain_mail(second_pattern));
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      while (engine.scan(second).outcome != Outcome::infected)
        expect(std::chrono::steady_clock::now() < deadline, 13);
      _exit(0);
    } catch (const std::exception&) {
      _exit(14);
    }
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(how_it_ended(status) == "status 0");
}

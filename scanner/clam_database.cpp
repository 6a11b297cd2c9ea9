// SPDX-License-Identifier: GPL-2.0-or-later

#include "scanner/clam_database.hpp"

#include "scanner/clam_messages.hpp"

#include <algorithm>
#include <fmt/chrono.h>
#include <sys/stat.h>
#include <system_error>
#include <utility>

namespace pec::scanner {

namespace {

std::string minute(Instant at) {
  const auto seconds = std::chrono::system_clock::to_time_t(at);
  return fmt::format("{:%Y-%m-%d %H:%M} UTC", fmt::gmtime(seconds));
}

// freshclam keeps its own notes in .dat files.
bool holds_signatures(const std::filesystem::path& file) {
  return file.extension() != ".dat";
}

// Called before each file of a scan.
extern "C" cl_error_t pec_clam_before_file(int, const char* type, void* context) {
  auto& first = *static_cast<FirstFile*>(context);
  if (!first.seen) first = {true, std::string_view(type) == "CL_TYPE_MAIL"};
  return CL_CLEAN;
}

Result<void> set_limits(cl_engine& engine, const ClamOptions& options) {
  const auto size = static_cast<long long>(options.max_scan_size);
  const std::pair<cl_engine_field, long long> numbers[] = {
      {CL_ENGINE_MAX_SCANSIZE, size},
      {CL_ENGINE_MAX_FILESIZE, size},
      {CL_ENGINE_MAX_RECURSION, options.max_recursion},
      {CL_ENGINE_MAX_SCANTIME, options.max_scan_time.count()},
      // Without its cache of clean files: it knows them by MD5, and two files with one MD5 can be
      // made.
      {CL_ENGINE_DISABLE_CACHE, 1},
  };
  for (const auto& [field, number] : numbers)
    if (const auto set = cl_engine_set_num(&engine, field, number); set != CL_SUCCESS)
      return bad_input(fmt::format("libclamav refuses {} as its setting {}: {}", number,
                                   static_cast<int>(field), cl_strerror(set)));
  if (options.temp_dir.empty()) return {};
  if (const auto set = cl_engine_set_str(&engine, CL_ENGINE_TMPDIR, options.temp_dir.c_str());
      set != CL_SUCCESS)
    return internal_error(
        fmt::format("libclamav refuses the temporary folder: {}", cl_strerror(set)));
  return {};
}

}  // namespace

Result<DatabaseFolder> DatabaseFolder::look_at(const std::filesystem::path& folder) {
  DatabaseFolder found;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    struct stat state {};
    // A file that was deleted after it was listed counts as one that was never there.
    if (stat(entry->path().c_str(), &state) != 0 || !S_ISREG(state.st_mode) ||
        !holds_signatures(entry->path()))
      continue;
    found.files[entry->path().filename().string()] = {
        state.st_ino, state.st_size,
        state.st_mtim.tv_sec * 1'000'000'000LL + state.st_mtim.tv_nsec};
  }
  if (error)
    return unavailable(fmt::format(
        "{}: can't read the folder of the virus database: {}; make it readable to the service",
        folder.string(), error.message()));
  return found;
}

Instant DatabaseFolder::newest() const {
  long long newest = 0;
  for (const auto& [name, file] : files) newest = std::max(newest, file.modified_ns);
  return Instant(std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(newest)));
}

Result<std::shared_ptr<const ClamDatabase>> ClamDatabase::load(const ClamOptions& options,
                                                               const DatabaseFolder& folder) {
  ClamMessages messages;
  const auto because = [&](cl_error_t error) {
    return fmt::format(
        "{}: can't be loaded: {}; let freshclam fetch the database again, or repair it",
        options.database_dir.string(),
        messages.errors().empty() ? cl_strerror(error) : messages.errors());
  };
  // The constructor is private, so make_shared can't be used.
  std::shared_ptr<ClamDatabase> database(new ClamDatabase);
  database->engine_.reset(cl_engine_new());
  if (!database->engine_) return unavailable(because(CL_EMEM));
  cl_engine& engine = *database->engine_;
  PEC_TRY_VOID(set_limits(engine, options));

  cl_engine_set_clcb_pre_cache(&engine, pec_clam_before_file);

  // Without CL_DB_PHISHING_URLS, which suspects links whose text and target differ. That is a
  // guess, and a false alarm refuses a message with legal effect. Signatures of phishing mail are
  // exact.
  const auto loaded = cl_load(options.database_dir.c_str(), &engine, &database->signatures_,
                              CL_DB_PHISHING | CL_DB_BYTECODE);
  if (loaded != CL_SUCCESS) return unavailable(because(loaded));
  if (database->signatures_ == 0)
    return unavailable(fmt::format("{}: no virus database there; make sure that freshclam runs",
                                   options.database_dir.string()));
  if (const auto compiled = cl_engine_compile(&engine); compiled != CL_SUCCESS)
    return unavailable(because(compiled));

  const long long official = cl_engine_get_num(&engine, CL_ENGINE_DB_TIME, nullptr);
  database->made_ = official > 0 ? Instant(std::chrono::seconds(official)) : folder.newest();
  database->loaded_ = SystemClock().now();
  return database;
}

std::string ClamDatabase::description() const {
  return fmt::format("{} signatures, database of {}, loaded {}", signatures_, minute(made_),
                     minute(loaded_));
}

}  // namespace pec::scanner

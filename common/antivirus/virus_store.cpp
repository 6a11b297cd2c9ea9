// Invariants
// ----------
// 1. A name that ends in .eml or .toml stands for a whole file whose bytes are on the disk: files are
//    written and synced under temporary names (`.new-XXXXXX`), and only then linked to their own.
// 2. The folder is synced before keep() returns, so the names are on the disk too.
// 3. Nothing is ever overwritten: link() fails where a name is taken. A message that is there already
//    is compared; its metadata stays as it was first written.
// 4. A crash leaves temporary files, which nobody lists and prune() clears away, or, between the two
//    links, a message without metadata: it is listed as such, and the same id kept again mends it.
#include "antivirus/virus_store.hpp"

#include "base/file.hpp"
#include "base/text.hpp"
#include "mime/encoded_word.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <set>
#include <sstream>
#include <sys/stat.h>
#include <system_error>
#include <toml++/toml.h>
#include <tuple>
#include <unistd.h>

namespace pec::antivirus {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view message_ending = ".eml";
constexpr std::string_view metadata_ending = ".toml";
constexpr std::string_view temporary_beginning = ".new-";
constexpr std::size_t longest_id = 200;  // with its ending it must be a file's name
constexpr std::chrono::days leftover_age{1};

tl::unexpected<Error> file_error(std::string_view what, const fs::path& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return unavailable(fmt::format("can't {} {}: {}{}", what, path.string(), errno_text(error),
                                 full ? "; make room on that disk" : ""));
}

// An id becomes a file's name: nothing that could leave the folder, or be hidden in it.
bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= longest_id && id.front() != '.' &&
         std::all_of(id.begin(), id.end(), [](char c) {
           const char low = text::lower(c);
           return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '.';
         });
}

// --- Metadata ---

// TOML is UTF-8, but what comes over SMTP may be anything; the library drops some of what is not.
std::string utf8(std::string_view text) {
  if (mime::is_utf8(text)) return std::string(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xc0 | (byte >> 6));
      out += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return out;
}

toml::date_time to_toml(Instant at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(at - day);
  return {toml::date(static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day())),
          toml::time(time.hours().count(), time.minutes().count(), time.seconds().count()),
          toml::time_offset{}};
}

Instant from_toml(const toml::date_time& at) {
  const std::chrono::year_month_day date(std::chrono::year(at.date.year),
                                         std::chrono::month(at.date.month),
                                         std::chrono::day(at.date.day));
  const std::chrono::minutes offset(at.offset ? at.offset->minutes : 0);
  return std::chrono::sys_days(date) + std::chrono::hours(at.time.hour) +
         std::chrono::minutes(at.time.minute) + std::chrono::seconds(at.time.second) - offset;
}

std::string format_metadata(const KeptVirus& kept) {
  toml::array recipients;
  for (const auto& recipient : kept.recipients) recipients.push_back(utf8(recipient));
  const toml::table table{
      {"id", kept.id},
      {"at", to_toml(kept.at)},
      {"virus", utf8(kept.virus)},
      {"role", utf8(kept.role)},
      {"sender", utf8(kept.sender)},
      {"recipients", std::move(recipients)},
      {"pec_id", utf8(kept.pec_id)},
      {"message_id", utf8(kept.message_id)},
  };
  std::ostringstream out;
  // A line for each value, whatever it holds: no multi-line strings.
  out << toml::toml_formatter(table, toml::format_flags::allow_unicode_strings) << '\n';
  return out.str();
}

// The value at a key; throws if it isn't there, or is of another type.
template <class T>
T value_of(const toml::table& table, std::string_view key) {
  auto value = table[key].value_exact<T>();
  if (!value) throw std::runtime_error(fmt::format("no proper value for \"{}\"", key));
  return std::move(*value);
}

std::vector<std::string> recipients_of(const toml::table& table) {
  const auto* array = table["recipients"].as_array();
  if (array == nullptr || !(array->empty() || array->is_homogeneous<std::string>()))
    throw std::runtime_error("no proper value for \"recipients\"");
  std::vector<std::string> recipients;
  array->for_each([&](const toml::value<std::string>& each) { recipients.push_back(each.get()); });
  return recipients;
}

// Throws what is wrong with the content.
KeptVirus parse_metadata(std::string_view content, std::string_view id) {
  const auto table = toml::parse(content);
  KeptVirus kept{.id = value_of<std::string>(table, "id"),
                 .at = from_toml(value_of<toml::date_time>(table, "at")),
                 .virus = value_of<std::string>(table, "virus"),
                 .role = value_of<std::string>(table, "role"),
                 .sender = value_of<std::string>(table, "sender"),
                 .recipients = recipients_of(table),
                 .pec_id = value_of<std::string>(table, "pec_id"),
                 .message_id = value_of<std::string>(table, "message_id")};
  if (kept.id != id) throw std::runtime_error(fmt::format("it is of another message, {}", kept.id));
  return kept;
}

Result<KeptVirus> read_metadata(const fs::path& path, std::string_view id) {
  const auto content = read_file(path);
  if (!content) return tl::unexpected(content.error());
  try {
    return parse_metadata(*content, id);
  } catch (const std::exception& error) {  // toml::parse_error is one, too
    return bad_input(fmt::format("{} is damaged: {}", path.string(), error.what()));
  }
}

// --- Files ---

// Removes a temporary file when it goes.
class Temporary {
public:
  explicit Temporary(std::string path) : path_(std::move(path)) {}
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  ~Temporary() { unlink(path_.c_str()); }

private:
  std::string path_;
};

Result<void> sync_folder(const fs::path& folder) {
  const FileDescriptor directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0)
    return file_error("sync the folder", folder, errno);
  return {};
}

bool same_content(const mime::Rope& rope, std::string_view content) {
  if (rope.size() != content.size()) return false;
  bool same = true;
  rope.for_each([&](std::string_view slice) {
    same = same && content.substr(0, slice.size()) == slice;
    content.remove_prefix(slice.size());
  });
  return same;
}

// When a file was last written to; nothing: there is none.
std::optional<Instant> written_at(const fs::path& path) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return std::nullopt;
  return Instant(std::chrono::seconds(info.st_mtim.tv_sec));
}

Result<std::vector<std::string>> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    names.push_back(entry->path().filename().string());
  if (error) return file_error("read the folder", folder, error.value());
  return names;
}

// The id in a name that the store gives; nothing: the name is not of the store's making.
std::optional<std::string> id_of(std::string_view name) {
  for (const auto ending : {message_ending, metadata_ending}) {
    if (!name.ends_with(ending)) continue;
    name.remove_suffix(ending.size());
    if (is_id(name)) return std::string(name);
    break;
  }
  return std::nullopt;
}

Result<void> remove_file(const fs::path& path) {
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return {};  // another prune was faster
  return file_error("remove", path, errno);
}

}  // namespace

Instant end_of_keeping(Instant now) {
  const auto today = std::chrono::floor<std::chrono::days>(now);
  auto date = std::chrono::year_month_day(today) - std::chrono::months(30);
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return std::chrono::sys_days(date) + (now - today);
}

Result<std::unique_ptr<FolderVirusStore>> FolderVirusStore::open(const fs::path& folder) {
  const auto refused = [&](std::string_view why, std::string_view remedy) {
    return bad_input(fmt::format("virus store {}: {}; {}", folder.string(), why, remedy));
  };
  const auto make_it = fmt::format(
      "make it for the service's user alone: \"install -d -m 700 -o USER {}\"", folder.string());
  struct stat info {};
  if (stat(folder.c_str(), &info) != 0) return refused(errno_text(errno), make_it);
  if (!S_ISDIR(info.st_mode)) return refused("this is no folder", make_it);
  if (faccessat(AT_FDCWD, folder.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0)
    return refused(errno_text(errno), "make the service's user its owner, with mode 700");
  return std::unique_ptr<FolderVirusStore>(new FolderVirusStore(folder));
}

fs::path FolderVirusStore::message_file(std::string_view id) const {
  return folder_ / fmt::format("{}{}", id, message_ending);
}

fs::path FolderVirusStore::metadata_file(std::string_view id) const {
  return folder_ / fmt::format("{}{}", id, metadata_ending);
}

Result<void> FolderVirusStore::keep(const KeptVirus& kept, const mime::Rope& message) const {
  if (!is_id(kept.id))
    return internal_error(fmt::format("virus store {}: \"{}\" can't be the name of a message",
                                      folder_.string(), text::printable(kept.id)));
  const auto message_temporary = write_temporary(message, message_file(kept.id));
  if (!message_temporary) return tl::unexpected(message_temporary.error());
  const Temporary remove_message(*message_temporary);
  const auto metadata_temporary =
      write_temporary(mime::Rope(format_metadata(kept)), metadata_file(kept.id));
  if (!metadata_temporary) return tl::unexpected(metadata_temporary.error());
  const Temporary remove_metadata(*metadata_temporary);
  return publish(kept, message, *message_temporary, *metadata_temporary);
}

// The name of a new file with that content, on the disk. Errors speak of the name it is to have.
Result<std::string> FolderVirusStore::write_temporary(const mime::Rope& content,
                                                      const fs::path& final_name) const {
  auto name = (folder_ / fmt::format("{}XXXXXX", temporary_beginning)).string();
  const FileDescriptor file(mkostemp(name.data(), O_CLOEXEC));  // with mode 0600
  if (!file) return file_error("write", final_name, errno);
  int error = 0;
  content.for_each([&](std::string_view slice) {
    if (error == 0) error = write_all(file.get(), slice);
  });
  if (error == 0 && fsync(file.get()) != 0) error = errno;
  if (error == 0) return name;
  unlink(name.c_str());
  return file_error("write", final_name, error);
}

// Gives both files their names. One caller at a time, so that the message taken back after a failure
// is never one that another caller has just found there.
Result<void> FolderVirusStore::publish(const KeptVirus& kept, const mime::Rope& message,
                                       const std::string& message_temporary,
                                       const std::string& metadata_temporary) const {
  const std::lock_guard alone(publishing_);
  const auto message_name = message_file(kept.id);
  const bool is_new = link(message_temporary.c_str(), message_name.c_str()) == 0;
  if (!is_new) {
    if (errno != EEXIST) return file_error("write", message_name, errno);
    const auto there = read_file(message_name);
    if (!there) return unavailable(there.error().detail);
    if (!same_content(message, *there))
      return internal_error(
          fmt::format("{} holds another message; it stays as it is", message_name.string()));
  }
  const auto metadata_name = metadata_file(kept.id);
  if (link(metadata_temporary.c_str(), metadata_name.c_str()) != 0 && errno != EEXIST) {
    const int error = errno;
    if (is_new) unlink(message_name.c_str());
    return file_error("write", metadata_name, error);
  }
  return sync_folder(folder_);
}

// Nothing: there is no such message.
std::optional<StoredVirus> FolderVirusStore::inspect(std::string_view id) const {
  const auto message_written = written_at(message_file(id));
  const auto metadata_written = written_at(metadata_file(id));
  if (!message_written && !metadata_written) return std::nullopt;
  StoredVirus stored{.id = std::string(id),
                     .at = std::max(message_written, metadata_written).value(),
                     .kept = std::nullopt,
                     .damage = {}};
  if (auto kept = read_metadata(metadata_file(id), id)) {
    stored.at = kept->at;
    stored.kept = std::move(*kept);
  } else {
    stored.damage = kept.error().detail;
  }
  if (!message_written)
    stored.damage = fmt::format("{} is missing{}{}", message_file(id).string(),
                                stored.damage.empty() ? "" : "; ", stored.damage);
  return stored;
}

Result<std::vector<StoredVirus>> FolderVirusStore::list() const {
  const auto names = names_in(folder_);
  if (!names) return tl::unexpected(names.error());
  std::set<std::string> ids;
  for (const auto& name : *names)
    if (auto id = id_of(name)) ids.insert(std::move(*id));
  std::vector<StoredVirus> viruses;
  for (const auto& id : ids)
    if (auto stored = inspect(id)) viruses.push_back(std::move(*stored));  // else just removed
  std::sort(viruses.begin(), viruses.end(), [](const StoredVirus& a, const StoredVirus& b) {
    return std::tie(a.at, a.id) < std::tie(b.at, b.id);
  });
  return viruses;
}

Result<StoredVirus> FolderVirusStore::read(std::string_view id) const {
  if (is_id(id))
    if (auto stored = inspect(id)) return std::move(*stored);
  return bad_input(
      fmt::format("no message \"{}\" in virus store {}", text::printable(id), folder_.string()));
}

Result<std::string> FolderVirusStore::message(std::string_view id) const {
  if (const auto stored = read(id); !stored) return tl::unexpected(stored.error());
  return read_file(message_file(id));
}

Result<Expired> FolderVirusStore::expired(Instant older_than, Instant now) const {
  Expired expired;
  auto viruses = list();
  if (!viruses) return tl::unexpected(viruses.error());
  for (auto& stored : *viruses)
    if (stored.at < older_than) expired.viruses.push_back(std::move(stored));
  const auto names = names_in(folder_);
  if (!names) return tl::unexpected(names.error());
  for (const auto& name : *names) {
    if (!name.starts_with(temporary_beginning)) continue;
    const auto written = written_at(folder_ / name);
    if (written && *written < now - leftover_age) expired.leftovers.push_back(folder_ / name);
  }
  return expired;
}

Result<Expired> FolderVirusStore::prune(Instant older_than, Instant now) const {
  auto expired = this->expired(older_than, now);
  if (!expired) return expired;
  for (const auto& leftover : expired->leftovers)
    if (auto removed = remove_file(leftover); !removed) return tl::unexpected(removed.error());
  for (const auto& stored : expired->viruses) {
    // The metadata last: what is left of an interrupted prune still tells its age.
    for (const auto& path : {message_file(stored.id), metadata_file(stored.id)})
      if (auto removed = remove_file(path); !removed) return tl::unexpected(removed.error());
  }
  if (auto synced = sync_folder(folder_); !synced) return tl::unexpected(synced.error());
  return expired;
}

}  // namespace pec::antivirus

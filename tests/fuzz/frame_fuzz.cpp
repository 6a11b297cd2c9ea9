// SPDX-License-Identifier: GPL-2.0-or-later

// The frame of a signed message against GMime: GMime reads each accepted frame into the same two
// parts.
//
// Input: a message, if it begins with a printable character; otherwise a list of choices. They make
// a message with a good frame, but for some wrong pieces. Most of these are accepted, while
// mutations of a message hardly ever are.
//
// The last line of a run says how many frames were accepted. With PEC_FRAME_KEEP=FOLDER the first
// thousand different ones are stored there for other readers, N.eml and the signed bytes as N.first
// (tests/integration/frame_test.py).
#include "base/file.hpp"
#include "fuzz/property.hpp"
#include "mime/message.hpp"
#include "pec/frame.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <gmime/gmime.h>
#include <initializer_list>
#include <memory>
#include <string>
#include <unordered_set>

using pec::mime::Bytes;

namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class T>
using Held = std::unique_ptr<T, Unref>;

// ---- a message made of choices -----------------------------------------------------------------

class Choices {
public:
  explicit Choices(std::string_view input) : rest_(input) {}

  unsigned below(unsigned limit) {
    if (rest_.empty()) return 0;
    const auto value = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return value % limit;
  }
  // Mostly the first one, which is good.
  std::string_view among(std::initializer_list<std::string_view> all) {
    if (below(32) < 28) return *all.begin();
    return *(all.begin() + below(static_cast<unsigned>(all.size())));
  }
  std::string_view any(std::initializer_list<std::string_view> all) {
    return *(all.begin() + below(static_cast<unsigned>(all.size())));
  }

private:
  std::string_view rest_;
};

// Boundaries that equal, begin with, or mean each other.
std::string outer_boundary(Choices& choose) {
  return std::string(choose.any({"SIG", "----0E32ED7BC110EE1F6074D6F7771A6303", "MIX", "MIXED", "S",
                                 "a b", "'()+_,-./:=?", "=_x", "MIX--", "SIG ", "-", "--"}));
}

std::string field_of_boundary(Choices& choose, const std::string& boundary) {
  const auto form = choose.among({"\"{}\"", "{}", "\"{}\";", "\"{}\" ; x=y", " \"{}\"", "(c)\"{}\"",
                                  "\"{} \"", "\"\\{}\"", "=?utf-8?q?{}?="});
  return fmt::format(fmt::runtime(form), boundary);
}

std::string outer_header(Choices& choose, const std::string& boundary) {
  std::string out(
      choose.among({"From: a@b.example\r\n", "", "X: a\r\n \r\n b\r\n", "X : a\r\n", "X:\r\n",
                    ":\r\n", "From a@b\r\n", "Content-Type: text/plain\r\n"}));
  out +=
      choose.among({"MIME-Version: 1.0\r\n", "mime-version:  1.0\r\n", "", "MIME-Version: 1\r\n"});
  out += choose.among({"", "Content-Transfer-Encoding: 8bit\r\n",
                       "Content-Transfer-Encoding: base64\r\n", "Content-Length: 12\r\n"});
  out += choose.among({"Content-Type: ", "content-type:", "Content-Type:\t", "Content-Type:\r\n "});
  out += choose.among(
      {"multipart/signed", "Multipart/Signed ", "multipart/signed;\r\n\t", "multipart / signed"});
  out += choose.among({"; protocol=\"application/pkcs7-signature\"",
                       ";protocol=\"application/x-pkcs7-signature\" ",
                       ";\r\n protocol="
                       "\"application/pkcs7-signature\"; micalg=sha1"});
  out += choose.among({"; ", ";\r\n\t", "; boundary*=utf-8''MIX; ", "; boundary*0=MI; ",
                       "; x=\"boundary=MIX\"; ", "; boundary=MIX; ", "; name=\"=?utf-8?q?a?=\"; "});
  return out + "boundary=" + field_of_boundary(choose, boundary) + "\r\n";
}

// A part within the first part: anything that a user may write, also the outer boundary in
// disguise.
std::string inner_part(Choices& choose, const std::string& outer, unsigned depth) {
  const std::string disguised =
      fmt::format("%{:02x}{}", static_cast<unsigned char>(outer.front()), outer.substr(1));
  const auto type =
      choose.any({"", "Content-Type: text/plain\r\n", "Content-Type: message/rfc822\r\n",
                  "Content-Type: multipart/mixed; boundary=*\r\n",
                  "Content-Type: multipart/mixed; boundary*=utf-8''%\r\n",
                  "Content-Type: multipart/mixed; boundary=\"IN\"\r\n",
                  "Content-Type: multipart/digest; boundary=\"MIX\"\r\n",
                  "Content-Type: multipart/mixed; boundary=\"MIX--\"\r\n",
                  "Content-Type: =?utf-8?q?multipart/mixed;_boundary=3D*?=\r\n",
                  "Content-Type: multipart/mixed\r\n", "Content-Type: message/partial\r\n",
                  "no field\r\n", "Content-Type: multipart/mixed; boundary=\"\"\r\n"});
  std::string out;
  for (const char c : type) {
    if (c == '*' && type.find("boundary*") == type.npos)
      out += "\"" + outer + "\"";
    else if (c == '%')
      out += disguised;
    else
      out += c;
  }
  out += choose.among(
      {"\r\n", "", "Content-Transfer-Encoding: base64\r\n\r\n", "MIME-Version: 1.0\r\n\r\n"});
  out += choose.any({"ciao\r\n", "", "\r\n\r\n", "--IN\r\n\r\nx\r\n--IN--\r\n", "--IN\r\n",
                     "--\r\n", "--MIX--x\r\n", "From x\r\n", "x"});
  if (depth < 4 && choose.below(3) == 0)
    out += "--IN\r\n" + inner_part(choose, outer, depth + 1) + "\r\n";
  return out;
}

std::string first_part(Choices& choose, const std::string& outer) {
  if (choose.below(6) == 0)
    return std::string(choose.any({"\r\nciao", "Content-Type: text/plain\r\n\r\nx\r\n--X--\r\n",
                                   "Subject: x\r\n\r\n", "\r\n", "Content-Type: text/plain",
                                   "Content-Type: message/rfc822\r\n\r\n\r\nx",
                                   "Content-Type: application/octet-stream\r\n"
                                   "Content-Transfer-Encoding: base64\r\n\r\nZmly"}));
  const std::string boundary(
      choose.among({"MIX", "MIXED", "S", "----------=_1544268378-17535", "MIX--", "a b"}));
  std::string out(choose.among({"", "MIME-Version: 1.0\r\n", "X: a\r\n\tb\r\n",
                                "Content-Transfer-Encoding: binary\r\n", "X : y\r\n", "\r\n"}));
  out += choose.among(
      {"Content-Type: multipart/mixed; boundary=", "Content-Type: multipart/mixed;\r\n boundary=",
       "content-type: MULTIPART/alternative; x=y; boundary=",
       "Content-Type: multipart/digest; boundary="});
  out += field_of_boundary(choose, boundary) + "\r\n\r\n";
  out += choose.among({"", "This is a multi-part message.\r\n\r\n", "\r\n"});
  const auto parts = choose.below(4);
  for (unsigned i = 0; i < parts; ++i)
    out += "--" + boundary + "\r\n" + inner_part(choose, outer, 0) + "\r\n";
  out += "--" + boundary + "--";
  out += choose.among({"\r\n", "", "\r\n\r\n", " \r\n", "\r\nepilogue\r\n"});
  return out;
}

std::string second_part(Choices& choose) {
  std::string out(
      choose.among({"Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\n",
                    "Content-Type: application/x-pkcs7-signature\r\n",
                    "Content-Type: application/pkcs7-signature;\r\n\tname=smime.p7s\r\n",
                    "Content-Type: multipart/mixed; boundary=MIX\r\n"}));
  out += choose.among({"Content-Transfer-Encoding: base64\r\n",
                       "Content-Transfer-Encoding: BASE64\r\n"
                       "Content-Disposition: attachment; filename=\"smime.p7s\"\r\n",
                       "", "Content-Transfer-Encoding: base64\r\nX: \xe8\r\n"});
  out += choose.among({"\r\n", "", " \r\n"});
  out +=
      choose.among({"Zmlybb==\r\n", "Zmly", "", "Zmly\r\nZmlybb==\r\n\r\n", "Zm ly", "--MIX\r\n"});
  return out;
}

void mutate(Choices& choose, std::string& whole, const std::string& outer) {
  for (auto changes = choose.below(8); changes < 3; ++changes) {
    const auto at = (choose.below(256) * 256 + choose.below(256)) % whole.size();
    const std::string piece(choose.any({"\r\n",
                                        "\r",
                                        "\n",
                                        " ",
                                        "\t",
                                        ";",
                                        "\"",
                                        "(",
                                        "=",
                                        "-",
                                        "--",
                                        "\r\n--",
                                        "x",
                                        "\xe8",
                                        "--*\r\n",
                                        "\r\n--*--\r\n",
                                        "\r\n*",
                                        "--MIX--\r\n",
                                        "Content-Type: text/plain\r\n",
                                        "boundary=\"*\"",
                                        "From "}));
    switch (choose.below(3)) {
      case 0:
        whole.erase(at, 1 + choose.below(3));
        break;
      case 1:
        whole[at] = piece.front();
        break;
      default:
        for (const char c : piece) {
          if (c == '*')
            whole.insert(at, outer);
          else
            whole.insert(at, 1, c);
        }
    }
    if (whole.empty()) whole = "X";
  }
}

std::string message_of_choices(std::string_view input) {
  Choices choose(input);
  const auto outer = outer_boundary(choose);
  const std::string delimiter = "--" + outer;
  std::string out = outer_header(choose, outer) + "\r\n";
  out += choose.among({"This is an S/MIME signed message\r\n\r\n", "", "\r\n", "--OTHER\r\n",
                       "-- \r\n", " --\r\n", "x: y\r\n\r\n", "From x\r\n", "x"});
  out += delimiter;
  out += choose.among({"\r\n", " \r\n", "--\r\n", "\t\r\n"});
  out += first_part(choose, outer) + "\r\n" + delimiter;
  out += choose.among({"\r\n", " \r\n", "-\r\n"});
  out += second_part(choose) + "\r\n" + delimiter;
  out +=
      choose.among({"--\r\n", "--", "--\r\n\r\n", "", "--x\r\n", "-- \r\n", "--\r\nepilogue\r\n"});
  mutate(choose, out, outer);
  return out;
}

// ---- what GMime says ---------------------------------------------------------------------------

// The begin of the part's header; `content` is its end, if it has no fields.
gint64 begin_of(GMimeObject* part) {
  GMimeHeaderList* header = g_mime_object_get_header_list(part);
  if (g_mime_header_list_get_count(header) > 0)
    return g_mime_header_get_offset(g_mime_header_list_get_header_at(header, 0));
  if (!GMIME_IS_PART(part)) return -1;
  GMimeDataWrapper* content = g_mime_part_get_content(GMIME_PART(part));
  if (content == nullptr) return -1;
  return g_mime_data_wrapper_get_stream(content)->bound_start - 2;  // the empty line
}

std::string theirs(std::string_view whole) {
  const Held<GMimeStream> stream(g_mime_stream_mem_new_with_buffer(whole.data(), whole.size()));
  const Held<GMimeParser> parser(g_mime_parser_new_with_stream(stream.get()));
  const Held<GMimeMessage> message(g_mime_parser_construct_message(parser.get(), nullptr));
  GMimeObject* root = message ? g_mime_message_get_mime_part(message.get()) : nullptr;
  if (root == nullptr || !GMIME_IS_MULTIPART(root)) return "no multipart";
  GMimeMultipart* multipart = GMIME_MULTIPART(root);
  std::string out = fmt::format("{} parts:", g_mime_multipart_get_count(multipart));
  for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i)
    out += fmt::format(" {}", begin_of(g_mime_multipart_get_part(multipart, i)));
  return out;
}

// The same of our frame; the second part begins behind the delimiter after the first.
std::string ours(std::string_view whole, const pec::SignedParts& parts) {
  const auto first = static_cast<std::size_t>(parts.content.data() - whole.data());
  const auto second = whole.find("\r\n", first + parts.content.size() + 2) + 2;
  return fmt::format("2 parts: {} {}", first, second);
}

// ---- figures and samples -----------------------------------------------------------------------

class Tally {
public:
  Tally() = default;
  Tally(const Tally&) = delete;
  Tally& operator=(const Tally&) = delete;
  ~Tally() {
    std::fprintf(stderr, "frame: %zu of %zu accepted, %zu different ones\n", accepted_, seen_,
                 different_.size());
  }

  void seen() { ++seen_; }
  void accepted(std::string_view whole, std::string_view first) {
    constexpr std::size_t most_kept = 1000;
    ++accepted_;
    const bool is_new = different_.insert(std::hash<std::string_view>{}(whole)).second;
    if (!is_new || folder_ == nullptr || different_.size() > most_kept) return;
    write(fmt::format("{}/{}.eml", folder_, different_.size()), whole);
    write(fmt::format("{}/{}.first", folder_, different_.size()), first);
  }

private:
  static void write(const std::string& path, std::string_view bytes) {
    std::FILE* file = std::fopen(path.c_str(), "wb");
    const bool written = file && std::fwrite(bytes.data(), 1, bytes.size(), file) == bytes.size();
    if (file == nullptr || std::fclose(file) != 0 || !written) {
      std::fprintf(stderr, "can't write %s\n", path.c_str());
      std::abort();
    }
  }

  const char* folder_ = std::getenv("PEC_FRAME_KEEP");
  std::size_t seen_ = 0;
  std::size_t accepted_ = 0;
  std::unordered_set<std::size_t> different_;  // by their hashes
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool started = (g_mime_init(), true);
  static Tally tally;
  const auto input = pec::fuzz::text_of(data, size);
  if (!started || input.empty()) return 0;
  tally.seen();
  const bool is_message = input.front() > ' ' && input.front() < '\x7f';
  const auto bytes = Bytes::of(is_message ? std::string(input) : message_of_choices(input));
  const auto message = pec::mime::split_message(bytes);
  const auto parts = pec::read_frame(message);
  // The mail server repairs headers that end with a line that is not a field (postfix-conf).
  const auto header_size = bytes.view.size() - message.body.view.size();
  if (!parts || message.header.wire() + "\r\n" != bytes.view.substr(0, header_size)) return 0;

  const auto expected = ours(bytes.view, *parts);
  const auto found = theirs(bytes.view);
  if (found != expected)
    std::fprintf(stderr, "ours:   %s\ntheirs: %s\n%.*s\n", expected.c_str(), found.c_str(),
                 static_cast<int>(bytes.view.size()), bytes.view.data());
  pec::fuzz::must_hold(found == expected, "GMime finds the same two parts");
  tally.accepted(bytes.view, parts->content);
  return 0;
}

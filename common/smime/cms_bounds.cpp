// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/cms_bounds.hpp"

#include <fmt/format.h>
#include <optional>
#include <tuple>

namespace pec::smime {

namespace {

// An element of BER. A definite length gives its content at once. Otherwise two octets of zero
// behind its children end it.
struct Element {
  unsigned char tag = 0;
  std::string_view whole;
  std::string_view content;
};

constexpr unsigned char constructed = 0x20;
constexpr unsigned char sequence = 0x30;
constexpr unsigned char set = 0x31;
constexpr unsigned char object_identifier = 0x06;
constexpr unsigned char integer = 0x02;
constexpr unsigned char context_0 = 0xa0;
constexpr unsigned char context_1 = 0xa1;

// 1.2.840.113549.1.7.2
constexpr std::string_view signed_data = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";

unsigned char octet(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_end(std::string_view text) {
  return text.starts_with(std::string_view("\0\0", 2));
}

std::optional<Element> first_element(std::string_view text, int depth);

// The size of the children before the two octets of zero.
std::optional<std::size_t> indefinite_size(std::string_view text, int depth) {
  constexpr int deepest = 30;  // as in OpenSSL
  if (depth > deepest) return std::nullopt;
  std::size_t at = 0;
  while (!is_end(text.substr(at))) {
    const auto child = first_element(text.substr(at), depth + 1);
    if (!child) return std::nullopt;
    at += child->whole.size();
  }
  return at;
}

std::optional<Element> first_element(std::string_view text, int depth = 0) {
  if (text.size() < 2) return std::nullopt;
  const auto tag = octet(text, 0);
  if ((tag & 0x1fU) == 0x1fU) return std::nullopt;  // tags of several octets don't occur in CMS
  std::size_t header = 2, length = octet(text, 1);
  if (length == 0x80) {
    if ((tag & constructed) == 0) return std::nullopt;
    const auto size = indefinite_size(text.substr(header), depth);
    if (!size) return std::nullopt;
    return Element{tag, text.substr(0, header + *size + 2), text.substr(header, *size)};
  }
  if (length > 0x80) {
    const auto octets = length & 0x7fU;
    if (octets > sizeof(std::size_t) || text.size() < header + octets) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = (length << 8) | octet(text, header + i);
    header += octets;
  }
  if (length > text.size() - header) return std::nullopt;
  return Element{tag, text.substr(0, header + length), text.substr(header, length)};
}

// The elements of a content, in their order.
class Children {
public:
  explicit Children(std::string_view content) : rest_(content) {}

  // Takes the next element if it has this tag.
  std::optional<Element> take(unsigned char tag) {
    if (rest_.empty() || octet(rest_, 0) != tag) return std::nullopt;
    const auto element = first_element(rest_);
    if (element) rest_.remove_prefix(element->whole.size());
    return element;
  }

private:
  std::string_view rest_;
};

// Nothing if an element can't be read.
std::optional<std::size_t> count(std::string_view content) {
  std::size_t elements = 0;
  for (; !content.empty(); ++elements) {
    const auto element = first_element(content);
    if (!element) return std::nullopt;
    content.remove_prefix(element->whole.size());
  }
  return elements;
}

tl::unexpected<Error> no_structure(const char* what) {
  return bad_input(fmt::format("the signature is not a CMS structure: {}", what));
}

Result<void> check_list(const Element& list, std::size_t most, const char* name) {
  const auto elements = count(list.content);
  if (!elements) return no_structure(name);
  if (*elements > most)
    return bad_input(fmt::format("the signature has {} {}, more than {}", *elements, name, most));
  return {};
}

}  // namespace

Result<void> check_cms_bounds(std::string_view ber) {
  const auto outer = first_element(ber);
  if (!outer || outer->tag != sequence) return no_structure("no sequence");
  Children info(outer->content);
  const auto type = info.take(object_identifier);
  if (!type) return no_structure("no type");
  if (type->content != signed_data) return bad_input("the CMS structure is not signed-data");
  const auto explicit_tag = info.take(context_0);
  const auto body = explicit_tag ? first_element(explicit_tag->content) : std::nullopt;
  if (!body || body->tag != sequence) return no_structure("no signed-data");

  Children parts(body->content);
  const auto version = parts.take(integer);
  const auto digests = parts.take(set);
  const auto content = parts.take(sequence);
  if (!version || !digests || !content) return no_structure("no digests or content");
  const auto certificates = parts.take(context_0);
  const auto crls = parts.take(context_1);
  const auto signers = parts.take(set);
  if (!signers) return no_structure("no signers");
  if (const auto around = ber.size() - content->whole.size(); around > most_octets_around_content)
    return bad_input(fmt::format("the signature has {} octets around its content, more than {}",
                                 around, most_octets_around_content));
  for (const auto& [list, most, name] :
       {std::tuple(digests, most_digests, "digests"),
        std::tuple(certificates, most_certificates, "certificates"),
        std::tuple(crls, most_crls, "lists of revoked certificates"),
        std::tuple(signers, most_signers, "signers")})
    if (list)
      if (auto bounded = check_list(*list, most, name); !bounded) return bounded;
  return {};
}

}  // namespace pec::smime

// SPDX-License-Identifier: GPL-2.0-or-later

// The code that the two servers share: addresses to listen on, accepting connections without end,
// and closing one if there are too many. Only their .cpp files include it.
//
//     OpenConnections<Connection> all(500);
//     auto [place, idle] = all.add(connection);
//     if (idle) idle->close();
//     all.touch(place);      // it has just asked something
//     all.trust(place);      // likewise; untrusted ones are closed before it
//     all.remove(place);     // it has ended
//
// OpenConnections: any thread.
#pragma once

#include "base/guarded.hpp"
#include "base/text.hpp"

#include <boost/asio.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <spdlog/spdlog.h>
#include <string>
#include <string_view>
#include <utility>

namespace pec::policyd {

// In order of idleness: the one that has been idle the longest is first.
template <class Connection>
class OpenConnections {
  struct Open {
    std::weak_ptr<Connection> connection;
    bool trusted = false;
    bool closing = false;  // it stays in the list until it has ended
  };

public:
  using Place = typename std::list<Open>::iterator;

  explicit OpenConnections(std::size_t most) : most_(most) {}

  // Also returns the connection to close, if there are now too many.
  std::pair<Place, std::shared_ptr<Connection>> add(const std::shared_ptr<Connection>& connection) {
    auto list = list_.lock();
    const auto place = list->insert(list->end(), Open{connection});
    if (list->size() <= most_) return {place, nullptr};
    for (const bool trusted : {false, true})
      for (auto each = list->begin(); each != place; ++each) {
        if (each->trusted != trusted || each->closing) continue;
        auto idle = each->connection.lock();
        if (!idle) continue;
        each->closing = true;
        return {place, std::move(idle)};
      }
    return {place, nullptr};
  }
  void touch(Place place) {
    auto list = list_.lock();
    list->splice(list->end(), *list, place);
  }
  void trust(Place place) {
    auto list = list_.lock();
    place->trusted = true;
    list->splice(list->end(), *list, place);
  }
  void remove(Place place) { list_.lock()->erase(place); }
  std::size_t size() const { return list_.lock()->size(); }

private:
  const std::size_t most_;
  mutable Guarded<std::list<Open>> list_;
};

// Takes "127.0.0.1:PORT", which the configuration's checks have accepted.
inline boost::asio::ip::tcp::endpoint endpoint_of(std::string_view address) {
  const auto colon = address.rfind(':');
  const auto port = text::number(address.substr(colon + 1)).value_or(0);
  return {boost::asio::ip::make_address(std::string(address.substr(0, colon))),
          static_cast<std::uint16_t>(port)};
}

// Runs each connection in its own strand, until `io` or `acceptor` ends. Both must outlive pending
// operations.
template <class Acceptor, class Take>
void accept_all(boost::asio::io_context& io, Acceptor& acceptor, Take take) {
  acceptor.async_accept(
      boost::asio::make_strand(io),
      [&io, &acceptor, take](const boost::system::error_code& error, auto socket) {
        if (!error) {
          take(std::move(socket));
          return accept_all(io, acceptor, take);
        }
        if (error == boost::asio::error::operation_aborted) return;
        // Not at once: the resource that was lacking (memory, descriptors) would still be lacking.
        spdlog::error("a connection could not be accepted: {}", error.message());
        auto pause = std::make_shared<boost::asio::steady_timer>(io, std::chrono::seconds(1));
        pause->async_wait([&io, &acceptor, take, pause](const boost::system::error_code& stopped) {
          if (!stopped) accept_all(io, acceptor, take);
        });
      });
}

}  // namespace pec::policyd

// SPDX-License-Identifier: GPL-2.0-or-later

// Manual pages of programs and their commands, in the markup of man(7). They are made of what the
// program's command line is made of, so they can't tell anything else.
//
//     fmt::print("{}", manual_page(app));                              // pec-milter(8)
//     fmt::print("{}", manual_page(*app.get_subcommand("mailbox")));   // pecctl-mailbox(8)
//
// The build has each program print its pages, by the hidden option --manual. A page holds no date
// and no version: the same source makes the same page. Pure; the thread that the App belongs to.
#pragma once

#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace pec::service {

// Text as it is to be read: nothing in it is markup.
std::string roff(std::string_view text);

// The beginning of a page, and its section NAME.
std::string manual_head(std::string_view name, int section, std::string_view doc);

// The whole page, in section 8, of a program or of a command just below it.
std::string manual_page(const CLI::App& app);

}  // namespace pec::service

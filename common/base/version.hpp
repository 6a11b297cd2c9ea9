// SPDX-License-Identifier: GPL-2.0-or-later

// The version of this build, which every program prints for --version.
//
//     fmt::print("pecctl {}\n", version());   // pecctl 0.1.0+b84ad4d61b27-dirty
//
// It is the project's version. A build from a git tree adds what `git describe` says. A packager
// may give another one, with -DPEC_VERSION. Only the programs link it (the library pec_version): a
// new commit compiles one small file and links the programs, nothing more. Any thread.
#pragma once

#include <string_view>

namespace pec {

std::string_view version();

}  // namespace pec

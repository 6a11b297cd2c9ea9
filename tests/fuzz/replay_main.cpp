// SPDX-License-Identifier: GPL-2.0-or-later

// Feeds known inputs to a fuzz target. It is an ordinary program, so every compiler and every build
// checks the fuzzer's properties.
//
//     fuzz_ldif FOUND SEEDS...
//
// FOUND is the folder of inputs that once broke something; there may be none. Each other folder
// must hold a file. The last line on stderr names the input that broke a property.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void replay(const fs::path& file) {
  std::fprintf(stderr, "%s\n", file.c_str());
  std::ifstream in(file, std::ios::binary);
  in.exceptions(std::ios::badbit | std::ios::failbit);
  const std::vector<char> bytes(std::istreambuf_iterator<char>(in), {});
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::fprintf(stderr, "usage: %s FOUND SEEDS...\n", arguments[0]);
    return 2;
  }
  LLVMFuzzerTestOneInput(nullptr, 0);
  const std::vector<fs::path> folders(arguments + 1, arguments + count);
  for (const auto& folder : folders) {
    if (folder == folders.front() && !fs::exists(folder)) continue;
    const auto files = files_in(folder);
    if (files.empty()) {
      std::fprintf(stderr, "%s holds no input\n", folder.c_str());
      return 1;
    }
    std::for_each(files.begin(), files.end(), replay);
  }
  return 0;
}

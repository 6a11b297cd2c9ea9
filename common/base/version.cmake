# SPDX-License-Identifier: GPL-2.0-or-later

# Each build runs this as a script: it writes OUTPUT from version.cpp.in, if the version has changed.
# PROJECT: the project's version. GIVEN: the packager's; empty: none. SOURCE: the source tree.
set(version "${GIVEN}")
if(version STREQUAL "")
  set(version "${PROJECT}")
  # A tree that was unpacked inside somebody else's git tree is not described by that one.
  if(EXISTS "${SOURCE}/.git")
    execute_process(
      COMMAND git -C "${SOURCE}" --no-optional-locks describe --always --dirty --abbrev=12
      OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed AND described)
      string(APPEND version "+${described}")
    endif()
  endif()
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/version.cpp.in" "${OUTPUT}" @ONLY ESCAPE_QUOTES)

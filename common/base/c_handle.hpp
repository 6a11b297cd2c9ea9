// SPDX-License-Identifier: GPL-2.0-or-later

// CHandle: a unique_ptr for an object of a C library, one pointer wide.
//
//     using CmsHandle = CHandle<CMS_ContentInfo, CMS_ContentInfo_free>;
//     CmsHandle cms(CMS_sign(...));
//
// Call release() only after the function that takes ownership has succeeded.
#pragma once

#include <memory>

namespace pec {

template <auto Free>
struct CFree {
  template <class T>
  void operator()(T* pointer) const noexcept {
    Free(pointer);
  }
};

template <class T, auto Free>
using CHandle = std::unique_ptr<T, CFree<Free>>;

}  // namespace pec

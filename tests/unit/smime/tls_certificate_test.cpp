// SPDX-License-Identifier: GPL-2.0-or-later

#include "smime/tls_certificate.hpp"

#include "support/results.hpp"
#include "unit/smime/test_pki.hpp"

#include <catch2/catch.hpp>

using namespace pec;
using namespace pec::smime;
using namespace pec::test;
using Catch::Contains;

namespace {

struct Host {
  TemporaryFolder folder;
  Identity ca = make_identity({.common_name = "Test CA", .ca = true});
  Identity mx =
      make_identity({.common_name = "mx", .email = "x@alfa.example,DNS:mx.pec.alfa.example"}, &ca);

  Host() {
    folder.write("mx.pem", pem(*mx.certificate) + pem(*ca.certificate));
    folder.write("mx.key", pem(*mx.key));
  }
  Result<Certificate> certificate(const std::string& key = "mx.key",
                                  const std::string& name = "mx.pec.alfa.example") const {
    return tls_certificate(folder.path("mx.pem"), folder.path(key), name);
  }
  std::string problem(const std::string& key, const std::string& name) const {
    const auto read = certificate(key, name);
    REQUIRE_FALSE(read);
    return read.error().detail;
  }
};

}  // namespace

TEST_CASE("a TLS certificate of the key and for the host is good, whoever has issued it") {
  const Host host;
  CHECK(to_der(*value_of(host.certificate())) == to_der(*host.mx.certificate));
}

TEST_CASE("a TLS certificate for another host, or of another key, is not") {
  const Host host;
  CHECK_THAT(host.problem("mx.key", "mx.pec.beta.example"),
             Contains("is not for mx.pec.beta.example: have one issued"));
  host.folder.write("other.key", pem(*make_identity({.common_name = "other"}).key));
  CHECK_THAT(host.problem("other.key", "mx.pec.alfa.example"),
             Contains("does not belong to the first certificate in"));
}

TEST_CASE("a TLS key that Postfix could not read is found out") {
  const Host host;
  host.folder.write("locked.key", encrypted_pem(*host.mx.key, "geheim"));
  CHECK_THAT(host.problem("locked.key", "mx.pec.alfa.example"),
             Contains("holds no private key in PEM form without passphrase"));
  CHECK_THAT(host.problem("none.key", "mx.pec.alfa.example"), Contains("can't read"));
}

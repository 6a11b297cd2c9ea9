// SPDX-License-Identifier: GPL-2.0-or-later

// A milter that reads everything and changes nothing: it shows the transport without certified
// mail. The integration tests check with it that Postfix and Dovecot keep every byte; the benchmark
// compares with it.
//
//     passthrough_milter unix:/run/pec/milter.sock
#include <cstdio>
#include <libmilter/mfapi.h>
#include <sys/stat.h>

namespace {

// It asks for all parts of a message, as pec-milter does: a missing callback would spare Postfix
// the work of sending that part.
sfsistat on_envelope(SMFICTX*, char**) {
  return SMFIS_CONTINUE;
}
sfsistat on_header(SMFICTX*, char*, char*) {
  return SMFIS_CONTINUE;
}
sfsistat on_body(SMFICTX*, unsigned char*, std::size_t) {
  return SMFIS_CONTINUE;
}
sfsistat on_end(SMFICTX*) {
  return SMFIS_ACCEPT;
}

smfiDesc description() {
  smfiDesc d{};
  static char name[] = "passthrough";
  d.xxfi_name = name;
  d.xxfi_version = SMFI_VERSION;
  d.xxfi_envfrom = on_envelope;
  d.xxfi_envrcpt = on_envelope;
  d.xxfi_header = on_header;
  d.xxfi_body = on_body;
  d.xxfi_eom = on_end;
  return d;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: passthrough_milter SOCKET (e.g. unix:/run/pec/milter.sock)\n", stderr);
    return 2;
  }
  umask(0117);  // the socket is for owner and group, like pec-milter's
  if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(description()) != MI_SUCCESS ||
      smfi_opensocket(true) != MI_SUCCESS) {
    std::fprintf(stderr, "passthrough_milter: bad socket %s\n", argv[1]);
    return 1;
  }
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}

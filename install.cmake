# SPDX-License-Identifier: GPL-2.0-or-later

# What `cmake --install` puts where. Nothing of the tests, no library of ours. `ctest -R install` says
# if something of the tree is missing here.
include(GNUInstallDirs)

# Everybody may read what is installed. (New folders follow the umask.)
set(readable OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)

# pecctl is an administrator's tool, and its manual pages are in section 8: sbin, as for the daemons.
install(TARGETS pec-milter pec-policyd pec-scanner pecctl DESTINATION ${CMAKE_INSTALL_SBINDIR})

# Dovecot looks for plugins in one folder, wherever we are installed.
if(NOT DOVECOT_MODULE_DIR)
  find_file(DOVECOT_CONFIG dovecot-config PATHS /usr/lib/dovecot /usr/lib64/dovecot /usr/local/lib/dovecot)
  if(DOVECOT_CONFIG)
    file(STRINGS ${DOVECOT_CONFIG} module_dir REGEX "^dovecot_moduledir=")
    string(REGEX REPLACE "^dovecot_moduledir=" "" module_dir "${module_dir}")
  endif()
  if(NOT module_dir)
    message(FATAL_ERROR "Dovecot's dovecot-config does not name the folder of plugins; set -DDOVECOT_MODULE_DIR=PATH")
  endif()
  set(DOVECOT_MODULE_DIR ${module_dir} CACHE PATH "Where Dovecot looks for plugins; empty: where it says" FORCE)
endif()
install(TARGETS pec_dovecot_plugin pec_limits_plugin
  DESTINATION ${DOVECOT_MODULE_DIR} PERMISSIONS ${readable})

# Templates and texts, which a host copies or renders.
set(data ${CMAKE_INSTALL_DATADIR}/pec-suite)
install(DIRECTORY postfix-conf/ DESTINATION ${data}/postfix-conf
  FILE_PERMISSIONS ${readable} PATTERN README.md EXCLUDE)
install(DIRECTORY dovecot-conf/ DESTINATION ${data}/dovecot-conf
  FILE_PERMISSIONS ${readable} PATTERN README.md EXCLUDE)
install(DIRECTORY texts/ DESTINATION ${data}/texts
  FILE_PERMISSIONS ${readable} PATTERN README.md EXCLUDE)
install(FILES openldap/pec.ldif DESTINATION ${data}/openldap)
install(PROGRAMS hooks/tls-renewed DESTINATION ${data}/hooks)
# Not in /etc/fail2ban, which is another package's: a site copies what it wants, and chooses the numbers.
install(DIRECTORY fail2ban DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples FILE_PERMISSIONS ${readable})

# systemd's files, by their place in systemd/. They name programs in /usr/sbin; another prefix is filled in.
set(systemd_files
  pec-crl.service pec-crl.timer
  pec-directory-check.service pec-directory-check.timer
  pec-directory.service pec-directory.timer
  pec-milter.service pec-policyd.service pec-scanner.service dovecot-pec.service
  pec-timeouts.service pec-timeouts.timer
  pec-virus-store.service pec-virus-store.timer
  postfix@postfix-pec.service.d/pec-suite.conf
  sysusers.d/pec-suite.conf tmpfiles.d/pec-suite.conf
  examples/pec-milter-clamd.conf)
foreach(file ${systemd_files})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/systemd/${file})
  file(READ systemd/${file} content)
  string(REGEX REPLACE "/usr/s?bin/pec" "${CMAKE_INSTALL_FULL_SBINDIR}/pec" content "${content}")
  set(output ${CMAKE_BINARY_DIR}/systemd/${file})
  file(CONFIGURE OUTPUT ${output} CONTENT "${content}" @ONLY)
  get_filename_component(folder "${file}" DIRECTORY)
  if(folder MATCHES "^(sysusers|tmpfiles)\\.d$")
    install(FILES ${output} DESTINATION lib/${folder})
  elseif(folder STREQUAL "examples")
    install(FILES ${output} DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
  else()
    install(FILES ${output} DESTINATION lib/systemd/system/${folder})
  endif()
endforeach()

# What the build has made (docs/CMakeLists.txt), and what was written by hand.
get_property(documents GLOBAL PROPERTY pec_documents)
foreach(document ${documents})
  if(document MATCHES "\\.([0-9])$")
    install(FILES ${document} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${CMAKE_MATCH_1})
  endif()
endforeach()
install(FILES ${PEC_DOCUMENTS_DIR}/pecctl.bash
  DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME pecctl)
install(FILES ${PEC_DOCUMENTS_DIR}/pec.toml.sample DESTINATION ${CMAKE_INSTALL_DOCDIR})
foreach(document architecture glossary install operating performance reliability rules security spam)
  install(FILES docs/${document}.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
endforeach()
foreach(folder postfix-conf dovecot-conf openldap texts)  # as the documents name them
  install(FILES ${folder}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
endforeach()

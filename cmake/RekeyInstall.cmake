# SPDX-License-Identifier: Apache-2.0
# What is installed, and as which Debian packages. Components: `rekeyd` (the service), `tools` (rekeyctl, rekey-bench,
# rekey-plan) and `librekey` (the library with its CMake package).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# rekey_install(): to be called when all targets are there.
function(rekey_install)
  install(TARGETS rekeyd RUNTIME COMPONENT rekeyd)
  install(TARGETS rekeyctl RUNTIME COMPONENT tools)
  if(REKEY_BENCHMARKS)
    install(TARGETS rekey-bench rekey-plan RUNTIME COMPONENT tools)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/bench/scenarios ${PROJECT_SOURCE_DIR}/bench/plan/networks
            DESTINATION ${CMAKE_INSTALL_DATADIR}/rekey COMPONENT tools)
  endif()
  install(FILES ${PROJECT_SOURCE_DIR}/deploy/rekeyd.toml DESTINATION /etc/rekeyd COMPONENT rekeyd
          PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
  install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/rekeyd.service DESTINATION lib/systemd/system COMPONENT rekeyd)
  install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/rekeyd.sysusers DESTINATION lib/sysusers.d RENAME rekeyd.conf
          COMPONENT rekeyd)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/deploy/prometheus ${PROJECT_SOURCE_DIR}/deploy/grafana
          DESTINATION ${CMAKE_INSTALL_DATADIR}/rekeyd COMPONENT rekeyd PATTERN "*.test.yml" EXCLUDE)
  foreach(component package IN ZIP_LISTS REKEY_COMPONENTS REKEY_PACKAGES)
    install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package}
            RENAME copyright COMPONENT ${component})
  endforeach()

  # The library. Its headers are the public ones alone.
  target_include_directories(rekey INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(rekey INTERFACE cxx_std_20)
  install(TARGETS rekey EXPORT rekey ARCHIVE COMPONENT librekey)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/kernels/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT librekey)
  set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/rekey)
  install(EXPORT rekey NAMESPACE rekey:: DESTINATION ${package_folder} FILE rekeyTargets.cmake COMPONENT librekey)
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/rekeyConfig.cmake.in ${CMAKE_BINARY_DIR}/rekeyConfig.cmake
    INSTALL_DESTINATION ${package_folder})
  write_basic_package_version_file(${CMAKE_BINARY_DIR}/rekeyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_BINARY_DIR}/rekeyConfig.cmake ${CMAKE_BINARY_DIR}/rekeyConfigVersion.cmake
          DESTINATION ${package_folder} COMPONENT librekey)
endfunction()

set(REKEY_COMPONENTS rekeyd tools librekey)
set(REKEY_PACKAGES rekeyd rekeyctl librekey-dev)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME rekeyd)
set(CPACK_PACKAGE_CONTACT "The rekeyd maintainers <rekeyd@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL ${REKEY_COMPONENTS})
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_REKEYD_PACKAGE_NAME rekeyd)
set(CPACK_DEBIAN_REKEYD_PACKAGE_SECTION net)
set(CPACK_DEBIAN_REKEYD_DESCRIPTION "Bulk key derivation for mobile handover: the gRPC service")
set(CPACK_DEBIAN_REKEYD_PACKAGE_DEPENDS "systemd-standalone-sysusers | systemd")
set(CPACK_DEBIAN_REKEYD_PACKAGE_CONTROL_EXTRA
  ${PROJECT_SOURCE_DIR}/deploy/debian/conffiles
  ${PROJECT_SOURCE_DIR}/deploy/debian/postinst
  ${PROJECT_SOURCE_DIR}/deploy/debian/prerm
  ${PROJECT_SOURCE_DIR}/deploy/debian/postrm)
set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME rekeyctl)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION net)
set(CPACK_DEBIAN_TOOLS_DESCRIPTION "Bulk key derivation for mobile handover: command line and benchmarks")
set(CPACK_DEBIAN_LIBREKEY_PACKAGE_NAME librekey-dev)
set(CPACK_DEBIAN_LIBREKEY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBREKEY_PACKAGE_DEPENDS "libssl-dev, libhwy-dev")
set(CPACK_DEBIAN_LIBREKEY_DESCRIPTION "Bulk key derivation for mobile handover: the engines as a C++20 library")
include(CPack)

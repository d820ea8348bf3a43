# rhei_module(<name> [DEPS <module>...] [LIBS <library>...])
#
# Builds src/<name>/**.cc as the static library rhei_<name>, and src/<name>/**_test.cc as the test
# program rhei_<name>_test. DEPS is the architecture: tools/tidy.py reads these lines and rejects any
# #include "<other>/..." that is not listed. Adding a file never edits a build file.
find_package(GTest QUIET)

# Test code is run once: optimising it would cost a third of a release build. (The code that it tests
# is the release's own.)
set(RHEI_TEST_FLAGS "")
if(CMAKE_CXX_FLAGS MATCHES "-O3")
  set(RHEI_TEST_FLAGS -O1)
endif()

# One precompiled <gtest/gtest.h> for all test programs.
if(GTest_FOUND AND NOT RHEI_FUZZ)
  file(WRITE ${CMAKE_BINARY_DIR}/test_prelude.cc "")
  add_library(rhei_test_prelude OBJECT ${CMAKE_BINARY_DIR}/test_prelude.cc)
  target_link_libraries(rhei_test_prelude PRIVATE GTest::gtest)
  target_compile_options(rhei_test_prelude PRIVATE ${RHEI_TEST_FLAGS})
  target_precompile_headers(rhei_test_prelude PRIVATE <gtest/gtest.h>)
endif()

set(RHEI_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND RHEI_WARNINGS -Wno-sign-conversion -Wno-error)
elseif(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Known false alarms of GCC 12 in inlined std::string operations (GCC bugs 105329 and 105651).
  list(APPEND RHEI_WARNINGS -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
  if(CMAKE_CXX_FLAGS MATCHES "-O3|-fsanitize")
    # With these flags it also warns of the empty half of std::optional; the preset dev still looks.
    list(APPEND RHEI_WARNINGS -Wno-maybe-uninitialized)
  endif()
endif()

function(rhei_module name)
  cmake_parse_arguments(M "" "" "DEPS;LIBS" ${ARGN})
  set(dir ${CMAKE_CURRENT_SOURCE_DIR}/${name})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cc)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${dir}/*.h)
  file(GLOB_RECURSE tests CONFIGURE_DEPENDS ${dir}/*_test.cc)
  if(tests)
    list(REMOVE_ITEM sources ${tests})
  endif()
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")  # A program's own file; see rhei_program.
  if(NOT sources AND NOT headers)  # A module of the plan that has no file yet.
    add_library(rhei_${name} INTERFACE)
    return()
  endif()
  add_library(rhei_${name} STATIC ${sources})
  target_sources(rhei_${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${CMAKE_CURRENT_SOURCE_DIR} FILES ${headers})
  set_target_properties(rhei_${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON LINKER_LANGUAGE CXX)
  target_compile_options(rhei_${name} PRIVATE ${RHEI_WARNINGS})
  list(TRANSFORM M_DEPS PREPEND rhei_)
  target_link_libraries(rhei_${name} PUBLIC ${M_DEPS} PRIVATE fmt::fmt ${M_LIBS})
  if(name STREQUAL "base")
    target_precompile_headers(rhei_base PRIVATE base/std_prelude.h)
    # This file asks which instructions there are, so it must not use them itself.
    set_source_files_properties(${dir}/cpu.cc PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    if(CMAKE_CXX_FLAGS MATCHES "-march=x86-64-v3")
      set_source_files_properties(${dir}/cpu.cc PROPERTIES
        COMPILE_OPTIONS "-march=x86-64" COMPILE_DEFINITIONS RHEI_BUILT_FOR_X86_64_V3)
    endif()
  elseif(sources)
    target_precompile_headers(rhei_${name} REUSE_FROM rhei_base)
  endif()
  if(tests AND TARGET rhei_test_prelude)
    add_executable(rhei_${name}_test ${tests})
    target_compile_options(rhei_${name}_test PRIVATE ${RHEI_WARNINGS} ${RHEI_TEST_FLAGS})
    target_link_libraries(rhei_${name}_test PRIVATE rhei_${name} fmt::fmt ${M_LIBS} GTest::gtest_main)
    target_precompile_headers(rhei_${name}_test REUSE_FROM rhei_test_prelude)
    add_test(NAME ${name} COMMAND rhei_${name}_test)
  endif()
endfunction()

# rhei_program(<program> SOURCES <file>... DEPS <module>... [LIBS <library>...])
#
# Builds bin/<program>. `make build` builds the target `programs`: everything declared here.
add_custom_target(programs)
function(rhei_program program)
  cmake_parse_arguments(P "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${program} ${P_SOURCES})
  target_compile_options(${program} PRIVATE ${RHEI_WARNINGS})
  list(TRANSFORM P_DEPS PREPEND rhei_)
  target_link_libraries(${program} PRIVATE ${P_DEPS} fmt::fmt ${P_LIBS})
  target_precompile_headers(${program} REUSE_FROM rhei_base)
  add_dependencies(programs ${program})
endfunction()

# rhei_fuzz(<name>_fuzz SOURCES <file>... DEPS <module>... [LIBS <library>...])
#
# Builds bin/<name>_fuzz, a libFuzzer program, in the preset `fuzz` only; `make fuzz` runs all of
# them. Optional: seeds in fuzz/corpus/<name>_fuzz/, words in fuzz/corpus/<name>_fuzz.dict.
add_custom_target(fuzzers)
function(rhei_fuzz target)
  if(NOT RHEI_FUZZ)
    return()
  endif()
  cmake_parse_arguments(F "" "" "SOURCES;DEPS;LIBS" ${ARGN})
  add_executable(${target} ${F_SOURCES})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  list(TRANSFORM F_DEPS PREPEND rhei_)
  target_link_libraries(${target} PRIVATE ${F_DEPS} fmt::fmt ${F_LIBS})
  target_link_options(${target} PRIVATE -fsanitize=fuzzer)
  add_dependencies(fuzzers ${target})
endfunction()

#include "cli/demo_files.h"

// RHEI_EXAMPLES is the path of examples/ at build time. The bytes come from the assembler: an array
// in C++ costs seconds to compile.
#define RHEI_EMBED(symbol, path)          \
  __asm__(                                \
      ".section .rodata\n"                \
      ".global " #symbol                  \
      "_begin\n"                          \
      ".global " #symbol "_end\n" #symbol \
      "_begin:\n"                         \
      ".incbin \"" path "\"\n" #symbol    \
      "_end:\n"                           \
      ".byte 0\n"                         \
      ".previous\n");                     \
  extern "C" const char symbol##_begin[]; \
  extern "C" const char symbol##_end[]

RHEI_EMBED(rhei_clickstream_sql, RHEI_EXAMPLES "/clickstream/clickstream.sql");
RHEI_EMBED(rhei_clickstream_kafka_sql, RHEI_EXAMPLES "/clickstream/clickstream_kafka.sql");
RHEI_EMBED(rhei_clickstream_check, RHEI_EXAMPLES "/clickstream/check.py");

namespace rhei {

std::string_view ClickstreamSql() {
  return {rhei_clickstream_sql_begin,
          static_cast<size_t>(rhei_clickstream_sql_end - rhei_clickstream_sql_begin)};
}

std::string_view ClickstreamKafkaSql() {
  return {rhei_clickstream_kafka_sql_begin,
          static_cast<size_t>(rhei_clickstream_kafka_sql_end - rhei_clickstream_kafka_sql_begin)};
}

std::string_view ClickstreamCheck() {
  return {rhei_clickstream_check_begin,
          static_cast<size_t>(rhei_clickstream_check_end - rhei_clickstream_check_begin)};
}

}  // namespace rhei

// The framing of files. With quotes, a line end counts only outside them.
#include <fmt/format.h>

#include <cstring>

#include "formats/format.h"

namespace rhei {
namespace {

// The line end at or after `at`, or npos.
size_t FindLineEnd(std::string_view bytes, size_t at) {
  if (at >= bytes.size()) return std::string_view::npos;
  const void* found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - bytes.data());
}

// The end of the record that begins at `begin`, or npos.
size_t FindRecordEnd(const Framing& framing, std::string_view bytes, size_t begin) {
  const size_t end = FindLineEnd(bytes, begin);
  if (framing.quote == 0 && framing.escape == 0) return end;
  // Most lines have neither quotes nor escapes: then the first line end is the record's.
  const auto has = [&](char c) {
    return c != 0 && std::memchr(bytes.data() + begin, c, end - begin) != nullptr;
  };
  if (end != std::string_view::npos && !has(framing.quote) && !has(framing.escape)) return end;
  bool inside = false;
  bool cell_start = true;
  for (size_t at = begin; at < bytes.size(); ++at) {
    const char c = bytes[at];
    if (framing.escape != 0 && c == framing.escape && c != framing.quote) {
      ++at;
      cell_start = false;
    } else if (inside) {
      inside = c != framing.quote;
      // A doubled quote is one inside: the second opens again.
      cell_start = !inside;
    } else if (framing.quote != 0 && c == framing.quote && cell_start) {
      inside = true;
    } else if (c == '\n') {
      return at;
    } else {
      const bool space = framing.spaces_before_quote && (c == ' ' || c == '\t');
      cell_start = c == framing.delimiter || c == '\r' || (cell_start && space);
    }
  }
  return std::string_view::npos;
}

}  // namespace

Status SplitRecords(const Framing& framing, std::string_view bytes, bool at_end,
                    int64_t record_bytes_max, size_t records_max, std::vector<ByteSpan>* records,
                    size_t* consumed) {
  size_t begin = 0;
  *consumed = 0;
  for (size_t found = 0; found < records_max && begin < bytes.size(); ++found) {
    const size_t line_end = FindRecordEnd(framing, bytes, begin);
    const bool unfinished = line_end == std::string_view::npos;
    const size_t end = unfinished ? bytes.size() : line_end;
    if (static_cast<int64_t>(end - begin) > record_bytes_max) {
      return DataError(fmt::format("a record is longer than {} bytes (rhei.record-bytes-max)",
                                   record_bytes_max));
    }
    if (unfinished && !at_end) return {};
    size_t size = end - begin;
    if (size > 0 && bytes[end - 1] == '\r') --size;
    records->push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(size)});
    begin = unfinished ? end : end + 1;
    *consumed = begin;
  }
  return {};
}

}  // namespace rhei

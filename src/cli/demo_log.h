#pragma once
// A made-up day of a web site's access log in the Combined Log Format: seeded, so that the same
// call writes the same bytes.
//
// What is in it, per line: 1 % malformed (cut off, other formats, binary), 0.5 % more than five
// minutes late; robots, images and style sheets beside pages, all kinds of status codes, IPv4 and
// IPv6, UTF-8 and escaped quotes in referers, sizes of "-".
#include <cstdint>
#include <string>

#include "base/env.h"
#include "base/status.h"

namespace rhei {

struct DemoLogOptions {
  int64_t lines = 2'000'000;
  uint64_t seed = 1;
};

// Writes one file. Lines are in the order of their arrival; the times of a day pass from the first
// line to the last.
Status WriteDemoLog(const DemoLogOptions& options, const std::string& path, FileSystem& files);

}  // namespace rhei

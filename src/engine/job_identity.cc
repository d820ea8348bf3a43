#include "engine/job_identity.h"

#include <fmt/format.h>

#include "columnar/hash.h"

namespace rhei {
namespace {

// The last part of a path, with what no file name should hold replaced.
std::string ReadablePart(std::string_view text) {
  constexpr size_t kCharactersMax = 48;
  const size_t slash = text.rfind('/');
  if (slash != std::string_view::npos) text = text.substr(slash + 1);
  std::string readable;
  for (const char c : text.substr(0, kCharactersMax)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-' || (c == '.' && !readable.empty());
    readable += plain ? c : '_';
  }
  return readable.empty() ? "job" : readable;
}

}  // namespace

std::optional<JobIdentity> IdentifyJob(const IdentityRequest& request) {
  const std::string& base =
      request.pipeline_name.empty() ? request.script_path : request.pipeline_name;
  if (base.empty()) return std::nullopt;
  JobIdentity identity;
  identity.text = base;
  if (request.several) identity.text += fmt::format(" -> {}", fmt::join(request.sinks, ","));
  if (request.repeated > 0) identity.text += fmt::format(" #{}", request.repeated + 1);
  // A name and a path that read alike are two identities.
  const std::string kind = request.pipeline_name.empty() ? "path:" : "name:";
  const std::string hashed = kind + identity.text;
  identity.base = kind + base;
  if (request.repeated > 0) identity.base += fmt::format(" #{}", request.repeated + 1);
  identity.folder =
      fmt::format("{}-{:016x}", ReadablePart(base), HashBytes(hashed.data(), hashed.size()));
  return identity;
}

Result<std::string> LocalPathOf(std::string_view uri) {
  const size_t colon = uri.find(':');
  const size_t slash = uri.find('/');
  if (colon == std::string_view::npos || (slash != std::string_view::npos && slash < colon)) {
    return std::string(uri);
  }
  const std::string_view scheme = uri.substr(0, colon);
  if (scheme != "file") {
    return Unsupported(
        fmt::format("'{}': checkpoints in '{}:' are not supported yet, only in "
                    "local directories",
                    uri, scheme));
  }
  std::string_view path = uri.substr(colon + 1);
  if (path.starts_with("//")) {
    path.remove_prefix(2);
    if (path.starts_with("localhost/")) path.remove_prefix(std::string_view("localhost").size());
  }
  if (!path.starts_with("/")) {
    return InvalidArgument(fmt::format("'{}' is no absolute path of this machine", uri));
  }
  return std::string(path);
}

}  // namespace rhei

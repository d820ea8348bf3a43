// PARSE_URL: the parts of a URL as java.net.URL splits it.
#include <array>
#include <optional>

#include "functions/families.h"
#include "functions/string_kernel.h"

namespace rhei {
namespace {

using Part = std::optional<std::string_view>;

struct UrlParts {
  std::string_view protocol;
  std::string_view host;
  std::string_view path;
  std::string_view file;  // path and query
  Part authority;
  Part user_info;
  Part query;
  Part reference;
};

constexpr std::array<std::string_view, 7> kProtocols = {"http", "https",  "ftp", "file",
                                                        "jar",  "mailto", "jmod"};

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] | 0x20) : text[i];
    if (c != lower[i]) return false;
  }
  return true;
}

bool IsPort(std::string_view text) {
  for (char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

// "user:password@host:port"; false when the port or an IPv6 address is malformed.
bool ParseAuthority(std::string_view authority, UrlParts* parts) {
  parts->authority = authority;
  std::string_view host = authority;
  const size_t at = host.find('@');
  if (at != std::string_view::npos) {
    parts->user_info = host.substr(0, at);
    host.remove_prefix(at + 1);
  }
  size_t colon = host.find(':');
  if (host.starts_with('[')) {
    const size_t close = host.find(']');
    if (close == std::string_view::npos) return false;
    colon = close + 1 < host.size() ? close + 1 : std::string_view::npos;
    if (colon != std::string_view::npos && host[colon] != ':') return false;
  }
  if (colon != std::string_view::npos) {
    if (!IsPort(host.substr(colon + 1))) return false;
    host = host.substr(0, colon);
  }
  parts->host = host;
  return true;
}

// False where java.net.URL throws MalformedURLException.
bool ParseUrlText(std::string_view url, UrlParts* parts) {
  while (!url.empty() && static_cast<unsigned char>(url.front()) <= ' ') url.remove_prefix(1);
  while (!url.empty() && static_cast<unsigned char>(url.back()) <= ' ') url.remove_suffix(1);
  const size_t colon = url.find_first_of(":/");
  if (colon == std::string_view::npos || url[colon] != ':') return false;
  parts->protocol = url.substr(0, colon);
  bool known = false;
  for (std::string_view protocol : kProtocols) {
    known = known || EqualsIgnoringCase(parts->protocol, protocol);
  }
  if (!known) return false;
  std::string_view rest = url.substr(colon + 1);
  const size_t hash = rest.find('#');
  if (hash != std::string_view::npos) {
    parts->reference = rest.substr(hash + 1);
    rest = rest.substr(0, hash);
  }
  if (rest.starts_with("//")) {
    rest.remove_prefix(2);
    const size_t end = std::min(rest.find_first_of("/?"), rest.size());
    if (!ParseAuthority(rest.substr(0, end), parts)) return false;
    rest.remove_prefix(end);
  }
  parts->file = rest;
  const size_t question = rest.find('?');
  parts->path = rest.substr(0, question);
  if (question != std::string_view::npos) parts->query = rest.substr(question + 1);
  return true;
}

Part PartNamed(const UrlParts& parts, std::string_view name) {
  if (name == "HOST") return parts.host;
  if (name == "PATH") return parts.path;
  if (name == "QUERY") return parts.query;
  if (name == "REF") return parts.reference;
  if (name == "PROTOCOL") return parts.protocol;
  if (name == "FILE") return parts.file;
  if (name == "AUTHORITY") return parts.authority;
  if (name == "USERINFO") return parts.user_info;
  return std::nullopt;
}

// The value of `key` in "a=1&b=2".
Part QueryValue(std::string_view query, std::string_view key) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    if (pair.starts_with(key) && pair.size() > key.size() && pair[key.size()] == '=') {
      return pair.substr(key.size() + 1);
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return std::nullopt;
}

void ParseUrl(FunctionState*, EvalContext& context, std::span<const Column> arguments,
              Column* out) {
  const Texts urls(arguments[0]);
  const Texts names(arguments[1]);
  TextResult result(context);
  result.Borrow(arguments[0]);
  for (int32_t row = 0; row < context.row_count; ++row) {
    UrlParts parts;
    Part part;
    if (!AnyNull(arguments, row) && ParseUrlText(urls[row], &parts)) {
      part = PartNamed(parts, names[row]);
      if (arguments.size() > 2) {
        part = part.has_value() && names[row] == "QUERY"
                   ? QueryValue(*part, Texts(arguments[2])[row])
                   : Part();
      }
    }
    if (part.has_value()) {
      result.Share(*part);
    } else {
      result.Null();
    }
  }
  result.Finish(out);
}

constexpr std::string_view kSignature = "(url STRING, part STRING [, key STRING]) -> STRING";

constexpr FunctionDef kUrl[] = {
    {.name = "PARSE_URL",
     .group = "string",
     .signature = kSignature,
     .doc =
         "A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, AUTHORITY, FILE or USERINFO; with a "
         "key the value of that key in QUERY.",
     .example = "PARSE_URL('http://a.b/c?k=v', 'QUERY', 'k') = 'v'",
     .min_arguments = 2,
     .max_arguments = 3,
     .infer =
         [](const CallInfo& call) {
           return TypeNullableCall(call, "PARSE_URL", kSignature, "t", DataType::String());
         },
     .eval = ParseUrl,
     .null_rule = NullRule::kCustom},
};

}  // namespace

std::span<const FunctionDef> StringUrlFunctions() {
  return kUrl;
}

}  // namespace rhei

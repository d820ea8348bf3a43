#include "connectors/filesystem/paths.h"

#include <fmt/format.h>

namespace rhei {
namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string Unescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      plain += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

}  // namespace

Result<std::string> PlainPath(std::string_view option) {
  std::string_view path = option;
  if (path.starts_with("file:")) {
    path.remove_prefix(5);
    while (path.starts_with("//")) path.remove_prefix(1);
  } else if (const size_t scheme = path.find("://"); scheme != std::string_view::npos) {
    return Unsupported(fmt::format("path '{}': file systems of scheme '{}' are not supported yet",
                                   option, path.substr(0, scheme)));
  }
  while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  if (path.empty()) return InvalidArgument("option 'path' is empty");
  return std::string(path);
}

bool IsHiddenName(std::string_view name) {
  return name.starts_with('.') || name.starts_with('_');
}

std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::vector<std::pair<std::string, std::string>> PartitionValuesInOrder(
    std::string_view partition) {
  std::vector<std::pair<std::string, std::string>> values;
  while (true) {
    const size_t slash = partition.find('/');
    if (slash == std::string_view::npos) return values;
    const std::string_view part = partition.substr(0, slash);
    partition = partition.substr(slash + 1);
    if (const size_t equals = part.find('='); equals != std::string_view::npos) {
      values.emplace_back(Unescape(part.substr(0, equals)), Unescape(part.substr(equals + 1)));
    }
  }
}

std::map<std::string, std::string> PartitionValues(std::string_view root, std::string_view file) {
  std::map<std::string, std::string> values;
  for (auto& [name, value] :
       PartitionValuesInOrder(file.substr(file.starts_with(root) ? root.size() : 0))) {
    values[name] = std::move(value);
  }
  return values;
}

std::string EscapePartition(std::string_view value, std::string_view default_name) {
  std::string escaped;
  for (char c : value) {
    const bool special = static_cast<unsigned char>(c) < 0x20 || c == 0x7F ||
                         std::string_view("\"#%'*/:=?\\{[]^").find(c) != std::string_view::npos;
    if (special) {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped.empty() ? std::string(default_name) : escaped;
}

}  // namespace rhei

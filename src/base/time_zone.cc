#include "base/time_zone.h"

#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace rhei {

struct TimeZone::Zone {
  absl::TimeZone zone;
  std::string id;
};

namespace {

// java.time.ZoneId.SHORT_IDS: three letters, and the zone or fixed offset they stand for.
struct ShortId {
  std::string_view name;
  std::string_view zone;
};
constexpr ShortId kShortIds[] = {
    {"ACT", "Australia/Darwin"},
    {"AET", "Australia/Sydney"},
    {"AGT", "America/Argentina/Buenos_Aires"},
    {"ART", "Africa/Cairo"},
    {"AST", "America/Anchorage"},
    {"BET", "America/Sao_Paulo"},
    {"BST", "Asia/Dhaka"},
    {"CAT", "Africa/Harare"},
    {"CNT", "America/St_Johns"},
    {"CST", "America/Chicago"},
    {"CTT", "Asia/Shanghai"},
    {"EAT", "Africa/Addis_Ababa"},
    {"ECT", "Europe/Paris"},
    {"EST", "-05:00"},
    {"HST", "-10:00"},
    {"IET", "America/Indiana/Indianapolis"},
    {"IST", "Asia/Kolkata"},
    {"JST", "Asia/Tokyo"},
    {"MIT", "Pacific/Apia"},
    {"MST", "-07:00"},
    {"NET", "Asia/Yerevan"},
    {"NST", "Pacific/Auckland"},
    {"PLT", "Asia/Karachi"},
    {"PNT", "America/Phoenix"},
    {"PRT", "America/Puerto_Rico"},
    {"PST", "America/Los_Angeles"},
    {"SST", "Pacific/Guadalcanal"},
    {"VST", "Asia/Ho_Chi_Minh"},
};

std::optional<int32_t> TwoDigits(std::string_view text) {
  if (text.empty() || text.size() > 2) return std::nullopt;
  int32_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "+8", "+08", "+0830", "+08:30", "+08:30:15": seconds; nothing when it is not an offset.
std::optional<int32_t> ParseOffset(std::string_view text) {
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int32_t sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  std::string_view parts[3] = {"", "0", "0"};
  if (text.find(':') == std::string_view::npos) {
    const size_t hour_digits = std::min<size_t>(text.size() == 3 ? 1 : 2, text.size());
    parts[0] = text.substr(0, hour_digits);
    if (text.size() > hour_digits) parts[1] = text.substr(hour_digits, 2);
    if (text.size() > hour_digits + 2) parts[2] = text.substr(hour_digits + 2);
  } else {
    size_t part = 0;
    while (part < 3) {
      const size_t colon = text.find(':');
      parts[part++] = text.substr(0, colon);
      if (colon == std::string_view::npos) break;
      text.remove_prefix(colon + 1);
      if (part == 3) return std::nullopt;
    }
  }
  const std::optional<int32_t> hours = TwoDigits(parts[0]);
  const std::optional<int32_t> minutes = TwoDigits(parts[1]);
  const std::optional<int32_t> seconds = TwoDigits(parts[2]);
  if (!hours || !minutes || !seconds || *hours > 18 || *minutes > 59 || *seconds > 59) {
    return std::nullopt;
  }
  return sign * (*hours * 3600 + *minutes * 60 + *seconds);
}

std::optional<int32_t> FixedOffset(std::string_view id) {
  if (id == "Z" || id == "UTC" || id == "GMT" || id == "UT") return 0;
  for (std::string_view prefix : {"UTC", "GMT", "UT"}) {
    if (id.starts_with(prefix) && id.size() > prefix.size() &&
        (id[prefix.size()] == '+' || id[prefix.size()] == '-')) {
      return ParseOffset(id.substr(prefix.size()));
    }
  }
  return ParseOffset(id);
}

std::string OffsetText(int32_t offset) {
  const int32_t size = std::abs(offset);
  return fmt::format("{}{:02}:{:02}", offset < 0 ? '-' : '+', size / 3600, size / 60 % 60);
}

}  // namespace

TimeZone::TimeZone() : fixed_id_("UTC") {}

Result<TimeZone> TimeZone::Find(std::string_view id) {
  TimeZone found;
  std::string_view name = id;
  for (const ShortId& entry : kShortIds) {
    if (entry.name == id) name = entry.zone;
  }
  if (const std::optional<int32_t> offset = FixedOffset(name); offset.has_value()) {
    found.fixed_offset_ = *offset;
    found.fixed_id_ = id;
    return found;
  }
  auto zone = std::make_shared<Zone>();
  const bool plain = name.find("..") == std::string_view::npos && !name.starts_with("/") &&
                     !name.starts_with("file:") && !name.starts_with("libc:") && !name.empty();
  if (!plain || !absl::LoadTimeZone(std::string(name), &zone->zone)) {
    return InvalidArgument(
        fmt::format("Unknown time zone '{}'. Use a name like 'Europe/Berlin' or an offset like "
                    "'GMT+08:00'",
                    id));
  }
  zone->id = id;
  found.zone_ = std::move(zone);
  return found;
}

const std::string& TimeZone::id() const {
  return zone_ == nullptr ? fixed_id_ : zone_->id;
}

int32_t TimeZone::OffsetAt(int64_t epoch_seconds) const {
  if (zone_ == nullptr) return fixed_offset_;
  return zone_->zone.At(absl::FromUnixSeconds(epoch_seconds)).offset;
}

std::string TimeZone::Abbreviation(int64_t epoch_seconds) const {
  if (zone_ == nullptr) {
    return fixed_offset_ == 0 ? fixed_id_ : "GMT" + OffsetText(fixed_offset_);
  }
  const absl::TimeZone::CivilInfo info = zone_->zone.At(absl::FromUnixSeconds(epoch_seconds));
  std::string name = info.zone_abbr;
  // The data base gives zones without letters of their own numbers ("+08"); Java says GMT+08:00.
  if (name.empty() || name[0] == '+' || name[0] == '-') return "GMT" + OffsetText(info.offset);
  return name;
}

int64_t TimeZone::InstantFromLocal(int64_t local_seconds) const {
  if (zone_ == nullptr) return local_seconds - fixed_offset_;
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + local_seconds;
  return absl::ToUnixSeconds(zone_->zone.At(civil).pre);
}

void TimeZoneCursor::SetBounds() {
  offset_ = zone_.fixed_offset_;
  if (zone_.is_fixed()) return;
  from_ = 1;  // Empty: the first use moves it.
  until_ = 0;
}

void TimeZoneCursor::MoveTo(int64_t epoch_seconds) {
  // Times beyond every change keep the cursor's outermost bounds, which are open enough.
  if (zone_.is_fixed()) return;
  const absl::TimeZone& zone = zone_.zone_->zone;
  const absl::Time at = absl::FromUnixSeconds(epoch_seconds);
  offset_ = zone.At(at).offset;
  absl::TimeZone::CivilTransition change;
  // The last change at or before `at`: PrevTransition looks strictly before.
  from_ = zone.PrevTransition(at + absl::Seconds(1), &change)
              ? absl::ToUnixSeconds(zone.At(change.to).trans)
              : INT64_MIN / 2;
  until_ = zone.NextTransition(at, &change) ? absl::ToUnixSeconds(zone.At(change.to).trans)
                                            : INT64_MAX / 2;
  // zone.At(change.to) is not unique after a change backwards, where .trans is the change itself;
  // after one forwards `to` is the first local second and .trans is its instant as well.
  if (epoch_seconds < from_ || epoch_seconds >= until_) {
    from_ = epoch_seconds;
    until_ = epoch_seconds + 1;
  }
}

int64_t TimeZoneCursor::SlowInstant(int64_t local_seconds) {
  const int64_t instant = zone_.InstantFromLocal(local_seconds);
  MoveTo(instant);
  return instant;
}

}  // namespace rhei

#include "checkpoint/manifest.h"

#include <map>

#include <fmt/format.h>

#include "base/checksum.h"
#include "columnar/hash.h"
#include "state/state_bytes.h"

namespace rhei {
namespace {

constexpr std::string_view kMagic = "RHEIMAN\n";
constexpr uint32_t kVersion = 3;
constexpr size_t kHeaderBytes = 20;  // magic, version, length of the body
constexpr size_t kChecksumBytes = 8;

enum ManifestFlags : uint8_t { kLast = 1 };
enum InstanceFlags : uint8_t { kOutputIdle = 1, kDone = 2, kSealed = 4 };

// Each string of the manifest once: names repeat in every chain.
class StringTable {
 public:
  uint64_t Add(const std::string& text) {
    const auto [found, is_new] = ordinals_.emplace(text, ordinals_.size());
    if (is_new) WriteBytes(text, &bytes_);
    return found->second;
  }
  void Print(std::string* out) const {
    WriteVarint(ordinals_.size(), out);
    out->append(bytes_);
  }

 private:
  std::map<std::string, uint64_t> ordinals_;
  std::string bytes_;
};

void EncodeJob(const JobDescription& job, StringTable* strings, std::string* out) {
  WriteBytes(job.job_name, out);
  WriteBytes(job.plan_fingerprint, out);
  WriteVarint(job.operators.size(), out);
  for (const JobDescription::OperatorEntry& entry : job.operators) {
    WriteVarint(strings->Add(entry.id), out);
    WriteBytes(entry.name, out);
    WriteVarint(entry.states.size(), out);
    for (const JobDescription::State& state : entry.states) {
      WriteVarint(strings->Add(state.name), out);
      WriteBytes(state.schema, out);
    }
  }
}

void EncodeInstance(const InstanceSnapshot& instance, StringTable* strings, std::string* out) {
  WriteVarint(strings->Add(instance.operator_id), out);
  WriteVarint(static_cast<uint64_t>(instance.shard), out);
  int flags = 0;
  if (instance.output_idle) flags |= kOutputIdle;
  if (instance.done) flags |= kDone;
  if (instance.seal != nullptr) flags |= kSealed;
  WriteFixed(static_cast<uint8_t>(flags), out);
  WriteVarint(instance.input_watermarks_ms.size(), out);
  for (const int64_t watermark : instance.input_watermarks_ms) WriteFixed(watermark, out);
  WriteFixed(instance.combined_watermark_ms, out);
  WriteFixed(instance.output_watermark_ms, out);
  if (instance.seal != nullptr) WriteBytes(*instance.seal, out);
}

// Reads the body; what is inconsistent is told by ok().
class BodyReader {
 public:
  explicit BodyReader(std::string_view body) : reader_(body) {}

  bool ok() const { return reader_.ok() && consistent_; }
  bool at_end() const { return reader_.at_end(); }

  void Read(Manifest* out) {
    for (uint64_t i = Count(); i > 0 && ok(); --i) strings_.emplace_back(reader_.ReadBytes());
    out->generation = reader_.ReadVarint();
    out->epoch = reader_.ReadVarint();
    Expect(out->epoch > 0 && out->generation > 0);
    out->shard_count = Number(1, kKeyGroupCount);
    const auto flags = reader_.ReadFixed<uint8_t>();
    Expect(flags <= kLast);
    out->last = (flags & kLast) != 0;
    out->created_micros = reader_.ReadFixed<int64_t>();
    out->completed_micros = reader_.ReadFixed<int64_t>();
    ReadJob(&out->job);
    for (uint64_t i = Count(); i > 0 && ok(); --i) ReadSegment();
    for (uint64_t i = Count(); i > 0 && ok(); --i) ReadInstance(out->epoch, &out->instances);
    for (uint64_t i = Count(); i > 0 && ok(); --i) ReadCarriedSeal(&out->carried_seals);
    for (uint64_t i = Count(); i > 0 && ok(); --i) ReadChain(&out->chains);
  }

 private:
  void Expect(bool condition) { consistent_ = consistent_ && condition; }
  // Whoever counts reads at least one byte per element, so a false count ends at the body's end.
  uint64_t Count() { return ok() ? reader_.ReadVarint() : 0; }
  int Number(int from, int to) {
    const uint64_t value = reader_.ReadVarint();
    Expect(value >= static_cast<uint64_t>(from) && value <= static_cast<uint64_t>(to));
    return ok() ? static_cast<int>(value) : from;
  }
  std::string String() {
    const uint64_t ordinal = reader_.ReadVarint();
    Expect(ordinal < strings_.size());
    return ok() ? strings_[static_cast<size_t>(ordinal)] : std::string();
  }
  std::string Bytes() { return std::string(reader_.ReadBytes()); }

  void ReadJob(JobDescription* job) {
    job->job_name = Bytes();
    job->plan_fingerprint = Bytes();
    for (uint64_t i = Count(); i > 0 && ok(); --i) {
      JobDescription::OperatorEntry& entry = job->operators.emplace_back();
      entry.id = String();
      entry.name = Bytes();
      for (uint64_t j = Count(); j > 0 && ok(); --j) {
        JobDescription::State& state = entry.states.emplace_back();
        state.name = String();
        state.schema = Bytes();
      }
    }
  }

  void ReadSegment() {
    auto segment = std::make_shared<SegmentInfo>();
    segment->name = Bytes();
    segment->generation = reader_.ReadVarint();
    segment->epoch = reader_.ReadVarint();
    segment->shard = Number(0, kKeyGroupCount - 1);
    segment->file_bytes = reader_.ReadVarint();
    segment->index_checksum = reader_.ReadFixed<uint64_t>();
    // Only what lies beside the manifest or below it, so that a savepoint can be moved.
    Expect(!segment->name.empty() && segment->name.front() != '/' &&
           segment->name.find("..") == std::string::npos &&
           segment->name.find('\0') == std::string::npos);
    segments_.push_back(std::move(segment));
  }

  void ReadInstance(uint64_t epoch, std::vector<InstanceSnapshot>* instances) {
    InstanceSnapshot& instance = instances->emplace_back();
    instance.operator_id = String();
    instance.shard = Number(0, kKeyGroupCount - 1);
    instance.epoch = epoch;
    const auto flags = reader_.ReadFixed<uint8_t>();
    Expect(flags <= (kOutputIdle | kDone | kSealed));
    instance.output_idle = (flags & kOutputIdle) != 0;
    instance.done = (flags & kDone) != 0;
    for (uint64_t i = Count(); i > 0 && ok(); --i) {
      instance.input_watermarks_ms.push_back(reader_.ReadFixed<int64_t>());
    }
    instance.combined_watermark_ms = reader_.ReadFixed<int64_t>();
    instance.output_watermark_ms = reader_.ReadFixed<int64_t>();
    if ((flags & kSealed) != 0) instance.seal = std::make_shared<const std::string>(Bytes());
  }

  void ReadCarriedSeal(std::vector<CarriedSeal>* seals) {
    CarriedSeal& carried = seals->emplace_back();
    carried.operator_id = String();
    carried.shard = Number(0, kKeyGroupCount - 1);
    carried.epoch = reader_.ReadVarint();
    carried.seal = std::make_shared<const std::string>(Bytes());
  }

  void ReadChain(CheckpointChains<SectionPlace>* chains) {
    ChainKey key;
    key.operator_id = String();
    key.state_name = String();
    key.key_group = Number(0, kKeyGroupCount) - 1;
    key.shard = Number(0, kKeyGroupCount) - 1;
    Expect((key.key_group < 0) != (key.shard < 0));
    std::vector<SectionPlace> places;
    for (uint64_t i = Count(); i > 0 && ok(); --i) {
      SectionPlace& place = places.emplace_back();
      const uint64_t segment = reader_.ReadVarint();
      Expect(segment < segments_.size());
      if (ok()) place.segment = segments_[static_cast<size_t>(segment)];
      place.offset = reader_.ReadVarint();
      place.size = reader_.ReadVarint();
      place.checksum = reader_.ReadFixed<uint64_t>();
      const auto is_delta = reader_.ReadFixed<uint8_t>();
      Expect(is_delta <= 1);
      place.is_delta = is_delta != 0;
    }
    Expect(!places.empty() && !chains->all().contains(key));
    if (ok()) chains->Set(std::move(key), std::move(places));
  }

  ByteReader reader_;
  bool consistent_ = true;
  std::vector<std::string> strings_;
  std::vector<std::shared_ptr<const SegmentInfo>> segments_;
};

Status Damaged(const std::string& path, std::string_view what) {
  return {ErrorCode::kStateMismatch, fmt::format("{}: damaged: {}", path, what)};
}

}  // namespace

std::vector<std::shared_ptr<const SegmentInfo>> Manifest::Segments() const {
  std::map<std::string, std::shared_ptr<const SegmentInfo>> by_name;
  for (const auto& [key, places] : chains.all()) {
    for (const SectionPlace& place : places) by_name.emplace(place.segment->name, place.segment);
  }
  std::vector<std::shared_ptr<const SegmentInfo>> segments;
  for (auto& [name, segment] : by_name) segments.push_back(std::move(segment));
  return segments;
}

std::string EncodeManifest(const Manifest& manifest) {
  StringTable strings;
  std::string rest;
  WriteVarint(manifest.generation, &rest);
  WriteVarint(manifest.epoch, &rest);
  WriteVarint(static_cast<uint64_t>(manifest.shard_count), &rest);
  WriteFixed(static_cast<uint8_t>(manifest.last ? kLast : 0), &rest);
  WriteFixed(manifest.created_micros, &rest);
  WriteFixed(manifest.completed_micros, &rest);
  EncodeJob(manifest.job, &strings, &rest);
  const auto segments = manifest.Segments();
  std::map<std::string, uint64_t> ordinals;
  WriteVarint(segments.size(), &rest);
  for (const auto& segment : segments) {
    ordinals.emplace(segment->name, ordinals.size());
    WriteBytes(segment->name, &rest);
    WriteVarint(segment->generation, &rest);
    WriteVarint(segment->epoch, &rest);
    WriteVarint(static_cast<uint64_t>(segment->shard), &rest);
    WriteVarint(segment->file_bytes, &rest);
    WriteFixed(segment->index_checksum, &rest);
  }
  WriteVarint(manifest.instances.size(), &rest);
  for (const InstanceSnapshot& instance : manifest.instances) {
    EncodeInstance(instance, &strings, &rest);
  }
  WriteVarint(manifest.carried_seals.size(), &rest);
  for (const CarriedSeal& carried : manifest.carried_seals) {
    WriteVarint(strings.Add(carried.operator_id), &rest);
    WriteVarint(static_cast<uint64_t>(carried.shard), &rest);
    WriteVarint(carried.epoch, &rest);
    WriteBytes(*carried.seal, &rest);
  }
  WriteVarint(manifest.chains.all().size(), &rest);
  for (const auto& [key, places] : manifest.chains.all()) {
    WriteVarint(strings.Add(key.operator_id), &rest);
    WriteVarint(strings.Add(key.state_name), &rest);
    WriteVarint(static_cast<uint64_t>(key.key_group + 1), &rest);
    WriteVarint(static_cast<uint64_t>(key.shard + 1), &rest);
    WriteVarint(places.size(), &rest);
    for (const SectionPlace& place : places) {
      WriteVarint(ordinals.at(place.segment->name), &rest);
      WriteVarint(place.offset, &rest);
      WriteVarint(place.size, &rest);
      WriteFixed(place.checksum, &rest);
      WriteFixed(static_cast<uint8_t>(place.is_delta ? 1 : 0), &rest);
    }
  }
  std::string body;
  strings.Print(&body);
  body += rest;
  std::string out(kMagic);
  WriteFixed(kVersion, &out);
  WriteFixed(static_cast<uint64_t>(body.size()), &out);
  out += body;
  WriteFixed(Checksum(out), &out);
  return out;
}

Result<Manifest> DecodeManifest(std::string_view bytes, const std::string& path) {
  if (bytes.size() < kHeaderBytes + kChecksumBytes) return Damaged(path, "it is too short");
  ByteReader reader(bytes);
  if (reader.ReadRaw(kMagic.size()) != kMagic) return Damaged(path, "it is not a manifest");
  // The checksum stands at the end in every version, so that a damaged version number is not taken
  // for an old one.
  const std::string_view checked = bytes.substr(0, bytes.size() - kChecksumBytes);
  ByteReader end(bytes.substr(checked.size()));
  if (Checksum(checked) != end.ReadFixed<uint64_t>()) {
    return Damaged(path, "its checksum is wrong");
  }
  if (const auto version = reader.ReadFixed<uint32_t>(); version != kVersion) {
    return Status(ErrorCode::kUnsupported,
                  fmt::format("{}: is of checkpoint format version {}; this rhei reads version {}. "
                              "Continue with the rhei that wrote it, or start anew with --fresh",
                              path, version, kVersion));
  }
  const auto body_bytes = reader.ReadFixed<uint64_t>();
  if (body_bytes != checked.size() - kHeaderBytes) return Damaged(path, "its length is wrong");
  Manifest manifest;
  BodyReader body(checked.substr(kHeaderBytes));
  body.Read(&manifest);
  if (!body.ok() || !body.at_end()) return Damaged(path, "its content is not consistent");
  return manifest;
}

}  // namespace rhei

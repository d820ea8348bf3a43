#include "runtime/output_edge.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "columnar/hash.h"

namespace rhei {
namespace {

// A builder with few rows waits for at most so many batches, so that a rare key (and the watermark)
// is not held back by frequent ones.
constexpr int32_t kBatchesHeldMax = 8;

void AppendPoint(std::vector<WatermarkPoint>* points, WatermarkPoint point) {
  if (!points->empty() && points->back().row == point.row) points->pop_back();
  points->push_back(point);
}

// The points of `batch` as a batch without rows.
Batch PointsOnly(const Batch& batch) {
  Batch out;
  if (!batch.points.empty()) out.points.push_back({0, batch.points.back().watermark_ms});
  return out;
}

}  // namespace

Batch ConcatenateBatches(std::vector<Batch> parts, MemoryPool* pool) {
  CHECK(!parts.empty());
  Batch out;
  bool any_changes = false;
  std::vector<const Batch*> filled;
  for (const Batch& part : parts) {
    for (const WatermarkPoint point : part.points) {
      AppendPoint(&out.points, {out.row_count + point.row, point.watermark_ms});
    }
    out.row_count += part.row_count;
    any_changes = any_changes || part.changes != nullptr;
    if (part.row_count > 0) filled.push_back(&part);
  }
  if (filled.empty()) return out;
  if (filled.size() == 1) {
    out.columns = filled[0]->columns;
    out.changes = filled[0]->changes;
    return out;
  }
  const size_t column_count = filled[0]->columns.size();
  std::vector<const Column*> columns(filled.size());
  for (size_t i = 0; i < column_count; ++i) {
    for (size_t part = 0; part < filled.size(); ++part) columns[part] = &filled[part]->columns[i];
    out.columns.push_back(Concatenate(columns, pool));
  }
  if (!any_changes) return out;
  out.changes = Buffer::Allocate(static_cast<size_t>(out.row_count), pool);
  auto* kinds = out.changes->as<ChangeKind>();
  for (const Batch* part : filled) {
    for (int32_t row = 0; row < part->row_count; ++row) *kinds++ = part->change(row);
  }
  return out;
}

OutputEdge::OutputEdge(Config config, std::vector<Channel*> channels)
    : config_(std::move(config)), destinations_(channels.size()) {
  CHECK(!channels.empty());
  CHECK(config_.routing != Routing::kForward || channels.size() == 1);
  for (size_t i = 0; i < channels.size(); ++i) destinations_[i].channel = channels[i];
}

void OutputEdge::PushBatch(Batch batch) {
  if (destinations_.size() == 1) {
    Send(destinations_[0], {ChannelKind::kBatch, std::move(batch), 0, 0});
    return;
  }
  switch (config_.routing) {
    case Routing::kForward:
    case Routing::kSingleton:
      for (size_t i = 1; i < destinations_.size(); ++i) {
        if (!batch.points.empty()) Add(destinations_[i], PointsOnly(batch));
      }
      Send(destinations_[0], {ChannelKind::kBatch, std::move(batch), 0, 0});
      return;
    case Routing::kHash: Scatter(batch); return;
    case Routing::kBroadcast:
      for (Destination& to : destinations_) Send(to, {ChannelKind::kBatch, batch, 0, 0});
      return;
    case Routing::kRebalance: break;
  }
  for (size_t i = 0; i < destinations_.size(); ++i) {
    if (i != next_destination_ && !batch.points.empty()) Add(destinations_[i], PointsOnly(batch));
  }
  Destination& to = destinations_[next_destination_];
  if (batch.row_count > 0) next_destination_ = (next_destination_ + 1) % destinations_.size();
  Add(to, std::move(batch));
  FlushOne(to);
}

void OutputEdge::Scatter(const Batch& batch) {
  const auto row_count = static_cast<size_t>(batch.row_count);
  if (row_count > 0) {
    std::vector<const Column*> keys;
    for (const int column : config_.hash_columns) {
      keys.push_back(&batch.columns[static_cast<size_t>(column)]);
    }
    hashes_.resize(row_count);
    HashRows(keys, batch.row_count, hashes_.data());
    for (Destination& to : destinations_) to.rows.clear();
    const int shard_count = static_cast<int>(destinations_.size());
    for (size_t row = 0; row < row_count; ++row) {
      const int shard = ShardOfKeyGroup(KeyGroupOf(hashes_[row]), shard_count);
      destinations_[static_cast<size_t>(shard)].rows.push_back(static_cast<int32_t>(row));
    }
  }
  for (Destination& to : destinations_) {
    if (row_count == 0 || to.rows.empty()) {
      if (!batch.points.empty()) Add(to, PointsOnly(batch));
      continue;
    }
    // The gathered strings still lie in the source's buffers. They are copied here: one rare row in
    // a builder must not keep a whole chunk of input alive.
    Batch part = GatherRows(batch, to.rows, config_.pool);
    for (Column& column : part.columns) {
      if (!column.heaps.empty() || !column.children.empty()) {
        column = CopyStrings(column, config_.pool);
      }
    }
    Add(to, std::move(part));
  }
}

void OutputEdge::Add(Destination& to, Batch part) {
  to.part_rows += part.row_count;
  to.parts.push_back(std::move(part));
  built_ = true;
  if (to.part_rows >= config_.flush_rows || ++to.batches_seen >= kBatchesHeldMax) FlushOne(to);
}

void OutputEdge::FlushOne(Destination& to) {
  if (to.parts.empty()) return;
  // A builder below flush_rows plus one part may pass the largest batch, so it goes out in pieces.
  std::vector<Batch> group;
  int32_t group_rows = 0;
  const auto send = [&] {
    if (group.empty()) return;
    Send(to, {ChannelKind::kBatch, ConcatenateBatches(std::move(group), config_.pool), 0, 0});
    group.clear();
    group_rows = 0;
  };
  for (Batch& part : to.parts) {
    if (group_rows + part.row_count > kBatchRowsMax) send();
    group_rows += part.row_count;
    group.push_back(std::move(part));
  }
  send();
  to.parts.clear();
  to.part_rows = 0;
  to.batches_seen = 0;
}

void OutputEdge::Flush() {
  if (!built_) return;
  for (Destination& to : destinations_) FlushOne(to);
  built_ = false;
}

void OutputEdge::PushControl(ChannelKind kind, uint64_t number) {
  Flush();
  for (Destination& to : destinations_) Send(to, {kind, {}, number, to.rows_sent});
}

void OutputEdge::Send(Destination& to, ChannelElement element) {
  to.rows_sent += element.batch.row_count;
  if (to.waiting.empty() && to.channel->HasRoom()) {
    to.channel->Push(std::move(element));
    return;
  }
  to.waiting.push_back(std::move(element));
  ++waiting_count_;
}

bool OutputEdge::Drain() {
  if (waiting_count_ == 0) return false;
  bool moved = false;
  for (Destination& to : destinations_) {
    while (!to.waiting.empty() && to.channel->HasRoom()) {
      to.channel->Push(std::move(to.waiting.front()));
      to.waiting.pop_front();
      --waiting_count_;
      moved = true;
    }
  }
  return moved;
}

bool OutputEdge::closed_early() const {
  return std::all_of(destinations_.begin(), destinations_.end(),
                     [](const Destination& to) { return to.channel->closed_early(); });
}

int64_t OutputEdge::rows_sent() const {
  int64_t rows = 0;
  for (const Destination& to : destinations_) rows += to.rows_sent;
  return rows;
}

}  // namespace rhei

// Source of raw records: splits from the job's SplitAssigner, chunks from the shard's RecordReader,
// rows from the format's decoder. records = decoded + skipped + rejected; rows counts what they
// gave.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "columnar/batch_builder.h"
#include "formats/bad_record.h"
#include "formats/format.h"
#include "operators/connector_operators.h"
#include "operators/record_reader.h"
#include "operators/split_assigner.h"
#include "operators/watermark_generator.h"
#include "runtime/source_progress.h"
#include "state/list_state.h"
#include "state/state_bytes.h"
#include "types/number_text.h"
#include "types/side_tables.h"

namespace rhei {
namespace {

// Elements of the list state, by their first byte.
constexpr char kShardElement = 'G';       // shard, rows emitted, generator
constexpr char kEnumeratorElement = 'E';  // of shard 0
constexpr char kUnreadElement = 'U';      // a split no shard had; of shard 0
constexpr char kSplitElement = 'S';       // a split of the shard
constexpr char kDoneElement = 'D';        // a split read to its end since the last barrier

struct SharedAssigner final : NodeShared {
  std::unique_ptr<SplitAssigner> assigner;
  bool restored = false;
};

class RecordSource final : public Operator {
 public:
  RecordSource(const SourceSpec& spec, const ConnectorFactory* factory,
               std::shared_ptr<SharedAssigner> shared, SourceRequest request,
               std::unique_ptr<SourceReader> reader, std::shared_ptr<Decoder> decoder,
               bool per_split)
      : spec_(spec),
        factory_(factory),
        shared_(std::move(shared)),
        request_(std::move(request)),
        raw_reader_(std::move(reader)),
        decoder_(std::move(decoder)),
        per_split_(per_split) {}

  ~RecordSource() override {
    if (context_ != nullptr) shared_->assigner->Register(context_->shard, nullptr);
  }

  Status Open(OperatorContext& context) override {
    context_ = &context;
    last_epoch_ = context.restored_epoch;
    tell_active_ = context.restored;
    Counters& counters = *context.counters;
    records_ = counters.Get("records");
    decoded_ = counters.Get("decoded");
    skipped_ = counters.Get("skipped");
    rejected_ = counters.Get("rejected");
    rows_ = counters.Get("rows");
    counters.DeclareEquation({"records"}, {"decoded", "skipped", "rejected"});
    RETURN_IF_ERROR(generator_.Open(spec_.watermark, context, per_split_));
    ASSIGN_OR_RETURN(list_, context.state->OpenList("splits"));
    RETURN_IF_ERROR(RestoreList());
    reader_ = std::make_unique<RecordReader>(std::move(raw_reader_), context.env->clock,
                                             context.wakeup, spec_.watermark.idle_timeout_ms);
    reader_->Start(context.io);
    shared_->assigner->Register(context.shard, context.wakeup);
    shared_->assigner->Start(context.io);
    return {};
  }

  Status Accept(int, Element) override { return {}; }

  Result<PullResult> Pull(PulledBatch* out) override {
    while (true) {
      if (const int32_t due = RejectsDue(); due > 0) {
        out->port = kErrorPort;
        out->batch = SliceRows(rejects_, next_reject_, due, context_->pool);
        next_reject_ += due;
        return PullResult::kBatch;
      }
      if (next_row_ < chunk_rows_.row_count) {
        if (idle_ || tell_active_) {
          idle_ = false;
          tell_active_ = false;
          return PullResult::kActive;
        }
        RETURN_IF_ERROR(EmitSlice(out));
        return PullResult::kBatch;
      }
      FinishChunk();
      TakeSplits();
      RecordReader::Entry entry;
      if (!reader_->Take(&entry)) return NothingNow(out);
      RETURN_IF_ERROR(TakeEntry(std::move(entry)));
    }
  }

  Result<bool> BeforeBarrier(uint64_t epoch) override {
    // Not in the middle of a record that gave several rows, whose position is not a place to go on;
    // and not before the rejects that lie before that place.
    if (next_row_ > 0 && next_row_ < chunk_rows_.row_count && SameRecord(next_row_)) return false;
    if (RejectsDue() > 0) return false;
    SaveList(epoch);
    last_epoch_ = epoch;
    return true;
  }

  Status OnCheckpointComplete(uint64_t epoch) override {
    // Every epoch up to it: a split that ended stands in one of them only.
    for (auto it = positions_.begin(); it != positions_.upper_bound(epoch); ++it) {
      reader_->CheckpointComplete(std::move(it->second));
    }
    positions_.erase(positions_.begin(), positions_.upper_bound(epoch));
    return {};
  }

  Status Close() override { return reader_ == nullptr ? Status() : reader_->Close(); }

 private:
  struct LiveSplit {
    SplitStart start;  // its split's state is that before the chunk at work
    bool at_end = false;
  };

  // -- Splits ----------------------------------------------------------------------------------

  void TakeSplits() {
    // Files: the next one only when the last one is at its end.
    while (live_.empty() || !one_at_a_time()) {
      std::optional<SplitStart> start = shared_->assigner->Take(context_->shard, last_epoch_);
      if (!start.has_value()) return;
      const int32_t number = next_number_++;
      generator_.AddSplit(number, start->watermark_ms);
      reader_->AddSplit(start->split, number);
      live_[number].start = *std::move(start);
    }
  }
  bool one_at_a_time() const { return shared_->assigner->one_at_a_time(); }

  Status TakeEntry(RecordReader::Entry entry) {
    switch (entry.kind) {
      case RecordReader::Entry::Kind::kChunk: return DecodeChunk(std::move(entry.chunk));
      case RecordReader::Entry::Kind::kSplitEnd: {
        const auto found = live_.find(entry.split);
        if (found == live_.end()) return {};
        done_size_ += std::max<int64_t>(found->second.start.split.size, 0);
        done_.push_back(found->second.start.split);
        live_.erase(found);
        generator_.RemoveSplit(entry.split);
        return {};
      }
      case RecordReader::Entry::Kind::kSplitIdle:
        silent_.insert(entry.split);
        if (per_split_) generator_.SetIdle(entry.split);
        return {};
    }
    return {};
  }

  Result<PullResult> NothingNow(PulledBatch* out) {
    RETURN_IF_ERROR(reader_->failure());
    RETURN_IF_ERROR(shared_->assigner->failure());
    if (live_.empty() && shared_->assigner->Exhausted(context_->shard)) return PullResult::kDone;
    const bool caught_up = live_.empty() ? shared_->assigner->NothingNow(context_->shard)
                                         : silent_.size() >= live_.size();
    const int64_t now_micros = context_->env->clock->WallMicros();
    TellProgress(now_micros);
    int64_t wake_micros = INT64_MAX;
    if (generator_.SendPending(now_micros, &wake_micros, &out->batch)) return PullResult::kBatch;
    if (wake_micros != INT64_MAX) context_->wakeup->WakeAtMicros(wake_micros);
    if (caught_up && !idle_) {
      idle_ = true;
      return PullResult::kIdle;
    }
    return PullResult::kNeedInput;
  }

  // -- Records ---------------------------------------------------------------------------------

  Status DecodeChunk(RecordChunk chunk) {
    chunk_ = std::move(chunk);
    has_chunk_ = true;
    generator_.EndPause();
    silent_.erase(chunk_.split);
    Status status = decoder_->Decode(chunk_, &decoded_output_);
    if (!status.ok()) return status.WithContext(spec_.table);
    records_->Add(static_cast<int64_t>(chunk_.record_count()));
    decoded_->Add(decoded_output_.decoded);
    skipped_->Add(decoded_output_.skipped);
    rejected_->Add(decoded_output_.rejected);
    KeepRejects();
    chunk_rows_ = {};
    chunk_rows_.row_count = decoded_output_.row_count;
    chunk_rows_.columns = std::move(decoded_output_.columns);
    chunk_rows_.changes = std::move(decoded_output_.changes);
    next_row_ = 0;
    if (!spec_.metadata.empty()) {
      RETURN_IF_ERROR(factory_->FillMetadata(request_, chunk_, decoded_output_.record_of_row,
                                             &chunk_rows_.columns));
    }
    return CheckRowtime();
  }

  // Here and not where the watermark is made, because the record's place is known here.
  Status CheckRowtime() const {
    if (spec_.rowtime_column < 0) return {};
    const Column& rowtime = chunk_rows_.columns[static_cast<size_t>(spec_.rowtime_column)];
    if (!rowtime.may_have_nulls()) return {};
    for (int32_t row = 0; row < chunk_rows_.row_count; ++row) {
      if (!rowtime.IsNull(row)) continue;
      const auto record =
          static_cast<size_t>(decoded_output_.record_of_row[static_cast<size_t>(row)]);
      return NullRowtime(spec_.table, spec_.rowtime_name)
          .WithContext(PlaceOfRecord(chunk_, record));
    }
    return {};
  }

  Status EmitSlice(PulledBatch* out) {
    const int32_t left = chunk_rows_.row_count - next_row_;
    const int32_t rows = std::min(left, context_->settings->batch_rows_max);
    if (rows == chunk_rows_.row_count) {
      out->batch = std::move(chunk_rows_);
      chunk_rows_ = {};
      chunk_rows_.row_count = rows;  // the chunk's, for FinishChunk
    } else {
      out->batch = SliceRows(chunk_rows_, next_row_, rows, context_->pool);
    }
    next_row_ += rows;
    emitted_ += rows;
    rows_->Add(rows);
    const int64_t now_micros = context_->env->clock->WallMicros();
    TellProgress(now_micros);
    return generator_.Apply(&out->batch, chunk_.split, now_micros);
  }

  // A few times a second.
  void TellProgress(int64_t now_micros) {
    constexpr int64_t kEveryMicros = 300'000;
    if (context_->source_progress == nullptr || now_micros - told_micros_ < kEveryMicros) return;
    told_micros_ = now_micros;
    SourceReading reading;
    reading.done = done_size_;
    reading.total = shared_->assigner->total_size();
    for (const auto& [number, live] : live_) {
      const SourceSplit& split = live.start.split;
      reading.splits.push_back({split.id, split.state,
                                per_split_ ? generator_.split_watermark_ms(number) : kNoWatermark,
                                silent_.contains(number)});
      int64_t position = 0;
      if (ParseInteger(split.state, 0, INT64_MAX, &position) == NumberParse::kOk) {
        reading.done += position;
      }
    }
    context_->source_progress->Tell(std::move(reading));
  }

  // The chunk at work has given all its rows: the split stands behind it.
  void FinishChunk() {
    if (!has_chunk_) return;
    has_chunk_ = false;
    const auto found = live_.find(chunk_.split);
    if (found != live_.end()) {
      found->second.start.split.state = reader_->StateAfter(chunk_.split, chunk_.next_offset);
    }
    chunk_ = {};
    chunk_rows_ = {};
    next_row_ = 0;
  }

  bool SameRecord(int32_t row) const {
    const auto at = static_cast<size_t>(row);
    return decoded_output_.record_of_row[at - 1] == decoded_output_.record_of_row[at];
  }

  // Rejected records go out before the rows that follow them.
  int32_t RejectsDue() const {
    const std::vector<RejectedRecord>& rejects = decoded_output_.rejects;
    const int32_t before = next_row_ < chunk_rows_.row_count
                               ? decoded_output_.record_of_row[static_cast<size_t>(next_row_)]
                               : INT32_MAX;
    int32_t due = 0;
    for (auto at = static_cast<size_t>(next_reject_); has_chunk_ && at < rejects.size(); ++at) {
      if (rejects[at].record < before) ++due;
    }
    return due;
  }

  void KeepRejects() {
    next_reject_ = 0;
    if (decoded_output_.rejects.empty()) return;
    BatchBuilder builder(ErrorTableSchema(), context_->pool);
    const int64_t now_ms = context_->env->clock->WallMicros() / 1000;
    for (const RejectedRecord& reject : decoded_output_.rejects) {
      const auto at = static_cast<size_t>(reject.record);
      const ByteSpan span = chunk_.values[at];
      builder.column(0).Append<int64_t>(now_ms * 1000);
      builder.column(1).AppendString(reject.reason);
      if (reject.field.empty()) {
        builder.column(2).AppendNull();
      } else {
        builder.column(2).AppendString(reject.field);
      }
      builder.column(3).AppendString(chunk_.split_name);
      builder.column(4).Append<int64_t>(chunk_.offsets.empty() ? reject.record
                                                               : chunk_.offsets[at]);
      builder.column(5).Append<int64_t>(reject.byte);
      if (span.is_null()) {
        builder.column(6).AppendNull();
      } else {
        builder.column(6).AppendString({chunk_.buffer->chars() + span.offset, span.size});
      }
      builder.column(7).AppendNull();
      builder.column(8).AppendNull();
      builder.FinishRow();
    }
    rejects_ = builder.Finish();
  }

  // -- Snapshot --------------------------------------------------------------------------------

  // The split's state as of the rows that have gone out.
  std::string StateNow(int32_t number, const LiveSplit& live) {
    if (!has_chunk_ || chunk_.split != number) return live.start.split.state;
    if (next_row_ >= chunk_rows_.row_count) {
      return reader_->StateAfter(number, chunk_.next_offset);
    }
    const int32_t record = decoded_output_.record_of_row[static_cast<size_t>(next_row_)];
    if (record == 0) return live.start.split.state;
    return reader_->StateAfter(number, chunk_.offsets[static_cast<size_t>(record)]);
  }

  void SaveList(uint64_t epoch) {
    std::vector<std::string> elements;
    std::vector<SourceSplit>& positions = positions_[epoch];
    std::string shard(1, kShardElement);
    WriteFixed<int32_t>(context_->shard, &shard);
    WriteFixed(emitted_, &shard);
    WriteBytes(generator_.Save(), &shard);
    elements.push_back(std::move(shard));
    for (const auto& [number, live] : live_) {
      SplitStart now = live.start;
      now.split.state = StateNow(number, live);
      now.watermark_ms = generator_.split_watermark_ms(number);
      positions.push_back(now.split);
      elements.emplace_back(1, kSplitElement);
      WriteSplit(now, &elements.back());
    }
    for (SourceSplit& split : done_) {
      elements.emplace_back(1, kDoneElement);
      WriteBytes(split.id, &elements.back());
      positions.push_back(std::move(split));
    }
    done_.clear();
    if (context_->shard == 0) {
      elements.emplace_back(1, kEnumeratorElement);
      WriteBytes(shared_->assigner->EnumeratorState(), &elements.back());
      for (const SplitStart& start : shared_->assigner->Unread(epoch)) {
        elements.emplace_back(1, kUnreadElement);
        WriteSplit(start, &elements.back());
      }
    }
    list_->Set(std::move(elements));
  }

  Status RestoreList() {
    std::string enumerator;
    int32_t shard_count = 0;
    std::vector<SplitStart> splits, unread;
    std::vector<std::string> known;
    for (const std::string& element : list_->restored()) {
      ByteReader reader(std::string_view(element).substr(1));
      switch (element[0]) {
        case kShardElement: {
          const auto shard = reader.ReadFixed<int32_t>();
          ++shard_count;
          const auto emitted = reader.ReadFixed<int64_t>();
          const std::string_view generator = reader.ReadBytes();
          if (shard != context_->shard) break;
          emitted_ = emitted;
          RETURN_IF_ERROR(generator_.Restore(generator));
          break;
        }
        case kEnumeratorElement: enumerator = reader.ReadBytes(); break;
        case kDoneElement: known.emplace_back(reader.ReadBytes()); break;
        case kSplitElement:
        case kUnreadElement: {
          (element[0] == kSplitElement ? splits : unread).push_back(ReadSplit(&reader));
          break;
        }
      }
      if (!reader.ok()) return {ErrorCode::kStateMismatch, spec_.table + ": damaged positions"};
    }
    if (list_->restored().empty() || shared_->restored) return {};
    // The first instance does it for all: splits in work first, then those that nobody had and that
    // no shard's own entry supersedes.
    shared_->restored = true;
    for (const SplitStart& start : splits) known.push_back(start.split.id);
    for (SplitStart& start : unread) {
      if (std::find(known.begin(), known.end(), start.split.id) == known.end()) {
        splits.push_back(std::move(start));
      }
    }
    KeepOrderOfTime(shard_count == context_->shard_count, &splits);
    return shared_->assigner->Restore(enumerator, std::move(splits), std::move(known));
  }

  // No row may become late because of who reads it. A shard goes on with its own splits, which are
  // not behind its watermark; of other numbers of shards each takes the next one in order.
  static void KeepOrderOfTime(bool same_shards, std::vector<SplitStart>* splits) {
    if (!same_shards) {
      for (SplitStart& start : *splits) start.shard = -1;
    }
    std::stable_sort(splits->begin(), splits->end(), [](const SplitStart& a, const SplitStart& b) {
      return a.ordinal < b.ordinal;
    });
  }

  const SourceSpec& spec_;
  const ConnectorFactory* factory_;
  std::shared_ptr<SharedAssigner> shared_;
  int64_t done_size_ = 0;  // of the splits read to their end
  int64_t told_micros_ = 0;
  SourceRequest request_;
  std::unique_ptr<SourceReader> raw_reader_;  // until Open
  std::shared_ptr<Decoder> decoder_;
  const bool per_split_;
  OperatorContext* context_ = nullptr;
  ListState* list_ = nullptr;
  WatermarkGenerator generator_;
  std::unique_ptr<RecordReader> reader_;

  std::map<int32_t, LiveSplit> live_;
  int32_t next_number_ = 0;
  std::set<int32_t> silent_;       // live splits that are idle
  std::vector<SourceSplit> done_;  // since the last barrier
  uint64_t last_epoch_ = 0;
  std::map<uint64_t, std::vector<SourceSplit>> positions_;  // by epoch, until published

  RecordChunk chunk_;
  bool has_chunk_ = false;
  DecodeOutput decoded_output_;
  Batch chunk_rows_;
  int32_t next_row_ = 0;
  Batch rejects_;
  int32_t next_reject_ = 0;
  bool idle_ = false;
  // The snapshot may have been taken while the output was idle: readers pass over the watermarks of
  // an idle input, so the first rows after a restore say that it is not.
  bool tell_active_ = false;
  int64_t emitted_ = 0;  // over restores

  Counter* records_ = nullptr;
  Counter* decoded_ = nullptr;
  Counter* skipped_ = nullptr;
  Counter* rejected_ = nullptr;
  Counter* rows_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Operator>> MakeRecordSourceOperator(
    const SourceSpec& spec, const ConnectorOperatorContext& context) {
  SourceRequest request = RequestOf(spec, *context.op);
  if (*context.shared == nullptr) {
    ASSIGN_OR_RETURN(std::unique_ptr<SplitEnumerator> enumerator,
                     context.factory->MakeEnumerator(request));
    auto made = std::make_shared<SharedAssigner>();
    made->assigner = std::make_unique<SplitAssigner>(std::move(enumerator), context.op->shard_count,
                                                     context.op->env->clock);
    *context.shared = std::move(made);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<SourceReader> reader, context.factory->MakeReader(request));
  ASSIGN_OR_RETURN(std::shared_ptr<Decoder> decoder, context.factory->MakeDecoder(request));
  ASSIGN_OR_RETURN(const ConnectorDescription description,
                   context.factory->Describe(spec.options, spec.scan.table));
  return std::unique_ptr<Operator>(std::make_unique<RecordSource>(
      spec, context.factory, std::static_pointer_cast<SharedAssigner>(*context.shared),
      std::move(request), std::move(reader), std::move(decoder), description.watermark_per_split));
}

}  // namespace rhei

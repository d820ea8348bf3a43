// ExprProgram: runs the nodes of a compiled program over batches. A node is computed when it is
// asked for, for the rows that want it, and kept for the rest of the batch.
#include "expr/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/check.h"
#include "columnar/column_builder.h"
#include "expr/merge.h"
#include "expr/node.h"
#include "expr/row_mask.h"

namespace rhei {
namespace {

bool IsNested(PhysicalType type) {
  return type == PhysicalType::kArray || type == PhysicalType::kMap || type == PhysicalType::kRow;
}

// What was computed for a node in this batch, and for which rows.
struct Slot {
  bool done = false;
  bool for_all = false;
  Column column;
  RowMask rows;  // unless for_all
};

// `active`: the rows whose value is wanted; null for all.
class Program final : public ExprProgram {
 public:
  Program(CompiledNodes compiled, const SessionSettings& session)
      : compiled_(std::move(compiled)), session_(session), slots_(compiled_.nodes.size()) {}

  // The session is read by function states for as long as they live.
  static Result<std::unique_ptr<ExprProgram>> Make(std::span<const BoundExprPtr> expressions,
                                                   const SessionSettings& session, uint64_t seed) {
    auto program = std::make_unique<Program>(CompiledNodes{}, session);
    ASSIGN_OR_RETURN(program->compiled_, CompileNodes(expressions, program->session_, seed));
    program->slots_.resize(program->compiled_.nodes.size());
    return std::unique_ptr<ExprProgram>(std::move(program));
  }

  Status Evaluate(std::span<const Column> input, int32_t row_count, const RunContext& context,
                  std::vector<Column>* out) override {
    input_ = input;
    row_count_ = row_count;
    context_ = &context;
    out->clear();
    Status status;
    for (const int32_t root : compiled_.roots) {
      if (row_count == 0) {
        out->push_back(ColumnBuilder(node(root).type, context.pool).Finish());
        continue;
      }
      status = Compute(root, nullptr);
      if (!status.ok()) break;
      out->push_back(slots_[static_cast<size_t>(root)].column);
    }
    for (Slot& slot : slots_) {
      slot.done = false;
      slot.column = Column();  // Nothing of the batch stays alive.
    }
    return status;
  }

  bool needs_watermarks() const override { return compiled_.needs_watermarks; }

 private:
  const ExprNode& node(int32_t id) const { return *compiled_.nodes[static_cast<size_t>(id)]; }
  Slot& slot(int32_t id) { return slots_[static_cast<size_t>(id)]; }

  // Fills the node's slot for at least the active rows.
  Status Compute(int32_t id, const RowMask* active) {
    Slot& s = slot(id);
    const ExprNode& n = node(id);
    if (s.done && (s.for_all || (active != nullptr && Covers(s.rows, *active)))) return {};
    RowMask both;
    if (active != nullptr && s.done) {
      both = *active;
      for (size_t i = 0; i < both.size(); ++i) both[i] |= s.rows[i];
      active = &both;
    }
    switch (n.kind) {
      case ExprNode::Kind::kInput:
        s.column = input_[static_cast<size_t>(n.expr->input_index)];
        active = nullptr;
        break;
      case ExprNode::Kind::kConstant:
        s.column = n.constant;
        s.column.row_count = row_count_;
        active = nullptr;
        break;
      case ExprNode::Kind::kField: RETURN_IF_ERROR(ComputeField(n, active, &s.column)); break;
      case ExprNode::Kind::kKernel: RETURN_IF_ERROR(ComputeKernel(n, active, &s.column)); break;
      case ExprNode::Kind::kSpecial: RETURN_IF_ERROR(ComputeSpecial(n, active, &s.column)); break;
    }
    s.done = true;
    s.for_all = active == nullptr;
    if (!s.for_all) s.rows = *active;
    return {};
  }

  Status ComputeField(const ExprNode& n, const RowMask* active, Column* out) {
    RETURN_IF_ERROR(Compute(n.arguments[0], active));
    const Column& row = slot(n.arguments[0]).column;
    const Column& field = row.children[static_cast<size_t>(n.expr->input_index)];
    if (row.is_constant()) {
      if (row.IsNull(0)) {
        *out = MakeNulls(n.type, row_count_);
        return {};
      }
      *out = Flatten(field, context_->pool);
      out->encoding = Encoding::kConstant;
      out->row_count = row_count_;
      return {};
    }
    *out = field;
    if (row.validity == nullptr) return {};
    if (field.is_constant()) *out = Flatten(field, context_->pool);
    // The field's value under a NULL row need not be NULL itself.
    out->validity = AndValidity(out->validity, row.validity, row_count_, context_->pool);
    return {};
  }

  // ---- Kernels -------------------------------------------------------------------------------

  EvalContext MakeContext(int32_t row_count, const RowMask* active) const {
    EvalContext context;
    context.row_count = row_count;
    context.pool = context_->pool;
    context.session = &session_;
    context.now_micros = context_->now_micros;
    context.row_watermarks = context_->row_watermarks;
    context.active = active == nullptr ? nullptr : active->data();
    return context;
  }

  Status ComputeKernel(const ExprNode& n, const RowMask* active, Column* out) {
    const bool propagates = n.function->null_rule == NullRule::kPropagate;
    int varying = 0;
    const Column* dictionary = nullptr;
    for (const int32_t id : n.arguments) {
      RETURN_IF_ERROR(Compute(id, active));
      const Column& argument = slot(id).column;
      if (propagates && argument.is_constant() && argument.IsNull(0)) {
        *out = MakeNulls(n.type, row_count_);
        return {};
      }
      if (argument.is_constant()) continue;
      ++varying;
      if (argument.encoding == Encoding::kDictionary) dictionary = &argument;
    }
    const bool once = n.function->determinism == Determinism::kAlways;
    if (varying == 0 && once && !n.arguments.empty()) return RunOnce(n, active, out);
    if (varying == 1 && once && dictionary != nullptr &&
        dictionary->dictionary().row_count <= row_count_ &&
        (propagates || !dictionary->may_have_nulls())) {
      return RunOnDictionary(n, active, *dictionary, out);
    }
    return RunOnRows(n, active, out);
  }

  Status RunOnRows(const ExprNode& n, const RowMask* active, Column* out) {
    const bool propagates = n.function->null_rule == NullRule::kPropagate;
    std::vector<Column> arguments;
    arguments.reserve(n.arguments.size());
    BufferPtr valid;
    for (const int32_t id : n.arguments) {
      const Column& argument = slot(id).column;
      const bool flatten = argument.encoding == Encoding::kDictionary ||
                           (argument.is_flat() && IsNested(argument.type));
      arguments.push_back(flatten ? Flatten(argument, context_->pool) : argument);
      if (propagates && !argument.is_constant()) {
        valid = AndValidity(valid, arguments.back().validity, row_count_, context_->pool);
      }
    }
    EvalContext context = MakeContext(row_count_, active);
    *out = Column();
    n.eval(n.state.get(), context, arguments, out);
    DCHECK(out->row_count == row_count_ && out->type == n.physical);
    AddNulls(valid, out);
    if (!context.has_failures()) return {};
    std::erase_if(context.failures(), [&](const EvalContext::Failure& failure) {
      return !context.IsActive(failure.row) || IsUnset(valid, failure.row);
    });
    return EndFailures(n, context.failures(), out);
  }

  // All arguments are constant, and so is the result.
  Status RunOnce(const ExprNode& n, const RowMask* active, Column* out) {
    std::vector<Column> arguments;
    for (const int32_t id : n.arguments) {
      arguments.push_back(slot(id).column);
      arguments.back().encoding = Encoding::kFlat;
      arguments.back().row_count = 1;
    }
    EvalContext context = MakeContext(1, nullptr);
    *out = Column();
    n.eval(n.state.get(), context, arguments, out);
    out->encoding = Encoding::kConstant;
    out->row_count = row_count_;
    if (!context.has_failures() || (active != nullptr && !AnySet(*active))) return {};
    if (!n.failures_to_null) return Failure(n, context.failures()[0]);
    *out = MakeNulls(n.type, row_count_);
    return {};
  }

  // The only argument that varies has few distinct values: one call per value.
  Status RunOnDictionary(const ExprNode& n, const RowMask* active, const Column& column,
                         Column* out) {
    const int32_t size = column.dictionary().row_count;
    std::vector<Column> arguments;
    for (const int32_t id : n.arguments) {
      const Column& argument = slot(id).column;
      arguments.push_back(argument.is_constant() ? argument : column.dictionary());
      arguments.back().row_count = size;
    }
    EvalContext context = MakeContext(size, nullptr);
    Column values;
    n.eval(n.state.get(), context, arguments, &values);
    DCHECK(values.row_count == size && values.type == n.physical);
    const std::span<const int32_t> codes(column.values->as<int32_t>(),
                                         static_cast<size_t>(row_count_));
    std::vector<EvalContext::Failure> failed;
    if (context.has_failures()) {
      std::vector<const EvalContext::Failure*> of_code(static_cast<size_t>(size), nullptr);
      for (const EvalContext::Failure& failure : context.failures()) {
        of_code[static_cast<size_t>(failure.row)] = &failure;
      }
      for (int32_t row = 0; row < row_count_; ++row) {
        const auto code = static_cast<size_t>(codes[static_cast<size_t>(row)]);
        const bool wanted =
            active == nullptr ||
            ((*active)[static_cast<size_t>(row) / 64] >> (static_cast<size_t>(row) % 64) & 1) != 0;
        if (!wanted || column.IsNull(row) || of_code[code] == nullptr) continue;
        failed.push_back({row, of_code[code]->message});
      }
    }
    const bool stays = values.is_flat() && values.validity == nullptr && failed.empty() &&
                       n.physical == PhysicalType::kString;
    if (stays) {
      *out = column;
      out->type = n.physical;
      out->heaps.clear();
      out->children = {std::move(values)};
    } else {
      *out = Gather(values, codes, context_->pool);
      AddNulls(column.validity, out);
    }
    return EndFailures(n, failed, out);
  }

  static bool IsUnset(const BufferPtr& bits, int32_t row) {
    const auto bit = static_cast<uint32_t>(row);
    return bits != nullptr && (bits->as<uint64_t>()[bit >> 6] >> (bit & 63) & 1) == 0;
  }

  // Makes the rows that are not in `valid` NULL, with the zero of their type beneath.
  void AddNulls(const BufferPtr& valid, Column* out) {
    if (valid == nullptr) return;
    if (out->is_constant()) *out = Flatten(*out, context_->pool);
    out->validity = AndValidity(out->validity, valid, row_count_, context_->pool);
    if (IsNested(out->type)) return;
    const auto width = static_cast<size_t>(PhysicalWidth(out->type));
    const uint64_t* words = out->validity->as<uint64_t>();
    for (int32_t begin = 0; begin < row_count_; begin += 64) {
      uint64_t nulls = ~words[begin / 64];
      if (row_count_ - begin < 64) nulls &= (uint64_t{1} << (row_count_ - begin)) - 1;
      if (nulls != 0 && out->values.use_count() > 1) {  // An argument's own buffer.
        const size_t bytes = static_cast<size_t>(row_count_) * width;
        out->values = Buffer::CopyOf({out->values->chars(), bytes}, context_->pool);
      }
      for (; nulls != 0; nulls &= nulls - 1) {
        const auto row = static_cast<size_t>(begin + __builtin_ctzll(nulls));
        std::memset(out->values->data() + row * width, 0, width);
      }
    }
  }

  static Status Failure(const ExprNode& n, const EvalContext::Failure& failure) {
    return DataError(fmt::format("{}: {}", n.expr->name, failure.message)).At(n.expr->position);
  }

  // `failures` are of active rows that are not NULL.
  Status EndFailures(const ExprNode& n, const std::vector<EvalContext::Failure>& failures,
                     Column* out) {
    if (failures.empty()) return {};
    if (!n.failures_to_null) {
      return Failure(n,
                     *std::min_element(failures.begin(), failures.end(),
                                       [](const auto& a, const auto& b) { return a.row < b.row; }));
    }
    BufferPtr valid = MakeValidity(row_count_, context_->pool);
    for (const EvalContext::Failure& failure : failures) {
      const auto bit = static_cast<uint32_t>(failure.row);
      valid->as<uint64_t>()[bit >> 6] &= ~(uint64_t{1} << (bit & 63));
    }
    AddNulls(valid, out);
    return {};
  }

  // ---- Special forms -------------------------------------------------------------------------

  Status ComputeSpecial(const ExprNode& n, const RowMask* active, Column* out) {
    switch (n.function->special) {
      case SpecialForm::kAnd: return ComputeConnective(n, active, true, out);
      case SpecialForm::kOr: return ComputeConnective(n, active, false, out);
      case SpecialForm::kCase:
      case SpecialForm::kIf: return ComputeCase(n, active, out);
      case SpecialForm::kCoalesce: return ComputeCoalesce(n, active, out);
      case SpecialForm::kTryCast:
      case SpecialForm::kNone: break;
    }
    CHECK(false);
  }

  // AND: the next argument matters where none was FALSE so far; OR: where none was TRUE.
  Status ComputeConnective(const ExprNode& n, const RowMask* active, bool is_and, Column* out) {
    RowMask open, all_true, any_false, is_true, is_false;
    if (active != nullptr) {
      open = *active;
    } else {
      FillMask(row_count_, &open);
    }
    for (size_t i = 0; i < n.arguments.size(); ++i) {
      if (i > 0 && !AnySet(open)) break;
      const bool everyone = i == 0 && active == nullptr;
      RETURN_IF_ERROR(Compute(n.arguments[i], everyone ? nullptr : &open));
      TruthMasks(slot(n.arguments[i]).column, &is_true, &is_false);
      if (!is_and) std::swap(is_true, is_false);  // By De Morgan.
      if (i == 0) {
        all_true = is_true;
        any_false = is_false;
      } else {
        for (size_t w = 0; w < open.size(); ++w) {
          // A row that was closed keeps its answer: the argument was not computed for it.
          all_true[w] &= is_true[w];
          any_false[w] |= is_false[w] & open[w];
        }
      }
      for (size_t w = 0; w < open.size(); ++w) open[w] &= ~any_false[w];
    }
    if (!is_and) std::swap(all_true, any_false);
    *out = BoolColumn(all_true, any_false, row_count_, context_->pool);
    return {};
  }

  // The rows that still look for their branch, and the branches found.
  struct Branches {
    RowMask left;
    std::vector<MergePart> parts;
  };

  void StartBranches(const RowMask* active, Branches* branches) const {
    if (active != nullptr) {
      branches->left = *active;
    } else {
      FillMask(row_count_, &branches->left);
    }
  }

  // Computes argument `id` for `rows` and gives it to them.
  Status TakeBranch(int32_t id, const RowMask& rows, Branches* branches) {
    if (!AnySet(rows)) return {};
    RETURN_IF_ERROR(Compute(id, &rows));
    for (size_t w = 0; w < rows.size(); ++w) branches->left[w] &= ~rows[w];
    branches->parts.push_back({slot(id).column, rows});
    return {};
  }

  void JoinBranches(const ExprNode& n, Branches* branches, Column* out) const {
    if (branches->parts.empty()) {
      *out = MakeNulls(n.type, row_count_);
    } else if (branches->parts.size() == 1 && !AnySet(branches->left)) {
      *out = std::move(branches->parts[0].column);
    } else {
      *out = MergeRows(branches->parts, row_count_, context_->pool);
    }
  }

  Status ComputeCase(const ExprNode& n, const RowMask* active, Column* out) {
    Branches branches;
    StartBranches(active, &branches);
    RowMask is_true, is_false;
    size_t at = 0;
    for (; at + 1 < n.arguments.size() && AnySet(branches.left); at += 2) {
      const RowMask asked = branches.left;
      RETURN_IF_ERROR(Compute(n.arguments[at], at == 0 ? active : &asked));
      TruthMasks(slot(n.arguments[at]).column, &is_true, &is_false);
      for (size_t w = 0; w < asked.size(); ++w) is_true[w] &= asked[w];
      RETURN_IF_ERROR(TakeBranch(n.arguments[at + 1], is_true, &branches));
    }
    if (at + 1 == n.arguments.size()) {
      const RowMask rest = branches.left;
      RETURN_IF_ERROR(TakeBranch(n.arguments[at], rest, &branches));
    }
    JoinBranches(n, &branches, out);
    return {};
  }

  Status ComputeCoalesce(const ExprNode& n, const RowMask* active, Column* out) {
    Branches branches;
    StartBranches(active, &branches);
    RowMask valid;
    for (size_t i = 0; i < n.arguments.size() && AnySet(branches.left); ++i) {
      const RowMask asked = branches.left;
      RETURN_IF_ERROR(Compute(n.arguments[i], i == 0 ? active : &asked));
      ValidMask(slot(n.arguments[i]).column, &valid);
      for (size_t w = 0; w < asked.size(); ++w) valid[w] &= asked[w];
      RETURN_IF_ERROR(TakeBranch(n.arguments[i], valid, &branches));
    }
    JoinBranches(n, &branches, out);
    return {};
  }

  CompiledNodes compiled_;
  SessionSettings session_;
  std::vector<Slot> slots_;
  std::span<const Column> input_;
  int32_t row_count_ = 0;
  const RunContext* context_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<ExprProgram>> ExprProgram::Compile(std::span<const BoundExprPtr> expressions,
                                                          const SessionSettings& session,
                                                          uint64_t random_seed) {
  return Program::Make(expressions, session, random_seed);
}

void TrueRows(const Column& predicate, std::vector<int32_t>* rows) {
  rows->clear();
  if (predicate.is_constant() && !predicate.IsNull(0) && predicate.data<uint8_t>()[0] != 0) {
    rows->resize(static_cast<size_t>(predicate.row_count));
    std::iota(rows->begin(), rows->end(), 0);
    return;
  }
  RowMask is_true, is_false;
  TruthMasks(predicate, &is_true, &is_false);
  ForEachRow(is_true, [&](int32_t row) { rows->push_back(row); });
}

Result<Value> EvaluateConstant(const BoundExprPtr& expr, const SessionSettings& session) {
  ASSIGN_OR_RETURN(std::unique_ptr<ExprProgram> program,
                   ExprProgram::Compile(std::span(&expr, 1), session));
  std::vector<Column> out;
  ExprProgram::RunContext context;
  context.now_micros = session.query_start_micros;
  RETURN_IF_ERROR(program->Evaluate({}, 1, context, &out));
  return GetValue(out[0], 0, expr->type);
}

}  // namespace rhei

// Turns bound expressions into nodes: equal subexpressions become one node, calls of constants are
// computed here, function states are opened.
#include <fmt/format.h>

#include <bit>
#include <unordered_map>

#include "base/check.h"
#include "columnar/hash.h"
#include "expr/node.h"

namespace rhei {
namespace {

class Compiler {
 public:
  Compiler(const SessionSettings& session, uint64_t seed) : session_(session), seed_(seed) {}

  Result<int32_t> Compile(const BoundExprPtr& expr) {
    ASSIGN_OR_RETURN(const int32_t id, CompileNode(expr));
    return id;
  }
  CompiledNodes TakeNodes() { return std::move(out_); }
  void AddRoot(int32_t root) { out_.roots.push_back(root); }

 private:
  ExprNode& node(int32_t id) { return *out_.nodes[static_cast<size_t>(id)]; }

  static std::unique_ptr<ExprNode> NewNode(const BoundExprPtr& expr, ExprNode::Kind kind) {
    auto node = std::make_unique<ExprNode>();
    node->kind = kind;
    node->expr = expr;
    node->type = expr->type;
    node->physical = PhysicalTypeOf(expr->type);
    return node;
  }

  static bool IsRepeatable(const ExprNode& node) {
    return node.function == nullptr || node.function->determinism != Determinism::kPerRow;
  }

  // 0.0 and -0.0 are equal, but not the same literal.
  static bool SameLiteral(const Value& a, const Value& b, const DataType& type) {
    if (!IsApproximateNumeric(type.root()) || a.is_null() || b.is_null()) return a == b;
    return std::bit_cast<uint64_t>(a.double_value()) == std::bit_cast<uint64_t>(b.double_value());
  }

  static bool SameNode(const ExprNode& a, const ExprNode& b) {
    if (a.kind != b.kind || a.function != b.function || a.arguments != b.arguments ||
        a.failures_to_null != b.failures_to_null || !(a.type == b.type)) {
      return false;
    }
    if (a.kind == ExprNode::Kind::kConstant) {
      return a.expr->kind == b.expr->kind &&
             SameLiteral(a.expr->literal, b.expr->literal, a.type) && a.expr->name == b.expr->name;
    }
    return a.expr->input_index == b.expr->input_index;
  }

  static uint64_t NodeHash(const ExprNode& node) {
    uint64_t words[3] = {static_cast<uint64_t>(node.kind),
                         static_cast<uint64_t>(node.expr->input_index),
                         reinterpret_cast<uintptr_t>(node.function)};
    const uint64_t hash = HashBytes(words, sizeof(words));
    return HashBytes(node.arguments.data(), node.arguments.size() * sizeof(int32_t), hash);
  }

  // The number of a node equal to `node`, else of `node` itself, newly added (and opened).
  Result<int32_t> Intern(std::unique_ptr<ExprNode> node) {
    const uint64_t hash = NodeHash(*node);
    if (IsRepeatable(*node)) {
      for (auto [at, end] = index_.equal_range(hash); at != end; ++at) {
        if (SameNode(this->node(at->second), *node)) return at->second;
      }
    }
    if (node->kind == ExprNode::Kind::kKernel) {
      RETURN_IF_ERROR(Open(node.get()).At(node->expr->position));
      if (BoundExprPtr folded = Fold(node.get()); folded != nullptr) return CompileNode(folded);
    }
    const auto id = static_cast<int32_t>(out_.nodes.size());
    out_.nodes.push_back(std::move(node));
    index_.emplace(hash, id);
    return id;
  }

  Result<int32_t> CompileNode(const BoundExprPtr& expr) {
    switch (expr->kind) {
      case BoundExpr::Kind::kInput: return Intern(NewNode(expr, ExprNode::Kind::kInput));
      case BoundExpr::Kind::kLiteral: return CompileConstant(expr, expr->literal);
      case BoundExpr::Kind::kSymbol: return CompileConstant(expr, Value::Text(expr->name));
      case BoundExpr::Kind::kField: {
        auto field = NewNode(expr, ExprNode::Kind::kField);
        ASSIGN_OR_RETURN(const int32_t row, CompileNode(expr->args[0]));
        field->arguments.push_back(row);
        return Intern(std::move(field));
      }
      case BoundExpr::Kind::kCall: return CompileCall(expr, false);
    }
    CHECK(false);
  }

  Result<int32_t> CompileConstant(const BoundExprPtr& expr, const Value& value) {
    auto constant = NewNode(expr, ExprNode::Kind::kConstant);
    constant->constant = MakeConstant(value, expr->type, 1);
    return Intern(std::move(constant));
  }

  Result<int32_t> CompileCall(const BoundExprPtr& expr, bool failures_to_null) {
    const FunctionDef* function = expr->function;
    CHECK(function != nullptr);
    const bool has_kernel = function->eval != nullptr || function->choose != nullptr;
    if (function->special == SpecialForm::kTryCast && !has_kernel) {
      // TRY_CAST(CAST(x AS t)): the cast itself, with another end for failing rows.
      CHECK(expr->args.size() == 1);
      if (expr->args[0]->kind != BoundExpr::Kind::kCall) return CompileNode(expr->args[0]);
      return CompileCall(expr->args[0], true);
    }
    const bool special =
        function->special != SpecialForm::kNone && function->special != SpecialForm::kTryCast;
    auto call = NewNode(expr, special ? ExprNode::Kind::kSpecial : ExprNode::Kind::kKernel);
    call->function = function;
    call->failures_to_null = failures_to_null || function->special == SpecialForm::kTryCast;
    for (const BoundExprPtr& argument : expr->args) {
      // A bare NULL as a branch has the type of the whole.
      const bool bare_null = special && argument->kind == BoundExpr::Kind::kLiteral &&
                             argument->type.root() == TypeRoot::kNull;
      ASSIGN_OR_RETURN(const int32_t id, bare_null ? CompileNode(MakeLiteral(Value(), expr->type))
                                                   : CompileNode(argument));
      call->arguments.push_back(id);
    }
    if (function->name == "CURRENT_WATERMARK") out_.needs_watermarks = true;
    return Intern(std::move(call));
  }

  std::vector<ArgumentInfo> ArgumentsOf(const ExprNode& call) {
    std::vector<ArgumentInfo> arguments;
    for (const int32_t id : call.arguments) {
      const BoundExpr& expr = *node(id).expr;
      ArgumentInfo info;
      info.type = expr.type;
      if (expr.kind == BoundExpr::Kind::kLiteral) info.literal = &expr.literal;
      if (expr.kind == BoundExpr::Kind::kSymbol) info.symbol = expr.name;
      arguments.push_back(info);
    }
    return arguments;
  }

  Status Open(ExprNode* call) {
    const std::vector<ArgumentInfo> arguments = ArgumentsOf(*call);
    const CallInfo info{.arguments = arguments, .target_type = &call->expr->type};
    const FunctionDef& function = *call->function;
    call->eval = function.eval != nullptr     ? function.eval
                 : function.choose != nullptr ? function.choose(info, call->expr->type)
                                              : nullptr;
    if (call->eval == nullptr) {
      return Unsupported(fmt::format("{} is not supported yet", call->expr->name));
    }
    if (function.open == nullptr) return {};
    const OpenContext context{.call = info,
                              .result_type = &call->expr->type,
                              .session = &session_,
                              .random_seed = HashBytes(&seed_, sizeof(seed_), out_.nodes.size())};
    ASSIGN_OR_RETURN(call->state, function.open(context));
    return {};
  }

  // The value of a call whose arguments are all constant, as a literal; null when it has to wait
  // for the rows: it is not deterministic, or fails (perhaps no row ever reaches it).
  BoundExprPtr Fold(ExprNode* call) {
    if (call->function->determinism != Determinism::kAlways || call->failures_to_null) {
      return nullptr;
    }
    std::vector<Column> arguments;
    for (const int32_t id : call->arguments) {
      if (node(id).kind != ExprNode::Kind::kConstant) return nullptr;
      arguments.push_back(node(id).constant);
      const bool propagates = call->function->null_rule == NullRule::kPropagate;
      if (propagates && arguments.back().IsNull(0)) return MakeLiteral(Value(), call->expr->type);
      arguments.back().encoding = Encoding::kFlat;
    }
    EvalContext context;
    context.row_count = 1;
    context.session = &session_;
    Column out;
    call->eval(call->state.get(), context, arguments, &out);
    if (context.has_failures()) return nullptr;
    return MakeLiteral(GetValue(out, 0, call->expr->type), call->expr->type);
  }

  const SessionSettings& session_;
  uint64_t seed_;
  CompiledNodes out_;
  std::unordered_multimap<uint64_t, int32_t> index_;
};

}  // namespace

Result<CompiledNodes> CompileNodes(std::span<const BoundExprPtr> expressions,
                                   const SessionSettings& session, uint64_t random_seed) {
  Compiler compiler(session, random_seed);
  for (const BoundExprPtr& expr : expressions) {
    ASSIGN_OR_RETURN(const int32_t root, compiler.Compile(expr));
    compiler.AddRoot(root);
  }
  return compiler.TakeNodes();
}

}  // namespace rhei

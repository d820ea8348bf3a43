#include "binder/grouping.h"

#include <fmt/format.h>

#include <algorithm>

#include "binder/call_builder.h"
#include "binder/null_literal.h"
#include "binder/placeholder.h"
#include "binder/type_names.h"

namespace rhei {
namespace {

using KeySet = std::vector<int>;

constexpr size_t kGroupingSetsMax = 4096;

class GroupingBinder {
 public:
  GroupingBinder(const ast::Select& select, ExprBinder& binder)
      : select_(select), binder_(binder), context_(binder.context()) {}

  Result<AggregateFrame> Bind();

 private:
  Result<std::vector<KeySet>> BindItem(const ast::GroupItem& item);
  Result<std::vector<KeySet>> BindChildren(const ast::GroupItem& item);
  Result<KeySet> BindKeys(const ast::Expr& expr);
  Result<int> BindKey(const ast::Expr& expr);
  Status BindWindow(const ast::Call& call, const std::string& function);

  const ast::Select& select_;
  ExprBinder& binder_;
  const BindContext& context_;
  AggregateFrame frame_;
};

std::vector<KeySet> Product(const std::vector<KeySet>& a, const std::vector<KeySet>& b) {
  std::vector<KeySet> product;
  for (const KeySet& left : a) {
    for (const KeySet& right : b) {
      KeySet both = left;
      both.insert(both.end(), right.begin(), right.end());
      product.push_back(std::move(both));
    }
  }
  return product;
}

Result<AggregateFrame> GroupingBinder::Bind() {
  std::vector<KeySet> sets{{}};
  for (const ast::GroupItem& item : select_.group_by) {
    ASSIGN_OR_RETURN(std::vector<KeySet> more, BindItem(item));
    sets = Product(sets, more);
    if (sets.size() > kGroupingSetsMax) {
      return Unsupported(fmt::format("More than {} grouping sets", kGroupingSetsMax),
                         item.position);
    }
  }
  std::vector<std::vector<bool>> kept;
  for (const KeySet& set : sets) {
    std::vector<bool> keys(frame_.keys.size());
    for (const int key : set) keys[static_cast<size_t>(key)] = true;
    if (select_.group_by_distinct && std::find(kept.begin(), kept.end(), keys) != kept.end()) {
      continue;
    }
    if (std::find(kept.begin(), kept.end(), keys) != kept.end()) {
      return Unsupported("A grouping set that stands there twice is not supported yet",
                         select_.group_by[0].position);
    }
    kept.push_back(std::move(keys));
  }
  const bool plain = kept.size() == 1 && std::count(kept[0].begin(), kept[0].end(), false) == 0;
  if (!plain) frame_.grouping_sets = kept;
  for (size_t i = 0; i < frame_.keys.size(); ++i) {
    DataType type = frame_.keys[i]->type;
    // A window's own time stays a time attribute; any other column becomes a plain value.
    if (frame_.keys[i]->name != "window_time") {
      type = type.WithTimeAttribute(TimeAttribute::kNone);
    }
    const bool always = std::all_of(kept.begin(), kept.end(),
                                    [i](const std::vector<bool>& keys) { return keys[i]; });
    frame_.key_types.push_back(always ? type : type.WithNullable(true));
  }
  // Keys in terms of earlier keys: expressions above are replaced from the leaves upwards.
  ExprBinder aliases(context_, binder_.scope(), "GROUP BY");
  aliases.aggregates = &frame_;
  for (size_t i = 0; i < frame_.keys.size(); ++i) {
    const BoundExprPtr& key = frame_.keys[i];
    frame_.key_aliases.push_back(key->kind == BoundExpr::Kind::kInput
                                     ? key
                                     : RewriteInputs(key, [&](const BoundExpr& input) {
                                         return aliases.ReplaceKeys(
                                             std::make_shared<BoundExpr>(input));
                                       }));
  }
  return std::move(frame_);
}

Result<std::vector<KeySet>> GroupingBinder::BindItem(const ast::GroupItem& item) {
  switch (item.kind) {
    case ast::GroupItemKind::kEmpty: return std::vector<KeySet>{{}};
    case ast::GroupItemKind::kExpr: {
      ASSIGN_OR_RETURN(KeySet keys, BindKeys(*item.expr));
      return std::vector<KeySet>{std::move(keys)};
    }
    case ast::GroupItemKind::kGroupingSets: return BindChildren(item);
    case ast::GroupItemKind::kRollup: {
      ASSIGN_OR_RETURN(std::vector<KeySet> parts, BindChildren(item));
      std::vector<KeySet> sets;
      for (size_t n = parts.size() + 1; n-- > 0;) {
        KeySet set;
        for (size_t i = 0; i < n; ++i) set.insert(set.end(), parts[i].begin(), parts[i].end());
        sets.push_back(std::move(set));
      }
      return sets;
    }
    case ast::GroupItemKind::kCube: {
      ASSIGN_OR_RETURN(std::vector<KeySet> parts, BindChildren(item));
      if (parts.size() > 12) {
        return Unsupported(fmt::format("CUBE of {} columns: at most 12", parts.size()),
                           item.position);
      }
      std::vector<KeySet> sets{{}};
      for (size_t n = parts.size(); n-- > 0;) sets = Product({parts[n], {}}, sets);
      return sets;
    }
  }
  return InvalidSql("Unknown GROUP BY item", item.position);
}

Result<std::vector<KeySet>> GroupingBinder::BindChildren(const ast::GroupItem& item) {
  std::vector<KeySet> sets;
  for (const ast::GroupItem& child : item.children) {
    ASSIGN_OR_RETURN(std::vector<KeySet> more, BindItem(child));
    sets.insert(sets.end(), more.begin(), more.end());
  }
  return sets;
}

Result<KeySet> GroupingBinder::BindKeys(const ast::Expr& expr) {
  KeySet keys;
  if (expr.kind == ast::ExprKind::kCall) {
    const auto& call = ast::As<ast::Call>(expr);
    if (call.op == ast::Operator::kRow && call.implicit_row) {
      for (const ast::ExprPtr& part : call.args) {
        ASSIGN_OR_RETURN(int key, BindKey(*part));
        keys.push_back(key);
      }
      return keys;
    }
    if (call.op == ast::Operator::kFunction && call.function.size() == 1) {
      const std::string name = UpperCase(call.function[0].text);
      if (IsGroupWindowFunction(name)) {
        RETURN_IF_ERROR(BindWindow(call, name));
        return keys;
      }
    }
  }
  ASSIGN_OR_RETURN(int key, BindKey(expr));
  keys.push_back(key);
  return keys;
}

Result<int> GroupingBinder::BindKey(const ast::Expr& expr) {
  if (ContainsAggregate(expr)) {
    return InvalidSql("Aggregate expression is illegal in GROUP BY clause", expr.position);
  }
  ASSIGN_OR_RETURN(BoundExprPtr key, binder_.Bind(expr));
  if (IsUntypedNull(*key)) return InvalidSql("Illegal use of 'NULL'", expr.position);
  for (size_t i = 0; i < frame_.keys.size(); ++i) {
    if (SameExpr(*frame_.keys[i], *key)) return static_cast<int>(i);
  }
  frame_.keys.push_back(std::move(key));
  return static_cast<int>(frame_.keys.size()) - 1;
}

Status GroupingBinder::BindWindow(const ast::Call& call, const std::string& function) {
  if (frame_.window) {
    return InvalidSql("Multiple group windows in one GROUP BY are not supported", call.position);
  }
  GroupWindow window;
  window.function = function;
  ASSIGN_OR_RETURN(window.args, binder_.BindAll(call.args));
  const size_t least = function == "HOP" ? 3 : 2;
  const size_t most = function == "SESSION" ? 2 : least + 1;
  if (window.args.size() < least || window.args.size() > most) {
    return InvalidSql(fmt::format("Invalid number of arguments to function '{}'. Was expecting {} "
                                  "arguments",
                                  function, least),
                      call.position);
  }
  const DataType& time = window.args[0]->type;
  bool fits = IsTemporal(time.root());
  std::string types;
  for (size_t i = 0; i < window.args.size(); ++i) {
    if (i > 0) fits &= IsInterval(window.args[i]->type.root());
    types += fmt::format("{}<{}>", i > 0 ? ", " : "", TypeInMessages(window.args[i]->type));
  }
  if (!fits) {
    return InvalidSql(fmt::format("Cannot apply '${0}' to arguments of type '${0}({1})'. Supported "
                                  "form(s): '${0}(<DATETIME>, <DATETIME_INTERVAL>)'",
                                  function, types),
                      call.position);
  }
  const bool attribute =
      time.time_attribute() != TimeAttribute::kNone || context_.settings.batch_mode;
  if (!attribute || window.args[0]->kind != BoundExpr::Kind::kInput) {
    return InvalidSql("Window can only be defined over a time attribute column.",
                      window.args[0]->position);
  }
  WindowSpec& spec = window.spec;
  spec.event_time = !time.is_proctime();
  if (time.root() == TypeRoot::kTimestampLtz) spec.time_zone = context_.settings.time_zone;
  std::vector<int64_t> millis;
  for (size_t i = 1; i < window.args.size(); ++i) {
    ASSIGN_OR_RETURN(int64_t value,
                     WindowIntervalMillis(context_, window.args[i],
                                          i == least ? std::string_view() : "window size"));
    millis.push_back(value);
  }
  if (function == "TUMBLE") {
    spec.kind = WindowKind::kTumble;
    spec.size_ms = millis[0];
    if (millis.size() > 1) spec.offset_ms = millis[1];
  } else if (function == "HOP") {
    spec.kind = WindowKind::kHop;
    spec.step_ms = millis[0];
    spec.size_ms = millis[1];
    if (millis.size() > 2) spec.offset_ms = millis[2];
  } else {
    spec.kind = WindowKind::kSession;
    spec.size_ms = millis[0];
  }
  frame_.window = std::move(window);
  return {};
}

}  // namespace

Result<AggregateFrame> BindGrouping(const ast::Select& select, ExprBinder& binder) {
  return GroupingBinder(select, binder).Bind();
}

Result<int64_t> WindowIntervalMillis(const BindContext& context, const BoundExprPtr& expr,
                                     std::string_view what) {
  if (expr->type.root() == TypeRoot::kIntervalYearMonth) {
    return InvalidSql(
        "Window aggregate only support SECOND, MINUTE, HOUR, DAY as the time unit. MONTH and YEAR "
        "time unit are not supported yet.",
        expr->position);
  }
  const std::optional<Value> value = ConstantValue(context, expr);
  if (!value || !value->is_int() || expr->type.root() != TypeRoot::kIntervalDayTime) {
    return InvalidSql("Only constant window intervals with millisecond resolution are supported.",
                      expr->position);
  }
  if (!what.empty() && value->int_value() <= 0) {
    return InvalidSql(
        fmt::format("The {} must be greater than 0, but is {} ms", what, value->int_value()),
        expr->position);
  }
  return value->int_value();
}

}  // namespace rhei

// Window table functions: TUMBLE, HOP, CUMULATE and SESSION in FROM, with positional or named
// arguments.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "binder/call_builder.h"
#include "binder/grouping.h"
#include "binder/plan_builder.h"
#include "binder/query_binder.h"
#include "binder/type_names.h"

namespace rhei {
namespace {

// How one of the four is called. Intervals come in this order; OFFSET, where taken, is last.
struct WindowForm {
  std::string_view name;
  WindowKind kind;
  std::array<std::string_view, 2> intervals;  // the second may be ""
  bool offset;
  std::string_view signature;
};

constexpr WindowForm kForms[] = {
    {"TUMBLE",
     WindowKind::kTumble,
     {"SIZE", ""},
     true,
     "TUMBLE(TABLE table_name, DESCRIPTOR(timecol), datetime interval[, datetime interval])"},
    {"HOP",
     WindowKind::kHop,
     {"SLIDE", "SIZE"},
     true,
     "HOP(TABLE table_name, DESCRIPTOR(timecol), datetime interval, datetime interval[, datetime "
     "interval])"},
    {"CUMULATE",
     WindowKind::kCumulate,
     {"STEP", "SIZE"},
     true,
     "CUMULATE(TABLE table_name, DESCRIPTOR(timecol), datetime interval, datetime interval[, "
     "datetime interval])"},
    {"SESSION",
     WindowKind::kSession,
     {"GAP", ""},
     false,
     "SESSION(TABLE table_name [PARTITION BY col(s)], DESCRIPTOR(timecol), datetime interval)"},
};

// Arguments by name: DATA, TIMECOL, then the intervals.
struct WindowArguments {
  const ast::Expr* data = nullptr;
  const ast::Expr* time = nullptr;
  std::vector<const ast::Expr*> intervals;  // of the form's, then OFFSET or null
};

Result<WindowArguments> SortArguments(const ast::Call& call, const WindowForm& form) {
  std::vector<std::string_view> names{"DATA", "TIMECOL", form.intervals[0]};
  if (!form.intervals[1].empty()) names.push_back(form.intervals[1]);
  const size_t required = names.size();
  if (form.offset) names.push_back("OFFSET");
  std::vector<const ast::Expr*> values(names.size());
  const auto wrong_count = [&] {
    return InvalidSql(fmt::format("Invalid number of arguments to function '{}'. Was expecting {} "
                                  "arguments",
                                  form.name, required),
                      call.position);
  };
  if (call.args.size() > names.size()) return wrong_count();
  for (size_t i = 0; i < call.args.size(); ++i) {
    size_t place = i;
    if (i < call.argument_names.size() && call.argument_names[i]) {
      const std::string name = UpperCase(call.argument_names[i]->text);
      place = static_cast<size_t>(std::find(names.begin(), names.end(), name) - names.begin());
      if (place == names.size()) {
        return InvalidSql(fmt::format("Unknown argument '{}' of {}. Supported form(s): {}",
                                      call.argument_names[i]->text, form.name, form.signature),
                          call.argument_names[i]->position);
      }
    }
    if (values[place] != nullptr) return wrong_count();
    values[place] = call.args[i].get();
  }
  for (size_t i = 0; i < required; ++i) {
    if (values[i] == nullptr) return wrong_count();
  }
  WindowArguments arguments;
  arguments.data = values[0];
  arguments.time = values[1];
  arguments.intervals.assign(values.begin() + 2, values.end());
  return arguments;
}

const ast::Identifier* DescriptorColumn(const ast::Expr& expr) {
  if (expr.kind != ast::ExprKind::kCall) return nullptr;
  const auto& call = ast::As<ast::Call>(expr);
  if (call.op != ast::Operator::kDescriptor || call.args.size() != 1 ||
      call.args[0]->kind != ast::ExprKind::kIdentifier) {
    return nullptr;
  }
  const auto& column = ast::As<ast::Identifier>(*call.args[0]);
  return column.path.size() == 1 ? &column : nullptr;
}

Status CheckTimeColumn(const WindowForm& form, const DataType& type, bool batch,
                       SqlPosition position) {
  if (!IsTimestamp(type.root())) {
    return InvalidSql(fmt::format("The window function {} requires the timecol to be TIMESTAMP or "
                                  "TIMESTAMP_LTZ, but is {}.",
                                  form.signature, TypeInMessages(type)),
                      position);
  }
  if (type.time_attribute() == TimeAttribute::kNone && !batch) {
    return InvalidSql(
        fmt::format("The window function requires the timecol is a time attribute type, but is {}.",
                    TypeInMessages(type)),
        position);
  }
  return {};
}

}  // namespace

Result<Relation> QueryBinder::BindWindowTvf(const ast::TableFunction& ref, const std::string& name,
                                            const Scope* outer) {
  const auto& call = ast::As<ast::Call>(*ref.call);
  const WindowForm& form = *std::find_if(std::begin(kForms), std::end(kForms),
                                         [&](const WindowForm& f) { return f.name == name; });
  ASSIGN_OR_RETURN(WindowArguments arguments, SortArguments(call, form));
  auto node = std::make_shared<LogicalWindowTvf>();
  node->position = ref.position;
  LogicalNodePtr input;
  const ast::TableArgument* table = nullptr;
  if (arguments.data->kind == ast::ExprKind::kTableArgument) {
    table = &ast::As<ast::TableArgument>(*arguments.data);
    if (table->query != nullptr) {
      ASSIGN_OR_RETURN(input, BindQuery(*table->query, outer, false));
    } else {
      std::vector<std::string> path;
      ASSIGN_OR_RETURN(input, BindTableName(table->table, {}, table->position, &path));
    }
  } else if (arguments.data->kind == ast::ExprKind::kSubquery) {
    ASSIGN_OR_RETURN(input,
                     BindQuery(*ast::As<ast::Subquery>(*arguments.data).query, outer, false));
  } else {
    return InvalidSql(fmt::format("Cannot apply '{0}' to these arguments. Supported form(s): {1}",
                                  name, form.signature),
                      call.position);
  }
  const Scope scope = ScopeOf({}, input->schema);
  WindowSpec& window = node->window;
  window.kind = form.kind;
  if (table != nullptr && !table->partition_by.empty()) {
    if (form.kind != WindowKind::kSession) {
      return InvalidSql(fmt::format("PARTITION BY is not allowed in {}. Supported form(s): {}",
                                    name, form.signature),
                        table->position);
    }
    for (const ast::ExprPtr& key : table->partition_by) {
      ExprBinder binder(context_, &scope, "PARTITION BY");
      ASSIGN_OR_RETURN(BoundExprPtr bound, binder.Bind(*key));
      if (bound->kind != BoundExpr::Kind::kInput) {
        return Unsupported("PARTITION BY an expression is not supported yet here", key->position);
      }
      window.session_partition.push_back(bound->input_index);
    }
  }
  const ast::Identifier* time = DescriptorColumn(*arguments.time);
  if (time == nullptr) {
    return InvalidSql(fmt::format("The time column of {} must be given as DESCRIPTOR(column). "
                                  "Supported form(s): {}",
                                  name, form.signature),
                      arguments.time->position);
  }
  window.time_column = input->schema.IndexOf(time->path[0].text);
  if (window.time_column < 0) {
    return InvalidSql(fmt::format("Unknown identifier '{}'", time->path[0].text), time->position);
  }
  const DataType type = input->schema.type(static_cast<size_t>(window.time_column));
  RETURN_IF_ERROR(CheckTimeColumn(form, type, context_.settings.batch_mode, time->position));
  window.event_time = !type.is_proctime();
  if (type.root() == TypeRoot::kTimestampLtz) window.time_zone = context_.settings.time_zone;
  const size_t interval_count = form.intervals[1].empty() ? 1 : 2;
  std::vector<int64_t> millis;
  for (size_t i = 0; i < arguments.intervals.size(); ++i) {
    if (arguments.intervals[i] == nullptr) continue;
    const Scope empty;
    ExprBinder binder(context_, &empty, "a window");
    ASSIGN_OR_RETURN(BoundExprPtr bound, binder.Bind(*arguments.intervals[i]));
    if (!IsInterval(bound->type.root())) {
      return InvalidSql(
          fmt::format(
              "Cannot apply '{0}' to arguments of type '{0}(<TABLE>, <COLUMN_LIST>, <{1}>)'. "
              "Supported form(s): {2}",
              name, TypeInMessages(bound->type), form.signature),
          call.position);
    }
    const bool is_offset = i >= interval_count;
    ASSIGN_OR_RETURN(
        int64_t value,
        WindowIntervalMillis(context_, bound, is_offset ? std::string_view() : "window size"));
    millis.push_back(value);
    if (is_offset) window.offset_ms = value;
  }
  window.size_ms = millis[interval_count - 1];
  if (interval_count == 2) window.step_ms = millis[0];
  if (form.kind == WindowKind::kCumulate && window.size_ms % window.step_ms != 0) {
    return InvalidSql(
        fmt::format("CUMULATE table function based aggregate requires maxSize must be an integral "
                    "multiple of step, but got maxSize {} ms and step {} ms.",
                    window.size_ms, window.step_ms),
        call.position);
  }
  node->schema = input->schema;
  std::vector<std::string> names = NamesOf(*input);
  const DataType edge = DataType::Timestamp(3, false);
  const DataType own_time = type.WithNullable(false).WithTimeAttribute(
      window.event_time ? TimeAttribute::kRowtime : TimeAttribute::kProctime);
  for (const auto& [column, column_type] :
       {std::pair("window_start", edge), std::pair("window_end", edge),
        std::pair("window_time", own_time)}) {
    names.push_back(UniqueName(column, names));
    node->schema.fields.push_back({names.back(), column_type, ""});
  }
  node->inputs = {std::move(input)};
  Relation relation;
  relation.scope = ScopeOf({}, node->schema);
  relation.plan = std::move(node);
  return relation;
}

}  // namespace rhei

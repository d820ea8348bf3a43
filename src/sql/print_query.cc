// Prints queries.
#include "sql/syntax_printer.h"

namespace rhei {
namespace {

int Precedence(ast::SetOperator op) {
  return op == ast::SetOperator::kIntersect ? 2 : 1;
}

std::string_view JoinWord(ast::JoinType type) {
  switch (type) {
    case ast::JoinType::kComma: return ",";
    case ast::JoinType::kCross: return "CROSS JOIN";
    case ast::JoinType::kInner: return "INNER JOIN";
    case ast::JoinType::kLeft: return "LEFT JOIN";
    case ast::JoinType::kRight: return "RIGHT JOIN";
    case ast::JoinType::kFull: return "FULL JOIN";
  }
  CHECK(false);
}

}  // namespace

void SyntaxPrinter::Query(const ast::Query& query) {
  if (!query.with.empty()) {
    Put(query.recursive ? "WITH RECURSIVE " : "WITH ");
    for (size_t i = 0; i < query.with.size(); ++i) {
      if (i > 0) Put(", ");
      PutName(query.with[i].name);
      if (!query.with[i].columns.empty()) {
        Put(" ");
        PutNames(query.with[i].columns);
      }
      Put(" AS (");
      Query(*query.with[i].query);
      Put(")");
    }
    Put(" ");
  }
  Body(*query.body);
  if (!query.order_by.empty()) {
    Put("\nORDER BY ");
    OrderItems(query.order_by);
  }
  if (query.offset != nullptr) {
    Put("\nOFFSET ");
    Expr(*query.offset);
    Put(" ROWS");
  }
  if (query.limit != nullptr) {
    Put("\nFETCH NEXT ");
    Expr(*query.limit);
    Put(" ROWS ONLY");
  }
}

void SyntaxPrinter::Body(const ast::QueryBody& body) {
  switch (body.kind) {
    case ast::QueryBodyKind::kSelect: return SelectText(ast::As<ast::Select>(body));
    case ast::QueryBodyKind::kValues: {
      const auto& values = ast::As<ast::Values>(body);
      Put("VALUES ");
      for (size_t i = 0; i < values.rows.size(); ++i) {
        if (i > 0) Put(",\n");
        Put("(ROW(");
        Exprs(values.rows[i]);
        Put("))");
      }
      return;
    }
    case ast::QueryBodyKind::kTable:
      return Put("TABLE " + QuotePath(ast::As<ast::ExplicitTable>(body).path));
    case ast::QueryBodyKind::kSetOperation: {
      const auto& set = ast::As<ast::SetOperation>(body);
      const auto looser = [&](const ast::QueryBody& side, bool right) {
        if (side.kind != ast::QueryBodyKind::kSetOperation) return false;
        const int inner = Precedence(ast::As<ast::SetOperation>(side).op);
        return right ? inner <= Precedence(set.op) : inner < Precedence(set.op);
      };
      SetOperand(*set.left, looser(*set.left, false));
      switch (set.op) {
        case ast::SetOperator::kUnion: Put("\nUNION"); break;
        case ast::SetOperator::kIntersect: Put("\nINTERSECT"); break;
        case ast::SetOperator::kExcept: Put("\nEXCEPT"); break;
      }
      Put(set.all ? " ALL\n" : "\n");
      return SetOperand(*set.right, looser(*set.right, true));
    }
    case ast::QueryBodyKind::kNested:
      Put("(");
      Query(*ast::As<ast::NestedQuery>(body).query);
      return Put(")");
  }
  CHECK(false);
}

void SyntaxPrinter::SetOperand(const ast::QueryBody& body, bool parenthesize) {
  if (parenthesize) Put("(");
  Body(body);
  if (parenthesize) Put(")");
}

void SyntaxPrinter::SelectText(const ast::Select& select) {
  Put("SELECT");
  if (!select.hints.empty()) {
    Put("\n");
    Hints(select.hints);
    Put("\n");
  } else {
    Put(" ");
  }
  if (select.distinct) Put("DISTINCT ");
  if (select.all) Put("ALL ");
  for (size_t i = 0; i < select.items.size(); ++i) {
    if (i > 0) Put(", ");
    Expr(*select.items[i].expr);
    if (select.items[i].alias) {
      Put(" AS ");
      PutName(*select.items[i].alias);
    }
  }
  if (select.from != nullptr) {
    Put("\nFROM ");
    Table(*select.from);
  }
  const auto clause = [&](std::string_view word, const ast::ExprPtr& expr) {
    if (expr == nullptr) return;
    Put(word);
    Expr(*expr);
  };
  clause("\nWHERE ", select.where);
  if (select.has_group_by) {
    Put(select.group_by_distinct ? "\nGROUP BY DISTINCT " : "\nGROUP BY ");
    GroupItems(select.group_by);
  }
  clause("\nHAVING ", select.having);
  for (size_t i = 0; i < select.windows.size(); ++i) {
    Put(i == 0 ? "\nWINDOW " : ", ");
    PutName(select.windows[i].name);
    Put(" AS ");
    Window(select.windows[i].spec);
  }
  clause("\nQUALIFY ", select.qualify);
}

void SyntaxPrinter::GroupItems(const std::vector<ast::GroupItem>& items) {
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) Put(", ");
    const ast::GroupItem& item = items[i];
    switch (item.kind) {
      case ast::GroupItemKind::kExpr:
        if (item.expr->kind == ast::ExprKind::kCall &&
            ast::As<ast::Call>(*item.expr).implicit_row) {
          Put("(");
          Exprs(ast::As<ast::Call>(*item.expr).args);
          Put(")");
        } else {
          Expr(*item.expr);
        }
        continue;
      case ast::GroupItemKind::kEmpty: Put("()"); continue;
      case ast::GroupItemKind::kRollup: Put("ROLLUP("); break;
      case ast::GroupItemKind::kCube: Put("CUBE("); break;
      case ast::GroupItemKind::kGroupingSets: Put("GROUPING SETS("); break;
    }
    GroupItems(item.children);
    Put(")");
  }
}

void SyntaxPrinter::Hints(const std::vector<ast::Hint>& hints) {
  Put("/*+ ");
  for (size_t i = 0; i < hints.size(); ++i) {
    const ast::Hint& hint = hints[i];
    if (i > 0) Put(", ");
    PutName(hint.name);
    std::string_view gap = "(";
    const auto next = [&] {
      Put(gap);
      gap = ", ";
    };
    for (const ast::Name& name : hint.identifiers) {
      next();
      PutName(name);
    }
    for (const std::string& literal : hint.literals) {
      next();
      PutString(literal);
    }
    for (const ast::Option& option : hint.options) {
      next();
      Put(hint.keys_are_names ? QuoteName(option.key) : QuoteString(option.key));
      Put(" = ");
      PutString(option.value);
    }
    if (gap == ", ") Put(")");
  }
  Put(" */");
}

void SyntaxPrinter::Table(const ast::TableRef& table) {
  TableCore(table);
  if (table.alias) {
    Put(" AS ");
    PutName(*table.alias);
  }
  if (!table.column_aliases.empty()) {
    Put(" ");
    PutNames(table.column_aliases);
  }
  if (table.kind != ast::TableRefKind::kNamed) return;
  const auto& sample = ast::As<ast::NamedTable>(table).sample;
  if (!sample) return;
  Put(sample->bernoulli ? " TABLESAMPLE BERNOULLI(" : " TABLESAMPLE SYSTEM(");
  Expr(*sample->percentage);
  Put(")");
  if (sample->repeatable == nullptr) return;
  Put(" REPEATABLE(");
  Expr(*sample->repeatable);
  Put(")");
}

void SyntaxPrinter::TableCore(const ast::TableRef& table) {
  const auto system_time = [&](const ast::ExprPtr& time) {
    if (time == nullptr) return;
    Put(" FOR SYSTEM_TIME AS OF ");
    Expr(*time);
  };
  switch (table.kind) {
    case ast::TableRefKind::kNamed: {
      const auto& named = ast::As<ast::NamedTable>(table);
      PutPath(named.path);
      if (!named.hints.empty()) {
        Put("\n");
        Hints(named.hints);
      }
      return system_time(named.system_time);
    }
    case ast::TableRefKind::kDerived: {
      const auto& derived = ast::As<ast::DerivedTable>(table);
      Put(derived.lateral ? "LATERAL (" : "(");
      Query(*derived.query);
      return Put(")");
    }
    case ast::TableRefKind::kTableFunction: {
      const auto& function = ast::As<ast::TableFunction>(table);
      Put(function.lateral ? "LATERAL TABLE(" : "TABLE(");
      Expr(*function.call);
      Put(")");
      return system_time(function.system_time);
    }
    case ast::TableRefKind::kUnnest: {
      const auto& unnest = ast::As<ast::Unnest>(table);
      Put(unnest.lateral ? "LATERAL UNNEST(" : "UNNEST(");
      Exprs(unnest.exprs);
      return Put(unnest.with_ordinality ? ") WITH ORDINALITY" : ")");
    }
    case ast::TableRefKind::kJoin: return JoinText(ast::As<ast::Join>(table));
    case ast::TableRefKind::kMatchRecognize: return Match(ast::As<ast::MatchRecognize>(table));
  }
  CHECK(false);
}

void SyntaxPrinter::JoinText(const ast::Join& join) {
  const auto side = [&](const ast::TableRef& table, bool parenthesize) {
    if (parenthesize) Put("(");
    Table(table);
    if (parenthesize) Put(")");
  };
  const bool comma = join.type == ast::JoinType::kComma;
  // A comma binds less than JOIN.
  const auto is_comma = [](const ast::TableRef& table) {
    return table.kind == ast::TableRefKind::kJoin &&
           ast::As<ast::Join>(table).type == ast::JoinType::kComma;
  };
  side(*join.left, !comma && is_comma(*join.left));
  if (comma) {
    Put(",\n");
    return side(*join.right, is_comma(*join.right));
  }
  Put(join.natural ? "\nNATURAL " : "\n");
  Put(JoinWord(join.type));
  Put(" ");
  side(*join.right, join.right->kind == ast::TableRefKind::kJoin);
  if (join.condition == ast::JoinConditionKind::kOn) {
    Put(" ON ");
    Expr(*join.on);
  } else if (join.condition == ast::JoinConditionKind::kUsing) {
    Put(" USING ");
    PutNames(join.using_columns);
  }
}

void SyntaxPrinter::Match(const ast::MatchRecognize& match) {
  const bool parenthesize = match.input->alias || match.input->kind == ast::TableRefKind::kJoin ||
                            match.input->kind == ast::TableRefKind::kMatchRecognize;
  if (parenthesize) Put("(");
  Table(*match.input);
  Put(parenthesize ? ") MATCH_RECOGNIZE(\n" : " MATCH_RECOGNIZE(\n");
  if (!match.partition_by.empty()) {
    Put("PARTITION BY ");
    Exprs(match.partition_by);
    Put("\n");
  }
  if (!match.order_by.empty()) {
    Put("ORDER BY ");
    OrderItems(match.order_by);
    Put("\n");
  }
  for (size_t i = 0; i < match.measures.size(); ++i) {
    Put(i == 0 ? "MEASURES " : ", ");
    Expr(*match.measures[i].expr);
    Put(" AS ");
    PutName(match.measures[i].alias);
  }
  if (!match.measures.empty()) Put("\n");
  switch (match.rows_per_match) {
    case ast::RowsPerMatch::kUnspecified: break;
    case ast::RowsPerMatch::kOneRow: Put("ONE ROW PER MATCH\n"); break;
    case ast::RowsPerMatch::kAllRows: Put("ALL ROWS PER MATCH\n"); break;
    case ast::RowsPerMatch::kAllRowsShowEmpty:
      Put("ALL ROWS PER MATCH SHOW EMPTY MATCHES\n");
      break;
    case ast::RowsPerMatch::kAllRowsOmitEmpty:
      Put("ALL ROWS PER MATCH OMIT EMPTY MATCHES\n");
      break;
    case ast::RowsPerMatch::kAllRowsWithUnmatched:
      Put("ALL ROWS PER MATCH WITH UNMATCHED ROWS\n");
      break;
  }
  switch (match.after_match) {
    case ast::AfterMatch::kUnspecified: break;
    case ast::AfterMatch::kSkipToNextRow: Put("AFTER MATCH SKIP TO NEXT ROW\n"); break;
    case ast::AfterMatch::kSkipPastLastRow: Put("AFTER MATCH SKIP PAST LAST ROW\n"); break;
    case ast::AfterMatch::kSkipToFirst: Put("AFTER MATCH SKIP TO FIRST "); break;
    case ast::AfterMatch::kSkipToLast: Put("AFTER MATCH SKIP TO LAST "); break;
    case ast::AfterMatch::kSkipToVariable: Put("AFTER MATCH SKIP TO "); break;
  }
  if (match.after_match_variable) {
    PutName(*match.after_match_variable);
    Put("\n");
  }
  Put(match.strict_start ? "PATTERN (^ " : "PATTERN (");
  PatternText(*match.pattern);
  Put(match.strict_end ? " $)\n" : ")\n");
  if (match.within != nullptr) {
    Put("WITHIN ");
    Expr(*match.within);
    Put("\n");
  }
  for (size_t i = 0; i < match.subsets.size(); ++i) {
    Put(i == 0 ? "SUBSET " : ", ");
    PutName(match.subsets[i].name);
    Put(" = ");
    PutNames(match.subsets[i].variables);
  }
  if (!match.subsets.empty()) Put("\n");
  for (size_t i = 0; i < match.definitions.size(); ++i) {
    Put(i == 0 ? "DEFINE " : ", ");
    PutName(match.definitions[i].variable);
    Put(" AS ");
    Expr(*match.definitions[i].condition);
  }
  Put(")");
}

void SyntaxPrinter::PatternText(const ast::Pattern& pattern) {
  const auto list = [&](std::string_view separator) {
    for (size_t i = 0; i < pattern.children.size(); ++i) {
      if (i > 0) Put(separator);
      PatternText(*pattern.children[i]);
    }
  };
  switch (pattern.kind) {
    case ast::PatternKind::kVariable: return PutName(pattern.variable);
    case ast::PatternKind::kConcat:
      Put("(");
      list(" ");
      return Put(")");
    case ast::PatternKind::kAlternation:
      Put("(");
      list(" | ");
      return Put(")");
    case ast::PatternKind::kPermute:
      Put("PERMUTE (");
      list(", ");
      return Put(")");
    case ast::PatternKind::kExclusion:
      Put("{- ");
      list("");
      return Put(" -}");
    case ast::PatternKind::kQuantified: break;
  }
  Put("(");
  list("");
  if (pattern.repeat_max == std::nullopt && pattern.repeat_min <= 1) {
    Put(pattern.repeat_min == 0 ? " *" : " +");
  } else if (pattern.repeat_min == 0 && pattern.repeat_max == 1) {
    Put(" ?");
  } else {
    Put(" { " + std::to_string(pattern.repeat_min));
    if (!pattern.repeat_max) {
      Put(", ");
    } else if (*pattern.repeat_max != pattern.repeat_min) {
      Put(", " + std::to_string(*pattern.repeat_max));
    }
    Put(" }");
  }
  Put(pattern.reluctant ? "?)" : ")");
}

}  // namespace rhei

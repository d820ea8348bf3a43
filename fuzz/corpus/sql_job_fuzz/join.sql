SELECT t.a, u.name, t.c FROM t JOIN u ON t.a = u.a AND t.b > 0

SELECT a, b + 1, UPPER(c), d * 2, e FROM t WHERE a > 1 OR c LIKE 'a%'

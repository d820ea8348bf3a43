SELECT JSON_VALUE('{"a":1}', '$.a'), JSON_QUERY('{"a":[1]}', '$.a'), JSON_OBJECT('a' VALUE a), JSON_ARRAYAGG(c) FROM t GROUP BY a

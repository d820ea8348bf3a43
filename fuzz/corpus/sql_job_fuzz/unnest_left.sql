SELECT id, k, v FROM nested LEFT JOIN UNNEST(m) AS s(k, v) ON TRUE

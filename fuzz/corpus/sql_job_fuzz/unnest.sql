SELECT id, x FROM nested CROSS JOIN UNNEST(arr) AS s(x)

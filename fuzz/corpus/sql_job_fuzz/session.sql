SELECT a, window_start, COUNT(*) FROM TABLE(SESSION(TABLE t PARTITION BY a, DESCRIPTOR(ts), INTERVAL '3' SECOND)) GROUP BY a, window_start, window_end

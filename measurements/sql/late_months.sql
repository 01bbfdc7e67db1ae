-- How many months of each contract are late, and the earliest. Follows the steps of month_states.sql.

SELECT s.contract_id, count(*), min(s.month) FROM month_state AS s WHERE s.late > 0 GROUP BY s.contract_id

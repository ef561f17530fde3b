-- The rule of crediting (src/viewing/coverage.h), said once more in another language: by PostgreSQL's ranges and their
-- unions.  It reads what the real code did, event by event, and selects the events that do not obey.
--
-- event, in the order of n for each history (a person): a delivery, or a report (is_beat) with its claim, and what the
-- code credited for it by delivery (added) and over a crash (added_by_gap), the budget afterwards, and its flags.

CREATE FUNCTION length_of(stretches int8multirange) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(sum(upper(stretch) - lower(stretch)), 0)::bigint FROM unnest(stretches) AS stretch
$$;

-- The first so many milliseconds of it.
CREATE FUNCTION first_of(stretches int8multirange, milliseconds bigint) RETURNS int8multirange LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN milliseconds <= 0 OR isempty(stretches) THEN '{}'::int8multirange
        WHEN length_of(stretches) <= milliseconds THEN stretches
        ELSE (SELECT coalesce(range_agg(int8range(lower(stretch), least(upper(stretch), lower(stretch) + milliseconds - before))), '{}')
                FROM (SELECT stretch, (sum(upper(stretch) - lower(stretch)) OVER (ORDER BY stretch))::bigint
                             - (upper(stretch) - lower(stretch)) AS before
                        FROM unnest(stretches) AS stretch) AS placed
               WHERE before < milliseconds)
        END
$$;

CREATE VIEW counted AS
    SELECT *, is_beat AND row_number() OVER (PARTITION BY history, is_beat, session, seq ORDER BY n) > 1 AS is_copy,
           -- server time counts from contact to contact, at most a minute of it, and never backwards
           CASE WHEN is_beat THEN least(greatest(at_ms - lag(at_ms) OVER (PARTITION BY history, is_beat ORDER BY n), 0), 60000)
                                  * cap_percent / 100 END AS earned_ms
      FROM event;

CREATE VIEW known AS
    SELECT *,
           coalesce(range_agg(int8range(from_ms, to_ms)) FILTER (WHERE NOT is_beat) OVER before, '{}') AS delivered,
           coalesce(range_agg(added + added_by_gap) OVER before, '{}') AS credited,
           gap_allowed_ms - coalesce(sum(length_of(added_by_gap)) OVER (PARTITION BY history, session ORDER BY n
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS gap_left_ms,
           2000 + coalesce(sum(earned_ms) OVER (PARTITION BY history ORDER BY n), 0)::bigint
                - coalesce(sum(length_of(added + added_by_gap)) OVER (PARTITION BY history ORDER BY n
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS budget_ms
      FROM counted
    WINDOW before AS (PARTITION BY history, lecture ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING);

CREATE VIEW wrong AS
    SELECT history, n, expected, added, added_by_gap, known.budget_ms, budget_left_ms, flags
      FROM known
     -- within the lecture, in the direction of time
     CROSS JOIN LATERAL (SELECT greatest(from_ms, 0) AS claim_from, least(to_ms, lecture_ms) AS claim_to) AS cut
     CROSS JOIN LATERAL (SELECT claim_from < claim_to AND NOT is_copy AS has_claim) AS there
     -- over the gaps beside it that are under half a second
     CROSS JOIN LATERAL (SELECT coalesce((SELECT lower(gap)
               FROM unnest(int8multirange(int8range(greatest(claim_from - 500, 0), claim_from)) - credited) AS gap
              WHERE has_claim AND upper(gap) = claim_from AND lower(gap) > claim_from - 500), claim_from) AS wide_from,
          coalesce((SELECT upper(gap)
               FROM unnest(int8multirange(int8range(claim_to, greatest(claim_to, least(claim_to + 500, lecture_ms)))) - credited) AS gap
              WHERE has_claim AND lower(gap) = claim_to AND upper(gap) < claim_to + 500), claim_to) AS wide_to) AS widened
     CROSS JOIN LATERAL (SELECT
          CASE WHEN has_claim THEN int8multirange(int8range(claim_from, claim_to)) ELSE '{}' END AS claim,
          CASE WHEN has_claim THEN int8multirange(int8range(wide_from, wide_to)) - credited ELSE '{}' END AS fresh) AS stretches
     -- what was delivered before, and over a crash what the claim itself holds, up to the allowance; paid from its start
     CROSS JOIN LATERAL (SELECT fresh * delivered AS sent, (fresh - delivered) * claim AS lost) AS parts
     CROSS JOIN LATERAL (SELECT sent + first_of(lost, gap_left_ms) AS due) AS owed
     CROSS JOIN LATERAL (SELECT first_of(due, known.budget_ms) AS expected) AS paid
     WHERE is_beat
       AND (added <> expected * sent OR added_by_gap <> expected * lost
            OR budget_left_ms <> known.budget_ms - length_of(expected)
            OR budget_left_ms < 0
            OR (flags & 16 <> 0) <> is_copy
            OR (NOT is_copy AND (flags & 1 <> 0) <> (from_ms < 0 OR to_ms < from_ms OR to_ms > lecture_ms + 500))
            OR (flags & 4 <> 0) <> ((due - expected) && claim)
            OR (flags & 8 <> 0) <> NOT isempty(added_by_gap)
            OR (gap_left_ms = 0 AND (flags & 2 <> 0) <> (length_of(lost) >= 500 OR (NOT isempty(lost) AND NOT delivered && claim))));

-- And in all, for each person and lecture: nothing beyond what was claimed (half a second around it) and delivered but for
-- crashes, and no more than the person's time allowed.
CREATE VIEW wrong_in_all AS
    SELECT history
      FROM (SELECT history, lecture, range_agg(added + added_by_gap) AS credited, range_agg(added_by_gap) AS by_gap,
                   coalesce(range_agg(int8range(from_ms, to_ms)) FILTER (WHERE NOT is_beat), '{}') AS delivered,
                   coalesce(range_agg(int8range(greatest(from_ms, 0) - 500, least(to_ms, lecture_ms) + 500))
                            FILTER (WHERE is_beat AND greatest(from_ms, 0) < least(to_ms, lecture_ms)), '{}') AS claimed
              FROM event GROUP BY history, lecture) AS sums
     WHERE NOT credited <@ claimed OR NOT credited <@ (delivered + by_gap)
    UNION ALL
    SELECT history FROM counted
     GROUP BY history
    HAVING coalesce(sum(length_of(added + added_by_gap)), 0) > 2000 + coalesce(sum(earned_ms), 0);

-- What the pending changes of a case say: the intents that are on their way, in order. Refused and conflicting ones
-- are shown with their problem and change nothing.
CREATE VIEW change_pending AS
SELECT seq, case_id, kind,
  CASE kind WHEN 'decision' THEN json_extract(payload, '$.outcome') ELSE '' END AS outcome
FROM change
WHERE state IN ('waiting', 'sending');

-- Truth and the last word of the pending changes side by side.
CREATE VIEW case_turn AS
SELECT c.*,
  (SELECT CASE WHEN p.kind = 'follow-up-question' THEN 'question' ELSE p.outcome END FROM change_pending p
   WHERE p.case_id = c.case_id
     AND (p.kind = 'follow-up-question' OR (p.kind = 'decision' AND p.outcome IN ('close', 'referral')))
   ORDER BY p.seq DESC LIMIT 1) AS turn,
  (SELECT p.kind FROM change_pending p
   WHERE p.case_id = c.case_id AND p.kind IN ('claim', 'release')
   ORDER BY p.seq DESC LIMIT 1) AS claim_turn,
  EXISTS (SELECT 1 FROM change_pending p
   WHERE p.case_id = c.case_id AND p.kind IN ('reply', 'decision')) AS answered,
  (SELECT coalesce(max(m.sent_ms), 0) FROM message m
   WHERE m.case_id = c.case_id AND m.from_patient = 0) AS answered_ms
FROM case_ c;

-- The case as it stands here now. The same rule in Python: store/effects.py; a property test compares them.
CREATE VIEW case_projected AS
SELECT t.*,
  CASE
    WHEN t.turn = 'close' THEN 'completed'
    WHEN t.turn IN ('question', 'referral') THEN 'on-hold'
    WHEN t.answered AND t.status IN ('requested', 'received', 'accepted') THEN 'in-progress'
    ELSE t.status
  END AS status_now,
  CASE t.turn
    WHEN 'close' THEN 'closed'
    WHEN 'question' THEN 'awaiting-patient'
    WHEN 'referral' THEN 'awaiting-results'
    ELSE t.business_status
  END AS business_now,
  CASE t.claim_turn WHEN 'release' THEN '' ELSE t.owner_id END AS owner_now,
  coalesce(t.claim_turn = 'claim', 0) AS asked_for
FROM case_turn t;

CREATE VIEW case_effective AS
SELECT
  p.status_now NOT IN ('completed', 'rejected', 'cancelled', 'failed', 'entered-in-error')
    AND p.business_now <> 'closed' AS is_open,
  CASE p.due_ms WHEN 0 THEN 253402300799000 ELSE p.due_ms END AS due_sort,
  p.priority_rank, p.case_id, p.patient_id,
  coalesce(pa.name, '') AS name,
  coalesce(pa.birth_date, '') AS birth_date,
  p.reason, p.case_type,
  p.status_now AS status,
  p.business_now AS business_status,
  p.authored_ms,
  p.owner_now AS owner_id,
  CASE p.owner_now WHEN '' THEN '' ELSE p.owner_name END AS owner_name,
  CASE p.owner_now WHEN '' THEN 0 ELSE p.claim_until_ms END AS claim_until_ms,
  p.asked_for,
  CASE WHEN p.status_now IN ('completed', 'rejected', 'cancelled', 'failed', 'entered-in-error') OR p.answered THEN 0
  ELSE
    (SELECT count(*) FROM message m
     WHERE m.case_id = p.case_id AND m.from_patient = 1 AND m.kind <> 'visit-chat' AND m.sent_ms > p.answered_ms
       AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.case_id = p.case_id AND s.entry_id = 'Communication/' || m.message_id))
    + (SELECT count(*) FROM case_input i JOIN intake q ON q.intake_id = i.id
       WHERE i.case_id = p.case_id AND i.type = 'QuestionnaireResponse' AND q.authored_ms > p.answered_ms
         AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.case_id = p.case_id AND s.entry_id = 'QuestionnaireResponse/' || i.id))
  END AS unread_count,
  (SELECT count(*) FROM evidence e WHERE e.case_id = p.case_id AND e.kind IN ('photo', 'still')) AS photo_count,
  (SELECT count(*) FROM evidence e WHERE e.case_id = p.case_id AND e.kind IN ('video', 'audio')) AS video_count,
  (SELECT count(*) FROM evidence e WHERE e.case_id = p.case_id AND e.kind = 'document') AS document_count,
  EXISTS (SELECT 1 FROM measurement m WHERE m.patient_id = p.patient_id AND p.patient_id <> '') AS has_vitals,
  (SELECT count(*) FROM evidence e JOIN blob b ON b.evidence_id = e.evidence_id AND b.state = 'here'
   WHERE e.case_id = p.case_id) AS evidence_here,
  (SELECT count(*) FROM evidence e WHERE e.case_id = p.case_id) AS evidence_total,
  (pa.patient_id IS NULL AND p.patient_id <> '')
    + (SELECT count(*) FROM case_input i
       WHERE i.case_id = p.case_id
         AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.type = i.type AND r.id = i.id)) AS missing_count,
  (SELECT count(*) FROM change ch WHERE ch.case_id = p.case_id) AS unsent_count,
  (SELECT count(*) FROM change ch WHERE ch.case_id = p.case_id AND ch.state IN ('refused', 'conflict')) AS stuck_count,
  EXISTS (SELECT 1 FROM draft d WHERE d.case_id = p.case_id) AS has_draft
FROM case_projected p LEFT JOIN patient pa ON pa.patient_id = p.patient_id;

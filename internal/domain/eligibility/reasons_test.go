package eligibility_test

import (
	"testing"

	"tepat/internal/domain/eligibility"
	"tepat/internal/domain/evidence"
	"tepat/internal/domain/period"
)

// For each of the fifteen reasons (dossier 5.1) that rests on a plain statement: it hits when stated, not when denied, not when
// another office's newer word takes it back, decides nothing when it is too old, and never acts by itself on a doubtful match.
func TestEachReasonAgainstItsContrary(t *testing.T) {
	t.Parallel()
	set, table := inForce(t, period.On(2024, 5, 15)), wages(t)
	reasons := map[string]string{
		"01": "address_not_found", "02": "person_not_found", "04": "asn", "05": "tni_polri", "06": "able", "07": "pensioner", "08": "certified_teacher",
		"09": "routine_budget_income", "10": "refused", "13": "health_worker", "14": "village_official",
	}
	// verdicts gives the findings under a reason, for statements about the father.
	verdicts := func(reason string, said ...evidence.Evidence) (out []eligibility.Finding) {
		f := eligibility.Family{Area: place(t, "81.71.01.1001"), Members: []eligibility.Member{{ID: [16]byte{1}, Payee: true}, {ID: [16]byte{2}, Head: true, Evidence: said}}}
		found, _ := screen(t, set, table, f)
		for _, x := range found {
			if x.Criterion.Reason.Code == reason {
				out = append(out, x)
			}
		}
		return out
	}
	for reason, kind := range reasons {
		hit := verdicts(reason, stated(t, kind, "ya", "2024-03"))
		if len(hit) != 1 || hit[0].Verdict != eligibility.Yes || len(hit[0].Because) == 0 || hit[0].Criterion.Reason.LegalBasis == "" {
			t.Errorf("reason %s is not found by %s: %+v", reason, kind, hit)
		}
		if none := verdicts(reason, stated(t, kind, "tidak", "2024-03")); len(none) != 0 {
			t.Errorf("reason %s is found where %s is denied", reason, kind)
		}
		if none := verdicts(reason, stated(t, kind, "ya", "2024-01"), stated(t, kind, "tidak", "2024-03")); len(none) != 0 {
			t.Errorf("reason %s stands although %s was taken back", reason, kind)
		}
		for _, x := range verdicts(reason, stated(t, kind, "ya", "2020-01")) {
			if x.Verdict == eligibility.Yes {
				t.Errorf("reason %s rests on a statement of four years ago", reason)
			}
		}
		weak := stated(t, kind, "ya", "2024-03")
		weak.Match = evidence.MatchDoubtful
		for _, x := range verdicts(reason, weak) {
			if x.Action == eligibility.ActionAuto {
				t.Errorf("reason %s acts by itself on a doubtful match", reason)
			}
		}
	}
	// What PIP and YAPI ask is no reason to leave: an orphan, a pupil.
	f := eligibility.Family{Area: place(t, "81.71.01.1001"), Members: []eligibility.Member{{ID: [16]byte{1}, Head: true, Evidence: []evidence.Evidence{
		stated(t, "orphan", "ya", "2024-03"), stated(t, "school_class", "7", "2024-03")}}}}
	if found, _ := screen(t, inForce(t, period.On(2024, 5, 15), allLocal...), table, f); len(found) != 0 {
		t.Errorf("a pupil is screened out: %+v", found)
	}
}

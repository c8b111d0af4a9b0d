package rekey

import "tepat/internal/kit/seal"

// Column is a column whose values are sealed, and what for.
type Column struct {
	Table, Name string
	Purpose     seal.Purpose
}

// Columns lists every sealed column, table by table. A purpose is that of the package that keeps
// the table: with another one no value opens. Sessions are left out: they end within a day.
func Columns() []Column {
	return []Column{
		{"account", "totp", "totp"},
		{"family", "no_kk", seal.KK},
		{"family", "phone", seal.Phone},
		{"person", "nik", seal.NIK},
		{"person", "mother_name", seal.Mother},
		{"person", "phone", seal.Phone},
		{"family_history", "document", seal.History},
		{"person_history", "document", seal.History},
		{"civil_record", "nik", seal.NIK},
		{"civil_record", "no_kk", seal.KK},
		{"civil_record", "mother_name", seal.Mother},
		{"civil_answer", "answer", "civil_answer"},
		{"match_suggestion", "document", "match_suggestion"},
		{"link_pair", "note", "pair_note"},
		{"merge", "plan", "merge_plan"},
		{"pair_word", "note", "pair_note"},
		{"pair_word", "answer_note", "pair_note"},
		{"finding_event", "note", "finding_note"},
		{"proposal", "document", "proposal"},
		{"proposal_document", "document", "proposal"},
		{"proposal_event", "said", "proposal words"},
		{"proposal_draft", "form", "proposal draft"},
		{"family_visit", "document", "family visit"},
		{"visit_withdrawal", "document", "visit withdrawal"},
		{"paper_part", "content", "paper"},
		{"payment", "account", seal.Account},
		{"payment_event", "note", seal.History},
		{"pay_finding", "document", seal.History},
		{"pay_finding", "note", seal.History},
		{"grievance", "document", "grievance"},
		{"grievance_event", "said", "grievance words"},
	}
}

package access

import "slices"

// The permissions. Each names a use case or a family of them.
const (
	ReadRegistry     Permission = "registry.read"       // lists and details, masked
	RevealIdentity   Permission = "registry.reveal"     // a NIK or No. KK in full, with a purpose
	ChangeRegistry   Permission = "registry.change"     // correct a person or family
	RunImport        Permission = "import.run"          // load officers' files
	ApproveImport    Permission = "import.approve"      // second person of an import that changes people
	RunMatch         Permission = "match.run"           // match with the civil registry
	RepairMatch      Permission = "match.repair"        // mend a person who does not match
	RunDedupe        Permission = "dedupe.run"          //
	ReviewDuplicate  Permission = "dedupe.review"       // decide a pair, merge, undo
	FileProposal     Permission = "proposal.file"       //
	DecideInVillage  Permission = "proposal.deliberate" // musdes, SPTJM
	VerifyProposal   Permission = "proposal.verify"     // Dinsos
	ApproveProposal  Permission = "proposal.approve"    // head of the agency
	RatifyProposal   Permission = "proposal.ratify"     // bupati/wali kota: pengesahan
	Determine        Permission = "proposal.determine"  // minister: penetapan
	ImportAnswers    Permission = "proposal.answers"    // answers of the level above
	RunAssessment    Permission = "assess.run"          // import deciles, score, rank
	ApproveAssess    Permission = "assess.approve"      //
	RunScreening     Permission = "screen.run"          //
	ApproveScreening Permission = "screen.approve"      // second person of removals
	DecideFinding    Permission = "screen.decide"       // one finding: uphold, dismiss
	RunEnrolment     Permission = "programme.run"       //
	ApproveEnrolment Permission = "programme.approve"   // freeze a list with its decree
	RunPayment       Permission = "pay.run"             //
	ApprovePayment   Permission = "pay.approve"         //
	LookUp           Permission = "lookup.desk"         // desk look-up, KTP shown
	IssueLetter      Permission = "letter.issue"        //
	HandleGrievance  Permission = "grievance.handle"    //
	ReadInsight      Permission = "insight.read"        // figures
	CloseFigures     Permission = "insight.close"       // freeze the figures of a month
	ExportData       Permission = "export.data"         // lists as files
	ReadAudit        Permission = "audit.read"          //
	ReadRuns         Permission = "run.read"            //
	ManageUsers      Permission = "user.manage"         //
	ApproveUsers     Permission = "user.approve"        //
	Administer       Permission = "installation.manage" // areas, settings, keys
)

// The roles (domain.md section 9).
const (
	Operator         Role = "operator"          // operator desa/kelurahan
	VillageHead      Role = "village_head"      // kepala desa/lurah
	Verifier         Role = "verifier"          // user verifikator Dinsos
	AgencyHead       Role = "agency_head"       // kepala Dinas Sosial
	Signer           Role = "signer"            // bupati/wali kota or who signs for them
	ProgrammeManager Role = "programme_manager" // pengelola program
	PaymentOfficer   Role = "payment_officer"   // petugas penyaluran
	Analyst          Role = "analyst"           //
	Ministry         Role = "ministry"          // penetapan; only in a national or training installation
	Auditor          Role = "auditor"           // BPK, BPKP, inspectorate: reads
	Admin            Role = "admin"             // users and settings, no personal data
)

// Roles lists every role in the order in which people meet them.
func Roles() []Role {
	return []Role{Operator, VillageHead, Verifier, AgencyHead, Signer, ProgrammeManager, PaymentOfficer, Analyst, Ministry, Auditor, Admin}
}

// Has reports whether the role carries the permission. This table is the one place that says so.
func (r Role) Has(p Permission) bool { return slices.Contains(r.Permissions(), p) }

// Permissions lists what the role may do.
func (r Role) Permissions() []Permission {
	switch r {
	case Operator:
		return []Permission{ReadRegistry, RevealIdentity, ChangeRegistry, RunImport, RepairMatch, FileProposal, DecideInVillage, LookUp, IssueLetter, HandleGrievance, ReadInsight, ReadRuns, ReviewDuplicate}
	case VillageHead:
		return []Permission{ReadRegistry, DecideInVillage, ReadInsight}
	case Verifier:
		return []Permission{ReadRegistry, RevealIdentity, ChangeRegistry, RunImport, RunMatch, RepairMatch, RunDedupe, ReviewDuplicate, VerifyProposal, ImportAnswers, RunScreening, DecideFinding, LookUp, IssueLetter, HandleGrievance, ReadInsight, ExportData, ReadRuns}
	case AgencyHead:
		return []Permission{ReadRegistry, ApproveImport, ApproveProposal, ApproveAssess, ApproveScreening, DecideFinding, ApproveEnrolment, ApprovePayment, ReadInsight, CloseFigures, ReadRuns, ApproveUsers}
	case Signer:
		return []Permission{ReadRegistry, RatifyProposal, ReadInsight, ReadRuns}
	case ProgrammeManager:
		return []Permission{ReadRegistry, RunAssessment, RunEnrolment, ReadInsight, ExportData, IssueLetter, ReadRuns}
	case PaymentOfficer:
		return []Permission{ReadRegistry, RunPayment, ReadInsight, ExportData, ReadRuns}
	case Analyst:
		return []Permission{ReadInsight, RunAssessment, ReadRuns}
	case Ministry:
		return []Permission{ReadRegistry, Determine, ReadInsight, ReadRuns}
	case Auditor:
		return []Permission{ReadRegistry, ReadAudit, ReadInsight, ReadRuns}
	case Admin:
		return []Permission{ManageUsers, Administer, ReadInsight, ReadRuns}
	default:
		return nil
	}
}

// Valid reports whether the role exists.
func (r Role) Valid() bool { return slices.Contains(Roles(), r) }

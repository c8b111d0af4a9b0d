package web

import (
	"tepat/internal/domain/access"
	"tepat/internal/kit/i18n"
	"tepat/web/desk"
)

// mostStarts is how many beginnings the first page offers: more would be the navigation again.
const mostStarts = 6

// starts are what somebody may begin, what is done most often first.
func starts(p i18n.Printer, who access.Actor) (out []desk.Start) {
	for _, s := range []struct {
		needs     access.Permission
		key, href string
	}{
		{access.FileProposal, "propose", "/usulan/baru"}, {access.LookUp, "counter", "/loket"}, {access.HandleGrievance, "grievance", "/pengaduan/baru"},
		{access.RatifyProposal, "ratify", "/pengesahan"}, {access.Determine, "determine", "/penetapan"},
		{access.RunEnrolment, "enrol", "/program"}, {access.RunPayment, "pay", "/penyaluran/baru"},
		{access.ManageUsers, "user", "/pengguna/baru"}, {access.ReadAudit, "audit", "/audit"},
		{access.RunImport, "import", "/impor"}, {access.ReadRegistry, "family", "/keluarga"}, {access.ReadInsight, "figures", "/dasbor"},
	} {
		if who.Can(s.needs) && len(out) < mostStarts {
			out = append(out, desk.Start{Title: p.Text("web.start." + s.key), Text: p.Text("web.start." + s.key + "_text"), Href: s.href})
		}
	}
	return out
}

// cutOff tells who works on proposals by when the district has to have signed, and how many days are
// left. It is empty for others, and where no rule is in force.
func (d *Desk) cutOff(p i18n.Printer, who access.Actor) string {
	for _, works := range []access.Permission{access.FileProposal, access.DecideInVillage, access.VerifyProposal, access.ApproveProposal, access.RatifyProposal} {
		if !who.Can(works) {
			continue
		}
		home, _ := who.Home()
		rules, today := d.Proposals.Rules(), d.Places.LocalDate(home, d.Now())
		day := rules.Deadlines.CutOff(today, rules.Calendar)
		if day.IsZero() {
			return ""
		}
		return p.Text("web.home.cut_off", "on", p.DateText(day.Text()), "days", day.DaysSince(today))
	}
	return ""
}

package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/service/proposals"
)

// requests files what the scenario's citizens sent to the district in the months before its day: their own proposals, reports of
// families that are in no list, objections and complaints. They stand in the queues of those whose work they are.
func (r *demoRun) requests() (int64, error) {
	rows, err := requestRows(filepath.Join(r.files, "requests.csv"))
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	for i, one := range rows {
		if key := "demo.said." + one.Subject; r.c.say.Has(key) {
			rows[i].Words = r.c.say.Text(key)
		}
	}
	_, at := r.h.tenant()
	report, err := r.h.Grievances.LoadRequests(r.c, r.people[access.Verifier], at, rows)
	if err != nil {
		return 0, fmt.Errorf("file requests: %w", err)
	}
	return report.Filed, r.meet(rows, report)
}

// meet lets the operator's village decide in its meeting about every second family its citizens proposed, so that the social office
// has something to verify.
func (r *demoRun) meet(rows []proposals.RequestRow, report proposals.RequestReport) error {
	home, _ := r.people[access.Operator].Home()
	tenant, _ := r.h.tenant()
	for i, n := 0, 0; i < len(rows); i++ {
		kind := rows[i].Kind
		if rows[i].Area != home || report.Rows[i].Err != nil || kind == proposals.ComplaintRequest || kind == proposals.ObjectionRequest {
			continue
		}
		if n++; n%2 == 0 {
			continue
		}
		row, err := r.h.Proposals.RowIn(r.c, r.h.DB.Direct(), tenant, report.Rows[i].ID)
		if err == nil && row.State == proposal.Submitted {
			err = r.deliberate(row)
		}
		if err != nil {
			return fmt.Errorf("decide about %s: %w", row.Number, err)
		}
	}
	return nil
}

// deliberate takes what a citizen sent through the village: on the list by the operator, decided by the village head's meeting.
func (r *demoRun) deliberate(row proposals.Row) error {
	listed, err := r.h.Proposals.List(r.c, r.people[access.Operator], proposals.One(row))
	if err != nil {
		return err
	}
	d := proposals.One(listed[0])
	d.Paper = proposals.Paper{Name: "Berita acara musyawarah"}
	_, err = r.h.Proposals.Deliberate(r.c, r.people[access.VillageHead], d)
	return err
}

// demoRequests are what citizens sent in, counted from the database.
type demoRequests struct {
	Proposals  int64 `json:"self_proposals"`
	Reports    int64 `json:"reports"`
	Objections int64 `json:"objections"`
	Complaints int64 `json:"complaints"`
}

// requested counts what citizens sent in.
func (r *demoRun) requested() (demoRequests, error) {
	tenant, _ := r.h.tenant()
	q := r.h.DB.Direct()
	asked, err := r.h.Proposals.RequestedIn(r.c, q, tenant)
	if err != nil {
		return demoRequests{}, err
	}
	filed, err := r.h.Grievances.FiledIn(r.c, q, tenant)
	return demoRequests{Proposals: asked.Programmes, Reports: asked.Unlisted, Objections: filed.Objections, Complaints: filed.Complaints}, err
}

// requestRows reads a scenario's file of requests; a scenario without any has no file.
func requestRows(name string) (out []proposals.RequestRow, err error) {
	file, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open requests: %w", err)
	}
	defer file.Close()
	rows := csv.NewReader(file)
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	for line := int64(2); ; line++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read requests: %w", err)
		}
		one, err := requestRow(line, func(name string) string { return row[at[name]] })
		if err != nil {
			return nil, fmt.Errorf("line %d of requests: %w", line, err)
		}
		out = append(out, one)
	}
}

func requestRow(line int64, cell func(string) string) (r proposals.RequestRow, err error) {
	r = proposals.RequestRow{
		Line: line, RequestID: cell("request_id"), Source: cell("source"), Kind: proposals.RequestKind(cell("kind")), Subject: cell("subject"),
		Name: person.Name(cell("name")), MotherName: person.Name(cell("mother_name")), Address: cell("address"), RT: cell("rt"), RW: cell("rw"),
	}
	if r.FiledOn, err = period.ParseDate(cell("filed_on")); err != nil {
		return r, err
	}
	if r.NIK, err = person.ParseNIK(cell("nik")); err != nil {
		return r, err
	}
	if r.KK, err = person.ParseKK(cell("no_kk")); err != nil {
		return r, err
	}
	if r.Sex, err = person.ParseSex(cell("sex")); err != nil {
		return r, err
	}
	if r.BirthDate, err = period.ParseDate(cell("birth_date")); err != nil {
		return r, err
	}
	if r.Area, err = area.Parse(cell("area_code")); err != nil || cell("phone") == "" {
		return r, err
	}
	r.Phone, err = person.ParsePhone(cell("phone"))
	return r, err
}

package cli

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/proposals"
	"tepat/internal/service/runs"
)

// newcomers is how many families the demo's village proposes.
const newcomers = 8

// decide lets a village propose families that are in the civil registry and not in ours:
// filed by the operator, decided by the village meeting, verified and approved by the
// social office, ratified by the signer, determined by the ministry.
func (r *demoRun) decide() (int64, error) {
	families, err := r.unlisted()
	if err != nil {
		return 0, err
	}
	var rows []proposals.Row
	for _, f := range families {
		receipt, err := r.h.Proposals.File(r.c, r.people[access.Operator], f)
		if err != nil {
			return 0, fmt.Errorf("file proposal: %w", err)
		}
		rows = append(rows, receipt.Row)
	}
	if rows, err = r.takeSteps(rows); err != nil || len(rows) == 0 {
		return 0, err
	}
	if err := r.ratify(); err != nil {
		return 0, err
	}
	if err := r.forward(rows); err != nil {
		return 0, err
	}
	return r.determine()
}

// forward passes what is ratified on by the governor, where the route of the day asks for it (2019 to 2021).
func (r *demoRun) forward(rows []proposals.Row) error {
	for _, row := range rows {
		now, err := r.h.Proposals.RowIn(r.c, r.h.DB.Direct(), row.Tenant, row.ID)
		if err != nil {
			return err
		}
		if now.State != proposal.Endorsed || now.Route.Forward != proposal.Required {
			continue
		}
		d := proposals.One(now)
		d.Paper = proposals.Paper{Name: "Surat pengantar gubernur", Number: "460/CONTOH-GUB/" + r.scenario.Name}
		if _, err := r.h.Proposals.Forward(r.c, r.people[access.Signer], d); err != nil {
			return fmt.Errorf("forward %s: %w", now.Number, err)
		}
	}
	return nil
}

// takeSteps walks the proposals to the signer: each step in its officer's name.
func (r *demoRun) takeSteps(rows []proposals.Row) ([]proposals.Row, error) {
	steps := map[proposal.State]struct {
		role  access.Role
		do    func(who access.Actor, d proposals.Decision) ([]proposals.Row, error)
		paper string
	}{
		proposal.Matched:          {access.Operator, r.step(r.h.Proposals.List), ""},
		proposal.Submitted:        {access.Operator, r.step(r.h.Proposals.List), ""},
		proposal.InitialList:      {access.VillageHead, r.step(r.h.Proposals.Deliberate), "Berita acara musyawarah"},
		proposal.Deliberated:      {access.Verifier, r.step(r.h.Proposals.Verify), ""},
		proposal.DistrictVerified: {access.AgencyHead, r.step(r.h.Proposals.Approve), ""},
	}
	for {
		var next []proposals.Row
		moved := false
		for _, row := range rows {
			step, ok := steps[row.State]
			if !ok {
				next = append(next, row)
				continue
			}
			d := proposals.One(row)
			d.Paper = proposals.Paper{Name: step.paper}
			after, err := step.do(r.people[step.role], d)
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", row.State, row.Number, err)
			}
			next, moved = append(next, after...), true
		}
		if rows = next; !moved {
			return rows, nil
		}
	}
}

type decision func(who access.Actor, d proposals.Decision) ([]proposals.Row, error)

func (r *demoRun) step(f func(ctx context.Context, who access.Actor, d proposals.Decision) ([]proposals.Row, error)) decision {
	return func(who access.Actor, d proposals.Decision) ([]proposals.Row, error) { return f(r.c, who, d) }
}

func (r *demoRun) ratify() error {
	_, at := r.h.tenant()
	signer := r.people[access.Signer]
	waiting, err := r.h.Proposals.AwaitRatification(r.c, signer, at)
	if err != nil {
		return err
	}
	_, err = r.h.Proposals.Ratify(r.c, signer, proposals.Ratifying{
		Area: at, Number: "460/CONTOH/" + r.scenario.Name, SignedBy: "Kepala daerah (contoh)", About: "Pengesahan usulan keluarga baru", Digest: waiting.Digest, Paper: "pengesahan.pdf",
	})
	return err
}

func (r *demoRun) determine() (int64, error) {
	tenant, at := r.h.tenant()
	decree := proposals.Decree{Number: "CONTOH/HUK/" + r.scenario.Name, On: r.h.Places.LocalDate(at, r.h.Acts.Now()), SignedBy: "Menteri Sosial (contoh)", About: "Penetapan keluarga"}
	run, err := r.c.drive(r.h, r.people[access.Ministry], runs.NewRun{Kind: "determine", Tenant: tenant, Area: at, Settings: proposals.DetermineSettings{Decree: decree}})
	return run.Finished, err
}

// unlisted reads families of the operator's village from the civil file whose members the registry does not hold, and of whom
// no office states anything: who is found not to be eligible a minute later is no good example, and would stand in the figures of
// the scenario.
func (r *demoRun) unlisted() ([]proposals.Filing, error) {
	groups, order, err := r.civilFamilies()
	if err != nil {
		return nil, err
	}
	stated, err := statedOf(filepath.Join(r.files, "evidence"))
	if err != nil {
		return nil, err
	}
	home, _ := r.people[access.Operator].Home()
	var out []proposals.Filing
	for _, kk := range order {
		doc := groups[kk]
		if slices.ContainsFunc(doc.Members, func(m proposals.Member) bool { return stated[m.NIK] }) {
			continue
		}
		known, err := r.known(doc)
		if err != nil {
			return nil, err
		}
		if !known {
			out = append(out, proposals.Filing{Request: sqldb.NewID(), Kind: proposal.NewFamily, Area: home, Document: doc})
		}
		if len(out) == newcomers {
			break
		}
	}
	return out, nil
}

// statedOf gives the NIKs of whom the files of other offices in a folder state something; none where there is no folder.
func statedOf(folder string) (map[person.NIK]bool, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil {
		return nil, fmt.Errorf("find evidence: %w", err)
	}
	out := map[person.NIK]bool{}
	for _, name := range files {
		if strings.HasSuffix(name, ".rejects.csv") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("open evidence: %w", err)
		}
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || len(rows) == 0 {
			return nil, fmt.Errorf("read evidence %s: %w", filepath.Base(name), err)
		}
		at := slices.Index(rows[0], "nik")
		for _, row := range rows[1:] {
			if nik, err := person.ParseNIK(row[max(at, 0)]); err == nil {
				out[nik] = true
			}
		}
	}
	return out, nil
}

// known reports whether anybody of a family is in the registry, or its card: its people may stand
// there under damaged numbers, and then it is no new family.
func (r *demoRun) known(doc proposals.Document) (bool, error) {
	home, _ := r.people[access.Operator].Home()
	told, err := r.h.Proposals.Check(r.c, r.people[access.Operator], home, proposals.Document{KK: doc.KK})
	if err != nil || len(told) > 0 {
		return len(told) > 0, err
	}
	var hashes []sqldb.Hash
	for _, m := range doc.Members {
		hashes = append(hashes, r.h.Registry.NIKHash(m.NIK))
	}
	held, err := r.h.Registry.HoldersIn(r.c, r.h.DB.Direct(), hashes)
	return len(held) > 0, err
}

// civilFamilies groups the living people of the operator's village by family card.
func (r *demoRun) civilFamilies() (map[person.KK]proposals.Document, []person.KK, error) {
	file, err := os.Open(filepath.Join(r.files, "civil.csv"))
	if err != nil {
		return nil, nil, fmt.Errorf("open civil file: %w", err)
	}
	defer file.Close()
	rows := csv.NewReader(file)
	header, err := rows.Read()
	if err != nil {
		return nil, nil, fmt.Errorf("read civil file: %w", err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[name] = i
	}
	home, _ := r.people[access.Operator].Home()
	groups, order := map[person.KK]proposals.Document{}, []person.KK{}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return groups, order, nil
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read civil file: %w", err)
		}
		cell := func(name string) string { return row[at[name]] }
		if code, err := area.Parse(cell("area_code")); err != nil || code != home || cell("status") != "alive" {
			continue
		}
		kk, member, err := civilMember(cell)
		if err != nil {
			continue // a row the generator damaged on purpose
		}
		doc, seen := groups[kk]
		if !seen {
			order = append(order, kk)
			doc = proposals.Document{KK: kk, Address: cell("address"), RT: cell("rt"), RW: cell("rw"), Papers: []string{"KTP", "KK", "Foto rumah tampak depan"}}
		}
		doc.Members = append(doc.Members, member)
		groups[kk] = doc
	}
}

func civilMember(cell func(string) string) (kk person.KK, m proposals.Member, err error) {
	if kk, err = person.ParseKK(cell("no_kk")); err != nil {
		return kk, m, err
	}
	if m.NIK, err = person.ParseNIK(cell("nik")); err != nil {
		return kk, m, err
	}
	if m.Sex, err = person.ParseSex(cell("sex")); err != nil {
		return kk, m, err
	}
	if m.BirthDate, err = period.ParseDate(cell("birth_date")); err != nil {
		return kk, m, err
	}
	if m.Relation, err = person.ParseRelation(cell("relation")); err != nil {
		return kk, m, err
	}
	m.Name, m.MotherName, m.BirthPlace = person.Name(cell("name")), person.Name(cell("mother_name")), cell("birth_place")
	return kk, m, nil
}

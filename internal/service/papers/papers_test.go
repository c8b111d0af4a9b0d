package papers_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"tepat/data/holidays"
	"tepat/data/workflow"
	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/period"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/schema"
	"tepat/internal/service/act"
	"tepat/internal/service/areas"
	"tepat/internal/service/audit"
	"tepat/internal/service/installation"
	"tepat/internal/service/papers"
	"tepat/internal/testkit"
)

var (
	operator  = testkit.Person(1, access.Operator, testkit.Village)
	verifier  = testkit.Person(2, access.Verifier, testkit.Ambon)
	auditor   = testkit.Person(3, access.Auditor, testkit.Ambon)
	neighbour = testkit.Person(4, access.Operator, testkit.Neighbour)
	analyst   = testkit.Person(5, access.Analyst, testkit.Ambon)
)

type house struct {
	t     testing.TB
	db    *sqldb.DB
	clock *testkit.Clock
	acts  *act.Acts
	keys  *seal.Keyring
	*papers.Service
}

func newHouse(t testing.TB, db *sqldb.DB) house {
	t.Helper()
	testkit.Seed(t, db)
	h := house{t: t, db: db, clock: testkit.NewClock(), keys: testkit.Keys(t)}
	h.acts = act.New(db, h.clock.Now, nil)
	for _, code := range []area.Code{8100000000, testkit.Ambon, testkit.Nusaniwe, testkit.Village, testkit.Neighbour} {
		h.exec(`INSERT INTO area (code, name, name_norm, kind, level, parent, kabkota, village_id, bps_code, valid_from, valid_to)
			VALUES ($1, 'Tempat', 'tempat', $2, $3, $4, $5, $1, '', '2020-01-01', '')`,
			int64(code), code.Kind().String(), int64(code.Level()), int64(code.Parent()), int64(area.FirstTenant(code)))
	}
	places, err := areas.Open(t.Context(), h.acts, schema.Tables())
	h.must(err)
	deadlines, err := proposal.LoadDeadlines(workflow.Files)
	h.must(err)
	days, err := proposal.LoadHolidays(holidays.Files)
	h.must(err)
	calendar, err := period.NewCalendar(days, time.Saturday, time.Sunday)
	h.must(err)
	home := installation.Installation{ID: sqldb.NewID(), Name: "Ambon", Level: installation.District, Areas: []area.Code{testkit.Ambon}}
	h.Service = papers.New(papers.Parts{Acts: h.acts, Keys: h.keys, Places: places, Home: home, Deadlines: deadlines, Calendar: calendar})
	return h
}

func (h house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h house) exec(query string, args ...any) {
	h.t.Helper()
	h.must(h.db.Write(h.t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.Exec(h.t.Context(), query, args...)
		return err
	}))
}

func (h house) count(query string, args ...any) (n int64) {
	h.t.Helper()
	h.must(h.db.Direct().QueryRow(h.t.Context(), query, args...).Scan(&n))
	return n
}

// filed makes a proposal in a village, as proposals keeps it.
func (h house) filed(state proposal.State) sqldb.ID {
	h.t.Helper()
	id := sqldb.NewID()
	h.exec(`INSERT INTO proposal (kabkota, id, version, number, kind, channel, state, area_code, village_id, applicant, document, reason, note, due_on,
			filed_at, filed_by, recorded_at, act_id)
		VALUES (8171, $1, 1, $2, 'new_family', 'village', $3, $4, $4, '', $5, '', '', '', 0, $1, $6, $1)`,
		id, "U-"+id.String(), string(state), int64(testkit.Village), []byte{1}, h.clock.Now().UnixMicro())
	return id
}

// complained makes an open complaint that only the district may see, as grievances keeps it.
func (h house) complained() sqldb.ID {
	h.t.Helper()
	id := sqldb.NewID()
	h.exec(`INSERT INTO grievance (kabkota, id, version, number, kind, state, area_code, document, due_on, outcome, recorded_at, act_id, above)
		VALUES (8171, $1, 1, $2, 'complaint', 'RECEIVED', $3, $4, '', '', $5, $1, 1)`,
		id, "A-"+id.String(), int64(testkit.Village), []byte{1}, h.clock.Now().UnixMicro())
	return id
}

func of(id sqldb.ID) papers.To {
	return papers.To{Tenant: testkit.AmbonTenant, Kind: papers.OfProposal, Case: id, Area: testkit.Village}
}

// photo makes a picture that no other has, larger than one piece.
func photo(t testing.TB, seed uint64) []byte {
	t.Helper()
	r, img := rand.New(rand.NewPCG(seed, 1)), image.NewGray(image.Rect(0, 0, 300, 200))
	for i := range img.Pix {
		img.Pix[i] = byte(r.UintN(256))
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func drawn(t testing.TB) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 4, 4))
	img.Set(1, 1, color.Black)
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

var scanned = []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")

func TestWhatAFileIsIsToldByItsContent(t *testing.T) {
	t.Parallel()
	whole := photo(t, 1)
	for _, c := range []struct {
		name    string
		content []byte
		want    papers.Format
		code    string
	}{
		{"a photo", whole, papers.JPEG, ""},
		{"a picture", drawn(t), papers.PNG, ""},
		{"a scan", scanned, papers.PDF, ""},
		{"a photo that broke off", whole[:len(whole)/2], "", "papers.broken"},
		{"a scan that broke off", scanned[:20], "", "papers.broken"},
		{"the beginning of a picture and nothing of it", []byte("\x89PNG\r\n\x1a\nIEND"), "", "papers.broken"},
		{"a page of the web", []byte("<html><script>alert(1)</script>"), "", "papers.format"},
		{"a program", []byte("MZ\x90\x00"), "", "papers.format"},
		{"a drawing that can run scripts", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "", "papers.format"},
		{"a scan behind something else", append([]byte("GIF89a"), scanned...), "", "papers.format"},
	} {
		if got, err := papers.Recognise(c.content); got != c.want || fail.CodeOf(err) != c.code {
			t.Errorf("%s: %q, %v; want %q, %q", c.name, got, err, c.want, c.code)
		}
	}
}

func TestAPaperIsKeptSealedAndGivenBack(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		id, content := h.filed(proposal.InitialList), photo(t, 1)
		p, err := h.Add(ctx, operator, of(id), papers.KTP, content)
		h.must(err)
		if p.Format != papers.JPEG || p.Size != int64(len(content)) || !p.Filed || p.What != papers.KTP {
			t.Errorf("kept as %+v", p)
		}
		parts, err := sqldb.Collect(ctx, db.Direct(), `SELECT content FROM paper_part WHERE kabkota = 8171`, nil, func(r sqldb.Row) (b []byte, err error) {
			err = r.Scan(&b)
			return b, err
		})
		h.must(err)
		if len(parts) < 2 {
			t.Errorf("the content lies in %d pieces", len(parts))
		}
		for _, sealed := range parts {
			if bytes.Contains(sealed, content[:16]) || bytes.Contains(content, sealed[40:60]) {
				t.Error("a piece is not sealed")
			}
		}
		got, back, err := h.Open(ctx, verifier, testkit.AmbonTenant, p.ID, "pemeriksaan")
		if err != nil || got.ID != p.ID || !bytes.Equal(back, content) {
			t.Errorf("given back %d bytes, %v", len(back), err)
		}
		for act, want := range map[string]int64{"paper.add": 1, "paper.open": 1} {
			if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = $1 AND subject = $2 AND facts LIKE $3`, act, id, "%"+p.ID.String()+"%"); n != want {
				t.Errorf("%d entries of %s", n, act)
			}
		}
		h.exec(`UPDATE paper_part SET part = part + 10 WHERE kabkota = 8171 AND part = 0`)
		if _, _, err := h.Open(ctx, verifier, testkit.AmbonTenant, p.ID, "x"); fail.CodeOf(err) != "papers.damaged" {
			t.Errorf("pieces in another order: %v", err)
		}
	})
}

func TestTheSameFileIsKeptOnceAndGoesWithTheLastPaper(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		one, other, content := h.filed(proposal.InitialList), h.filed(proposal.InitialList), photo(t, 1)
		first, err := h.Add(ctx, operator, of(one), papers.House, content)
		h.must(err)
		pieces := h.count(`SELECT count(*) FROM paper_part`)
		again, err := h.Add(ctx, operator, of(one), papers.House, content)
		if err != nil || again.ID != first.ID {
			t.Errorf("the button pressed twice: %+v, %v", again, err)
		}
		second, err := h.Add(ctx, operator, of(other), papers.Other, content)
		h.must(err)
		if n := h.count(`SELECT count(*) FROM paper_part`); n != pieces || second.ID == first.ID {
			t.Errorf("%d pieces of a file of %d", n, pieces)
		}
		h.must(h.Remove(ctx, operator, testkit.AmbonTenant, first.ID))
		if _, _, err := h.Open(ctx, operator, testkit.AmbonTenant, first.ID, ""); fail.CodeOf(err) != "papers.unknown" {
			t.Errorf("a paper that was taken out: %v", err)
		}
		if _, back, err := h.Open(ctx, operator, testkit.AmbonTenant, second.ID, ""); err != nil || !bytes.Equal(back, content) {
			t.Errorf("the other case lost its paper: %v", err)
		}
		h.must(h.Remove(ctx, verifier, testkit.AmbonTenant, second.ID))
		if n := h.count(`SELECT count(*) FROM paper_part`); n != 0 {
			t.Errorf("%d pieces are left of nobody's file", n)
		}
		if n := h.count(`SELECT count(*) FROM paper WHERE kabkota = 8171 AND removed_why = 'taken_out' AND removed_by IS NOT NULL`); n != 2 {
			t.Errorf("%d papers tell that they were taken out", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'paper.remove'`); n != 2 {
			t.Errorf("%d entries", n)
		}
	})
}

func TestTheCaseDecidesWhoSeesAndChangesAPaper(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		open, closed, complaint := h.filed(proposal.InitialList), h.filed(proposal.Refused), h.complained()
		content := photo(t, 1)
		levy := papers.To{Tenant: testkit.AmbonTenant, Kind: papers.OfGrievance, Case: complaint, Area: testkit.Village}
		form := of(sqldb.NewID())
		for _, c := range []struct {
			name string
			who  access.Actor
			to   papers.To
			code string
		}{
			{"the village's operator", operator, of(open), ""},
			{"the district's verifier", verifier, of(open), ""},
			{"an operator of another village", neighbour, of(open), "access.denied"},
			{"who only reads", auditor, of(open), "access.denied"},
			{"a case that is over", operator, of(closed), "papers.closed"},
			{"a form of the village that is not sent yet", operator, form, ""},
			{"a form of another village", neighbour, form, "access.denied"},
			{"a form of no village", operator, papers.To{Tenant: testkit.AmbonTenant, Kind: papers.OfProposal, Case: sqldb.NewID(), Area: testkit.Ambon}, "papers.unknown"},
			{"a complaint about the village is the district's", operator, levy, "access.denied"},
			{"the district's verifier on it", verifier, levy, ""},
		} {
			if _, err := h.Add(ctx, c.who, c.to, papers.KTP, content); fail.CodeOf(err) != c.code {
				t.Errorf("%s adds: %v, want %q", c.name, err, c.code)
			}
		}
		held, err := h.List(ctx, auditor, of(open))
		if err != nil || len(held) != 1 {
			t.Fatalf("an auditor lists %v, %v", held, err)
		}
		for _, c := range []struct {
			name string
			who  access.Actor
			code string
		}{
			{"an auditor", auditor, ""}, {"another village", neighbour, "access.denied"}, {"who reads figures only", analyst, "access.denied"},
		} {
			if _, _, err := h.Open(ctx, c.who, testkit.AmbonTenant, held[0].ID, "x"); fail.CodeOf(err) != c.code {
				t.Errorf("%s opens: %v", c.name, err)
			}
			if _, err := h.List(ctx, c.who, of(open)); fail.CodeOf(err) != c.code {
				t.Errorf("%s lists: %v", c.name, err)
			}
		}
		if err := h.Remove(ctx, auditor, testkit.AmbonTenant, held[0].ID); fail.CodeOf(err) != "access.denied" {
			t.Errorf("an auditor takes out: %v", err)
		}
		h.exec(`UPDATE proposal SET state = 'REFUSED' WHERE kabkota = 8171 AND id = $1`, open)
		if err := h.Remove(ctx, operator, testkit.AmbonTenant, held[0].ID); fail.CodeOf(err) != "papers.closed" {
			t.Errorf("taken out of a case that is over: %v", err)
		}
	})
}

func TestWhatIsTooMuchIsRefused(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		id := h.filed(proposal.InitialList)
		for _, c := range []struct {
			name    string
			what    papers.What
			content []byte
			code    string
		}{
			{"nothing", papers.KTP, nil, "papers.empty"},
			{"a byte too many", papers.KTP, append(make([]byte, papers.Largest-len(scanned)+1), scanned...), "papers.too_large"},
			{"no paper that is asked for", "ijazah", scanned, "papers.what"},
			{"no picture", papers.KTP, []byte("NIK;NAMA"), "papers.format"},
		} {
			if _, err := h.Add(t.Context(), operator, of(id), c.what, c.content); fail.CodeOf(err) != c.code {
				t.Errorf("%s: %v, want %s", c.name, err, c.code)
			}
		}
		for i := range papers.Most {
			_, err := h.Add(t.Context(), operator, of(id), papers.Other, append([]byte("%PDF-1.4\n"), append([]byte{byte('a' + i)}, scanned...)...))
			h.must(err)
		}
		if _, err := h.Add(t.Context(), operator, of(id), papers.Other, scanned); fail.CodeOf(err) != "papers.too_many" {
			t.Errorf("one more than a case holds: %v", err)
		}
		largest := append(append([]byte("%PDF-1.4\n"), make([]byte, papers.Largest-9-len(scanned))...), scanned...)
		p, err := h.Add(t.Context(), operator, of(h.filed(proposal.InitialList)), papers.Other, largest)
		h.must(err)
		if _, back, err := h.Open(t.Context(), operator, testkit.AmbonTenant, p.ID, ""); err != nil || !bytes.Equal(back, largest) {
			t.Errorf("the largest file came back with %d bytes, %v", len(back), err)
		}
	})
}

func TestPapersOfAFormGoToTheCaseItBecomes(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		form := of(sqldb.NewID())
		_, err := h.Add(t.Context(), operator, form, papers.KK, scanned)
		h.must(err)
		id := h.filed(proposal.InitialList)
		h.must(h.acts.Write(t.Context(), operator, "proposal.file", func(tx *act.Tx) error {
			h.must(tx.Allow(access.FileProposal, testkit.AmbonTenant, testkit.Village))
			n, err := papers.Attach{}.AttachIn(t.Context(), tx, testkit.AmbonTenant, form.Case, id)
			if n != 1 {
				t.Errorf("%d papers went over", n)
			}
			h.must(err)
			return tx.Record(t.Context(), audit.Entry{Tenant: testkit.AmbonTenant, Area: testkit.Village, Subject: id})
		}))
		list, err := h.List(t.Context(), auditor, of(id))
		if err != nil || len(list) != 1 || !list[0].Filed || list[0].What != papers.KK {
			t.Errorf("the case has %+v, %v", list, err)
		}
		if left, err := h.List(t.Context(), operator, form); err != nil || len(left) != 0 {
			t.Errorf("the form still has %v, %v", left, err)
		}
	})
}

func TestPapersGoWhenTheirTimeIsOver(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ctx := t.Context()
		forgotten, going, decided, late := of(sqldb.NewID()), h.filed(proposal.InitialList), h.filed(proposal.InitialList), h.filed(proposal.InitialList)
		for i, to := range []papers.To{forgotten, of(going), of(decided), of(late)} {
			_, err := h.Add(ctx, operator, to, papers.House, photo(t, uint64(i)))
			h.must(err)
		}
		start := h.clock.Now()
		h.exec(`UPDATE proposal SET state = 'REFUSED', recorded_at = $1 WHERE kabkota = 8171 AND id = $2`, start.UnixMicro(), decided)
		h.exec(`UPDATE proposal SET state = 'REFUSED', recorded_at = $1 WHERE kabkota = 8171 AND id = $2`, start.AddDate(1, 0, 0).UnixMicro(), late)
		for _, c := range []struct {
			name string
			at   time.Time
			gone int64
			left int64
		}{
			{"the last day of a form", start.AddDate(0, 0, 30), 0, 4},
			{"the day after", start.AddDate(0, 0, 31), 1, 3},
			{"the last day of a case that was decided", start.AddDate(0, 24, 0), 0, 3},
			{"the day after that", start.AddDate(0, 24, 1), 1, 2},
			{"years later a case that goes on has its papers", start.AddDate(9, 0, 0), 1, 1},
			{"again", start.AddDate(9, 0, 0), 0, 1},
		} {
			n, err := h.Sweep(ctx, c.at)
			if left := h.count(`SELECT count(*) FROM paper WHERE kabkota = 8171 AND removed_at = 0`); err != nil || n != c.gone || left != c.left {
				t.Errorf("%s: %d went, %d are left, %v; want %d, %d", c.name, n, left, err, c.gone, c.left)
			}
		}
		if n := h.count(`SELECT count(DISTINCT digest) FROM paper_part`); n != 1 {
			t.Errorf("%d files are left", n)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND act = 'paper.sweep' AND role = 'system'`); n != 3 {
			t.Errorf("%d entries of 3 sweeps that took something", n)
		}
	})
}

func TestPapersGoWithACopyOfTheDatabase(t *testing.T) {
	t.Parallel()
	testkit.Engines(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		id, content := h.filed(proposal.InitialList), photo(t, 7)
		p, err := h.Add(t.Context(), operator, of(id), papers.KTP, content)
		h.must(err)
		to, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "copy.db"), sqldb.Options{})
		h.must(err)
		t.Cleanup(func() { h.must(to.Close()) })
		_, err = to.Migrate(t.Context(), schema.Files())
		h.must(err)
		_, err = sqldb.Copy(t.Context(), db, to, schema.Tables(), nil)
		h.must(err)
		moved := h
		moved.acts = act.New(to, h.clock.Now, nil)
		parts := h.Parts
		parts.Acts = moved.acts
		moved.Service = papers.New(parts)
		if _, back, err := moved.Open(t.Context(), operator, testkit.AmbonTenant, p.ID, ""); err != nil || !bytes.Equal(back, content) {
			t.Errorf("the copy gives %d bytes, %v", len(back), err)
		}
	})
}

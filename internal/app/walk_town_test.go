package app

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/area"
	"tepat/internal/domain/grievance"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/accounts"
	"tepat/internal/service/exchange"
	"tepat/internal/service/grievances"
	"tepat/internal/service/installation"
	"tepat/internal/service/lookups"
	"tepat/internal/service/papers"
	"tepat/internal/service/programmes"
	"tepat/internal/service/proposals"
	"tepat/internal/service/registry"
	"tepat/internal/service/runs"
	"tepat/internal/service/visits"
)

// The areas of the walk: a province with the district whose records are asked for, and another one.
const (
	maluku      = area.Code(8100000000)
	malukuOther = area.Code(8101000000)
)

// walker is somebody signed in who goes along the routes.
type walker struct {
	name string
	role access.Role
	area area.Code
	http *http.Client
}

// walk is a province with one record of every kind, all of one village of Kota Ambon, and with
// people of that village, of another village, and of another district.
type walk struct {
	*town
	t       *testing.T
	village area.Code
	people  []walker
	nobody  *http.Client
	// paths of the records, by what they are
	at map[string]string
	// names of all people in the registry: none of them may stand in an address
	names   []string
	numbers map[string]bool // NIK and No. KK of everybody
	// version is the version of a proposal; draft and nik are what forms are filled with
	version                         map[string]int64
	draft, thrown, nik, key, change string
	family                          map[string]string
	draftList, taken                string // taken is the change that is withdrawn
	bank, payee                     string // what the bank answers to an order, and who else of a family may be paid
	password                        map[*http.Client]string
	knocking                        *http.Client // who sends the form that is being made
	serial                          int
}

func (w *walk) newID() string { return sqldb.NewID().String() }

func newWalk(t *testing.T) *walk {
	t.Helper()
	w := &walk{t: t, at: map[string]string{}, version: map[string]int64{}, password: map[*http.Client]string{}, nobody: plainClient()}
	w.town = newTownOf(t, installation.Creation{Name: "Dinas Sosial Provinsi Maluku", Level: installation.Province, Areas: []area.Code{maluku}, Training: true})
	w.village = w.town.people[access.Operator].Area
	w.numbers = map[string]bool{}
	for _, name := range []string{"registry.csv", "civil.csv"} {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(w.DataDir), "files", name))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(text), "\n")
		header := strings.Split(lines[0], ",")
		for _, line := range lines[1:] {
			for i, cell := range strings.Split(line, ",") {
				if i < len(header) && (header[i] == "nik" || header[i] == "no_kk") && long.MatchString(cell) {
					w.numbers[cell] = true
				}
			}
		}
	}
	if len(w.numbers) < 400 {
		t.Fatalf("only %d numbers of people are known", len(w.numbers))
	}
	w.records(t)
	w.accounts(t)
	w.sessions(t)
	rows, err := sqldb.Collect(t.Context(), w.DB.Direct(), `SELECT DISTINCT name FROM person`, nil, func(r sqldb.Row) (s string, err error) {
		err = r.Scan(&s)
		return s, err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range rows {
		if strings.Contains(name, " ") {
			w.names = append(w.names, strings.ToLower(name))
		}
	}
	return w
}

// accounts signs everybody in: the eleven of the village, the two of another village, and those
// of another district.
func (w *walk) accounts(t *testing.T) {
	t.Helper()
	near := w.town.people
	for _, role := range access.Roles() {
		w.people = append(w.people, w.walker(t, "near", near[role]))
	}
	w.rename(t, "near.")
	beside, err := w.Accounts.Demo(t.Context(), w.otherVillage(t, ambon))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range beside[:2] {
		w.people = append(w.people, w.walker(t, "beside", a))
	}
	w.rename(t, "beside.")
	far, err := w.Accounts.Demo(t.Context(), w.otherVillage(t, malukuOther))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range far {
		if a.Role != access.Ministry { // the ministry is everywhere
			w.people = append(w.people, w.walker(t, "far", a))
		}
	}
}

// rename makes room for the demo accounts of another place: their sign-in names are always the same.
func (w *walk) rename(t *testing.T, prefix string) {
	t.Helper()
	w.altered(t, `UPDATE account SET login = $1 || login WHERE login NOT LIKE '%.%'`, prefix)
}

func (w *walk) otherVillage(t *testing.T, district area.Code) area.Code {
	t.Helper()
	for p := range w.Places.Tree().Villages(district) {
		if p.Code != w.village {
			return p.Code
		}
	}
	t.Fatal("no other village")
	return 0
}

func plainClient() *http.Client {
	jar, _ := cookiejar.New(nil) // without options it cannot fail
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (w *walk) walker(t *testing.T, where string, a accounts.DemoAccount) walker {
	t.Helper()
	out := walker{name: where + " " + string(a.Role), role: a.Role, area: a.Area, http: plainClient()}
	w.password[out.http] = a.Password.Reveal()
	w.enter(t, out.http, a.Login, w.password[out.http])
	if a.Role == access.Ministry { // she works in one district after the other: here it is that of the records
		if got := w.knock(t, door{route: "GET /{$}", path: "/?kantor=" + ambon.Dotted()}, out.http); got.status != http.StatusSeeOther {
			t.Fatalf("%s chooses %s: %d %s", out.name, ambon.Dotted(), got.status, got.words())
		}
		out.area = ambon
	}
	return out
}

func (w *walk) enter(t *testing.T, c *http.Client, login, password string) {
	t.Helper()
	answer, err := c.PostForm(w.url+"/masuk", url.Values{"username": {login}, "password": {password}})
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, answer.Body)
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != "/" {
		t.Fatalf("%s signs in: %d %s", login, answer.StatusCode, answer.Header.Get("Location"))
	}
}

func closed(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// records makes one record of every kind in the village, by the services the pages call.
func (w *walk) records(t *testing.T) {
	t.Helper()
	tenant, village := int64(w.Places.TenantOf(ambon)), int64(w.village)
	w.run(t, runs.NewRun{Kind: "dedupe", Settings: map[string]any{}})
	// The walk is about who may open what, so every pair and place is moved to the one village.
	w.altered(t, `UPDATE person SET area_code = $1 WHERE id IN (SELECT left_id FROM link_pair) OR id IN (SELECT right_id FROM link_pair)`, village)
	w.altered(t, `UPDATE link_pair SET area_code = $1`, village)
	w.record(t, "pair", "/ganda/", `SELECT id FROM link_pair WHERE state = 'open' ORDER BY id LIMIT 1`)
	w.record(t, "family", "/keluarga/", `SELECT id FROM family WHERE area_code = $1 ORDER BY id LIMIT 1`, village)
	mismatch := w.record(t, "mismatch", "/padan/", `SELECT id FROM person WHERE area_code = $1 AND nik_state = 1 ORDER BY id LIMIT 1`, village)
	w.record(t, "run", "/pekerjaan/", `SELECT id FROM run WHERE kind = 'match' ORDER BY id LIMIT 1`)
	w.finding(t)
	w.objected(t, w.record(t, "finding", "/temuan/", `SELECT id FROM finding WHERE area_code = $1 ORDER BY id LIMIT 1`, village))
	list := w.drafted(t)
	w.frozen(t, list.ID)
	next := w.drafted(t)
	w.draftList = itoa(next.Tenant) + "-" + next.ID.String()
	w.altered(t, `UPDATE enrolment SET area_code = $1 WHERE list_id = $2`, village, list.ID)
	w.record(t, "enrolment", "/program/sembako/penerima/", `SELECT id FROM enrolment WHERE list_id = $1 AND state = 1 ORDER BY id LIMIT 1`, list.ID)
	w.changes(t, list.Tenant, list.ID)
	w.stages(t, list.Tenant, list.ID)
	w.proposals(t)
	desk := lookups.NewDesk(w.Acts, w.Registry, w.Programmes, w.Letters, w.Places)
	l, err := desk.Issue(t.Context(), w.actor(t, access.Operator), list.Tenant, mismatch, "Keperluan latihan")
	if err != nil {
		t.Fatal(err)
	}
	w.at["letter"] = "/loket/surat/" + itoa(list.Tenant) + "-" + l.ID.String()
	w.visited(t)
	w.at["issue"] = strings.Replace(w.at["mismatch"], "/padan/", "/loket/", 1) + "/surat"
	w.altered(t, `INSERT INTO unusual_look (kabkota, id, rule, day, subject_key, actor_id, area_code, first_at, last_at, n, bound, seen_at, seen_n, note, recorded_at, act_id)
		VALUES (8171, $1, 'no_case', '2026-11-18', 'uji', $1, $2, 1, 2, 31, 30, 0, 0, '', 2, $1)`, sqldb.NewID(), int64(ambon))
	w.record(t, "look", "/audit/akses/", `SELECT id FROM unusual_look`)
	w.at["coded"] = strings.Replace(w.at["mismatch"], "/padan/", "/loket/", 1) + "/kode"
	w.record(t, "entry", "/audit/", `SELECT id FROM audit_entry WHERE kabkota = $1 AND area_code = $2 ORDER BY id LIMIT 1`, tenant, int64(ambon))
	w.complain(t, w.village, grievance.Data)
	complaint := w.record(t, "complaint", "/pengaduan/", `SELECT id FROM grievance LIMIT 1`)
	given, err := w.Papers.Add(t.Context(), w.actor(t, access.Operator), papers.To{Tenant: list.Tenant, Kind: papers.OfGrievance, Case: complaint}, papers.KTP, []byte("%PDF-1.4\n%%EOF\n"))
	if err != nil {
		t.Fatal(err)
	}
	w.at["casepaper"] = w.at["complaint"] + "/berkas/" + itoa(given.Tenant) + "-" + given.ID.String()
	phone, err := person.ParsePhone("081234567890")
	if err != nil {
		t.Fatal(err)
	}
	named, err := w.Grievances.File(t.Context(), w.actor(t, access.Verifier), grievances.Filing{Request: sqldb.NewID(), Kind: grievances.Complaint, Topic: string(grievance.Data), Area: w.village,
		Document: grievances.Document{Words: "Nama saya salah satu huruf.", Contact: grievances.Contact{Phone: phone}}})
	if err != nil {
		t.Fatal(err)
	}
	w.at["named"] = "/pengaduan/" + itoa(named.Tenant) + "-" + named.ID.String()
	w.objection(t, phone)
	w.user(t)
}

// visited notes a visit to the family that the district's office entered.
func (w *walk) visited(t *testing.T) {
	t.Helper()
	v := visits.Visit{ID: sqldb.NewID(), On: w.Places.LocalDate(ambon, w.Acts.Now()), By: "Petugas Contoh", Met: "Ina Contoh", Outcome: visits.AsRegistered}
	_, id, _ := strings.Cut(strings.TrimPrefix(w.at["family"], "/keluarga/"), "-")
	family, err := sqldb.ParseID(id)
	if err == nil {
		err = visits.New(w.Acts, w.Keys, w.Registry, w.Places).Note(t.Context(), w.actor(t, access.Verifier), w.Places.TenantOf(ambon), family, v)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.at["visit"] = w.at["family"] + "/kunjungan/" + v.ID.String()
}

// objection files what a neighbour says of a family she can describe and not name.
func (w *walk) objection(t *testing.T, phone person.Phone) {
	t.Helper()
	r, err := w.Grievances.File(t.Context(), w.actor(t, access.Verifier), grievances.Filing{Request: sqldb.NewID(), Kind: grievances.Objection, Topic: string(proposal.AgainstListing), Area: w.village, FilerArea: w.village,
		Document: grievances.Document{Words: "Keluarga itu punya dua mobil.", Target: "Rumah hijau di ujung jalan", Contact: grievances.Contact{Phone: phone}}})
	if err != nil {
		t.Fatal(err)
	}
	w.at["objection"] = "/pengaduan/" + itoa(r.Tenant) + "-" + r.ID.String()
}

// changes asks for three changes of places on the list: one is decided, one waits for it, one is taken back.
func (w *walk) changes(t *testing.T, tenant area.Tenant, list sqldb.ID) {
	t.Helper()
	ids, err := sqldb.Collect(t.Context(), w.DB.Direct(), `SELECT id FROM enrolment WHERE list_id = $1 AND state = 1 ORDER BY id DESC LIMIT 3`, []any{list}, func(r sqldb.Row) (id sqldb.ID, err error) {
		err = r.Scan(&id)
		return id, err
	})
	if err != nil || len(ids) != 3 {
		t.Fatalf("%d places: %v", len(ids), err)
	}
	for i, id := range ids {
		w.version["enrolment"] = w.number(t, `SELECT version FROM enrolment WHERE id = $1`, id)
		c, err := w.Programmes.AskChange(t.Context(), w.actor(t, access.ProgrammeManager), tenant, id, programmes.Ask{Version: w.version["enrolment"], Kind: programmes.Suspend, Reason: "better_off", Note: "Kunjungan"})
		if err != nil {
			t.Fatal(err)
		}
		w.change, w.taken = itoa(tenant)+"-"+c.ID.String(), w.change
		if i == 0 {
			w.at["changed"] = "/program/sembako/keputusan/" + w.change
			if _, err := w.Programmes.DecideChange(t.Context(), w.actor(t, access.AgencyHead), tenant, c.ID, programmes.Verdict{Version: c.Version, Approve: true}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.at["letters"] = "/program/sembako/surat?sesudah=0&wilayah=" + w.village.Dotted()
	w.at["removal"] = "/usulan/ajukan?jenis=REMOVAL&keluarga=" + strings.TrimPrefix(w.at["family"], "/keluarga/")
}

// record notes the path of a record that a query finds.
func (w *walk) record(t *testing.T, what, path, query string, args ...any) sqldb.ID {
	t.Helper()
	var id sqldb.ID
	if err := w.DB.Direct().QueryRow(t.Context(), query, args...).Scan(&id); err != nil {
		t.Fatalf("no %s: %v", what, err)
	}
	w.at[what] = path + itoa(w.Places.TenantOf(ambon)) + "-" + id.String()
	return id
}

// finding screens the heads of the village's families, who became civil servants.
func (w *walk) finding(t *testing.T) {
	t.Helper()
	who := w.actor(t, access.Operator)
	families, err := w.Registry.List(t.Context(), who, registry.Filter{Limit: 3})
	if err != nil {
		t.Fatal(err)
	}
	text := "nik,kind,value,as_of,source\n"
	for _, f := range families {
		card, err := w.Registry.Open(t.Context(), who, f.Tenant, f.ID, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range card.Members {
			if !m.NIK.IsZero() {
				text += m.NIK.Plain() + ",asn,,2026-10-01,BKN\n"
				w.nik = m.NIK.Plain()
				break
			}
		}
	}
	file := filepath.Join(t.TempDir(), "evidence.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w.importFile(t, exchange.Evidence, file)
	w.screen(t)
}

// proposals files families of one, and leads each to where another office decides.
func (w *walk) proposals(t *testing.T) {
	t.Helper()
	operator, head := w.actor(t, access.Operator), w.actor(t, access.VillageHead)
	verifier, chief := w.actor(t, access.Verifier), w.actor(t, access.AgencyHead)
	lead := func(n int, name string) proposals.Row {
		t.Helper()
		row := w.filed(t, operator, n)
		for i, step := range []func() ([]proposals.Row, error){
			func() ([]proposals.Row, error) { return w.Proposals.List(t.Context(), operator, proposals.One(row)) },
			func() ([]proposals.Row, error) {
				d := proposals.One(row)
				d.Paper = proposals.Paper{Name: "Berita acara"}
				return w.Proposals.Deliberate(t.Context(), head, d)
			},
			func() ([]proposals.Row, error) { return w.Proposals.Verify(t.Context(), verifier, proposals.One(row)) },
			func() ([]proposals.Row, error) { return w.Proposals.Approve(t.Context(), chief, proposals.One(row)) },
		} {
			if i == n-1 {
				break
			}
			rows, err := step()
			if err != nil {
				t.Fatalf("%s, step %d: %v", name, i, err)
			}
			row = rows[0]
		}
		w.at[name] = "/usulan/" + itoa(row.Tenant) + "-" + row.ID.String()
		w.version[name] = row.Version
		return row
	}
	lead(5, "signed")
	waiting, err := w.Proposals.AwaitRatification(t.Context(), w.actor(t, access.Signer), ambon)
	if err != nil {
		t.Fatal(err)
	}
	done, err := w.Proposals.Ratify(t.Context(), w.actor(t, access.Signer), proposals.Ratifying{Area: ambon, Number: "460/1/2026", SignedBy: "Wali Kota Ambon", Digest: waiting.Digest})
	if err != nil {
		t.Fatal(err)
	}
	w.at["decree"] = "/pengesahan/" + itoa(waiting.Tenant) + "-" + done.Decree.ID.String()
	for n, name := range []string{"filed", "listed", "deliberated", "verified"} {
		if row := lead(n+1, name); name == "filed" {
			kept, err := w.Papers.Add(t.Context(), operator, papers.To{Tenant: row.Tenant, Kind: papers.OfProposal, Case: row.ID}, papers.KTP, []byte("%PDF-1.4\n%%EOF\n"))
			if err != nil {
				t.Fatal(err)
			}
			w.at["paper"] = w.at["filed"] + "/berkas/" + itoa(kept.Tenant) + "-" + kept.ID.String()
		}
	}
	lead(1, "ticked")
	again := lead(2, "returned")
	returned := proposals.One(again)
	returned.Reason = "incomplete"
	rows, err := w.Proposals.Return(t.Context(), head, returned)
	if err != nil {
		t.Fatal(err)
	}
	w.version["returned"] = rows[0].Version
	for i, key := range []*string{&w.draft, &w.thrown} {
		draft, err := w.Proposals.SaveDraft(t.Context(), operator, proposals.Draft{ID: sqldb.NewID(), Kind: proposal.NewFamily, Area: w.village, Tenant: again.Tenant, Form: w.form(t, 9+i)})
		if err != nil {
			t.Fatal(err)
		}
		*key = itoa(draft.Tenant) + "-" + draft.ID.String()
	}
	w.at["form"], w.family = "/usulan/periksa?konsep="+w.draft, w.form(t, 8)
	w.at["answers"] = "/usulan/baru/isian?bagian=rumah&konsep=" + w.draft
}

// filed files a new family that the civil registry knows.
func (w *walk) filed(t *testing.T, who access.Actor, n int) proposals.Row {
	t.Helper()
	w.serial++
	nik, kk := newcomer(t, w.town, 100+w.serial)
	name := fmt.Sprintf("Warga Contoh %c%c", 'A'+n, 'A'+w.serial)
	w.register(t, nik, kk, strings.ToUpper(name))
	number, err := person.ParseNIK(nik)
	if err != nil {
		t.Fatal(err)
	}
	card, err := person.ParseKK(kk)
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := w.Proposals.File(t.Context(), who, proposals.Filing{Request: sqldb.NewID(), Kind: proposal.NewFamily, Area: w.village, Document: proposals.Document{
		KK: card, Address: "Jalan Contoh 1", RT: "001", RW: "002", Papers: []string{"ktp"},
		Members: []proposals.Member{{NIK: number, Name: person.Name(name), Sex: person.Female, BirthPlace: "Ambon", BirthDate: period.On(1980, 5, 17), MotherName: "Maria Contoh", Relation: person.Head}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	row, err := w.Proposals.RowIn(t.Context(), w.DB.Direct(), receipt.Tenant, receipt.ID)
	if err != nil || row.State != proposal.Matched {
		t.Fatalf("filed: %s, %v", row.State, err)
	}
	return row
}

// form is a new family as an operator types it.
func (w *walk) form(t *testing.T, n int) map[string]string {
	t.Helper()
	nik, kk := newcomer(t, w.town, 200+n)
	return map[string]string{
		"address": "Jalan Contoh 12", "rt": "001", "rw": "002", "no_kk": kk, "papers": "ktp", "members.0.name": "Warga Latihan", "members.0.nik": nik, "members.0.sex": person.Female.String(),
		"members.0.relation": person.Head.String(), "members.0.birth_place": "Ambon", "members.0.birth_date.day": "17", "members.0.birth_date.month": "5", "members.0.birth_date.year": "1980", "members.0.mother": "Maria Contoh",
	}
}

// user makes an account whose role nobody has granted yet.
func (w *walk) user(t *testing.T) {
	t.Helper()
	made, err := w.Accounts.Create(t.Context(), w.actor(t, access.Admin), accounts.Creation{Login: "calon.petugas", Name: "Calon Petugas", Grant: accounts.Grant{Role: access.Verifier, Area: ambon}})
	if err != nil {
		t.Fatal(err)
	}
	w.at["request"] = "/pengguna/permintaan/" + made.Request.String()
	w.at["user"] = "/pengguna/" + made.ID.String()
}

// sessions makes what only the browser session of its owner holds: an upload, a choice of rows, and
// an import tried out, with the rows it would refuse.
func (w *walk) sessions(t *testing.T) {
	t.Helper()
	operator, verifier := w.people[0], w.people[2]
	upload := func(who walker, content string) string {
		got := w.knock(t, door{route: "POST /impor", form: fixed("subject", "families"), file: "keluarga.csv", content: content}, who.http)
		if got.status != http.StatusSeeOther {
			t.Fatalf("upload: %d %s", got.status, got.words())
		}
		return got.header.Get("Location")
	}
	w.at["upload"] = upload(operator, "no_kk,nik,name\n1,2,A\n")
	got := w.knock(t, door{route: "POST /usulan/pilih", form: (*walk).chosen}, operator.http)
	w.at["chosen"] = got.header.Get("Location")
	_, w.key, _ = strings.Cut(w.at["chosen"], "pilih=")
	w.key, _, _ = strings.Cut(w.key, "&")
	got = w.knock(t, door{route: "POST /pengaduan/baru", form: (*walk).complaint}, operator.http)
	w.at["slip"] = got.header.Get("Location")
	w.record(t, "code", "/loket/", `SELECT id FROM person WHERE area_code = $1 AND nik_state = 1 ORDER BY id DESC LIMIT 1`, w.village)
	got = w.knock(t, door{route: "POST /loket/{id}/kode", path: w.at["code"] + "/kode", form: fixed("purpose", "Menanyakan status bantuan")}, operator.http)
	if w.at["code"] = got.header.Get("Location"); !strings.HasPrefix(w.at["code"], "/loket/kode/") {
		t.Fatalf("a code leads to %q: %d %s", w.at["code"], got.status, got.words())
	}
	tried := upload(verifier, "no_kk,nik,name,sex,birth_date,relation,area_code\n1,2,A,L,1980-01-01,1,81.71.01.1001\n")
	got = w.knock(t, door{route: "POST /impor/{id}", path: tried, form: fixed("do", "check", "area", "81.71", "source", "Uji", "as_of", "2024-10-01")}, verifier.http)
	if w.at["tried"] = got.header.Get("Location"); !strings.HasPrefix(w.at["tried"], "/pekerjaan/") {
		t.Fatalf("an import tried out leads to %q: %d %s", w.at["tried"], got.status, got.words())
	}
	run, err := w.Runs.Create(t.Context(), w.actor(t, access.Verifier), runs.NewRun{Kind: "match", Settings: map[string]any{}, Tenant: w.Places.TenantOf(ambon), Area: ambon})
	if err != nil {
		t.Fatal(err)
	}
	w.at["draft"] = "/pekerjaan/" + itoa(run.Tenant) + "-" + run.ID.String()
}

// objected makes another finding than one into one that is objected to, with a file.
func (w *walk) objected(t *testing.T, but sqldb.ID) {
	t.Helper()
	id := w.record(t, "objected", "/temuan/", `SELECT id FROM finding WHERE id <> $1 ORDER BY id LIMIT 1`, but)
	w.altered(t, `UPDATE finding SET state = 'appealed', area_code = $1 WHERE id = $2`, int64(w.village), id)
	given, err := w.Papers.Add(t.Context(), w.actor(t, access.Operator), papers.To{Tenant: w.Places.TenantOf(ambon), Kind: papers.OfFinding, Case: id}, papers.Other, []byte("%PDF-1.4\n% 2\n%%EOF\n"))
	if err != nil {
		t.Fatal(err)
	}
	w.at["findingpaper"] = w.at["objected"] + "/berkas/" + itoa(given.Tenant) + "-" + given.ID.String()
}

package exchange_test

import (
	"fmt"
	"strings"
	"testing"

	"tepat/internal/domain/access"
	"tepat/internal/domain/period"
	"tepat/internal/domain/person"
	"tepat/internal/domain/proposal"
	"tepat/internal/kit/fail"
	"tepat/internal/kit/sqldb"
	"tepat/internal/service/exchange"
	"tepat/internal/service/proposals"
	"tepat/internal/service/runs"
	"tepat/internal/testkit"
)

// endorsed leads proposals for n new families of Wainitu to the state in which the ministry answers, and gives their numbers.
func (h *house) endorsed(n int) []string {
	h.t.Helper()
	ctx := h.t.Context()
	must := func(err error) {
		h.t.Helper()
		if err != nil {
			h.t.Fatal(err)
		}
	}
	headman, chief := testkit.Person(4, access.VillageHead, wainitu), testkit.Person(5, access.AgencyHead, testkit.Ambon)
	signer := testkit.Person(6, access.Signer, testkit.Ambon)
	var numbers []string
	var civilians strings.Builder
	civilians.WriteString("nik,no_kk,name,sex,birth_place,birth_date,mother_name,relation,area_code,status\n")
	var forms []proposals.Document
	for k := 1; k <= n; k++ {
		nik, err := person.ComposeNIK(testkit.Nusaniwe, period.On(1980, 5, 6), person.Female, 9000+k)
		must(err)
		kk, err := person.ComposeKK(testkit.Nusaniwe, period.On(2015, 3, 1), 9000+k)
		must(err)
		name := fmt.Sprintf("SITI UJI %c", 'A'+k)
		fmt.Fprintf(&civilians, "%s,%s,%s,P,AMBON,1980-05-06,IBU UJI,kepala keluarga,%s,alive\n", nik.Plain(), kk.Plain(), name, wainitu.Dotted())
		forms = append(forms, proposals.Document{KK: kk, Address: "Jl. Uji 1", RT: "001", RW: "002", Members: []proposals.Member{
			{NIK: nik, Name: person.Name(name), Sex: person.Female, BirthPlace: "AMBON", BirthDate: period.On(1980, 5, 6), MotherName: "IBU UJI", Relation: person.Head}}})
	}
	h.load(exchange.Civil, h.write("civil.csv", civilians.String()))
	for _, form := range forms {
		filed, err := h.props.File(ctx, h.desa, proposals.Filing{Request: sqldb.NewID(), Kind: proposal.NewFamily, Area: wainitu, Document: form})
		must(err)
		rows, err := h.props.List(ctx, h.desa, proposals.One(filed.Row))
		must(err)
		d := proposals.One(rows[0])
		d.Paper = proposals.Paper{Name: "Berita acara"}
		rows, err = h.props.Deliberate(ctx, headman, d)
		must(err)
		rows, err = h.props.Verify(ctx, h.who, proposals.One(rows[0]))
		must(err)
		rows, err = h.props.Approve(ctx, chief, proposals.One(rows[0]))
		must(err)
		numbers = append(numbers, rows[0].Number)
	}
	waits, err := h.props.AwaitRatification(ctx, signer, testkit.Ambon)
	must(err)
	_, err = h.props.Ratify(ctx, signer, proposals.Ratifying{Area: testkit.Ambon, Number: "470/1", SignedBy: "Wali Kota Ambon", About: "Pengesahan", Digest: waits.Digest, Paper: "sk.pdf"})
	must(err)
	return numbers
}

func TestTheMinistrysAnswersAreTakenFromAFile(t *testing.T) {
	t.Parallel()
	engines(t, func(t *testing.T, h *house) {
		numbers := h.endorsed(3)
		day := h.places.LocalDate(testkit.Ambon, h.clock.Now()).Text()
		path := h.write("jawaban.csv", "Nomor Usulan;Keputusan;Alasan;Nomor SK;Tanggal SK\n"+
			numbers[0]+";Ditetapkan;;80/HUK/2024;"+day+"\n"+
			numbers[1]+";Ditolak;Kuota habis;80/HUK/2024;"+day+"\n"+
			numbers[2]+";Mungkin;;80/HUK/2024;"+day+"\n"+
			numbers[2]+";Ditolak;;80/HUK/2024;"+day+"\n"+
			"U-2024-00099;Ditetapkan;;80/HUK/2024;"+day+"\n")
		dry := h.settings(exchange.Answers, path)
		dry.Whole = true
		looked, err := h.runs.Look(t.Context(), h.who, testkit.AmbonTenant, h.create(h.who, dry).ID)
		if err != nil || h.state(numbers[0]) != string(proposal.Endorsed) || !strings.Contains(string(looked.Preview), `"rejected":1`) {
			t.Errorf("a look changed something: %s, %v, %s", h.state(numbers[0]), err, looked.Preview)
		}
		set := h.settings(exchange.Answers, path)
		r := h.imported(h.who, set)
		for name, want := range map[string]int64{"rows": 5, "answers_established": 1, "answers_refused": 1, "rejected": 3} {
			if r.Tally[name] != want {
				t.Errorf("%s = %d, want %d (%v)", name, r.Tally[name], want, r.Tally)
			}
		}
		for i, want := range []proposal.State{proposal.Established, proposal.Refused, proposal.Endorsed} {
			if got := h.state(numbers[i]); got != string(want) {
				t.Errorf("proposal %d is %s, want %s", i, got, want)
			}
		}
		if got := h.rejects(set); len(got) != 1 || got[0][0] != "4" || got[0][2] != "answer_file.verdict" {
			t.Errorf("rows that cannot be read: %v", got)
		}
		refused, err := h.files.Refusals(t.Context(), r, 10)
		if err != nil || len(refused) != 2 {
			t.Fatalf("rows that cannot be taken: %+v, %v", refused, err)
		}
		codes := map[int]string{}
		for _, one := range refused {
			codes[one.Line] = one.Code
			if one.Reason == "" || strings.Contains(one.Reason, "{") {
				t.Errorf("line %d is told as %q", one.Line, one.Reason)
			}
		}
		if codes[5] != "proposal.reason_needed" || codes[6] != "answer_file.unknown" {
			t.Errorf("refused: %v", codes)
		}
		if n := h.count(`SELECT count(*) FROM decree WHERE kabkota = 8171 AND kind = 'determination' AND number = '80/HUK/2024'`); n != 1 {
			t.Errorf("%d decrees", n)
		}
		if again := h.imported(h.who, h.settings(exchange.Answers, path)); again.Tally["unchanged"] != 2 || again.Tally["answers_established"] != 0 {
			t.Errorf("the same file again did %v", again.Tally)
		}
		if n := h.count(`SELECT count(*) FROM audit_entry WHERE kabkota = 8171 AND subject = $1`, r.ID); n == 0 {
			t.Error("the log does not tell of the import")
		}
		_, err = h.runs.Create(t.Context(), h.desa, runs.NewRun{Kind: "import.answers", Tenant: testkit.AmbonTenant, Area: wainitu, Settings: set})
		if fail.CodeOf(err) != "access.denied" {
			t.Errorf("a village takes answers in: %v", err)
		}
	})
}

func (h *house) state(number string) (state string) {
	h.t.Helper()
	if err := h.db.Direct().QueryRow(h.t.Context(), `SELECT state FROM proposal WHERE kabkota = 8171 AND number = $1`, number).Scan(&state); err != nil {
		h.t.Fatal(err)
	}
	return state
}

package lookups

import (
	"encoding/json"
	"time"

	"tepat/internal/domain/period"
)

// ownFile is a person's record as a file. Names of fields are Indonesian, as the reader's words are; codes stay codes,
// since the file is for another program as much as for a reader.
type ownFile struct {
	MadeAt   time.Time    `json:"dibuat"`
	Family   familyFile   `json:"keluarga"`
	Members  []memberFile `json:"anggota"`
	Answers  []answerFile `json:"isian_kuesioner"`
	Places   []placeFile  `json:"program"`
	Payments []payFile    `json:"penyaluran"`
	Findings []findFile   `json:"temuan"`
	Visits   []visitFile  `json:"kunjungan"`
	Looks    []lookFile   `json:"akses"`
}

type familyFile struct {
	KK         string    `json:"no_kk"`
	Head       string    `json:"kepala_keluarga"`
	Address    string    `json:"alamat"`
	RT         string    `json:"rt"`
	RW         string    `json:"rw"`
	Area       string    `json:"kode_wilayah"`
	Phone      string    `json:"telepon"`
	Decile     int64     `json:"desil"`
	Vintage    string    `json:"desil_triwulan"`
	Source     string    `json:"sumber"`
	SourceDate string    `json:"tanggal_sumber"`
	RecordedAt time.Time `json:"dicatat"`
}

type memberFile struct {
	Name       string    `json:"nama"`
	NIK        string    `json:"nik"`
	Sex        string    `json:"jenis_kelamin"`
	BirthPlace string    `json:"tempat_lahir"`
	BirthDate  string    `json:"tanggal_lahir"`
	Relation   string    `json:"hubungan"`
	Match      string    `json:"padanan_dukcapil"`
	Source     string    `json:"sumber"`
	RecordedAt time.Time `json:"dicatat"`
	You        bool      `json:"anda"`
}

type answerFile struct {
	About       string          `json:"tentang"`
	Form        string          `json:"formulir"`
	Version     string          `json:"versi_kuesioner"`
	Source      string          `json:"sumber"`
	CollectedAt string          `json:"dikumpulkan"`
	Answers     json.RawMessage `json:"jawaban"`
}

type placeFile struct {
	Programme string `json:"program"`
	State     string `json:"status"`
	Amount    int64  `json:"rupiah_per_tahap"`
	From      string `json:"sejak"`
	To        string `json:"sampai"`
	Ended     string `json:"alasan_berakhir"`
}

type payFile struct {
	Programme string `json:"program"`
	Period    string `json:"tahap"`
	Payee     string `json:"penerima"`
	Amount    int64  `json:"rupiah"`
	State     string `json:"status"`
}

type findFile struct {
	Criterion   string `json:"kriteria"`
	Reason      string `json:"alasan"`
	State       string `json:"status"`
	Day         string `json:"tanggal"`
	AnswerUntil string `json:"tanggapan_sampai"`
	EffectiveOn string `json:"berlaku_sejak"`
}

// visitFile is a visit as her page tells it: no names and no words of the officer's.
type visitFile struct {
	On      string `json:"tanggal"`
	Outcome string `json:"hasil"`
	Words   string `json:"uraian"`
}

type lookFile struct {
	At      time.Time `json:"waktu"`
	Act     string    `json:"kegiatan"`
	Role    string    `json:"peran"`
	Area    string    `json:"kode_wilayah"`
	Purpose string    `json:"keperluan"`
	Own     bool      `json:"anda_sendiri"`
}

func fileOf(r Record, looks []Look, words func(outcome string) string, now time.Time) ownFile {
	f := r.Family
	out := ownFile{MadeAt: now, Family: familyFile{KK: f.KK.String(), Head: f.HeadName, Address: f.Address, RT: f.RT, RW: f.RW, Area: f.Area.Dotted(), Phone: f.Phone.String(),
		Decile: f.Decile, Vintage: f.DecileVintage, Source: f.Source, SourceDate: f.SourceDate, RecordedAt: f.RecordedAt}}
	names := map[[16]byte]string{f.ID: f.HeadName}
	for _, m := range r.Members {
		names[m.ID] = m.Name
		out.Members = append(out.Members, memberFile{Name: m.Name, NIK: m.NIK.String(), Sex: m.Sex.String(), BirthPlace: m.BirthPlace, BirthDate: m.BirthDate.Text(),
			Relation: m.Relation.String(), Match: m.Match.Code(), Source: m.Source, RecordedAt: m.RecordedAt, You: m.ID == r.Person.ID})
	}
	for _, a := range r.Answers {
		out.Answers = append(out.Answers, answerFile{About: names[a.Subject], Form: string(a.Form), Version: a.Questionnaire, Source: a.Source, CollectedAt: a.CollectedAt, Answers: json.RawMessage(a.Document)})
	}
	for _, e := range r.Places {
		out.Places = append(out.Places, placeFile{string(e.Programme), e.State.String(), int64(e.Amount), e.From.Text(), dayText(e.To), e.EndedReason})
	}
	for _, p := range r.Payments {
		out.Payments = append(out.Payments, payFile{string(p.Programme), p.Period, p.Name, int64(p.Amount), string(p.State)})
	}
	for _, one := range r.Findings {
		out.Findings = append(out.Findings, findFile{one.Criterion, one.Reason, string(one.State), one.Facts.Day.Text(), dayText(one.DueOn), dayText(one.EffectiveOn)})
	}
	for _, v := range r.Visits {
		out.Visits = append(out.Visits, visitFile{v.On.Text(), string(v.Outcome), words(string(v.Outcome))})
	}
	for _, l := range looks {
		out.Looks = append(out.Looks, lookFile{l.At, l.Act, string(l.Role), l.Area.Dotted(), l.Purpose, l.Own})
	}
	return out
}

func dayText(d period.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.Text()
}

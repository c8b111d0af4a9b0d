package app

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tepat/internal/domain/access"
	"tepat/internal/domain/person"
)

// reach says where a page's record lies, and so whose area must hold it.
type reach int

const (
	anywhere reach = iota // the page shows what is the reader's own, or lists what she may see
	village               // a record of the village
	district              // a record of the district's office
	keeper                // what the reader's own office keeps, which is that of the records
	office                // what any district's office keeps; a village has none
	private               // a record of one person, which nobody else has
)

// door is one line of the specification: who gets through a route, to which record.
type door struct {
	route string
	// open lists the permissions of which one opens the door; none opens it to every account.
	open  []access.Permission
	reach reach
	// also is a second permission that is needed inside the area.
	also access.Permission
	// path is the address of the record, as walk.at names it, or the route's own path.
	path string
	// outside is what somebody with the permission is told whose area does not hold the record;
	// 403 where it is zero. 404 hides whether there is such a record.
	outside int
	// elsewhere is what she is told in another district, where that differs.
	elsewhere int
	// shut is what a reader of the registry without the permission is told; 403 where it is zero.
	shut int
	// form fills a POST in; a way in must lead on with it, and nobody else's.
	form func(w *walk) url.Values
	// last keeps the door for the end of the walk, because it ends the session or the record.
	last bool
	// file sends the form with a file of this name and content, as a browser does; made makes the content
	// where it depends on the records.
	file, content string
	made          func(w *walk) string
	// home tells that a village's account does it for its own village, whatever the form says.
	home bool
	// traced tells that a refusal may leave a trace: reading is open to her, or a run was made and
	// taken away again.
	traced bool
	// owner is who has a private record.
	owner string
}

func anyOf(p ...access.Permission) []access.Permission { return p }

func fixed(pairs ...string) func(*walk) url.Values {
	return func(*walk) url.Values {
		form := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			form.Add(pairs[i], pairs[i+1])
		}
		return form
	}
}

// versioned is fixed with the version of a proposal.
func versioned(name string, pairs ...string) func(*walk) url.Values {
	return func(w *walk) url.Values {
		form := fixed(pairs...)(w)
		form.Set("version", fmt.Sprint(w.version[name]))
		return form
	}
}

// doors is the specification. A route without a line here fails the walk, and so does a line
// without its route.
func doors() []door {
	var (
		read     = anyOf(access.ReadRegistry)
		runs     = anyOf(access.ReadRuns)
		figures  = anyOf(access.ReadInsight)
		users    = anyOf(access.ManageUsers, access.ApproveUsers)
		handles  = anyOf(access.HandleGrievance)
		objects  = anyOf(access.HandleGrievance, access.DecideFinding)
		cases    = anyOf(access.HandleGrievance, access.DecideFinding)
		counter  = anyOf(access.LookUp)
		letters  = anyOf(access.IssueLetter)
		pairs    = anyOf(access.ReviewDuplicate)
		audits   = anyOf(access.ReadAudit)
		exports  = anyOf(access.ExportData)
		pays     = anyOf(access.RunPayment)
		enrols   = anyOf(access.RunEnrolment)
		freezes  = anyOf(access.ApproveEnrolment)
		files    = anyOf(access.FileProposal)
		ratifies = anyOf(access.RatifyProposal)
		decrees  = anyOf(access.Determine)
		imports  = anyOf(access.RunImport, access.RunMatch, access.RunScreening, access.RunAssessment)
	)
	merging := fixed("keep", "kiri", "left_version", "1", "right_version", "1")
	return []door{
		{route: "GET /{$}"},
		{route: "GET /keluarga", open: read},
		{route: "POST /keluarga/cari", open: read, form: fixed("q", "Maria Contoh")},
		{route: "GET /keluarga/unduh", open: exports},
		{route: "POST /keluarga/unduh", open: exports, form: fixed("format", "csv")},
		{route: "GET /keluarga/{id}", open: read, reach: village, path: "family"},
		{route: "GET /keluarga/{id}/lembar", open: files, reach: village, path: "family/lembar"},
		{route: "GET /keluarga/{id}/kunjungan", open: anyOf(access.RepairMatch), reach: village, path: "family/kunjungan"},
		{route: "POST /keluarga/{id}/kunjungan", open: anyOf(access.RepairMatch), reach: village, path: "family/kunjungan", form: fixed("visit_on.day", "2", "visit_on.month", "1", "visit_on.year", "2026", "visit_by", "Petugas Contoh", "outcome", "as_registered", "met", "Ina Contoh")},
		{route: "GET /keluarga/{id}/kunjungan/daftar", open: read, reach: village, path: "family/kunjungan/daftar"},
		{route: "GET /keluarga/{id}/kunjungan/{visit}/tarik", open: anyOf(access.RepairMatch), also: access.VerifyProposal, reach: village, path: "visit/tarik", traced: true},
		{route: "POST /keluarga/{id}/kunjungan/{visit}/tarik", open: anyOf(access.RepairMatch), also: access.VerifyProposal, reach: village, path: "visit/tarik", form: fixed("reason", "Keluarga lain yang dikunjungi")},
		{route: "GET /padan", open: read},
		{route: "GET /padan/{id}", open: read, reach: village, path: "mismatch"},
		{route: "GET /padan/dukcapil", open: read},
		{route: "POST /padan/dukcapil", open: read, form: fixed("format", "pdf")},
		{route: "GET /padan/massal", open: anyOf(access.RepairMatch)},
		{route: "POST /padan/massal", open: anyOf(access.RepairMatch), form: fixed()},
		{route: "POST /ganda/cari", open: anyOf(access.RunDedupe), form: fixed()},
		{route: "POST /padan/saran", open: anyOf(access.RunMatch), form: fixed()},
		{route: "POST /padan/{id}", open: anyOf(access.RepairMatch), reach: village, path: "mismatch", form: (*walk).mended},
		{route: "GET /pekerjaan", open: runs},
		{route: "GET /pekerjaan/{id}", open: runs, reach: district, path: "run"},
		{route: "GET /pekerjaan/{id}/penolakan", open: runs, reach: district, path: "tried/penolakan"},
		{route: "GET /pekerjaan/{id}/mirip", open: anyOf(access.RunImport), reach: district, path: "tried/mirip"},
		{route: "POST /pekerjaan/{id}", open: anyOf(access.RunMatch), reach: district, path: "draft", form: fixed("do", "preview")},
		{route: "GET /impor", open: imports},
		{route: "POST /impor", open: imports, form: fixed("subject", "families"), file: "keluarga.csv", content: "no_kk,nik,name\n1,2,A\n"},
		{route: "GET /impor/{id}", open: runs, reach: private, owner: "near operator", path: "upload", outside: http.StatusNotFound},
		{route: "POST /impor/{id}", open: runs, reach: private, owner: "near operator", path: "upload", outside: http.StatusNotFound, form: fixed("do", "discard"), last: true},

		{route: "GET /usulan", open: read},
		{route: "POST /usulan/cari", open: read, form: fixed("q", "Maria Contoh")},
		{route: "POST /usulan/pilih", open: read, form: (*walk).chosen},
		{route: "GET /usulan/putuskan", open: files, shut: http.StatusNotFound, path: "chosen", outside: http.StatusUnprocessableEntity, reach: private, owner: "near operator"},
		{route: "POST /usulan/putuskan", open: files, shut: http.StatusNotFound, reach: private, owner: "near operator", outside: http.StatusUnprocessableEntity, form: func(w *walk) url.Values {
			return url.Values{"pilih": {w.key}, "langkah": {"list"}, "tab": {"incoming"}}
		}},
		{route: "GET /usulan/baru", open: files},
		{route: "GET /usulan/lembar", open: files},
		{route: "POST /usulan/baru", open: files, form: (*walk).typed},
		{route: "GET /usulan/periksa", open: files, reach: private, path: "form", owner: "near operator"},
		{route: "GET /usulan/baru/isian", open: files, reach: private, path: "answers", owner: "near operator"},
		{route: "POST /usulan/baru/isian", open: files, reach: private, owner: "near operator", form: func(w *walk) url.Values {
			return url.Values{"konsep": {w.draft}, "bagian": {"rumah"}, "version": {"1"}, "dwelling_tenure": {"1"}}
		}},
		{route: "POST /usulan/kirim", open: files, reach: private, owner: "near operator", form: (*walk).konsep, last: true},
		{route: "POST /usulan/buang", open: files, reach: private, owner: "near operator", form: func(w *walk) url.Values { return url.Values{"konsep": {w.thrown}} }},
		{route: "GET /usulan/ajukan", open: files},
		{route: "GET /usulan/ajukan", open: files, reach: village, path: "removal"},
		{route: "POST /usulan/ajukan/cari", open: files, form: fixed("q", "Maria Contoh")},
		{route: "POST /usulan/ajukan", open: files, reach: village, form: func(w *walk) url.Values {
			return url.Values{"request": {w.newID()}, "family": {strings.TrimPrefix(w.at["family"], "/keluarga/")}, "kind": {"REMOVAL"}, "reason": {"better_off"}, "person": {"semua"}, "paper": {"Berita acara kunjungan"}}
		}},
		{route: "GET /usulan/{id}", open: read, reach: village, path: "filed"},
		{route: "GET /usulan/{id}/bukti", open: read, reach: village, path: "filed/bukti"},
		{route: "GET /usulan/{id}/langkah/{action}", open: files, reach: village, path: "filed/langkah/list", traced: true},
		{route: "POST /usulan/{id}/langkah/{action}", open: files, reach: village, path: "filed/langkah/list", form: versioned("filed"), traced: true},
		{route: "POST /usulan/{id}/langkah/{action}", open: anyOf(access.DecideInVillage), reach: village, path: "listed/langkah/deliberate", form: versioned("listed", "paper", "Berita acara"), traced: true},
		{route: "POST /usulan/{id}/langkah/{action}", open: anyOf(access.VerifyProposal), reach: village, path: "deliberated/langkah/verify", form: versioned("deliberated"), traced: true},
		{route: "POST /usulan/{id}/langkah/{action}", open: anyOf(access.ApproveProposal), reach: village, path: "verified/langkah/approve", form: versioned("verified"), traced: true},
		{route: "GET /usulan/{id}/berkas", open: read, reach: village, path: "filed/berkas"},
		{route: "POST /usulan/{id}/berkas", open: anyOf(access.FileProposal, access.VerifyProposal), reach: village, path: "filed/berkas", form: fixed(), traced: true},
		{route: "GET /usulan/{proposal}/berkas/{id}", open: read, reach: village, path: "paper"},
		{route: "GET /usulan/{id}/perbaiki", open: files, reach: village, path: "returned/perbaiki"},
		{route: "POST /usulan/{id}/perbaiki", open: files, reach: village, path: "returned/perbaiki", form: (*walk).repaired},
		{route: "GET /pengesahan", open: ratifies},
		{route: "POST /pengesahan", open: ratifies, form: (*walk).signing, traced: true},
		{route: "GET /pengesahan/{id}", open: read, reach: district, path: "decree"},
		{route: "GET /penetapan", open: decrees},
		{route: "POST /penetapan", open: decrees, form: fixed("number", "79/HUK/2026", "on.day", "1", "on.month", "11", "on.year", "2026", "signed_by", "Menteri Sosial")},

		{route: "GET /temuan", open: read},
		{route: "GET /temuan/{id}", open: read, reach: village, path: "finding"},
		{route: "POST /temuan/{id}", open: anyOf(access.DecideFinding), reach: village, path: "finding", form: fixed("version", "1", "do", "uphold", "note", "Sudah diperiksa")},
		{route: "POST /temuan/{id}/sanggah", open: anyOf(access.HandleGrievance), reach: village, path: "finding/sanggah", form: fixed("version", "2", "appeal_reason", "evidence_wrong", "appeal_note", "Sudah pensiun")},
		{route: "GET /temuan/{id}/berkas", open: objects, reach: village, path: "objected/berkas"},
		{route: "POST /temuan/{id}/berkas", open: objects, reach: village, path: "objected/berkas", form: fixed()},
		{route: "GET /temuan/{finding}/berkas/{id}", open: objects, reach: village, path: "findingpaper"},
		{route: "GET /temuan/{id}/surat", open: letters, reach: village, path: "finding/surat"},
		{route: "GET /ganda", open: pairs},
		{route: "GET /ganda/{id}", open: pairs, reach: village, path: "pair"},
		{route: "POST /ganda/{id}/pilih", open: pairs, path: "pair/pilih", form: merging},
		{route: "GET /ganda/{id}/gabung", open: pairs, reach: village, path: "pair/gabung?keep=kiri&left_version=1&right_version=1"},
		{route: "POST /ganda/{id}/beda", open: pairs, reach: village, path: "pair/beda", form: fixed("reason", "documents")},
		{route: "POST /ganda/{id}/putusan", open: pairs, reach: village, path: "pair/putusan", form: fixed("do", "buka")},
		{route: "POST /ganda/{id}/gabung", open: pairs, reach: village, path: "pair/gabung", form: merging},
		{route: "GET /loket", open: counter},
		{route: "POST /loket", open: counter, form: func(w *walk) url.Values {
			return url.Values{"nik": {w.nik}, "purpose": {"Memeriksa status warga"}}
		}},
		{route: "POST /loket/{id}/surat", open: letters, reach: village, path: "issue", form: fixed("purpose", "Surat keterangan")},
		{route: "GET /loket/surat/{id}", open: letters, reach: village, path: "letter"},
		{route: "GET /loket/surat/{id}/pdf", open: letters, reach: village, path: "letter/pdf"},
		{route: "POST /loket/{id}/kode", open: counter, reach: village, path: "coded", form: fixed("purpose", "Menanyakan status bantuan")},
		{route: "GET /loket/kode/{id}", open: counter, reach: village, path: "code"},
		{route: "GET /loket/kode/{id}/pdf", open: counter, reach: private, owner: "near operator", path: "code/pdf", outside: http.StatusNotFound},
		{route: "POST /loket/kode/{id}/tarik", open: counter, reach: village, path: "code/tarik", form: fixed(), last: true},

		{route: "GET /pengaduan", open: cases},
		{route: "POST /pengaduan/cari", open: read, form: fixed("q", "Maria Contoh")},
		{route: "GET /pengaduan/baru", open: handles},
		{route: "POST /pengaduan/baru", open: handles, reach: village, home: true, form: (*walk).complaint},
		{route: "GET /pengaduan/bukti", open: handles, reach: private, owner: "near operator", path: "slip", outside: http.StatusNotFound},
		{route: "GET /pengaduan/{id}", open: cases, reach: village, path: "complaint"},
		{route: "POST /pengaduan/{id}/langkah/{action}", open: handles, reach: village, path: "complaint/langkah/assign", form: fixed("version", "1")},
		{route: "POST /pengaduan/{id}/kontak", open: handles, reach: village, path: "named/kontak", form: fixed("purpose", "Menelepon pelapor")},
		{route: "GET /pengaduan/{id}/berkas", open: handles, reach: village, path: "complaint/berkas"},
		{route: "POST /pengaduan/{id}/berkas", open: handles, reach: village, path: "complaint/berkas", form: fixed()},
		{route: "GET /pengaduan/{case}/berkas/{id}", open: handles, reach: village, path: "casepaper"},
		{route: "GET /pengaduan/{id}/keluarga", open: anyOf(access.VerifyProposal), reach: village, path: "objection/keluarga"},
		{route: "POST /pengaduan/{id}/cari", open: anyOf(access.VerifyProposal), path: "objection/cari", form: fixed("q", "Maria Contoh")},
		{route: "POST /pengaduan/{id}/keluarga", open: anyOf(access.VerifyProposal), reach: village, path: "objection/keluarga", form: (*walk).identified},

		{route: "GET /kantor"},
		{route: "GET /pagi", open: figures},
		{route: "GET /dasbor", open: figures},
		{route: "GET /dasbor", open: figures, reach: district, path: "/dasbor?wilayah=81.71"},
		{route: "GET /dasbor/bulan", open: figures, reach: office},
		{route: "POST /dasbor/bulan", open: anyOf(access.CloseFigures), reach: office, form: func(*walk) url.Values {
			return url.Values{"month": {time.Now().AddDate(0, 0, -32).Format("2006-01")}}
		}},
		{route: "GET /dasbor/mutu", open: figures},
		{route: "GET /dasbor/mutu/{table}/data.csv", open: figures, reach: district, path: "/dasbor/mutu/names/data.csv?wilayah=81.71"},
		{route: "GET /dasbor/rekap.xlsx", open: figures, reach: district, path: "/dasbor/rekap.xlsx?wilayah=81.71"},
		{route: "GET /dasbor/{table}/data.csv", open: figures, reach: district, path: "/dasbor/deciles/data.csv?wilayah=81.71"},

		{route: "GET /peta/batas", open: anyOf(access.Administer)},
		{route: "POST /peta/batas", open: anyOf(access.Administer), form: fixed("source", "Latihan", "as_of", "2023"), file: "batas.geojson",
			content: `{"type":"FeatureCollection","features":[` + shape("81.71.01") + `,` + shape("81.01.01") + `]}`},
		{route: "GET /wilayah", open: anyOf(access.Administer, access.ApproveUsers, access.ReadAudit)},
		{route: "POST /wilayah", open: anyOf(access.Administer, access.ApproveUsers, access.ReadAudit), form: fixed("do", "approve", "id", "0192f0c5-0000-7000-8000-000000000000")},
		{route: "POST /wilayah/daftar", open: anyOf(access.Administer), reach: district, form: fixed("within", "81.71", "do", "check"), file: "wilayah.csv", content: "code,name\n81.71,Kota Ambon\n"},
		{route: "GET /program", open: read},
		{route: "GET /program/{id}", open: read, path: "/program/sembako"},
		{route: "GET /program/{id}/rekap", open: figures, path: "/program/sembako/rekap", reach: keeper, outside: http.StatusNotFound},
		{route: "GET /program/{id}/unduh", open: exports, path: "/program/sembako/unduh", reach: keeper, outside: http.StatusNotFound},
		{route: "GET /program/{id}/susun", open: enrols, path: "/program/sembako/susun"},
		{route: "POST /program/{id}/susun", open: enrols, path: "/program/sembako/susun", form: fixed("as_of.day", "1", "as_of.month", "10", "as_of.year", "2024", "quota", "50")},
		{route: "GET /program/{id}/tetapkan", open: freezes, reach: district, path: "/program/sembako/tetapkan", outside: http.StatusNotFound},
		{route: "POST /program/{id}/tetapkan", open: freezes, reach: district, path: "/program/sembako/tetapkan", outside: http.StatusNotFound, form: (*walk).decree, traced: true},
		{route: "GET /program/{programme}/penerima/{id}", open: read, reach: village, path: "enrolment"},
		{route: "GET /program/{programme}/penerima/{id}/surat", open: letters, reach: village, path: "enrolment/surat"},

		{route: "GET /program/permintaan", open: anyOf(access.RunEnrolment, access.ApproveEnrolment)},
		{route: "GET /program/{id}/kuota", open: figures, reach: office, path: "/program/sembako/kuota"},
		{route: "POST /program/{id}/kuota", open: enrols, path: "/program/sembako/kuota", form: fixed("quota", "60", "valid_from.day", "1", "valid_from.month", "1", "valid_from.year", "2027", "legal_basis", "SK 1/2027")},
		{route: "GET /program/{id}/berkas", open: read, reach: keeper, path: "/program/sembako/berkas", outside: http.StatusNotFound},
		{route: "GET /program/{id}/lampiran", open: exports, reach: keeper, path: "/program/sembako/lampiran?bentuk=xlsx", outside: http.StatusNotFound},
		{route: "POST /program/{id}/lampiran", open: exports, also: access.RevealIdentity, reach: keeper, path: "/program/sembako/lampiran", outside: http.StatusNotFound, form: fixed("bentuk", "xlsx", "purpose", "Lampiran keputusan")},
		{route: "GET /program/{id}/surat", open: letters, reach: village, path: "letters", elsewhere: http.StatusNotFound},
		{route: "POST /program/{programme}/penerima/{id}/minta", open: enrols, reach: village, path: "enrolment/minta", form: versioned("enrolment", "kind", "suspend", "suspend_reason", "better_off", "suspend_note", "Kunjungan")},
		{route: "POST /program/{programme}/penerima/{id}/putuskan", open: freezes, reach: village, path: "enrolment/putuskan", form: (*walk).decided},
		{route: "POST /program/{programme}/penerima/{id}/tarik", open: enrols, reach: village, path: "enrolment/tarik", form: (*walk).withdrawn},
		{route: "GET /program/{programme}/keputusan/{id}/surat", open: letters, reach: village, path: "changed/surat"},
		{route: "GET /penyaluran", open: runs, reach: office},
		{route: "GET /penyaluran/gagal", open: read},
		{route: "GET /penyaluran/baru", open: pays},
		{route: "POST /penyaluran/baru", open: pays, reach: district, outside: http.StatusUnprocessableEntity, form: fixed("programme", "sembako", "period", "2025-03")},
		{route: "GET /penyaluran/{id}", open: runs, reach: district, path: "cycle"},
		{route: "POST /penyaluran/{id}/hitung", open: pays, reach: district, path: "cycle/hitung", form: fixed()},
		{route: "POST /penyaluran/{id}/perintah", open: pays, reach: district, path: "paid/perintah", form: fixed("number", "SP2D-1", "on.day", "1", "on.month", "11", "on.year", "2024", "amount", "1000")},
		{route: "POST /penyaluran/{id}/berkas", open: pays, reach: district, path: "ordered/berkas", form: fixed(), file: "hasil.csv", made: func(w *walk) string { return w.bank }},
		{route: "POST /penyaluran/{id}/tutup", open: pays, reach: district, path: "answered/tutup", form: fixed()},
		{route: "POST /penyaluran/{id}/kembali", open: pays, reach: district, path: "answered/kembali", form: (*walk).goneBack},
		{route: "GET /penyaluran/{id}/temuan", open: anyOf(access.RunPayment, access.ApprovePayment), reach: district, path: "doubted/temuan"},
		{route: "POST /penyaluran/{id}/temuan", open: pays, reach: district, path: "doubted/temuan", form: fixed("do", "kind", "jenis", "amount", "note", "Bank mengirim koreksi")},
		{route: "GET /penyaluran/{id}/baris", open: read, reach: district, path: "paid/baris"},
		{route: "GET /penyaluran/{cycle}/baris/{id}", open: read, reach: village, path: "payment"},
		{route: "POST /penyaluran/{cycle}/baris/{id}/tangani", open: anyOf(access.RunPayment, access.ChangeRegistry), reach: village, path: "failed/tangani", form: versioned("failed", "what", "visit", "tangani_note", "Sudah dikunjungi")},
		{route: "POST /penyaluran/{cycle}/baris/{id}/kecualikan", open: pays, reach: village, path: "payment/kecualikan", form: fixed("version", "1", "status", "EXCLUDED_DEAD", "kecualikan_note", "Akta kematian")},
		{route: "POST /penyaluran/{cycle}/baris/{id}/kembalikan", open: pays, reach: village, path: "payment/kembalikan", form: fixed("version", "2", "kembalikan_note", "Keliru")},
		{route: "POST /penyaluran/{cycle}/baris/{id}/pengurus", open: pays, reach: village, path: "payment/pengurus", form: func(w *walk) url.Values {
			return url.Values{"version": {"3"}, "payee": {w.payee}, "pengurus_note": {"Sakit"}}
		}},
		{route: "GET /penyaluran/{id}/daftar", open: exports, reach: district, path: "cycle/daftar"},
		{route: "POST /penyaluran/{id}/daftar", open: pays, reach: district, path: "cycle/daftar", form: fixed("purpose", "Kirim ke bank")},

		{route: "GET /audit", open: audits},
		{route: "GET /audit/unduh", open: audits},
		{route: "GET /audit/akses", open: audits},
		{route: "GET /jam-kerja", open: anyOf(access.Administer)},
		{route: "POST /jam-kerja", open: anyOf(access.Administer), reach: district, form: fixed("area", "81.71", "days", "1", "days", "2", "from", "6", "to", "20", "from_day.day", "1", "from_day.month", "1", "from_day.year", "2026", "basis", "SK 1/2026")},
		{route: "GET /audit/akses/{id}", open: audits, reach: district, path: "look"},
		{route: "POST /audit/akses/{id}", open: audits, reach: district, path: "look", form: fixed("note", "Sudah ditanyakan kepada petugasnya")},
		{route: "GET /audit/{id}", open: audits, reach: district, path: "entry", outside: http.StatusNotFound},
		{route: "GET /pengguna", open: users},
		{route: "POST /pengguna/cari", open: users, form: fixed("q", "latihan")},
		{route: "GET /pengguna/baru", open: anyOf(access.ManageUsers)},
		{route: "POST /pengguna/baru", open: anyOf(access.ManageUsers), reach: district, form: fixed("name", "Petugas Baru", "login", "petugas.baru", "role", "analyst", "area", "81.71")},
		{route: "GET /pengguna/permintaan", open: anyOf(access.ApproveUsers)},
		{route: "GET /pengguna/permintaan/{id}", open: anyOf(access.ApproveUsers), reach: district, path: "request", outside: http.StatusNotFound},
		{route: "POST /pengguna/permintaan/{id}", open: anyOf(access.ApproveUsers), reach: district, path: "request", outside: http.StatusNotFound, form: fixed("do", "approve")},
		{route: "GET /pengguna/{id}", open: users, reach: district, path: "user", outside: http.StatusNotFound},
		{route: "POST /pengguna/{id}", open: users, reach: district, path: "user", outside: http.StatusNotFound, form: fixed("do", "suspend")},

		{route: "GET /profil"},
		{route: "GET /profil/faktor"},
		{route: "POST /profil/faktor", form: fixed("do", "begin")},
		{route: "POST /profil/pintasan", form: fixed("do", "off")},
		{route: "POST /profil/sandi", last: true, form: func(w *walk) url.Values {
			return url.Values{"present": {w.password[w.knocking]}, "password": {"perahu di teluk"}, "again": {"perahu di teluk"}}
		}},
		{route: "POST /profil/keluar", form: fixed(), last: true},
		{route: "POST /keluar", form: fixed(), last: true},
	}
}

// shape is an area of a file of boundaries.
func shape(code string) string {
	return `{"type":"Feature","properties":{"kode":"` + code + `"},"geometry":{"type":"Polygon","coordinates":[[[128.1,-3.7],[128.2,-3.7],[128.2,-3.6],[128.1,-3.7]]]}}`
}

// mended is the form of a repair that mends the name.
func (w *walk) mended() url.Values {
	return url.Values{"version": {"1"}, "name": {"Nama Diperbaiki"}, "sex": {person.Female.String()}, "birth_date.day": {"2"}, "birth_date.month": {"3"}, "birth_date.year": {"1981"}, "document": {"ktp"}}
}

// signing is the form of the list that waits for the signature.
func (w *walk) signing() url.Values {
	waiting, err := w.Proposals.AwaitRatification(w.t.Context(), w.actor(w.t, access.Signer), ambon)
	if err != nil {
		w.t.Fatal(err)
	}
	return url.Values{"digest": {waiting.Digest}, "number": {"460/2/2026"}, "signed_by": {"Wali Kota Ambon"}}
}

// chosen is a list with its boxes ticked.
func (w *walk) chosen() url.Values {
	return url.Values{"tab": {"incoming"}, "langkah": {"list"}, "baris": {strings.TrimPrefix(w.at["ticked"], "/usulan/") + "." + fmt.Sprint(w.version["ticked"])}}
}

// typed is a new family's form, sent to the village of the records.
func (w *walk) typed() url.Values {
	form := url.Values{"draft": {w.newID()}, "version": {"0"}, "do": {"save"}, "area": {w.village.Dotted()}}
	for name, v := range w.family {
		form.Set(name, v)
	}
	return form
}

func (w *walk) konsep() url.Values { return url.Values{"konsep": {w.draft}} }

// complaint is a complaint of the village, brought to its counter.
func (w *walk) complaint() url.Values {
	return url.Values{"request": {w.newID()}, "kind": {"complaint"}, "topic": {"DATA"}, "area": {w.village.Dotted()}, "text": {"Nama saya salah satu huruf."}, "unnamed": {"ya"}}
}

func (w *walk) identified() url.Values {
	return url.Values{"version": {"1"}, "family": {strings.TrimPrefix(w.at["family"], "/keluarga/")}}
}

// repaired is the form of a returned proposal, mended.
func (w *walk) repaired() url.Values {
	form := versioned("returned", "do", "repair")(w)
	for name, v := range w.family {
		if name != "no_kk" && !strings.HasSuffix(name, "nik") {
			form.Set(name, v)
		}
	}
	return form
}

// decided is the form of the second person's word on a change of a place.
func (w *walk) decided() url.Values {
	return url.Values{"change": {w.change}, "version": {"1"}, "do": {"approve"}}
}

func (w *walk) withdrawn() url.Values { return url.Values{"change": {w.taken}, "version": {"1"}} }

func (w *walk) decree() url.Values {
	return url.Values{"list": {w.draftList}, "number": {"400/2/2024"}, "date.day": {"2"}, "date.month": {"11"}, "date.year": {"2024"}, "signed_by": {"Wali Kota Ambon"}, "about": {"Penerima"}}
}

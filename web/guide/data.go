package guide

import (
	"fmt"

	"tepat/internal/kit/svg"
	"tepat/web/ui"
)

// The people below are invented.

func queueTable() ui.Table {
	type line struct{ name, no, nik, village, kind, due, note, status string }
	lines := []line{
		{"Siti Aminah", "U-2026-04180", "8171 •••• •••• 0231", "Batu Merah", "Usul baru", "late", "Foto rumah, GPS", "check"},
		{"Sukirman", "U-2026-04177", "8171 •••• •••• 1004", "Pandan Kasturi", "Ubah data keluarga", "late", "Foto rumah, GPS", "visit"},
		{"Maria Goreti Bau", "U-2026-04174", "8171 •••• •••• 1777", "Hative Kecil", "Usul mandiri", "soon", "Belum ada foto rumah", "mismatch"},
		{"Nurhayati", "U-2026-04171", "8171 •••• •••• 2550", "Galala", "Usul hapus: meninggal", "soon", "NIK juga diusulkan di Kelurahan Galala", "check"},
		{"Yohanes Tefa", "U-2026-04168", "8171 •••• •••• 3323", "Karang Panjang", "Sanggahan warga", "", "Foto rumah, GPS", "visit"},
		{"I Wayan Sudarma", "U-2026-04165", "8171 •••• •••• 4096", "Batu Gajah", "Usul baru", "", "Foto rumah, GPS", "ready"},
		{"Halimah", "U-2026-04162", "8171 •••• •••• 4869", "Batu Merah", "Ubah data keluarga", "", "Belum ada foto rumah", "returned"},
		{"Abdul Rahman Tuasikal", "U-2026-04159", "8171 •••• •••• 5642", "Waihoka", "Usul baru", "", "", "check"},
	}
	t := ui.Table{ID: "list", Caption: "Usulan yang perlu diperiksa", SelectBy: "id", FormID: "bulk",
		Columns: []ui.Column{{Label: "Pemohon", Title: true}, {Label: "Kelurahan"}, {Label: "Jenis"},
			{Label: "Batas waktu", SortURL: "?urut=-batas", Sorted: "ascending"}, {Label: "Catatan"}, {Label: "Status", Status: true}}}
	for i, l := range lines {
		due, tone := dueCell(l.due, i)
		t.Rows = append(t.Rows, ui.Row{ID: l.no, Label: l.name, Tone: tone, Cells: []ui.Cell{
			{Text: l.name, Href: Root + "/keluarga", Sub: l.no + " · " + l.nik},
			{Text: l.village}, {Text: l.kind}, due, {Text: orDash(l.note)}, {Chip: status(l.status)}}})
	}
	return t
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

func dueCell(due string, i int) (ui.Cell, ui.Tone) {
	switch due {
	case "late":
		return ui.Cell{Chip: &ui.Chip{Label: "Lewat 2 hari", Tone: ui.Bad}, Sub: "19 Nov 2026"}, ui.Bad
	case "soon":
		return ui.Cell{Chip: &ui.Chip{Label: "2 hari lagi", Tone: ui.Wait}, Sub: "23 Nov 2026"}, ui.Plain
	}
	return ui.Cell{Text: fmt.Sprintf("%d hari lagi", i), Sub: fmt.Sprintf("%d Nov 2026", 21+i)}, ui.Plain
}

func status(code string) *ui.Chip {
	return map[string]*ui.Chip{
		"check":    {Label: "Perlu diperiksa", Tone: ui.Info},
		"visit":    {Label: "Menunggu kunjungan", Tone: ui.Wait},
		"mismatch": {Label: "Data kependudukan tidak cocok", Tone: ui.Bad},
		"ready":    {Label: "Siap disahkan", Tone: ui.Good},
		"returned": {Label: "Dikembalikan", Tone: ui.Wait},
	}[code]
}

func queueFilter() ui.Filter {
	search := ui.Field{Name: "q", Label: "Cari nama atau nomor usulan", Kind: ui.Search, Value: "aminah"}
	return ui.Filter{Label: "Saring usulan", Action: Root + "/antrean", Search: &search, Target: "list",
		Selects: []ui.SelectFilter{
			{Field: ui.Field{Name: "kelurahan", Label: "Desa atau kelurahan"}, Options: []ui.Option{{Value: "", Label: "Semua (14)"}, {Value: "1", Label: "Batu Merah", Selected: true}, {Value: "2", Label: "Pandan Kasturi"}}},
			{Field: ui.Field{Name: "jenis", Label: "Jenis usulan"}, Options: []ui.Option{{Value: "", Label: "Semua jenis"}, {Value: "baru", Label: "Usul baru"}}},
		},
		Active: []ui.Link{{Label: "aminah", Href: "?kelurahan=1"}, {Label: "Batu Merah", Href: "?q=aminah"}},
		Clear:  Root + "/antrean"}
}

func queueTabs() []ui.Tab {
	return []ui.Tab{{Label: "Perlu diperiksa", Href: Root + "/antrean", Current: true, Count: 128, Counted: true},
		{Label: "Dikembalikan ke desa", Href: Root + "/kosong", Count: 34, Counted: true},
		{Label: "Siap disahkan", Href: Root + "/kosong", Count: 12, Counted: true},
		{Label: "Selesai", Href: Root + "/kosong", Count: 1942, Counted: true}}
}

func pager() ui.Pager {
	return ui.Pager{Shown: "Menampilkan 8 dari 128 usulan", Next: "?setelah=U-2026-04159", First: "?", CSV: Root + "/antrean",
		PrintURL: Root + "/antrean", Target: "list", Sizes: []ui.Tab{{Label: "20", Href: "?baris=20", Current: true}, {Label: "50", Href: "?baris=50"}, {Label: "100", Href: "?baris=100"}}}
}

func summary() []ui.SummaryItem {
	return []ui.SummaryItem{
		{Label: "Kepala keluarga", Value: "Siti Aminah", Sub: "NIK 8171 •••• •••• 0231", Chip: &ui.Chip{Label: "Padan", Tone: ui.Good}, Source: "Dukcapil, 3 Okt 2026"},
		{Label: "Anggota", Value: "5 orang", Change: Root + "/formulir", Changed: true, Previous: "4 orang", Source: "Operator kelurahan, 18 Nov 2026"},
		{Label: "Alamat", Value: "Jalan Sultan Hasanuddin, RT 003/RW 002, Batu Merah, Sirimau", Change: Root + "/formulir", Source: "Kartu Keluarga"},
		{Label: "Jenis lantai terluas", Value: "Semen", Change: Root + "/formulir", Source: "Kunjungan 12 Nov 2026"},
		{Label: "Desil", Value: "2", Sub: "Vintase September 2026, BPS"},
		{Label: "Nomor telepon", Value: "0812-xxxx-3456", Change: Root + "/formulir"},
	}
}

func events() []ui.Event {
	return []ui.Event{
		{Title: "Penetapan oleh Dinas Sosial", When: "paling lambat 21 Des 2026", Future: true},
		{Title: "Diperiksa Dinas Sosial", When: "20 Nov 2026 10.12 WIT", ISO: "2026-11-20T10:12:00+09:00", By: "Dinas Sosial Kota Ambon", Tone: ui.Wait, Text: "Menunggu kunjungan rumah."},
		{Title: "Disepakati musyawarah kelurahan", When: "18 Nov 2026 09.00 WIT", ISO: "2026-11-18T09:00:00+09:00", By: "Kelurahan Batu Merah", Tone: ui.Good},
		{Title: "Dikembalikan", When: "14 Nov 2026 15.40 WIT", ISO: "2026-11-14T15:40:00+09:00", By: "Kecamatan Sirimau", Tone: ui.Bad, Text: "Foto rumah belum ada. Lengkapi sebelum 17 November 2026."},
		{Title: "Usulan diterima", When: "12 Nov 2026 08.05 WIT", ISO: "2026-11-12T08:05:00+09:00", By: "Kelurahan Batu Merah"},
	}
}

func tasks() []ui.Task {
	return []ui.Task{
		{Label: "Identitas", Href: Root + "/formulir", Chip: ui.Chip{Label: "Lengkap", Tone: ui.Good}},
		{Label: "Anggota keluarga", Href: Root + "/formulir", Hint: "5 orang, 1 NIK menunggu pemeriksaan", Chip: ui.Chip{Label: "Lengkap", Tone: ui.Good}},
		{Label: "Rumah dan aset", Href: Root + "/formulir", Chip: ui.Chip{Label: "Draf", Tone: ui.Info}},
		{Label: "Pekerjaan", Href: Root + "/formulir", Chip: ui.Chip{Label: "Belum diisi"}},
		{Label: "Foto", Href: Root + "/formulir", Hint: "Boleh dilewati", Chip: ui.Chip{Label: "Belum diisi"}},
		{Label: "Periksa jawaban dan kirim", Chip: ui.Chip{Label: "Belum dapat dimulai"}},
	}
}

func compare() ui.Compare {
	side := func(text, source, choice string, chosen bool) ui.CompareSide {
		return ui.CompareSide{Text: text, Source: source, Choice: choice, Chosen: chosen}
	}
	same := func(label, value string) ui.CompareRow {
		return ui.CompareRow{Label: label, Left: ui.CompareSide{Text: value}, Right: ui.CompareSide{Text: value}, Verdict: ui.Chip{Label: "Sama", Tone: ui.Good}}
	}
	return ui.Compare{Caption: "Perbandingan dengan data kependudukan", LeftTitle: "Data kami", RightTitle: "Data Dukcapil",
		Rows: []ui.CompareRow{
			{Label: "Nama", Name: "name", Left: side("Siti Aminah", "Operator kelurahan, 12 Nov 2026", "ours", false), Right: side("SITI AMINAH LATUCONSINA", "Dukcapil, 20 Nov 2026", "civil", true), Verdict: ui.Chip{Label: "Berbeda", Tone: ui.Bad}, Note: "Satu kata kurang"},
			{Label: "Tanggal lahir", Name: "birth", Left: side("2 Maret 1985", "Kartu Keluarga", "ours", true), Right: side("27 Maret 1985", "Dukcapil, 20 Nov 2026", "civil", false), Verdict: ui.Chip{Label: "Berbeda", Tone: ui.Bad}, Note: "Satu angka kurang"},
			same("NIK", "8171 •••• •••• 0231"),
			same("Nomor KK", "8171 •••• •••• 0007"),
			same("Jenis kelamin", "Perempuan"),
			{Label: "Nama ibu kandung", Left: ui.CompareSide{Text: "–"}, Right: ui.CompareSide{Text: "Ada, tidak ditampilkan"}, Verdict: ui.Chip{Label: "Tidak diketahui", Tone: ui.Wait}},
		}}
}

func tiles() []ui.Tile {
	return []ui.Tile{
		{Label: "Keluarga tercatat", Value: "34.146", Unit: "keluarga", Change: "+292 dari bulan lalu", Href: Root + "/antrean"},
		{Label: "Orang tercatat", Value: "100.739", Unit: "orang", Share: "2,95 orang per keluarga"},
		{Label: "Tidak padan", Value: "5.500", Unit: "orang", Share: "5,5% dari 100.739 orang", Href: Root + "/padan", Tone: ui.Bad},
		{Label: "Penerima PKH", Value: "8.214", Unit: "keluarga", Share: "24,1% dari 34.146 keluarga", Tone: ui.Good},
		{Label: "Lewat batas waktu", Value: "47", Unit: "usulan", Share: "di 9 kelurahan", Href: Root + "/antrean", Tone: ui.Wait},
	}
}

func recipients() ui.Bar {
	return ui.Bar{Title: "Status 100.739 orang: 94,5% padan, 5,5% tidak padan, 0,2% belum diperiksa", Parts: []ui.Part{
		{Label: "Padan", Value: 95039, Text: "95.039", Tone: ui.Good},
		{Label: "Tidak padan", Value: 5500, Text: "5.500", Tone: ui.Bad},
		{Label: "Belum diperiksa", Value: 200, Text: "200"},
	}}
}

func deciles() ui.Figure {
	values := []int{4812, 4390, 4105, 3870, 3544, 3301, 3010, 2766, 2444, 1904}
	table := ui.Table{Caption: "Keluarga menurut desil", Plain: true, Columns: []ui.Column{{Label: "Desil"}, {Label: "Keluarga", Numeric: true}}}
	var data []svg.Datum
	for i, v := range values {
		text := fmt.Sprintf("%d.%03d", v/1000, v%1000)
		data = append(data, svg.Datum{Name: fmt.Sprint(i + 1), Value: float64(v), Text: text})
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{{Text: fmt.Sprint(i + 1)}, {Text: text}}})
	}
	picture := svg.Columns(svg.Figure{ID: "deciles", Title: "Keluarga menurut desil", Desc: "Dari 4.812 di desil 1 turun sampai 1.904 di desil 10.", NoData: "tidak ada data"}, data, "Desil")
	return ui.Figure{ID: "desil", Title: "Keluarga menurut desil", SVG: picture, Table: &table, CSV: Root,
		Definition: ui.Definition{AsOf: "Vintase September 2026", Denominator: "dari 34.146 keluarga", Note: "Desil 1 sampai 4 berhak diusulkan", Href: Root}}
}

func provinces() ui.Figure {
	table := ui.Table{Caption: "Kecocokan menurut provinsi", Plain: true, Columns: []ui.Column{{Label: "Kode"}, {Label: "Padan", Numeric: true}}}
	var data []svg.Datum
	for i, tile := range svg.Provinces() {
		value := 80 + float64((i*7)%20)
		d := svg.Datum{Code: tile.Code, Name: "Provinsi " + tile.Code, Value: value, Text: fmt.Sprintf("%.0f%%", value), None: i == 5}
		data = append(data, d)
		if d.None {
			d.Text = "tidak ada data"
		}
		table.Rows = append(table.Rows, ui.Row{Cells: []ui.Cell{{Text: tile.Code}, {Text: d.Text}}})
	}
	scale := svg.Scale{Breaks: [4]float64{84, 88, 92, 96}, Format: func(v float64) string { return fmt.Sprintf("%.0f%%", v) }}
	picture := svg.TileMap(svg.Figure{ID: "provinces", Title: "Kecocokan dengan data kependudukan menurut provinsi", Desc: "Angka contoh, dari 80% sampai 99%.", NoData: "tidak ada data"}, data, scale)
	return ui.Figure{ID: "provinsi", Title: "Kecocokan menurut provinsi", SVG: picture, Table: &table, CSV: Root,
		Definition: ui.Definition{AsOf: "per 21 November 2026", Denominator: "dari orang yang tercatat", Note: "Angka contoh"}}
}

func villages() []ui.RankRow {
	return []ui.RankRow{
		{Label: "Batu Merah", Href: Root + "/padan", Value: 812, Text: "812", Tone: ui.Bad},
		{Label: "Pandan Kasturi", Href: Root + "/padan", Value: 604, Text: "604"},
		{Label: "Hative Kecil", Href: Root + "/padan", Value: 431, Text: "431"},
		{Label: "Karang Panjang", Href: Root + "/padan", Value: 220, Text: "220"},
		{Label: "Waihoka", Href: Root + "/padan", Value: 38, Text: "38"},
	}
}

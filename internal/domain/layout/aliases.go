package layout

import "strings"

// aliases are the headings officers' files are known to use, besides a field's own name. They are
// compared folded, so "No. KK", "NOMOR KARTU KELUARGA" and "nomor_kk" are one. Headings that mean
// different things in different kinds of tables stand in kindAliases.
var aliases = [allFields]string{
	RowID:       "id baris, row id",
	Source:      "sumber, sumber data, asal data",
	Year:        "tahun, tahun data",
	HouseholdID: "id rumah tangga, id ruta, idbdt rumah tangga, no ruta, nomor urut ruta",
	RegistryID:  "id dtks, iddtks, id bdt, idbdt, id semesta, idsemesta, id keluarga, id keluarga dtks, id dtsen, id keluarga dtsen, family id, id pbdt, id jtg",
	PersonID:    "id penduduk, id individu, person id",
	NoKK:        "nomor kartu keluarga, nomor kk, kk, nkk, no kartu keluarga, family card number",
	NIK:         "nomor induk kependudukan, nik ktp, no ktp, nomor ktp, no nik, nomor nik, nik individu, nik anggota, nik penerima, nik peserta, id number",
	Name: "nama, nama lengkap, nama penduduk, nama individu, nama anggota, nama anggota keluarga, " +
		"nama anggota rumah tangga, nama art, nama penerima, nama peserta, nama kpm, nama sesuai ktp, nama warga, " +
		"full name",
	Sex:        "jenis kelamin, jk, kelamin, jenkel, l/p, lp, gender, sex id",
	BirthPlace: "tempat lahir, tmpt lahir, tmp lahir, tmplhr, tempat kelahiran, place of birth",
	BirthDate:  "tanggal lahir, tgl lahir, tgllhr, tgl lhr, tanggal kelahiran, lahir, date of birth, birthdate",
	MotherName: "nama ibu, nama ibu kandung, nama gadis ibu kandung, ibu kandung, nama lengkap ibu, mother name, mothers name",
	FatherName: "nama ayah, nama ayah kandung, nama bapak, nama lengkap ayah, father name, fathers name",
	Relation: "hubungan keluarga, hub keluarga, hubungan dalam keluarga, hub dalam keluarga, status hubungan, " +
		"status hubungan dalam keluarga, status dalam keluarga, shdk, shdrt, stat hbkel, " +
		"hubungan dengan kepala keluarga, hub kepala keluarga, hubungan dengan krt, kk level, status keluarga",
	Address: "alamat, alamat lengkap, alamat ktp, alamat domisili, alamat rumah, alamat tempat tinggal",
	RT:      "no rt, nomor rt",
	RW:      "no rw, nomor rw",
	Village: "desa, kelurahan, desa/kelurahan, kelurahan/desa, desa/kel, kel/desa, nama desa, nama kelurahan, " +
		"nama desa/kelurahan, nama kelurahan/desa, nama kel, nm kel, nm desa, kel, nagari, gampong, kampung, negeri, " +
		"pekon",
	Subdistrict:     "kecamatan, nama kecamatan, nama kec, nm kec, kec, distrik, district",
	Regency:         "kabupaten, kota, kabupaten/kota, kab/kota, nama kabupaten, nama kabupaten/kota, nama kab/kota, nama kab, nm kab, kab, kabkota, nama kota",
	Province:        "provinsi, propinsi, nama provinsi, nama prov, nm prov, prov",
	AreaCode:        "kode wilayah, kode desa, kode kelurahan, kode desa/kelurahan, kode kemendagri, kode wilayah kemendagri, id wilayah, kdwil, kode kel",
	Phone:           "telepon, no telepon, nomor telepon, no hp, nomor hp, hp, no telp, telp, no wa, handphone, phone number",
	EvidenceKind:    "jenis, jenis bukti, jenis temuan, indikator, kode temuan",
	Value:           "nilai, isi, besaran",
	AsOf:            "per tanggal, tanggal data, posisi data, tanggal, tanggal padan, tgl padan",
	Decile:          "desil, desil nasional, desil kesejahteraan, peringkat desil, desil dtsen, welfare decile",
	Vintage:         "periode desil, versi, edisi, rilis, triwulan, versi dtsen, periode data",
	Questionnaire:   "kuesioner, versi kuesioner, instrumen, questionnaire version",
	CollectedAt:     "tanggal pendataan, tgl pendataan, tanggal wawancara, tanggal verifikasi, tanggal kunjungan",
	CollectedBy:     "petugas, nama petugas, enumerator, pencacah, pendata",
	Latitude:        "lintang, lat",
	Longitude:       "bujur, lng, long, lon",
	Document:        "dokumen, berkas, bukti dokumen",
	PaymentID:       "id pembayaran, id transaksi, no transaksi, nomor referensi, no ref, end to end id",
	Programme:       "program, bansos, jenis bantuan, jenis bansos, nama program, bantuan",
	Period:          "periode, tahap, periode bayar, periode salur, bulan",
	CardNo:          "nomor kartu, no kks, nomor kks, no kartu, nomor kartu bpjs, noka, psnoka, no peserta, nomor peserta, no bpjs, no jkn, no kis",
	AccountNo:       "account, no rekening, nomor rekening, norek, rekening, no rek",
	AccountName:     "nama rekening, nama pemilik rekening, atas nama, nama di rekening",
	Bank:            "nama bank, bank penyalur, penyalur, bank/pos",
	Amount:          "jumlah, nominal, jumlah bantuan, nilai bantuan, besar bantuan, jumlah uang",
	RejectCode:      "kode tolak, kode gagal, kode penolakan, kode retur",
	Reason:          "alasan, keterangan, ket, alasan gagal, alasan tolak, keterangan gagal",
	CreditedAt:      "tanggal kredit, tanggal salur, tgl salur, tanggal top up, tanggal bayar, tgl kredit",
	FirstUsedAt:     "first tx at, tanggal transaksi, tgl transaksi, tanggal tarik, tanggal ambil, transaksi pertama",
	Match:           "hasil padan, status padan, hasil padanan, status padanan, keterangan padan, padan, status pemadanan, hasil pemadanan",
	MatchNote:       "catatan padan, alasan tidak padan, ket padan, keterangan hasil padan, keterangan padanan, keterangan pemadanan",
	NoKKMatch:       "kecocokan no kk, hasil no kk, padan no kk",
	NameMatch:       "kecocokan nama, hasil nama, padan nama, nama lengkap sesuai",
	SexMatch:        "kecocokan jenis kelamin, hasil jenis kelamin, padan jenis kelamin",
	BirthPlaceMatch: "kecocokan tempat lahir, hasil tempat lahir, padan tempat lahir",
	BirthDateMatch:  "kecocokan tanggal lahir, hasil tanggal lahir, padan tanggal lahir",
	MotherMatch:     "kecocokan nama ibu, hasil nama ibu, padan nama ibu",
	AddressMatch:    "kecocokan alamat, hasil alamat, padan alamat",
	ProposalNo:      "nomor usulan, no usulan, nomor pengajuan, no pengajuan, kode usulan",
	Decision:        "keputusan, hasil penetapan, status penetapan, penetapan, hasil keputusan, status usulan",
	Note:            "catatan, catatan keputusan",
	DecreeNo:        "nomor sk, no sk, sk, nomor keputusan, no keputusan, nomor kepmensos, sk penetapan",
	DecidedOn:       "tanggal sk, tgl sk, tanggal penetapan, tgl penetapan, tanggal keputusan",
	SignedBy:        "penanda tangan, penandatangan, ditandatangani oleh, pejabat",
	rtRW:            "rt/rw, rt rw, rt dan rw",
	birthPlaceDate:  "tempat tanggal lahir, tempat/tanggal lahir, tempat & tanggal lahir, tempat dan tanggal lahir, tempat tgl lahir, ttl",
	codeProvince:    "kode provinsi, kd prov, kode prov, kdprop, id provinsi",
	codeRegency:     "kode kabupaten, kode kabupaten/kota, kd kab, kode kab, kode kota, id kabupaten",
	codeSubdistrict: "kode kecamatan, kd kec, kode kec, id kecamatan",
	codeVillage:     "no urut desa, kd desa, kd kel, id desa, id kelurahan",
	rowNumber:       "no, nomor, no urut, nomor urut, #",
}

// kindAliases are headings with a meaning of their own in one kind of table.
var kindAliases = map[Kind]map[Field]string{
	Civil: {
		Status:    "status, status hidup, status penduduk, status kependudukan, status dasar",
		MatchNote: "keterangan, ket, catatan",
	},
	Payments: {Status: "status, status bayar, status penyaluran, status salur, hasil, status transaksi, status kepesertaan, status peserta, keaktifan"},
}

// headAliases are headings of the head of the family, which are the row's own where a table of families has no other name.
var headAliases = map[Field]string{
	Name: "nama kepala keluarga, nama kk, nama kepala rumah tangga, nama krt, nama kep kel",
	NIK:  "nik kepala keluarga, no nik kepala keluarga, nik kepala rumah tangga, nik krt, nik kk, nik kep kel, no ktp kepala keluarga",
}

// known maps the folded headings of a kind to fields. A field's own name always counts, and wins.
func (k Kind) known() map[string]Field {
	m := make(map[string]Field, 512)
	add := func(f Field, list string) {
		for name := range strings.SplitSeq(list, ",") {
			if key := fold(name); key != "" {
				if _, taken := m[key]; !taken {
					m[key] = f
				}
			}
		}
	}
	for f := range allFields {
		if k.accepts(f) {
			add(f, names[f].name)
		}
	}
	for f, list := range kindAliases[k] {
		add(f, list)
	}
	for f := range allFields {
		if k.accepts(f) {
			add(f, aliases[f])
		}
	}
	return m
}

package linkage

import (
	"maps"
	"slices"
	"strings"
	"testing"

	tables "tepat/data/linkage"
)

// TestTitlesOfOthers reads the titles of lists as offices and surveys write them: what is taken for which column,
// and what is left alone because it looks like a column and is another.
func TestTitlesOfOthers(t *testing.T) {
	t.Parallel()
	m, err := ParseModel(tables.Identity, tables.Tables)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ header, want string }{
		"civil registry": {
			"NO_KK;NIK;NAMA_LGKP;TMPT_LHR;TGL_LHR;JENIS_KLMIN;STAT_HBKEL;NAMA_LGKP_IBU;NAMA_LGKP_AYAH;ALAMAT;NO_RT;NO_RW",
			"kk=NO_KK;nik=NIK;name=NAMA_LGKP;birthplace=TMPT_LHR;birth=TGL_LHR;sex=JENIS_KLMIN;role=STAT_HBKEL;mother=NAMA_LGKP_IBU;father=NAMA_LGKP_AYAH;address=ALAMAT"},
		"household survey": {
			"id_keluarga;nama_krt;nama_art;nik;jenis_kel;tgl_lhr;tmp_lhr;nama_ibu_kdg;kode_kel;alamat_domisili",
			"household=id_keluarga;head=nama_krt;name=nama_art;nik=nik;sex=jenis_kel;birth=tgl_lhr;birthplace=tmp_lhr;mother=nama_ibu_kdg;area=kode_kel;address=alamat_domisili"},
		"families": {
			"No. Kartu Keluarga;Nama KK;Alamat;Desa/Kelurahan;No. Telp/HP",
			"kk=No. Kartu Keluarga;name=Nama KK;address=Alamat;village=Desa/Kelurahan;phone=No. Telp/HP"},
		"families and their members": {
			"nama_kk;nama_anak;jk;tanggallahir;nama_ibu",
			"head=nama_kk;name=nama_anak;sex=jk;birth=tanggallahir;mother=nama_ibu"},
		"voters": {
			"NO;NKK;NIK;NAMA PEMILIH;TEMPAT LAHIR;TANGGAL LAHIR;L/P;ALAMAT;RT;RW;TPS",
			"kk=NKK;nik=NIK;name=NAMA PEMILIH;birthplace=TEMPAT LAHIR;birth=TANGGAL LAHIR;sex=L/P;address=ALAMAT"},
		"pupils": {
			"NISN;Nama Siswa;JK;Tempat Lahir;Tanggal Lahir;NIK;Nama Gadis Ibu Kandung;Nama Ayah;Nomor WA",
			"name=Nama Siswa;sex=JK;birthplace=Tempat Lahir;birth=Tanggal Lahir;nik=NIK;mother=Nama Gadis Ibu Kandung;father=Nama Ayah;phone=Nomor WA"},
		"health post, the year alone": {
			"Nama Pasien;Jns. Kelamin;Thn Lahir;Kel;Kelas;No. WA",
			"name=Nama Pasien;sex=Jns. Kelamin;birth=Thn Lahir;village=Kel;phone=No. WA"},
		"date before year": {
			"nama;tahun_lahir;tgl_lahir", "name=nama;birth=tgl_lahir"},
		"address on the card before the one lived at": {
			"nama_penduduk;alamat_domisili;alamat_ktp", "name=nama_penduduk;address=alamat_ktp"},
		"English": {
			"National ID;Family Card Number;Full Name;Place of Birth;Date of Birth;Gender;Mother's Maiden Name;Father's Name;Village Code;Street Address;Mobile Number",
			"nik=National ID;kk=Family Card Number;name=Full Name;birthplace=Place of Birth;birth=Date of Birth;sex=Gender;mother=Mother's Maiden Name;father=Father's Name;area=Village Code;address=Street Address;phone=Mobile Number"},
		"words cut short": {
			"Nm. Lengkap;NM_IBU_KANDUNG;Nm Ayah Kdg;Tgl. Lhr (hh/bb/tttt);TMPT_LHIR;Jns Klmin;No. NIK;NMR KK;KD_WIL;Almt KTP",
			"name=Nm. Lengkap;mother=NM_IBU_KANDUNG;father=Nm Ayah Kdg;birth=Tgl. Lhr (hh/bb/tttt);birthplace=TMPT_LHIR;sex=Jns Klmin;nik=No. NIK;kk=NMR KK;area=KD_WIL;address=Almt KTP"},
		"English of a stranger": {
			"ID number;Full.Name;BirthDate;M/F;Family name", "nik=ID number;name=Full.Name;birth=BirthDate;sex=M/F"},
		"place and date in one": {"NAMA;Tempat/Tgl Lahir", "name=NAMA;birth=Tempat/Tgl Lahir"},
		"surveyed families": {
			"IDDTKS;NOKK;NIK;NAMA;TMP_LAHIR;TGL_LAHIR;JNSKEL;NMGADIS_IBU;HUB_KRT",
			"kk=NOKK;nik=NIK;name=NAMA;birthplace=TMP_LAHIR;birth=TGL_LAHIR;sex=JNSKEL;mother=NMGADIS_IBU;role=HUB_KRT"},
		"what they are to the head": {
			"Nama;Hub. Keluarga", "name=Nama;role=Hub. Keluarga"},
		"what they are to the head of the household": {
			"Nama;Hubungan dengan KRT", "name=Nama;role=Hubungan dengan KRT"},
		"titles with a word more than ours": {
			"NO KK PST;NIK PST;NM PST;TGL LHR PST;TMPT LHR PST;JK PST;NM IBU KDG PST;ALAMAT PST;NO HP PST",
			"kk=NO KK PST;nik=NIK PST;name=NM PST;birth=TGL LHR PST;birthplace=TMPT LHR PST;sex=JK PST;mother=NM IBU KDG PST;address=ALAMAT PST;phone=NO HP PST"},
		"words of others": {
			"NAMA BANK;NAMA SEKOLAH;NAMA DUSUN;NAMA PST;TGL LAHIR IBU;JK KEPALA KELUARGA;ALAMAT SEKOLAH;NO HP PENDAMPING;TGL NO KK;PEKERJAAN IBU PST",
			"name=NAMA PST"},
		"two that may be the name": {"NIK;NAMA CALON;NAMA PST", "nik=NIK"},
		"the civil registry's codes in four": {
			"NIK;NAMA_LGKP;NO_PROP;NO_KAB;NO_KEC;NO_KEL", "nik=NIK;name=NAMA_LGKP"},
		"participants": {
			"NIK_PESERTA;NAMA_PESERTA;NIK_IBU;FASKES_TK1", "nik=NIK_PESERTA;name=NAMA_PESERTA"},
		"a NIK of whom the list lists": {
			"NAMA;NIK ANGGOTA KUBE;NIK_IBU_KANDUNG;Status NIK;Ket. NIK", "name=NAMA;nik=NIK ANGGOTA KUBE"},
		"a NIK beside others": {
			"nik;nik_nasabah;nama", "nik=nik;name=nama"},
		"two that may be the NIK": {
			"nama;nik_nasabah;nik_anggota_kube", "name=nama"},
		"NIKs of others alone": {
			"nama;nik_suami;nik pendamping;no_nik_kepala_keluarga", "name=nama"},
		"titles of several names": {
			"Nama/Alias;DESA/NAGARI;Periode/Sumber;RT/RW;L/P;Tempat/Tgl Lahir;Hasil/Cek", "name=Nama/Alias;village=DESA/NAGARI;entered=Periode/Sumber;sex=L/P;birth=Tempat/Tgl Lahir"},
		"a title of several names beside the plain one": {
			"desa;desa/nagari;nama", "village=desa;name=nama"},
		"heads alone": {
			"No KK;NIK Kepala Keluarga;Nama Kepala Keluarga;Alamat", "kk=No KK;nik=NIK Kepala Keluarga;name=Nama Kepala Keluarga;address=Alamat"},
		"heads of households alone, cut short": {
			"nik_krt;nm_krt;tgl_lahir", "nik=nik_krt;name=nm_krt;birth=tgl_lahir"},
		"heads, and a NIK of the row": {
			"nik;nik_kepala_keluarga;nama_kepala_keluarga", "nik=nik;name=nama_kepala_keluarga"},
		"heads beside the person's name": {
			"nama;nik_kepala_keluarga;nama_kepala_keluarga", "name=nama;head=nama_kepala_keluarga"},
		"heads beside the person's name in parts": {
			"nama_depan;nama_belakang;nik_kepala_keluarga;nama_kepala_keluarga", "head=nama_kepala_keluarga"},
		"what only looks like a column": {
			"nama;id_keluarga;nik_kepala_keluarga;nik_ibu;nik_ayah;nama_suami;kode_kec;kode_pos;keluarga;kelas;status;hubungan;umur", "name=nama;household=id_keluarga;role=hubungan"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, want := strings.Split(c.header, ";"), map[string]string{}
			for part := range strings.SplitSeq(c.want, ";") {
				column, title, _ := strings.Cut(part, "=")
				want[column] = title
			}
			got := map[string]string{}
			for i := range m.file.Columns {
				if at := m.fieldOf(&m.file.Columns[i], header); at >= 0 && !slices.Contains(slices.Collect(maps.Values(got)), header[at]) {
					got[m.file.Columns[i].Name] = header[at]
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}

// TestNoTitleOfTwoColumns holds each title to one column, so that which column is looked for first says nothing. The head's name alone
// stands in for a person's too where a list has no other.
func TestNoTitleOfTwoColumns(t *testing.T) {
	t.Parallel()
	m, err := ParseModel(tables.Identity, tables.Tables)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]string{}
	for i := range m.file.Columns {
		c := &m.file.Columns[i]
		for _, title := range slices.Concat([]string{c.Name}, c.From, c.Else) {
			if other, taken := of[m.titleWords(title)]; taken && other != c.Name && c.Name != "head" {
				t.Errorf("%s is a title of %s and of %s", title, other, c.Name)
			}
			of[m.titleWords(title)] = c.Name
		}
	}
}

package layout

import (
	"strings"
	"testing"
)

// A heading that stands in the lists of two fields would silently go to one of them.
func TestEveryAliasMeansItsOwnField(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		known := kind.known()
		own := make(map[string]bool) // headings that the kind gives a meaning of its own
		for f, list := range kindAliases[kind] {
			for name := range strings.SplitSeq(list, ",") {
				own[fold(name)] = true
				if known[fold(name)] != f {
					t.Errorf("%s: %q means %s, not %s", kind, name, known[fold(name)], f)
				}
			}
		}
		for f := range allFields {
			if !kind.accepts(f) {
				continue
			}
			for name := range strings.SplitSeq(names[f].name+","+aliases[f], ",") {
				if key := fold(name); key != "" && !own[key] && known[key] != f {
					t.Errorf("%s: %q means %s, not %s", kind, strings.TrimSpace(name), known[key], f)
				}
			}
		}
	}
}

func TestEveryFieldHasANameAndAHome(t *testing.T) {
	t.Parallel()
	for f := range allFields {
		if names[f].name == "" || byName[names[f].name] != f {
			t.Errorf("field %d is named %q", f, names[f].name)
		}
	}
	for f := range Fields {
		home := false
		for _, kind := range Kinds() {
			home = home || kind.Has(f)
		}
		if !home {
			t.Errorf("no kind of table has %s", f)
		}
	}
	if Field(noField).String() != "" {
		t.Error("no field has a name")
	}
}

// TestHeadsAreTheRowsOnlyWhereARowHasNoNameOfItsOwn binds lists of heads, and lists that name the head beside each person.
func TestHeadsAreTheRowsOnlyWhereARowHasNoNameOfItsOwn(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"No KK;NIK Kepala Keluarga;Nama Kepala Keluarga;Alamat": "no_kk;nik;name;address",
		"NIK KRT;NAMA KRT": "nik;name",
		"NIK;NIK Kepala Keluarga;Nama Kepala Keluarga":  "nik;;name",
		"Nama;NIK Kepala Keluarga;Nama Kepala Keluarga": "name;;",
		"NIK Kepala Keluarga;Alamat":                    ";address",
		"Nama Kepala Keluarga;SHDK":                     ";relation",
		"Nama Anggota Kel.;Nama Kepala Keluarga":        ";",
	} {
		b := Detect(Families, strings.Split(header, ";"), nil)
		var got []string
		for i := range b.Headings() {
			got = append(got, b.FieldOf(i))
		}
		if strings.Join(got, ";") != want {
			t.Errorf("%s: %v, want %s", header, got, want)
		}
		own := map[string]int{"NIK KRT;NAMA KRT": 2, "No KK;NIK Kepala Keluarga;Nama Kepala Keluarga;Alamat": 2, "NIK;NIK Kepala Keluarga;Nama Kepala Keluarga": 1}[header]
		if len(b.Heads()) != own {
			t.Errorf("%s: says %v", header, b.Heads())
		}
	}
	if b := Detect(Civil, []string{"NIK Kepala Keluarga", "Nama Kepala Keluarga"}, nil); b.Has(NIK) || b.Has(Name) {
		t.Error("the civil registry is a list of persons")
	}
}

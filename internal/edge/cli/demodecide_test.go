package cli

import (
	"os"
	"path/filepath"
	"testing"

	"tepat/internal/domain/person"
)

// TestOfWhomOfficesStateSomething: the demo's new families are nobody that a file of evidence names.
func TestOfWhomOfficesStateSomething(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ahu.csv":         "nik,kind,value\n3307146509620001,company_owner,UD\nx,company_owner,UD\n",
		"bkn.csv":         "kind,nik\ncivil_servant,3307146509620002\n",
		"ahu.rejects.csv": "nik,kind\n3307146509620003,dead\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := statedOf(dir)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d, %v", len(got), err)
	}
	for _, text := range []string{"3307146509620001", "3307146509620002"} {
		nik, err := person.ParseNIK(text)
		if err != nil || !got[nik] {
			t.Errorf("%s is not known: %v", nik, err)
		}
	}
	if got, err := statedOf(filepath.Join(dir, "nothing")); err != nil || len(got) != 0 {
		t.Errorf("without a folder: %d, %v", len(got), err)
	}
}

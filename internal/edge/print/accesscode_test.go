package print_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tepat/internal/edge/print"
)

// TestTheSlipOfAnAccessCode says all a person needs on one page. The code is no part of what the digest is made of.
func TestTheSlipOfAnAccessCode(t *testing.T) {
	t.Parallel()
	slip := print.AccessCode{Issue: issue(), Name: "Siti Aminah", NIK: "1209 .... .... 0231", Secret: "7K4M-92QF", Address: "cek.contoh.go.id/saya", ValidUntil: "2027-02-19", Tries: 5}
	d, err := press(t).AccessCode(slip)
	if err != nil || d.Pages != 1 {
		t.Fatalf("%d pages, %v", d.Pages, err)
	}
	text := read(t, d)
	for _, want := range []string{"KODE AKSES WARGA", "7K4M-92QF", "Siti Aminah", "cek.contoh.go.id/saya", "19 Februari 2027", "5 kali sehari", "Jangan berikan kode"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in: %s", want, text)
		}
	}
	slip.Secret = "0000-0000"
	other, err := press(t).AccessCode(slip)
	if err != nil || other.Digest != d.Digest {
		t.Errorf("the digest is made of the code, %v", err)
	}
	if dir := os.Getenv("TEPAT_PICTURES"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "kode.pdf"), d.PDF, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

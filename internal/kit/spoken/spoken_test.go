package spoken_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tepat/internal/kit/spoken"
)

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.ByteRange(0, 31), 1, 40).Draw(t, "values")
		text := spoken.Write(values)
		if got, ok := spoken.Read(text, len(values)); !ok || !slices.Equal(got, values) {
			t.Fatalf("%v is written %s and read %v, %v", values, text, got, ok)
		}
		if _, ok := spoken.Read(text, len(values)+1); ok {
			t.Fatalf("%s is read as a longer code", text)
		}
	})
}

func TestAsPeopleType(t *testing.T) {
	t.Parallel()
	want := spoken.Write([]byte{0, 1, 1, 10, 31, 16})
	if want != "011A-ZG" {
		t.Fatalf("written %s", want)
	}
	for typed, ok := range map[string]bool{
		"011a-zg": true, "OIlA zg": true, "0.1.1.A.Z.G": true, " 011A--ZG ": true,
		"": false, "011A-Z": false, "011A-ZGG": false, "011A-ZU": false, "011A-Zé": false, "011A/ZG": false,
	} {
		values, got := spoken.Read(typed, 6)
		if got != ok || ok && spoken.Write(values) != want {
			t.Errorf("%q is read %v, %v", typed, values, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("7K2M-Q0XD", 8)
	f.Fuzz(func(t *testing.T, typed string, letters int) {
		if letters < 0 || letters > 64 {
			return
		}
		values, ok := spoken.Read(typed, letters)
		if ok && len(values) != letters {
			t.Fatalf("%d letters of %q, want %d", len(values), typed, letters)
		}
	})
}

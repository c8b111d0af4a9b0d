package tabular_test

import (
	"math/rand/v2"
	"testing"
)

// The fuzzers need a run of their own; these are the same mutations in little, in every test.
func TestMutatedFilesNeitherPanicNorRunOn(t *testing.T) {
	t.Parallel()
	seeds := []string{
		book(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>33000.5</v></c></row>`, part{"xl/sharedStrings.xml", `<si><t>a&amp;b</t></si>`}),
		sheets(map[string]string{"a": `<row/>`, "-b": `<row><c t="inlineStr"><is><t>x</t></is></c></row>`}, "a", "-b"),
		"\xef\xbb\xbfsep=;\r\na;\"b\"\"c\"\r\n\"d\ne\";'=1\r\n",
		wide("nik;nama\n1;Zoë 😀\n", true, true),
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 1500 {
		b := []byte(seeds[random.IntN(len(seeds))])
		for range 1 + random.IntN(5) {
			b[random.IntN(len(b))] = byte(random.IntN(256))
		}
		if random.IntN(8) == 0 {
			b = b[:random.IntN(len(b))]
		}
		exercise(t, string(b))
	}
}

package linkage

import "testing"

// TestAddressesOfOneHouse holds what an address is compared by to how clerks write one.
func TestAddressesOfOneHouse(t *testing.T) {
	t.Parallel()
	replaced := wordsReplaced(map[string]string{"JL": "JALAN", "KP": "KAMPUNG", "Dsn": "Dusun", "RT": "", "RW": "", "NO": ""})
	for text, want := range map[string]string{
		"JL. MASJID NO. 117 RT.005/RW.002": "JALAN MASJID 117 5 2",
		"Jalan Masjid No 117 5/2":          "JALAN MASJID 117 5 2",
		"KP. I RT 02 RW 03":                "KAMPUNG I 2 3",
		"KAMPUNG I 2/3":                    "KAMPUNG I 2 3",
		"DSN.TANAH RT09 RW04":              "DUSUN TANAH 9 4",
		"RT 000":                           "0",
		"BLOK A12":                         "BLOK A 12",
		"RT / RW":                          "",
		"":                                 "",
	} {
		if got := string(replaced(nil, numbersApart(nil, fold(nil, []byte(text))))); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

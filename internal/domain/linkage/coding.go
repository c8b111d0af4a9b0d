package linkage

// A coding is that of a list where the value it is known by stands on so many of the rows that have a value any coding knows, and there
// are so many of these. Children stand on a quarter of them and more; sons- and daughters-in-law, who have their number in the other
// coding, on one in twenty at most.
const (
	codingLeast = 20
	codingShare = 0.25
)

// codingFile is what the values of a column mean in one coding of several; which of them is a list's own its values tell.
type codingFile struct {
	Known string            `yaml:"known_by"` // a value that in this coding stands on many rows, and in those after it on few
	Map   map[string]string `yaml:"map"`
}

// coding gives what values mean in the coding of the list, nothing where none is known.
func (d *data) coding(c *column) map[string]string {
	t := d.table(c)
	if len(c.file.Codings) == 0 || t == nil {
		return nil
	}
	all, of := int32(0), make([]int32, len(c.file.Codings))
	for v := 1; v < min(t.size(), len(t.counts[0])); v++ {
		text, n, named := t.texts.text(uint32(v)), t.counts[0][v]+t.counts[1][v], false
		for i := range c.file.Codings {
			x := &c.file.Codings[i]
			means, ok := x.Map[string(text)]
			if named = named || ok; ok && means == x.Map[x.Known] {
				of[i] += n
			}
		}
		if named {
			all += n
		}
	}
	for i := range c.file.Codings {
		if all >= codingLeast && float64(of[i]) >= codingShare*float64(all) {
			return c.file.Codings[i].Map
		}
	}
	return nil
}

// meant gives what a value means in a coding; in none it means itself.
func meant(coding map[string]string, value []byte) []byte {
	if means, ok := coding[string(value)]; ok {
		return []byte(means)
	}
	return value
}

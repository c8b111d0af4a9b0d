package cli

import data "tepat/data/linkage"

// better gives the model of Tepat whose columns the first file has more of than of the one that was taken because none was named,
// how many it has, and of how many; no name where none has.
func (o *opened) better() (name string, found, all int) {
	if o.input.Model != "" {
		return "", 0, 0
	}
	header := o.tables[0].Header()
	most, _ := o.model.Columns(header)
	for _, other := range data.Models() {
		m, err := o.input.parse(data.Model(other))
		if err != nil {
			continue // the models that are here are tested
		}
		// Nearly all of its columns: id, name and date of birth stand in every list of people.
		if n, of := m.Columns(header); n > most && 4*n >= 3*of {
			name, found, all, most = other, n, of, n
		}
	}
	return name, found, all
}

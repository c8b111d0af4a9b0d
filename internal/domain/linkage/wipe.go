package linkage

// Wipe clears what the engine holds of the values of the rows: packed numbers and dates, texts and words. The
// engine cannot be used any more. The sources are the caller's to wipe.
func (e *Engine) Wipe() {
	clear(e.rows)
	for i := range e.plan.keys {
		clear(e.plan.keys[i].lane)
	}
	if e.houses != nil {
		clear(e.houses.values)
	}
	for _, t := range e.tables {
		if t == nil {
			continue
		}
		clear(t.texts.arena)
		clear(t.names)
	}
	clear(e.words.text)
	clear(e.words.ids.arena)
	e.data = nil
}

package insight

// KindOf gives the kind of a folded name.
func (g *NameGroups) KindOf(name string) string { return g.of(name) }

package linkage

// possible leaves out of a condition what can never hold because a column is not there; false when nothing of it can hold.
func (p *plan) possible(c condition) (condition, bool) {
	switch c.operator {
	case 0:
		for _, name := range usesColumns(c, nil) {
			if p.of(name) == nil {
				return c, false
			}
		}
		return c, true
	case '!':
		return c, true
	}
	var parts []condition
	for _, part := range c.parts {
		left, can := p.possible(part)
		if can {
			parts = append(parts, left)
		}
		if !can && c.operator == '&' {
			return c, false
		}
	}
	switch len(parts) {
	case 0:
		return c, false
	case 1:
		return parts[0], true
	}
	c.parts = parts
	return c, true
}

// unused names the columns nothing asks for: a village's name tells nothing where its code is compared and no subdistrict's name is
// there. To read them would cost time and room. Asks says that doubtful pairs are asked more.
func (p *plan) unused(asks bool) map[string]bool {
	asked := map[string]bool{}
	for i := range p.comparisons {
		c := &p.comparisons[i]
		asked[c.column.file.Name] = true
		for _, cond := range c.calls {
			if left, can := p.possible(cond); can {
				for _, name := range usesColumns(left, nil) {
					asked[name] = true
				}
			}
		}
	}
	if asks {
		for _, name := range p.keepDoubts().columns() {
			asked[name] = true
		}
	}
	for _, s := range p.singles {
		asked[s.column.file.Name] = true
	}
	for _, m := range p.manys {
		asked[m.column.file.Name] = true
	}
	if f := p.model.file.Company; f != nil {
		asked[f.Column] = true
	}
	for i := range p.columns {
		if f := p.columns[i].file; asked[f.Name] {
			asked[f.Unlike], asked[f.Carries], asked[f.Swapped], asked[f.Within] = true, true, true, true
		}
	}
	unused := map[string]bool{}
	for i := range p.columns {
		if name := p.columns[i].file.Name; !asked[name] {
			unused[name] = true
		}
	}
	return unused
}

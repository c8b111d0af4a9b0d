package insight

import "tepat/internal/domain/area"

// openNode is one area in a tree of public numbers: a village, or an area whose number is the sum of those below.
//
// What is published is a system of equations: every shown sum less what is shown below it gives the sum of what is hidden
// below it. These sums share no hidden number, so that each can be looked at by itself: one is safe when it holds at least
// two hidden numbers, and is large enough that none of them is known to within four.
type openNode struct {
	code   area.Code
	n, of  int64
	known  bool
	hidden bool
	below  []*openNode
	rest   *openNode // of what counts here and below none of the areas that are shown, such as a village that is no more
}

func (o *openNode) each(f func(*openNode)) {
	f(o)
	for _, b := range o.below {
		b.each(f)
	}
}

// open fills in a column of one month, and hides what has to be hidden: what the numbers of the month ask for, and what those of
// the months before asked for. A number that stands in for a small one of an earlier month has mostly not changed since; shown
// now, it would tell the small one. So for each of these months what protects its small numbers by itself is hidden now.
func (o *openNode) open(got figures, earlier []figures, c openCount) {
	then := map[area.Code]bool{}
	for _, one := range earlier {
		o.fill(one, c)
		o.protect()
		o.each(func(n *openNode) {
			if n.hidden {
				then[n.code] = true
			}
		})
	}
	o.fill(got, c)
	o.protect()
	o.each(func(n *openNode) { n.hidden = n.hidden || n.known && then[n.code] })
	o.protect()
}

// fill takes one column's numbers, and hides those that are small by themselves.
func (o *openNode) fill(got figures, c openCount) {
	own := got.at(o.code)
	o.n, o.of, o.known = c.n(own), c.of(own), own != nil
	o.hidden = o.known && Value{N: o.n, Of: o.of}.small()
	if o.rest = nil; len(o.below) == 0 {
		return
	}
	rest := &openNode{n: o.n, of: o.of, known: true}
	for _, b := range o.below {
		b.fill(got, c)
		if b.known {
			rest.n, rest.of = rest.n-b.n, rest.of-b.of
		}
	}
	if o.known && rest.n > 0 { // shown nowhere, and told by subtraction like a line
		rest.hidden = Value{N: rest.n, Of: rest.of}.small()
		o.rest = rest
	}
}

// parts gives what an area's number is the sum of.
func (o *openNode) parts() []*openNode {
	if o.rest == nil {
		return o.below
	}
	return append(o.below[:len(o.below):len(o.below)], o.rest)
}

func (o *openNode) shown() Value {
	switch {
	case !o.known:
		return Value{None: true}
	case o.hidden:
		return hidden()
	}
	return Value{N: o.n}
}

// protect hides further numbers until no hidden one follows from those that are shown.
func (o *openNode) protect() {
	for o.protectOnce() {
	}
}

// protectOnce mends the first place that tells too much, and reports whether there was one.
func (o *openNode) protectOnce() bool {
	for _, b := range o.below {
		if b.protectOnce() {
			return true
		}
	}
	switch {
	case len(o.below) == 0 || o.safe():
		return false
	case o.hideBelow():
		return true
	case o.hidden:
		return false
	}
	o.hidden = true
	return true
}

// free gives the hidden villages whose sum the nearest shown area above tells: those not below another shown sum.
func (o *openNode) free() (out []*openNode) {
	for _, b := range o.parts() {
		switch {
		case !b.hidden || !b.known:
		case len(b.below) == 0:
			out = append(out, b)
		default:
			out = append(out, b.free()...)
		}
	}
	return out
}

// safe reports whether the numbers below an area tell no hidden one.
func (o *openNode) safe() bool {
	free := o.free()
	if o.hidden {
		return o.n == 0 || len(free) > 0
	}
	if len(free) == 0 {
		return true
	}
	var sum int64
	for _, f := range free {
		sum += f.n
	}
	if len(free) < 2 || sum-int64(len(free)) < smallest-1 {
		return false
	}
	for _, b := range o.parts() { // a hidden sum must not be all that is hidden here
		if b.hidden && len(b.below) > 0 && len(b.free()) == len(free) {
			return false
		}
	}
	return true
}

// hideBelow hides the smallest number right below that is shown and not nothing, and reports whether there was one.
func (o *openNode) hideBelow() bool {
	var least *openNode
	for _, b := range o.below {
		if !b.hidden && b.known && b.n > 0 && (least == nil || b.n < least.n) {
			least = b
		}
	}
	if least != nil {
		least.hidden = true
	}
	return least != nil
}

package linkage

// Numbers a comparison begins with whose levels say none: matches mostly agree, random pairs hardly ever. They are there to be fitted by
// training, and are nobody's knowledge of the data.
const (
	guessAgree = 0.8  // m of the first level
	guessNear  = 0.1  // m of all levels between the first and the last
	guessEqual = 0.01 // u of the first level
	guessClose = 0.03 // u of all levels between
)

// guess fills in the numbers of comparisons that have none at all.
func (c *comparisonFile) guess() {
	last := len(c.Levels) - 1
	for _, l := range c.Levels {
		if l.M != 0 || l.U != 0 {
			return
		}
	}
	if last < 1 {
		return
	}
	near, close := 0.0, 0.0
	if last > 1 {
		near, close = guessNear, guessClose
	}
	for j := range c.Levels {
		l := &c.Levels[j]
		switch j {
		case 0:
			l.M, l.U = guessAgree, guessEqual
		case last:
			l.M, l.U = 1-guessAgree-near, 1-guessEqual-close
		default:
			l.M, l.U = near/float64(last-1), close/float64(last-1)
		}
	}
}

package eligibility

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/interpreter"

	"tepat/internal/kit/fail"
)

// Explanation says how a rule came to its verdict.
type Explanation struct {
	Verdict Verdict
	Because []FactUsed // the facts that made it yes or no, in the order they stand in the rule
	Missing []string   // facts that are unknown and on which the verdict still depends, in that order
}

// Explain evaluates every part of the rule and names the facts that decided. In "a or b" only the parts
// that are true made it true; in "a and b" only those that are false made it false. Error:
// criterion.evaluate.
func (r *Rule) Explain(f Facts) (Explanation, error) {
	out, details, err := r.tracing.Eval(activation{r.vocabulary, f})
	if err != nil {
		return Explanation{}, fail.Invalid("criterion.evaluate").Because(err)
	}
	verdict, err := verdictOf(out)
	if err != nil {
		return Explanation{}, err
	}
	t := tracer{state: details.State()}
	t.walk(r.tree)
	x := Explanation{Verdict: verdict}
	for _, name := range t.found {
		switch v := f.Value(name); {
		case v.Known() && verdict != Undecided:
			x.Because = append(x.Because, FactUsed{name, v})
		case !v.Known() && verdict == Undecided:
			x.Missing = append(x.Missing, name)
		}
	}
	return x, nil
}

// tracer walks the parts of a rule that agree with its outcome and collects their variables.
type tracer struct {
	state interpreter.EvalState
	found []string
}

func (t *tracer) walk(e ast.Expr) {
	if e.Kind() != ast.CallKind {
		t.take(e)
		return
	}
	call := e.AsCall()
	switch call.FunctionName() {
	case operators.LogicalAnd, operators.LogicalOr:
		for _, part := range call.Args() {
			if t.agrees(part, e) {
				t.walk(part)
			}
		}
	case operators.LogicalNot:
		t.walk(call.Args()[0])
	case operators.Conditional:
		t.branch(call.Args())
	default:
		t.take(e)
	}
}

// branch follows the branch that was taken, or all of it when the condition is unknown.
func (t *tracer) branch(args []ast.Expr) {
	t.walk(args[0])
	condition, _ := t.state.Value(args[0].ID())
	if condition != types.False {
		t.walk(args[1])
	}
	if condition != types.True {
		t.walk(args[2])
	}
}

// agrees tells whether a part has the same outcome as the whole: both true, both false, both unknown.
func (t *tracer) agrees(part, whole ast.Expr) bool {
	p, ok := t.state.Value(part.ID())
	w, ok2 := t.state.Value(whole.ID())
	if !ok || !ok2 {
		return true
	}
	if types.IsUnknown(w) {
		return types.IsUnknown(p)
	}
	return p.Equal(w) == types.True
}

func (t *tracer) take(e ast.Expr) {
	for _, name := range names(e, nil) {
		if !slices.Contains(t.found, name) {
			t.found = append(t.found, name)
		}
	}
}

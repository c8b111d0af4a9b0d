package linkage

import (
	"bytes"
	"io"
	"math"
	"strconv"

	"tepat/internal/kit/parallel"
)

// writeRows is how many rows of a file a worker writes at a time.
const writeRows = 8192

// lines writes lines made by the workers, in order. It ends with the error of w or of Stop.
func (e *Engine) lines(w io.Writer, header string, n int, line func(x *Explainer, at int, out []byte) []byte) error {
	if _, err := io.WriteString(w, header); err != nil {
		return err
	}
	var runs []portion
	for from := 0; from < n; from += writeRows {
		runs = append(runs, portion{from, min(n, from+writeRows)})
	}
	return parallel.ChunksWith(e.options.Workers, e.Explainer, parallel.Split(runs, 1), func(x *Explainer, chunk []portion) []byte {
		out := make([]byte, 0, 128*writeRows)
		for at := chunk[0].from; at < chunk[0].to; at++ {
			out = line(x, at, out)
		}
		return out
	}, func(text []byte) error {
		if err := e.options.stopped(); err != nil {
			return err
		}
		_, err := w.Write(text)
		return err
	})
}

// WriteLinks writes one line for each row of the first table, in its order: id, reference id (empty when none),
// probability, weight in bits, status, second-best id, gap in bits (empty without a second), and how the
// comparisons agreed.
func (e *Engine) WriteLinks(w io.Writer, l *Links) error {
	header := "id,reference_id,probability,weight,status,second_id,gap,reasons\n"
	return e.lines(w, header, len(l.Matches), func(x *Explainer, at int, out []byte) []byte {
		m := &l.Matches[at]
		out = append(e.appendID(out, at), ',')
		if m.Status != None {
			out = e.appendID(out, e.left+int(m.Reference))
		}
		out = append(out, ',')
		if m.Reference >= 0 {
			out = strconv.AppendFloat(out, m.Probability, 'f', 6, 64)
			out = append(out, ',')
			out = strconv.AppendFloat(out, Bits(m.Weight), 'f', 2, 64)
		} else {
			out = append(out, "0,"...)
		}
		out = append(out, ',')
		out = append(out, m.Status.String()...)
		out = append(out, ',')
		if m.Second >= 0 {
			out = e.appendID(out, e.left+int(m.Second))
		}
		out = append(out, ',')
		if m.Gap != math.MaxInt32 {
			out = strconv.AppendFloat(out, Bits(m.Gap), 'f', 2, 64)
		}
		out = append(out, ',')
		if m.Status != None {
			for i, reason := range x.reasonsOf(m.levels) {
				if i > 0 {
					out = append(out, ' ')
				}
				out = append(out, reason...)
			}
		}
		return append(out, '\n')
	})
}

// WriteEdges writes the pairs above the bar of review, the strongest first: both ids, weight in bits, probability.
func (e *Engine) WriteEdges(w io.Writer, d *Doubles) error {
	return e.lines(w, "left_id,right_id,weight,probability\n", len(d.Edges), func(x *Explainer, at int, out []byte) []byte {
		edge := &d.Edges[at]
		out = append(e.appendID(out, int(edge.A)), ',')
		out = append(e.appendID(out, int(edge.B)), ',')
		out = append(strconv.AppendFloat(out, Bits(edge.Weight), 'f', 2, 64), ',')
		return append(strconv.AppendFloat(out, Probability(edge.Weight), 'f', 6, 64), '\n')
	})
}

// WriteClusters writes each row, in the order of the table, with its cluster: the first id of the rows held to be one.
func (e *Engine) WriteClusters(w io.Writer, d *Doubles) error {
	first := make([]int32, e.n)
	for i := range first {
		first[i] = int32(i)
	}
	for _, c := range d.Clusters {
		for _, row := range c {
			first[row] = c[0]
		}
	}
	return e.lines(w, "id,cluster\n", e.n, func(x *Explainer, at int, out []byte) []byte {
		out = append(e.appendID(out, at), ',')
		return append(e.appendID(out, int(first[at])), '\n')
	})
}

// appendID writes the id of a row as a field of a CSV file.
func (e *Engine) appendID(out []byte, row int) []byte {
	id := e.ID(row)
	if bytes.IndexByte(id, ',') < 0 && bytes.IndexByte(id, '"') < 0 && bytes.IndexByte(id, '\n') < 0 && bytes.IndexByte(id, '\r') < 0 {
		return append(out, id...)
	}
	out = append(out, '"')
	out = append(out, bytes.ReplaceAll(id, []byte(`"`), []byte(`""`))...)
	return append(out, '"')
}

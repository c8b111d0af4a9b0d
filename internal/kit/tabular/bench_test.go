package tabular

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"
)

func plainCSV(rows int, quote string) []byte {
	var b bytes.Buffer
	b.WriteString("row_id,no_kk,nik,name,sex,birth_place,birth_date,mother_name,relation,address,rt,rw\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d,12090101%08d,12090145%08d,%sSITI AMINAH%s,P,KISARAN,1990-04-%02d,NUR HASANAH,ISTRI,%sJL MERDEKA %d%s,001,002\n",
			i, i, i, quote, quote, 1+i%28, quote, i%100, quote)
	}
	return b.Bytes()
}

func BenchmarkReadCSV(b *testing.B) {
	const rows = 100_000
	for _, c := range []struct{ name, quote string }{{"plain", ""}, {"quoted", `"`}} {
		data := plainCSV(rows, c.quote)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(bytes.NewReader(data), int64(len(data)), Options{})
				if err != nil {
					b.Fatal(err)
				}
				n := 0
				for {
					if _, err := r.Next(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
					n++
				}
				if n != rows+1 {
					b.Fatal(n)
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
		b.Run(c.name+"/encoding-csv", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(data))
				r.ReuseRecord = true
				for {
					if _, err := r.Read(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

// benchRow is a row of twelve cells as lists have them.
func benchRow(i int, row []Cell) []Cell {
	return append(row[:0], Number(int64(i)), Text(fmt.Sprintf("12090101%08d", i)), Text(fmt.Sprintf("12090145%08d", i)), Text("SITI AMINAH"),
		Text("P"), Text("KISARAN"), Text("1990-04-12"), Text("NUR HASANAH"), Text("ISTRI"), Text("JL MERDEKA 12"), Text("001"), Rupiah(600_000))
}

// benchRows are made beforehand, so that only the writing is measured.
func benchRows(n int) [][]Cell {
	rows := make([][]Cell, n)
	for i := range rows {
		rows[i] = benchRow(i, nil)
	}
	return rows
}

func BenchmarkWrite(b *testing.B) {
	const n = 50_000
	rows := benchRows(n)
	for _, c := range []struct {
		name string
		open func() Writer
	}{
		{"csv", func() Writer { return NewCSVWriter(io.Discard, CSVOptions{}) }},
		{"xlsx", func() Writer { return NewXLSXWriter(io.Discard) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := c.open()
				for _, row := range rows {
					if err := w.Write(row...); err != nil {
						b.Fatal(err)
					}
				}
				if err := w.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e3, "krows/s")
		})
	}
}

func BenchmarkReadXLSX(b *testing.B) {
	const n = 50_000
	var inline bytes.Buffer
	w := NewXLSXWriter(&inline)
	for _, row := range benchRows(n) {
		if err := w.Write(row...); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name string
		data []byte
	}{{"inline", inline.Bytes()}, {"shared", sharedBook(b, n)}} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			for b.Loop() {
				r, err := Open(bytes.NewReader(c.data), int64(len(c.data)), Options{})
				if err != nil {
					b.Fatal(err)
				}
				rows := 0
				err = All(r, func(Row) error { rows++; return nil }, func(e *RowError) error { return e })
				if err != nil || rows != n {
					b.Fatal(rows, err)
				}
				if err := r.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds()/1e3, "krows/s")
		})
	}
}

// sharedBook is a workbook as Excel writes it: texts in a table of their own.
func sharedBook(b *testing.B, n int) []byte {
	b.Helper()
	f := excelize.NewFile()
	texts := []any{"SITI AMINAH", "P", "KISARAN", "1990-04-12", "NUR HASANAH", "ISTRI", "JL MERDEKA 12", "001"}
	for i := range n {
		row := append([]any{i, fmt.Sprintf("12090101%08d", i), fmt.Sprintf("12090145%08d", i)}, texts...)
		row = append(row, 600_000)
		if err := f.SetSheetRow("Sheet1", fmt.Sprint("A", i+1), &row); err != nil {
			b.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

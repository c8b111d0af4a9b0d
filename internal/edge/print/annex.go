package print

import (
	"tepat/internal/kit/pdf"
)

// Copy says for whom an annex is printed.
type Copy string

// The copies of a decree. They have different digests.
const (
	PublicCopy Copy = "public" // NIK masked here, whatever the caller gives
	SealedCopy Copy = "sealed" // full NIK, for the payer and the file
)

// AnnexRow is one recipient.
type AnnexRow struct {
	Name      string `json:"name"`
	NIK       string `json:"nik"`
	RTRW      string `json:"rt_rw"`
	Programme string `json:"programme"`
	Amount    int64  `json:"amount"` // rupiah; 0 where the help is no money
}

// AnnexVillage is the part of one village.
type AnnexVillage struct {
	District string     `json:"district"` // kecamatan
	Village  string     `json:"village"`
	Rows     []AnnexRow `json:"rows"`
}

// Annex is the list of recipients that belongs to a decree.
type Annex struct {
	Issue    Issue          `json:"issue"`
	Copy     Copy           `json:"copy"`
	Decree   string         `json:"decree"`   // "Keputusan Bupati Asahan Nomor 400 Tahun 2026"
	About    string         `json:"about"`    // what follows TENTANG
	Units    string         `json:"units"`    // what a row is: "keluarga", "orang"
	Villages []AnnexVillage `json:"villages"` // in the order of the list
}

// annexTable builds the rows and keeps the sums that go to the foot of each page.
type annexTable struct {
	s      *sheet
	annex  Annex
	table  pdf.Table
	counts []int   // recipients up to and with row i of the table
	sums   []int64 // rupiah up to and with row i
	count  int
	sum    int64
}

// Annex composes the list in landscape: villages with subtotals, the sum so far at the foot
// of each page, the total at the end, the signature.
func (p Press) Annex(a Annex) (Printed, error) {
	for i := range a.Villages {
		if a.Copy != SealedCopy {
			a.Villages = maskVillage(a.Villages, i)
		}
	}
	s, err := p.open(look{kind: "LMP", title: "letter.annex.title", size: 10.5, landscape: true}, a.Issue, a)
	if err != nil {
		return Printed{}, err
	}
	s.Title(s.say("letter.annex.title") + "\n" + pdf.Plain(a.Decree))
	s.Write(pdf.Style{Align: pdf.Center, After: 1}, s.say("letter.annex.about", "about", a.About))
	copyKey := "letter.annex.public"
	if a.Copy == SealedCopy {
		copyKey = "letter.annex.sealed"
	}
	s.Write(pdf.Style{Align: pdf.Center, Size: 9, After: 4}, s.say(copyKey))
	t := &annexTable{s: s, annex: a}
	t.build()
	s.Table(t.table)
	s.sign(s.placeAndDate())
	return s.finish()
}

// maskVillage gives the villages with the i-th one's numbers masked; the caller's stay whole.
func maskVillage(villages []AnnexVillage, i int) []AnnexVillage {
	out := append([]AnnexVillage(nil), villages...)
	out[i].Rows = append([]AnnexRow(nil), villages[i].Rows...)
	for j := range out[i].Rows {
		out[i].Rows[j].NIK = maskNIK(out[i].Rows[j].NIK)
	}
	return out
}

func (t *annexTable) build() {
	s := t.s
	t.table = pdf.Table{Family: pdf.Sans, Size: 8.5, Carry: t.carry, Tail: s.SignatureHeight() + 3, Columns: []pdf.Column{
		{Head: s.say("letter.column.no"), Width: 16, Align: pdf.Right},
		{Head: s.say("letter.column.name")},
		{Head: s.say("letter.column.nik"), Width: 44},
		{Head: s.say("letter.column.rt_rw"), Width: 24},
		{Head: s.say("letter.column.programme"), Width: 48},
		{Head: s.say("letter.column.amount"), Width: 38, Align: pdf.Right},
	}}
	for _, v := range t.annex.Villages {
		t.village(v)
	}
	t.add(pdf.Row{Kind: pdf.SumRow, Cells: t.sumCells(s.say("letter.annex.total"), t.count, t.sum)})
}

func (t *annexTable) village(v AnnexVillage) {
	t.add(pdf.Row{Kind: pdf.GroupRow, Cells: []string{t.s.say("letter.annex.village", "district", v.District, "village", v.Village)}})
	sum := int64(0)
	for _, r := range v.Rows {
		t.count++
		t.sum += r.Amount
		sum += r.Amount
		amount := "–"
		if r.Amount > 0 {
			amount = t.s.press.words.RupiahLetter(r.Amount)
		}
		cells := append([]string{t.s.press.words.Number(int64(t.count))}, plainAll([]string{r.Name, r.NIK, r.RTRW, r.Programme})...)
		t.add(pdf.Row{Cells: append(cells, amount)})
	}
	t.add(pdf.Row{Kind: pdf.SumRow, Cells: t.sumCells(t.s.say("letter.annex.subtotal", "village", v.Village), len(v.Rows), sum)})
}

func (t *annexTable) add(r pdf.Row) {
	t.table.Rows = append(t.table.Rows, r)
	t.counts = append(t.counts, t.count)
	t.sums = append(t.sums, t.sum)
}

func (t *annexTable) sumCells(words string, count int, sum int64) []string {
	amount := "–"
	if sum > 0 {
		amount = t.s.press.words.RupiahLetter(sum)
	}
	return []string{"", words, "", "", t.s.press.words.Number(int64(count)) + " " + pdf.Plain(t.annex.Units), amount}
}

// carry gives the sum at the foot of a page after the given number of table rows.
func (t *annexTable) carry(rows int) []string {
	return t.sumCells(t.s.say("letter.annex.carried"), t.counts[rows-1], t.sums[rows-1])
}

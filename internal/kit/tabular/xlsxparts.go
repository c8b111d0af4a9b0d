package tabular

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

const (
	xmlHead       = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	spreadsheetML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
	officeRels    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	packageRels   = "http://schemas.openxmlformats.org/package/2006/relationships"
	contentPrefix = "application/vnd.openxmlformats-officedocument.spreadsheetml."
)

const xlsxRoot = xmlHead + `<Relationships xmlns="` + packageRels + `"><Relationship Id="rId1" Type="` + officeRels +
	`/officeDocument" Target="xl/workbook.xml"/></Relationships>`

// xlsxStyles are the styles of cells, in the order of the constants: number, title (bold), text
// (format 49, which keeps a retyped NIK text), money (thousands), day, note (italic), text in several lines.
const xlsxStyles = xmlHead + `<styleSheet xmlns="` + spreadsheetML + `">` +
	`<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts>` +
	`<fonts count="3"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>` +
	`<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font>` +
	`<font><i/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
	`<fill><patternFill patternType="solid"><fgColor rgb="FFE8EEF0"/><bgColor indexed="64"/></patternFill></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="7">` +
	`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="3" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
	`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

// xlsxPaper is how a sheet for paper is printed: A4 on its side, as many sheets long as it takes.
const xlsxPaper = `<printOptions gridLines="1"/><pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>` +
	`<pageSetup paperSize="9" orientation="landscape" fitToWidth="1" fitToHeight="0"/><headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter>`

// add writes a small part.
func (w *XLSXWriter) add(name, content string) {
	if w.err != nil {
		return
	}
	part, err := w.zip.Create(name)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	w.err = files.Explain(err)
}

func (w *XLSXWriter) contentTypes() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + contentPrefix + `sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + contentPrefix + `styles+xml"/>`)
	for i := range w.sheets {
		b.WriteString(`<Override PartName="/xl/worksheets/sheet` + strconv.Itoa(i+1) + `.xml" ContentType="` +
			contentPrefix + `worksheet+xml"/>`)
	}
	b.WriteString(`</Types>`)
	return b.String()
}

func (w *XLSXWriter) workbook() string {
	b := []byte(xmlHead + `<workbook xmlns="` + spreadsheetML + `" xmlns:r="` + officeRels +
		`"><bookViews><workbookView/></bookViews><sheets>`)
	for i, name := range w.sheets {
		n := strconv.Itoa(i + 1)
		b = append(b, `<sheet name="`...)
		b = appendEscaped(b, name)
		b = append(b, `" sheetId="`+n+`" r:id="rId`+n+`"/>`...)
	}
	b = append(b, `</sheets>`...)
	return string(append(w.printTitles(b), `</workbook>`...))
}

// printTitles names the rows that stand on each paper of their sheet.
func (w *XLSXWriter) printTitles(b []byte) []byte {
	if !slices.ContainsFunc(w.titled, func(row int) bool { return row > 0 }) {
		return b
	}
	b = append(b, `<definedNames>`...)
	for i, row := range w.titled {
		if row > 0 {
			b = append(b, `<definedName name="_xlnm.Print_Titles" localSheetId="`+strconv.Itoa(i)+`">`...)
			b = appendEscaped(b, fmt.Sprintf("'%s'!$%d:$%d", strings.ReplaceAll(w.sheets[i], "'", "''"), row, row))
			b = append(b, `</definedName>`...)
		}
	}
	return append(b, `</definedNames>`...)
}

func (w *XLSXWriter) relations() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="` + packageRels + `">`)
	for i := range w.sheets {
		n := strconv.Itoa(i + 1)
		b.WriteString(`<Relationship Id="rId` + n + `" Type="` + officeRels + `/worksheet" Target="worksheets/sheet` + n + `.xml"/>`)
	}
	b.WriteString(`<Relationship Id="rId` + strconv.Itoa(len(w.sheets)+1) + `" Type="` + officeRels + `/styles" Target="styles.xml"/></Relationships>`)
	return b.String()
}

// textCell writes a text where it stands: a table of shared texts would have to stay in memory.
func (w *XLSXWriter) textCell(column, style int, s string) {
	if s == "" {
		return
	}
	if len(s) > longText && utf16Length(s) > longText {
		w.err = fail.Invalid("tabular.cell.long", "line", w.row, "column", column+1, "limit", longText)
		return
	}
	w.place(column, style)
	w.buf = append(w.buf, ` t="inlineStr"><is><t`...)
	if s[0] <= ' ' || s[len(s)-1] <= ' ' {
		w.buf = append(w.buf, ` xml:space="preserve"`...)
	}
	w.buf = append(w.buf, '>')
	w.buf = appendEscaped(w.buf, s)
	w.buf = append(w.buf, `</t></is></c>`...)
}

func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// appendEscaped appends text for XML. What XML does not allow is written as the format asks,
// _x0007_, and so is a text that looks like it; bytes that are not UTF-8 become U+FFFD.
func appendEscaped(dst []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '&' && c != '<' && c != '>' && c != '"' && c != '_' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		out := escapeOf(r, size, s[i:])
		if out == "" {
			i += size
			continue
		}
		dst = append(append(dst, s[from:i]...), out...)
		i += size
		from = i
	}
	return append(dst, s[from:]...)
}

// escapeOf gives what a character is written as, and "" when it can stand as it is.
func escapeOf(r rune, size int, s string) string {
	switch {
	case r == '&':
		return "&amp;"
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '"':
		return "&quot;"
	case r == '_':
		if _, ok := controlAt([]byte(s[:min(len(s), 7)])); ok {
			return "_x005F_"
		}
	case r == utf8.RuneError && size == 1, r == 0xfffe, r == 0xffff:
		return "\ufffd"
	case r < ' ' && r != '\t' && r != '\n':
		const hex = "0123456789ABCDEF"
		return "_x00" + string(hex[r>>4]) + string(hex[r&15]) + "_"
	}
	return ""
}

package tabular

import (
	"bytes"
	"io"
	"path"
	"strconv"
	"strings"

	"tepat/internal/kit/fail"
)

// workbook is what has to be known of an XLSX file before its rows can be read (ECMA-376 part 1,
// chapter 18).
type workbook struct {
	*archive
	sheets   []sheetRef
	from1904 bool
	formats  []format // by the number a cell names
	texts    *textTable
}

// sheetRef is one sheet and the part its rows are in.
type sheetRef struct {
	name   string
	part   string
	hidden bool
}

// xmlLimit is the longest tag or text of the parts read at the begin.
const xmlLimit = 1 << 20

func openWorkbook(a *archive, o Options) (*workbook, error) {
	w := &workbook{archive: a}
	main, err := w.mainPart()
	if err != nil {
		return nil, err
	}
	links, err := w.links(main)
	if err != nil {
		return nil, err
	}
	if err := w.readWorkbook(main, links); err != nil {
		return nil, err
	}
	if err := w.readStyles(links.byKind("/styles")); err != nil {
		return nil, err
	}
	if w.texts, err = w.readTexts(links.byKind("/sharedStrings"), o); err != nil {
		return nil, err
	}
	return w, nil
}

// mainPart finds the workbook in the archive, and says what the archive is when it holds none.
func (w *workbook) mainPart() (string, error) {
	root, err := w.links("")
	if err != nil {
		return "", err
	}
	main := root.byKind("/officeDocument")
	if main == "" {
		main = "xl/workbook.xml"
	}
	switch {
	case strings.HasSuffix(strings.ToLower(main), ".bin"):
		return "", fail.Invalid("tabular.format.xlsb")
	case w.find(main) != nil && !strings.Contains(strings.ToLower(main), "word") && !strings.Contains(strings.ToLower(main), "ppt"):
		return main, nil
	case w.find(main) != nil || w.find("[Content_Types].xml") != nil:
		return "", errUnknown()
	case w.find("content.xml") != nil && w.find("mimetype") != nil:
		return "", fail.Invalid("tabular.format.ods")
	}
	return "", fail.Invalid("tabular.format.zip")
}

// link is a relation from one part to another.
type link struct{ id, kind, target string }

type links []link

// byKind gives the target of the first relation whose type ends so; the types of the strict variant
// of the format differ only before that.
func (l links) byKind(suffix string) string {
	for _, r := range l {
		if strings.HasSuffix(r.kind, suffix) {
			return r.target
		}
	}
	return ""
}

// sheet gives the part of a sheet of cells; sheets of charts and of old macros have none.
func (l links) sheet(id string) string {
	for _, r := range l {
		if r.id == id && strings.HasSuffix(r.kind, "/worksheet") {
			return r.target
		}
	}
	return ""
}

// links reads the relations of a part; the root's, when its name is empty.
func (w *workbook) links(part string) (links, error) {
	dir, file := path.Split(part)
	var found links
	err := w.scan(dir+"_rels/"+file+".rels", func(s *xmlScanner, t *token) error {
		if t.kind != tokenStart || string(t.name) != "Relationship" {
			return nil
		}
		target := attrText(t.attrs, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		found = append(found, link{
			id: attrText(t.attrs, "Id"), kind: attrText(t.attrs, "Type"), target: strings.TrimPrefix(target, "/"),
		})
		return nil
	})
	return found, err
}

// scan calls f with every token of a part; a part that is missing has none.
func (w *workbook) scan(part string, f func(*xmlScanner, *token) error) error {
	entry := w.find(part)
	if part == "" || entry == nil {
		return nil
	}
	src, err := w.open(entry)
	if err != nil {
		return err
	}
	defer src.Close()
	s := newXMLScanner(src, xmlLimit)
	var t token
	for {
		switch err := s.next(&t); err {
		case nil:
		case io.EOF:
			return nil
		default:
			return archiveError(err)
		}
		if err := f(s, &t); err != nil {
			return err
		}
	}
}

// attrText gives the value of an attribute, with its entities resolved.
func attrText(attrs []byte, name string) string {
	return string(appendText(nil, token{text: attr(attrs, name)}))
}

// readWorkbook reads the names of the sheets and the system of dates.
func (w *workbook) readWorkbook(main string, l links) error {
	err := w.scan(main, func(_ *xmlScanner, t *token) error {
		if t.kind != tokenStart {
			return nil
		}
		switch string(t.name) {
		case "workbookPr":
			v := attrText(t.attrs, "date1904")
			w.from1904 = v == "1" || v == "true"
		case "sheet":
			if part := l.sheet(relationID(t.attrs)); part != "" {
				state := attrText(t.attrs, "state")
				w.sheets = append(w.sheets, sheetRef{
					name: attrText(t.attrs, "name"), part: part, hidden: state != "" && state != "visible",
				})
			}
		}
		return nil
	})
	if err == nil && len(w.sheets) == 0 {
		err = errEmpty()
	}
	return err
}

// relationID gives the relation an element names, whatever the prefix of the name space.
func relationID(attrs []byte) string {
	for {
		key, value, rest := nextAttr(attrs)
		if key == nil {
			return ""
		}
		if bytes.HasSuffix(key, []byte(":id")) {
			return string(value)
		}
		attrs = rest
	}
}

// readStyles reads which numbers are dates and which are shown with leading zeros.
func (w *workbook) readStyles(part string) error {
	custom := make(map[int]string)
	inside := false
	return w.scan(part, func(_ *xmlScanner, t *token) error {
		switch string(t.name) {
		case "numFmt":
			if id, err := strconv.Atoi(attrText(t.attrs, "numFmtId")); err == nil && t.kind == tokenStart {
				custom[id] = attrText(t.attrs, "formatCode")
			}
		case "cellXfs":
			inside = t.kind == tokenStart && !t.empty
		case "xf":
			if inside && t.kind == tokenStart && len(w.formats) < 1<<16 {
				id, _ := strconv.Atoi(attrText(t.attrs, "numFmtId"))
				w.formats = append(w.formats, formatOf(id, custom[id]))
			}
		}
		return nil
	})
}

// readTexts reads the texts that cells share.
func (w *workbook) readTexts(part string, o Options) (*textTable, error) {
	table := newTextTable(w.limits.Strings, o.TempDir)
	var one []byte
	inside, phonetic := false, false
	err := w.scan(part, func(_ *xmlScanner, t *token) error {
		switch {
		case t.kind == tokenText:
			if inside && !phonetic {
				one = appendText(one, *t)
			}
		case string(t.name) == "t":
			inside = t.kind == tokenStart && !t.empty
		case string(t.name) == "rPh": // how to pronounce it
			phonetic = t.kind == tokenStart && !t.empty
		case string(t.name) == "si" && (t.kind == tokenEnd || t.empty):
			err := table.add(unescapeControls(one))
			one = one[:0]
			return err
		}
		if len(one) > w.limits.Line {
			return fail.Invalid("tabular.corrupt")
		}
		return nil
	})
	if err == nil {
		err = table.freeze()
	}
	if err != nil {
		table.close()
		return nil, err
	}
	return table, nil
}

// unescapeControls resolves, in place, the form _x000D_ in which a workbook writes characters that
// XML does not allow (ECMA-376 part 1, 22.9.2.19).
func unescapeControls(text []byte) []byte {
	if !bytes.Contains(text, []byte("_x")) {
		return text
	}
	out := text[:0]
	for i := 0; i < len(text); {
		if c, ok := controlAt(text[i:]); ok {
			var b [4]byte
			out = append(out, b[:copy(b[:], string(c))]...)
			i += 7
			continue
		}
		out = append(out, text[i])
		i++
	}
	return out
}

func controlAt(text []byte) (rune, bool) {
	if len(text) < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	return rune(n), err == nil
}

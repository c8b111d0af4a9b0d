package tabular

import (
	"bytes"
	"io"
	"os"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

// OpenFile reads the table in the file of that path; Close closes it. Errors: those of Open, and of
// files.Explain.
func OpenFile(path string, o Options) (Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, files.Explain(err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, files.Explain(err)
	}
	r, err := open(f, info.Size(), f, o)
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return r, nil
}

// Open reads the table in a file of that many bytes, whatever its name says it is.
//
// Errors: tabular.empty; tabular.cut (fact line), tabular.cut.file and tabular.corrupt for a damaged file;
// tabular.format.xls, .encrypted, .xlsb, .ods, .html, .xml, .zip and .unknown for files of other
// kinds; tabular.bomb and tabular.entries for an archive made to harm; tabular.sheet.missing (facts
// sheet, sheets); and those of files.Explain.
func Open(src io.ReaderAt, size int64, o Options) (Reader, error) {
	return open(src, size, nil, o)
}

func open(src io.ReaderAt, size int64, closer io.Closer, o Options) (Reader, error) {
	head := make([]byte, 4096)
	n, err := src.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return nil, files.Explain(err)
	}
	head = head[:n]
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return openXLSX(src, size, closer, o)
	case bytes.HasPrefix(head, []byte(oleMagic)):
		return nil, refuseOLE(src, size)
	}
	return newCSV(io.NewSectionReader(src, 0, size), size, closer, o)
}

// foreign are the first bytes of files that are no tables, or none this package reads.
var foreign = []struct{ magic, code string }{
	{"\xff\xfe\x00\x00", "tabular.format.unknown"}, // UTF-32
	{"\x00\x00\xfe\xff", "tabular.format.unknown"},
	{"%PDF-", "tabular.format.unknown"},
	{"\x89PNG", "tabular.format.unknown"},
	{"\xff\xd8\xff", "tabular.format.unknown"}, // JPEG
	{"\x1f\x8b", "tabular.format.zip"},         // gzip
	{"Rar!", "tabular.format.zip"},
	{"7z\xbc\xaf\x27\x1c", "tabular.format.zip"},
	{"PK\x03\x04", "tabular.format.zip"}, // only in a stream: a file is opened as XLSX
	{oleMagic, "tabular.format.xls"},
	{"PAR1", "tabular.format.unknown"}, // Parquet
	{"SQLite format 3", "tabular.format.unknown"},
	{"MIME-Version:", "tabular.format.html"}, // web archive
}

// refuseBinary refuses what is plainly not CSV: web sites give out HTML tables under the name .xls,
// and a picture would make thousands of bad rows.
func refuseBinary(sample []byte) error {
	for _, f := range foreign {
		if bytes.HasPrefix(sample, []byte(f.magic)) {
			return fail.Invalid(f.code)
		}
	}
	if code := markup(sample); code != "" {
		return fail.Invalid(code)
	}
	if e, _, _ := detectEncoding(sample); e != UTF16LE && e != UTF16BE && mostlyControl(sample) {
		return errUnknown()
	}
	return nil
}

// markup recognises HTML and the XML of Excel 2003.
func markup(sample []byte) string {
	head := bytes.TrimPrefix(sample, []byte("\xef\xbb\xbf"))
	head = bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 2048)], " \t\r\n"))
	if !bytes.HasPrefix(head, []byte("<")) {
		return ""
	}
	for _, tag := range []string{"<!doctype html", "<html", "<table", "<head", "<meta", "<style", "<body", "<div"} {
		if bytes.HasPrefix(head, []byte(tag)) {
			return "tabular.format.html"
		}
	}
	if !bytes.HasPrefix(head, []byte("<?xml")) {
		return ""
	}
	if bytes.Contains(head, []byte("<html")) {
		return "tabular.format.html"
	}
	return "tabular.format.xml"
}

// mostlyControl reports whether so many bytes are control characters that this is no text.
func mostlyControl(sample []byte) bool {
	count := 0
	for _, c := range sample {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			count++
		}
	}
	return count > 16 && count > len(sample)/10
}

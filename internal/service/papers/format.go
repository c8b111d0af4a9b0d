package papers

import (
	"bytes"
	"image/jpeg"
	"image/png"

	"tepat/internal/kit/fail"
)

// Format is what a file is, by its content.
type Format string

// The formats that are taken: what scanners and phones make, and what people can look at without a program of its own.
const (
	PDF  Format = "pdf"
	JPEG Format = "jpeg"
	PNG  Format = "png"
)

// MediaType gives the type a browser is told.
func (f Format) MediaType() string {
	if f == PDF {
		return "application/pdf"
	}
	return "image/" + string(f)
}

// Extension gives the end of a file's name.
func (f Format) Extension() string {
	if f == JPEG {
		return ".jpg"
	}
	return "." + string(f)
}

// widest is the most pixels a side of a picture may have: a page at 1200 dots an inch.
const widest = 16_000

// Recognise tells what a file is by what is in it; what it is called does not matter. Errors: papers.format when it is
// none of the formats, papers.broken when it begins as one and is not whole.
func Recognise(content []byte) (Format, error) {
	switch {
	case bytes.HasPrefix(content, []byte("%PDF-")):
		if !bytes.Contains(content[max(0, len(content)-1024):], []byte("%%EOF")) {
			return "", fail.Invalid("papers.broken")
		}
		return PDF, nil
	case bytes.HasPrefix(content, []byte("\xff\xd8\xff")):
		size, err := jpeg.DecodeConfig(bytes.NewReader(content))
		if err != nil || !bytes.Contains(content[max(0, len(content)-1024):], []byte("\xff\xd9")) || size.Width > widest || size.Height > widest {
			return "", fail.Invalid("papers.broken")
		}
		return JPEG, nil
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		size, err := png.DecodeConfig(bytes.NewReader(content))
		if err != nil || !bytes.Contains(content[max(0, len(content)-1024):], []byte("IEND")) || size.Width > widest || size.Height > widest {
			return "", fail.Invalid("papers.broken")
		}
		return PNG, nil
	}
	return "", fail.Invalid("papers.format")
}

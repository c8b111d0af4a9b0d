package cli

import (
	"os"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/files"
)

// writable refuses, before any work is done, files to write that are files to read or one another, that are folders, or that
// nobody can write where they are to stand. Empty names are passed over. Errors: linkage.out_input, linkage.out_twice,
// cli.file_folder (fact file), and those of files.
func writable(outs, inputs []string) error {
	for i, out := range outs {
		if out == "" {
			continue
		}
		info, err := os.Stat(out)
		if err == nil && info.IsDir() {
			return fail.Invalid("cli.file_folder", "file", out)
		}
		for _, in := range inputs {
			if sameFile(out, in) {
				return fail.Invalid("linkage.out_input", "file", in)
			}
		}
		for _, other := range outs[:i] {
			if sameFile(out, other) {
				return fail.Invalid("linkage.out_twice", "file", out)
			}
		}
		f, err := files.Create(out, 0o600)
		if err != nil {
			return err
		}
		f.Discard()
	}
	return nil
}

// sameFile tells whether two names are those of one file, there already or to be written.
func sameFile(a, b string) bool {
	if a == b {
		return a != ""
	}
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}

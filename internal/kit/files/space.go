package files

import "tepat/internal/kit/fail"

// Free gives the bytes that can still be written to the file system of the folder. Errors: those
// of Explain.
func Free(dir string) (int64, error) {
	n, err := free(dir)
	return n, Explain(err)
}

// Require refuses work that needs more bytes than the file system of the folder has, before it is
// begun. Errors: files.short (facts need and free, in megabytes), and those of Explain.
func Require(dir string, need int64) error {
	have, err := Free(dir)
	if err != nil {
		return err
	}
	if have >= need {
		return nil
	}
	const megabyte = 1 << 20
	return fail.Unavailable("files.short", "need", (need+megabyte-1)/megabyte, "free", have/megabyte)
}

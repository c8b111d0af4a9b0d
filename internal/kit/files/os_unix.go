//go:build unix

package files

import (
	"math"
	"syscall"
)

// The error numbers that mean the same to a person.
var (
	diskFull = [...]syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}
	readOnly = [...]syscall.Errno{syscall.EROFS}
	tooMany  = [...]syscall.Errno{syscall.EMFILE, syscall.ENFILE}
	broken   = [...]syscall.Errno{syscall.EIO}
)

// free gives the bytes an ordinary user may still write to the file system of dir.
func free(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	blocks, size := uint64(s.Bavail), uint64(s.Bsize)
	if size != 0 && blocks > math.MaxInt64/size {
		return math.MaxInt64, nil
	}
	return int64(blocks * size), nil
}

//go:build !unix

package mapped

import (
	"errors"
	"os"
)

func mmap(*os.File, int) ([]byte, func() error, error) {
	return nil, nil, errors.ErrUnsupported
}

//go:build windows

package files

import (
	"math"
	"syscall"
	"unsafe"
)

// The error numbers that mean the same to a person (System Error Codes of the Windows API).
var (
	diskFull = [...]syscall.Errno{112 /* DISK_FULL */, 39 /* HANDLE_DISK_FULL */, 1295 /* DISK_QUOTA_EXCEEDED */}
	readOnly = [...]syscall.Errno{19 /* WRITE_PROTECT */}
	tooMany  = [...]syscall.Errno{4 /* TOO_MANY_OPEN_FILES */}
	broken   = [...]syscall.Errno{23 /* CRC */, 1117 /* IO_DEVICE */}
)

// free gives the bytes the user may still write to the volume of dir.
func free(dir string) (int64, error) {
	name, err := syscall.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	call := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")
	var available uint64
	ok, _, err := call.Call(uintptr(unsafe.Pointer(name)), uintptr(unsafe.Pointer(&available)), 0, 0)
	if ok == 0 {
		return 0, err
	}
	return int64(min(available, math.MaxInt64)), nil
}

package cli

import (
	"syscall"
	"unsafe"
)

// byClick tells that the program was started by a double click: Windows then makes a console
// for it alone, while a command line's console has its shell as well.
func byClick() bool {
	list := syscall.NewLazyDLL("kernel32.dll").NewProc("GetConsoleProcessList")
	if list.Find() != nil {
		return false
	}
	var processes [2]uint32
	n, _, _ := list.Call(uintptr(unsafe.Pointer(&processes[0])), uintptr(len(processes)))
	return n == 1
}

package handover

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// supported tells that commands can be handed over here: the kernel says who calls.
const supported = true

// samePerson refuses a caller who runs under another user of the system: a command handed
// over does what this process may, with its keys.
func samePerson(conn net.Conn) error {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.New("not a local socket")
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return fmt.Errorf("ask who calls: %w", err)
	}
	var who *syscall.Ucred
	var asked error
	if err := raw.Control(func(fd uintptr) {
		who, asked = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return fmt.Errorf("ask who calls: %w", err)
	}
	if asked != nil {
		return fmt.Errorf("ask who calls: %w", asked)
	}
	return allow(who.Uid)
}

func allow(uid uint32) error {
	if int64(uid) != int64(os.Geteuid()) {
		return fmt.Errorf("user %d calls, this is %d", uid, os.Geteuid())
	}
	return nil
}

// longest is how long the name of a socket may be; the kernel's own limit is 107 bytes.
const longest = 100

// short gives a name of the socket that is short enough, through the folder it returns, which
// must stay open while the name is used; nil when the name is short enough as it is.
func short(path string) (*os.File, string, error) {
	if len(path) <= longest {
		return nil, path, nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, "", fmt.Errorf("open folder of socket: %w", err)
	}
	return folder, fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), filepath.Base(path)), nil
}

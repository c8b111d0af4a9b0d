package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// wire is one connection kept open, as browsers keep theirs. It speaks just enough HTTP/1.1
// to cost little: the machine is shared with what is measured.
type wire struct {
	conn  net.Conn
	in    *bufio.Reader
	host  string
	out   []byte
	inner []byte // the last answer's body, when it was wanted
}

// patience bounds one request; what takes longer is an error.
const patience = 10 * time.Second

func dial(host string) (*wire, error) {
	conn, err := net.DialTimeout("tcp", host, patience)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 8<<10), host: host}, nil
}

func (w *wire) close() { _ = w.conn.Close() }

// post sends a form as a browser behind a proxy does, and gives the status. With read the
// body is kept, unpacked, for body.
func (w *wire) post(path, from string, form []byte, read bool) (status int, err error) {
	b := append(w.out[:0], "POST "...)
	b = append(append(b, path...), " HTTP/1.1\r\nHost: "...)
	b = append(append(b, w.host...), "\r\nUser-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Mobile Safari/537.36"...)
	b = append(b, "\r\nAccept: text/html,application/xhtml+xml\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: id-ID,id;q=0.9"...)
	b = append(b, "\r\nContent-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: "...)
	b = append(append(b, from...), "\r\nContent-Length: "...)
	b = append(strconv.AppendInt(b, int64(len(form)), 10), "\r\n\r\n"...)
	w.out = append(b, form...)
	if err := w.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	if _, err := w.conn.Write(w.out); err != nil {
		return 0, err
	}
	return w.answer(read)
}

// answer reads one answer.
func (w *wire) answer(read bool) (status int, err error) {
	line, err := w.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, errors.New("not an HTTP answer")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length, packed := -1, false
	for {
		if line, err = w.in.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := header(line, "Content-Length: "); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, err
			}
		}
		if value, ok := header(line, "Content-Encoding: "); ok {
			packed = string(value) == "gzip"
		}
	}
	if length < 0 {
		return 0, errors.New("an answer of unknown length")
	}
	if !read {
		_, err = w.in.Discard(length)
		return status, err
	}
	w.inner, err = w.body(length, packed)
	return status, err
}

func header(line []byte, name string) ([]byte, bool) {
	if len(line) < len(name) || !bytes.EqualFold(line[:len(name)], []byte(name)) {
		return nil, false
	}
	return bytes.TrimSpace(line[len(name):]), true
}

func (w *wire) body(length int, packed bool) ([]byte, error) {
	raw := make([]byte, length)
	if _, err := io.ReadFull(w.in, raw); err != nil || !packed {
		return raw, err
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

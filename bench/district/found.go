package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"tepat/internal/app"
	"tepat/internal/domain/area"
	"tepat/internal/edge/cli"
	"tepat/internal/service/accounts"
	"tepat/internal/service/installation"
	"tepat/web/messages"
)

func open(ctx context.Context, db, keys string, create *installation.Creation) (*cli.House, error) {
	catalogue, err := messages.Load()
	if err != nil {
		return nil, fmt.Errorf("load messages: %w", err)
	}
	return app.Build(ctx, cli.OpenOptions{DB: db, Keys: keys, New: create, Version: "bench", NoJobs: true}, catalogue)
}

// found makes a training installation of the district with its demo accounts, and gives
// them with the first village of the district.
func found(ctx context.Context, db, keys string) (made []accounts.DemoAccount, village area.Code, err error) {
	house, err := open(ctx, db, keys, &installation.Creation{
		Name: "Dinas Sosial (bench)", Level: installation.District, Areas: []area.Code{district}, Training: true,
	})
	if err != nil {
		return nil, village, err
	}
	defer func() { err = errors.Join(err, house.Close()) }()
	for place := range house.Places.Tree().Villages(district) {
		village = place.Code
		break
	}
	made, err = house.Accounts.Demo(ctx, village)
	return made, village, err
}

// headerOf reads the header of a CSV file and counts its rows.
func headerOf(path string) (header []string, rows int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	line, err := r.ReadString('\n')
	if err != nil {
		return nil, 0, err
	}
	buf := make([]byte, 1<<20)
	for {
		n, err := r.Read(buf)
		rows += int64(bytes.Count(buf[:n], []byte{'\n'}))
		if errors.Is(err, io.EOF) {
			return strings.Split(strings.TrimSpace(line), ","), rows, nil
		}
		if err != nil {
			return nil, 0, err
		}
	}
}

// copied reads how many rows a backup or copy carried.
func copied(out []byte, m *measure) error {
	var v struct{ Rows int64 }
	if err := json.Unmarshal(out, &v); err != nil {
		return fmt.Errorf("read what tepat printed: %w", err)
	}
	m.Rows, m.Rate = v.Rows, float64(v.Rows)/m.Wall
	return nil
}

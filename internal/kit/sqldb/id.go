package sqldb

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// ID is a UUID, version 7 when made by NewID: 16 bytes, a BLOB in SQLite and a
// UUID in PostgreSQL. The zero ID is NULL in both.
type ID [16]byte

// Hash is a keyed hash cut to 16 bytes; it is stored as an ID is.
type Hash = ID

// NewID makes an ID that sorts by the time it was made.
func NewID() ID { return ID(uuid.Must(uuid.NewV7())) }

// ParseID reads the text form of an ID.
func ParseID(s string) (ID, error) {
	u, err := uuid.Parse(s)
	if err != nil {
		return ID{}, fmt.Errorf("parse id: %w", err)
	}
	return ID(u), nil
}

// IsZero reports whether the ID is empty.
func (i ID) IsZero() bool { return i == ID{} }

// String gives the usual text form, or "" when the ID is empty.
func (i ID) String() string {
	if i.IsZero() {
		return ""
	}
	return uuid.UUID(i).String()
}

// Short gives the last eight hex digits, for people to read aloud.
func (i ID) Short() string { return hex.EncodeToString(i[12:]) }

// MarshalText gives the text form.
func (i ID) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads the text form; empty text gives the zero ID.
func (i *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*i = ID{}
		return nil
	}
	parsed, err := ParseID(string(text))
	*i = parsed
	return err
}

// Value implements driver.Valuer for SQLite.
func (i ID) Value() (driver.Value, error) {
	if i.IsZero() {
		return nil, nil
	}
	return i[:], nil
}

// Scan implements sql.Scanner.
func (i *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = ID{}
	case []byte:
		if len(v) != len(i) {
			return fmt.Errorf("scan id: %d bytes", len(v))
		}
		copy(i[:], v)
	case string:
		return i.UnmarshalText([]byte(v))
	default:
		return fmt.Errorf("scan id: %T", src)
	}
	return nil
}

// UUIDValue implements pgtype.UUIDValuer.
func (i ID) UUIDValue() (pgtype.UUID, error) {
	return pgtype.UUID{Bytes: i, Valid: !i.IsZero()}, nil
}

// ScanUUID implements pgtype.UUIDScanner.
func (i *ID) ScanUUID(v pgtype.UUID) error {
	*i = v.Bytes
	if !v.Valid {
		*i = ID{}
	}
	return nil
}

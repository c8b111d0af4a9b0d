package payments

import (
	"fmt"
	"log/slog"
	"strings"

	"tepat/internal/kit/fail"
	"tepat/internal/kit/seal"
)

// Account is the number of a bank account or card. It prints masked; Plain gives it to files for the bank.
type Account struct{ digits string }

// The shortest and longest number of an account or card that Indonesian banks give out.
const (
	shortestAccount = 6
	longestAccount  = 20
)

// ParseAccount reads an account number as files write it, with blanks, dots or hyphens. Errors:
// payments.account_empty, payments.account (facts min, max).
func ParseAccount(text string) (Account, error) {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-'", r) {
			return -1
		}
		return r
	}, text)
	if digits == "" {
		return Account{}, fail.Invalid("payments.account_empty").On("account")
	}
	if len(digits) < shortestAccount || len(digits) > longestAccount || strings.Trim(digits, "0123456789") != "" {
		return Account{}, fail.Invalid("payments.account", "min", shortestAccount, "max", longestAccount).On("account")
	}
	return Account{digits}, nil
}

// IsZero reports whether no account is known.
func (a Account) IsZero() bool { return a.digits == "" }

// Plain gives the digits.
func (a Account) Plain() string { return a.digits }

// String gives the last four digits only.
func (a Account) String() string {
	if a.digits == "" {
		return ""
	}
	return ".... " + a.digits[len(a.digits)-4:]
}

// Format prints the masked form whatever the verb.
func (a Account) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(a.String())) }

// LogValue logs the masked form.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.String()) }

// MarshalText refuses: an account goes out by Plain, on purpose, or not at all.
func (a Account) MarshalText() ([]byte, error) { return nil, fail.Invalid("payments.account_plain") }

func (s *Service) sealAccount(a Account) []byte {
	if a.IsZero() {
		return nil
	}
	return s.keys.Seal(nil, seal.Account, []byte(a.digits))
}

func (s *Service) openAccount(sealed []byte) (Account, error) {
	if len(sealed) == 0 {
		return Account{}, nil
	}
	plain, err := s.keys.Open(seal.Account, sealed)
	if err != nil {
		return Account{}, fmt.Errorf("open account: %w", err)
	}
	return Account{string(plain)}, nil
}

package grievances

import (
	"encoding/binary"
	"fmt"

	"tepat/internal/kit/seal"
)

const (
	phonePurpose = seal.Purpose("citizen phone")
	codePurpose  = seal.Purpose("grievance code")
	secretDigits = 4
)

// secretFor gives the four digits a case is tracked with: the last four of the filer's NIK, else of
// her phone, else a code made of the case, so that a request sent twice gives the same. The number
// alone would not do: each district counts its own, and the codes of two would be one.
func (s *Service) secretFor(r *Row, d Document) string {
	for _, text := range []string{d.NIK.Plain(), d.Phone.Plain()} {
		if len(text) > secretDigits {
			return text[len(text)-secretDigits:]
		}
	}
	hash := s.keys.Blind(codePurpose, append(r.ID[:], r.Number...))
	return fmt.Sprintf("%04d", binary.BigEndian.Uint32(hash[:4])%10000)
}

// codeFor gives the code the receipt has to tell; "" when the filer knows the digits, since they
// are those of her NIK or phone.
func (s *Service) codeFor(r *Row, d Document) string {
	if !d.NIK.IsZero() || !d.Phone.IsZero() {
		return ""
	}
	return s.secretFor(r, d)
}

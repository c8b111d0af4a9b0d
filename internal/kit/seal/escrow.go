package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"tepat/internal/kit/fail"
)

// LeastPassphrase is the fewest characters a passphrase of an exported key file may have.
const LeastPassphrase = 12

const armour = "TEPAT KEYS"

// Argon2id costs of new files (RFC 9106 section 4, second recommended option) and the most
// an imported file may ask for, so that a crafted one cannot exhaust the machine.
const (
	kdfTime     = 3
	kdfMemory   = 64 * 1024 // KiB
	kdfThreads  = 4
	mostTime    = 16
	mostMemory  = 1024 * 1024
	mostThreads = 16
	saltSize    = 16
)

// Content says what an exported key file holds.
type Content string

// The contents of an exported key file.
const (
	Whole  Content = "whole"  // every key: the escrow copy, from which an installation is restored
	Shared Content = "shared" // the blind key alone: for an installation that will exchange data with this one
)

// escrowed is the JSON inside an exported file; byte slices are base64 there.
type escrowed struct {
	Files map[string][]byte `json:"files"`
}

// Export gives the keys as an armoured text, encrypted under a key that Argon2id derives
// from the passphrase. Whoever holds the text and the passphrase can read everything.
func (r *Keyring) Export(passphrase string, content Content) ([]byte, error) {
	if utf8.RuneCountInString(passphrase) < LeastPassphrase {
		return nil, fail.Invalid("seal.passphrase_short", "least", LeastPassphrase)
	}
	files := encode(r.state.Load().material)
	if content == Shared {
		files = map[string][]byte{blindFile: files[blindFile]}
	}
	plain, err := json.Marshal(escrowed{Files: files})
	if err != nil {
		return nil, fmt.Errorf("export keys: %w", err)
	}
	salt := random(saltSize)
	headers := map[string]string{
		"Content": string(content), "Fingerprint": r.Fingerprint(), "Kdf": "argon2id",
		"Salt": base64.StdEncoding.EncodeToString(salt),
		"Time": strconv.Itoa(kdfTime), "Memory": strconv.Itoa(kdfMemory), "Threads": strconv.Itoa(kdfThreads),
	}
	aead, err := escrowCipher(passphrase, salt, kdfTime, kdfMemory, kdfThreads)
	if err != nil {
		return nil, err
	}
	nonce := random(nonceSize)
	body := aead.Seal(nonce, nonce, plain, headerText(headers))
	return pem.EncodeToMemory(&pem.Block{Type: armour, Headers: headers, Bytes: body}), nil
}

// Import writes the keys of an exported text into dir, which must be absent or empty, and
// gives the ring. A Whole text restores an installation; a Shared one gives new keys that
// share the blind key, made at now.
func Import(dir string, text []byte, passphrase string, now time.Time) (*Keyring, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != armour {
		return nil, fail.Invalid("seal.export_unreadable")
	}
	plain, err := unlock(block, passphrase)
	if err != nil {
		return nil, err
	}
	var e escrowed
	if err := json.Unmarshal(plain, &e); err != nil {
		return nil, fail.Invalid("seal.export_unreadable").Because(err)
	}
	m, err := restored(Content(block.Headers["Content"]), e.Files, now)
	if err != nil {
		return nil, fail.Invalid("seal.export_unreadable").Because(err)
	}
	return install(dir, m)
}

func restored(content Content, files map[string][]byte, now time.Time) (material, error) {
	switch content {
	case Whole:
		return decode(files)
	case Shared:
		blind, err := decodeKey(string(files[blindFile]), 32)
		if err != nil {
			return material{}, err
		}
		return fresh(blind, now), nil
	}
	return material{}, errors.New("unknown content")
}

func unlock(block *pem.Block, passphrase string) ([]byte, error) {
	h := block.Headers
	salt, err := base64.StdEncoding.DecodeString(h["Salt"])
	time, timeErr := number(h["Time"], mostTime)
	memory, memoryErr := number(h["Memory"], mostMemory)
	threads, threadErr := number(h["Threads"], mostThreads)
	err = errors.Join(err, timeErr, memoryErr, threadErr)
	if err != nil || h["Kdf"] != "argon2id" || len(block.Bytes) < nonceSize+tagSize {
		return nil, fail.Invalid("seal.export_unreadable").Because(err)
	}
	aead, err := escrowCipher(passphrase, salt, uint32(time), uint32(memory), uint8(threads))
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, block.Bytes[:nonceSize], block.Bytes[nonceSize:], headerText(h))
	if err != nil {
		return nil, fail.Invalid("seal.passphrase_wrong")
	}
	return plain, nil
}

func number(text string, most int) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, errors.New("header out of range")
	}
	return n, nil
}

func escrowCipher(passphrase string, salt []byte, time, memory uint32, threads uint8) (cipher.AEAD, error) {
	block, err := aes.NewCipher(argon2.IDKey([]byte(passphrase), salt, time, memory, threads, 32))
	if err != nil {
		return nil, fmt.Errorf("escrow cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("escrow cipher: %w", err)
	}
	return aead, nil
}

// headerText binds the headers to the body; JSON writes map keys in order.
func headerText(h map[string]string) []byte {
	b, _ := json.Marshal(h) // a map of strings always encodes
	return b
}

//go:build !windows

package cli

// byClick tells that the program was started by a double click, which only Windows shows.
func byClick() bool { return false }

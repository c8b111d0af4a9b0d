//go:build windows

package cli

import "runtime"

// peakRSS is the memory taken from the system, in bytes: Windows tells the peak to no simple call.
func peakRSS() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

// Package programmes holds the aid programmes as dated data, how they may be combined, and the payment statuses.
package programmes

import "embed"

// Files holds one file for each programme, and rules/cross.yaml and rules/payment.yaml;
// domain/programme and domain/payment read them.
//
//go:embed *.yaml rules/*.yaml
var Files embed.FS

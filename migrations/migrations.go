// Package migrations holds the schema, one numbered file per step, forward only.
package migrations

import "embed"

// Files are read by goose in the order of their numbers.
//
//go:embed *.sql
var Files embed.FS

package atlas

import (
	"strings"
	"unicode"
)

// Measures of a label's letters, in units of the map: a semibold serif of 21.
const (
	size    = 21.0
	longest = 300.0
)

// fit cuts a label that is too long for any map.
func fit(label string) (string, float64) {
	width := 0.0
	for i, r := range label {
		if width+advance(r) > longest {
			return strings.TrimRight(label[:i], " ") + "…", width + size
		}
		width += advance(r)
	}
	return label, width
}

// advance is about how wide a letter is, rather too much than too little, for nobody knows the reader's font.
func advance(r rune) float64 {
	switch {
	case r == 'm' || r == 'w' || r == 'M' || r == 'W' || r == 'ω' || r >= 0x1100:
		return size * 1.15
	case unicode.IsUpper(r):
		return size * 0.98
	case r == 'i' || r == 'j' || r == 'l' || r == ' ' || r == '.' || r == ',':
		return size * 0.42
	}
	if r >= 0x370 {
		return size * 0.74 // Greek and Cyrillic run wider
	}
	return size * 0.68
}

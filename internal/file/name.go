package file

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const maxName = 120 // characters of a file's name

// cleanName makes a name harmless and short: no folders, controls or marks that turn the direction of writing, one of the
// extensions that its content has. The first of them is the one that a name without any gets.
func cleanName(name string, extensions []string) string {
	name = strings.ToValidUTF8(name, "")
	if cut := strings.LastIndexAny(name, `/\`); cut >= 0 {
		name = name[cut+1:]
	}
	name = norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name))
	name = strings.TrimRight(strings.Join(strings.Fields(name), " "), ". ")
	stem, extension := name, strings.ToLower(path.Ext(name))
	if has(extensions, extension) {
		stem = name[:len(name)-len(extension)]
	} else {
		extension = extensions[0]
	}
	stem = strings.Trim(stem, ". ")
	if room := maxName - utf8.RuneCountInString(extension); utf8.RuneCountInString(stem) > room {
		stem = strings.TrimRight(string([]rune(stem)[:room-1]), ". ") + "…"
	}
	if stem == "" {
		stem = "file"
	}
	return stem + extension
}

func has(all []string, one string) bool {
	for _, a := range all {
		if a == one {
			return true
		}
	}
	return false
}

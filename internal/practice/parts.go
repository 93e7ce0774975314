package practice

import "slices"

// AllParts are those of all forms, in the order in which they are read; no part belongs to two forms, but for those that every form may have.
func AllParts() []Part {
	var all []Part
	for _, f := range Forms {
		all = append(all, parts[f]...)
	}
	return append(slices.Clip(all), Differs, More)
}

// kept are the parts that have a text, as they are stored.
func (f Fields) kept() Fields {
	kept := Fields{}
	for p, text := range f {
		if text != "" {
			kept[p] = text
		}
	}
	return kept
}

package locale

import "context"

// Former is how somebody who has left for good is called: by role, after the sector of work; an unknown or empty one says less.
func Former(l Lang, sector string) string {
	if Has(l, "former."+sector) {
		return In(l, "former."+sector)
	}
	return In(l, "former.unknown")
}

// formers leads from the stored words, which are the English ones, to their key.
var formers = func() map[string]string {
	all := map[string]string{}
	for key, m := range messages[English] {
		if len(key) > 7 && key[:7] == "former." {
			all[m["other"]] = key
		}
	}
	return all
}()

// Left reports whether a stored name is that of somebody who has left for good.
func Left(stored string) bool { return formers[stored] != "" }

// Name is a person's name as readers see it: whoever has left for good is called by role in the reader's language, and an author
// who is not named is a member.
func Name(ctx context.Context, stored string) string {
	if stored == "" {
		return T(ctx, "former.unknown")
	}
	if key, left := formers[stored]; left {
		return T(ctx, key)
	}
	return stored
}

package search_test

import (
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"pgregory.net/rapid"
	"urbanfluxes.eu/koinon/internal/locale"

	"urbanfluxes.eu/koinon/internal/search"
)

func TestAQueryIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	day := func(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }
	for typed, want := range map[string]search.Query{
		"the heat of the courtyards":         {Words: []string{"heat", "courtyards"}},
		"l’îlot de chaleur en été":           {Words: []string{"îlot", "chaleur", "été"}},
		"η θερμότητα και το κλιματιστικό":    {Words: []string{"θερμότητα", "κλιματιστικό"}},
		`"cool at night" street -winter`:     {Words: []string{"street"}, Phrases: []string{"cool at night"}, Not: []string{"winter"}},
		`«ne refroidit pas»`:                 {Phrases: []string{"ne refroidit pas"}},
		"art:Antworten stadt:Basel Bäume":    {Words: []string{"Bäume"}, Filter: search.Filter{Kind: "reply", City: "Basel"}},
		"ville:Bâle arbres":                  {Words: []string{"arbres"}, Filter: search.Filter{City: "Bâle"}},
		"πόλη:Ηράκλειο σκιά":                 {Words: []string{"σκιά"}, Filter: search.Filter{City: "Ηράκλειο"}},
		`tag:"open data" by:priya`:           {Filter: search.Filter{Tag: "open data", By: "priya"}},
		"before:2016 after:23.6.2015":        {Filter: search.Filter{Before: day(2016, 1, 1), After: day(2015, 6, 23)}},
		"before:31.2.2015 map":               {Words: []string{"map"}, Hints: []search.Hint{{Key: "before", Word: "31.2.2015"}}},
		"colour:red":                         {Words: []string{"colour", "red"}, Hints: []search.Hint{{Key: "filter", Word: "colour"}}},
		"lang:klingon":                       {Hints: []search.Hint{{Key: "lang", Word: "klingon"}}},
		"https://example.org":                {Words: []string{"https", "example", "org"}},
		"185 W/m² and 4,6":                   {Words: []string{"185", "4.6"}},
		"to be or not to be":                 {Words: []string{"to", "be", "or", "not"}},
		"hot-spot hot":                       {Words: []string{"hot", "spot"}},
		"Basel T-3":                          {Words: []string{"Basel"}, Reference: search.Reference{Kind: "discussion", Number: 3}},
		"":                                   {},
		`'; drop table item; -- & | ! <-> *`: {Words: []string{"drop", "table", "item"}},
		`%_\ "" ((( :* :`:                    {},
	} {
		if diff := cmp.Diff(want, search.Parse(typed), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", typed, diff)
		}
	}
}

func TestInflectionsShareARoot(t *testing.T) {
	t.Parallel()
	for lang, groups := range map[locale.Lang][][]string{
		locale.Greek: {{"κριτήριο", "κριτήρια", "κριτηρίων"}, {"θερμοκρασία", "θερμοκρασίες", "ΘΕΡΜΟΚΡΑΣΙΩΝ"}, {"δέντρο", "δέντρα", "δέντρων"}, {"δρόμος", "δρόμοι", "δρόμους", "δρόμου"},
			{"μέτρηση", "μετρήσεις"}, {"νύχτα", "νύχτες"}, {"θερμότητα", "θερμότητας"}, {"κάτοικος", "κάτοικοι"}, {"σκιά", "σκιάς"}},
		locale.German:  {{"Hitzeinsel", "Hitzeinseln"}, {"Kriterium", "Kriterien"}, {"Baum", "Bäume", "Bäumen"}, {"Karte", "Karten"}, {"Nacht", "Nächte", "nachts"}, {"Straße", "Strassen"}},
		locale.French:  {{"îlot", "ilots"}, {"arbre", "arbres"}, {"local", "locaux"}, {"critère", "critères"}},
		locale.English: {{"criterion", "criteria"}, {"tree", "trees"}, {"city", "cities"}, {"courtyard", "courtyards"}},
	} {
		for _, group := range groups {
			for _, word := range group[1:] {
				if a, b := search.Root(lang, search.Fold(group[0])), search.Root(lang, search.Fold(word)); a != b {
					t.Errorf("%s: %s is %s, %s is %s", lang, group[0], a, word, b)
				}
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"heat", `"a b" -c kind:reply`, "πόλη:\x00", "::::", `\'\"`, "-\"", "a:*&|!()<->"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		q := search.Parse(typed)
		for _, w := range append(append(q.Words, q.Phrases...), q.Not...) {
			if w == "" || !utf8.ValidString(w) {
				t.Errorf("%q: broken word %q", typed, w)
			}
		}
		if len(q.Words) > 12 {
			t.Errorf("%q: %d words", typed, len(q.Words))
		}
	})
}

func TestFoldingByTheTableIsFolding(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOf(rapid.RuneFrom(nil, unicode.Latin, unicode.Greek, unicode.Mn, unicode.Cyrillic)).Draw(t, "word")
		if got, want := search.Fold(word), search.Folded(word); got != want {
			t.Fatalf("%q folds to %q, want %q", word, got, want)
		}
	})
}

package search

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// filters are the keywords of the four languages, folded, with the filter that each means.
var filters = names(map[string]string{
	"kind":   "kind type art typ genre sorte είδος τύπος",
	"city":   "city community stadt gemeinschaft ville communauté πόλη κοινότητα",
	"tag":    "tag schlagwort mot-clé motcle mot ετικέτα",
	"by":     "by author from von autor autorin par auteur auteure από συγγραφέας",
	"before": "before until vor bis avant πριν έως",
	"after":  "after since nach seit après apres depuis μετά από-τότε",
	"lang":   "lang language sprache langue γλώσσα",
})

var kinds = names(map[string]string{
	"discussion": "discussion discussions thread threads gespräch gespräche diskussion diskussionen συζήτηση συζητήσεις",
	"reply":      "reply replies answer answers antwort antworten réponse réponses απάντηση απαντήσεις",
	"meeting":    "meeting meetings treffen sitzung sitzungen réunion réunions rencontre rencontres συνάντηση συναντήσεις",
	"decision":   "decision decisions entscheid entscheide entscheidung entscheidungen beschluss beschlüsse décision décisions απόφαση αποφάσεις",
	"action":     "action actions aufgabe aufgaben aktion aktionen tâche tâches ενέργεια ενέργειες",
	"entry":      "entry entries experience experiences eintrag einträge erfahrung erfahrungen entrée entrées expérience expériences καταχώριση εμπειρία εμπειρίες",
	"criterion":  "criterion criteria kriterium kriterien critère critères κριτήριο κριτήρια",
	"round":      "round rounds runde runden tour tours γύρος γύροι",
	"product":    "product products produkt produkte produit produits προϊόν προϊόντα",
	"release":    "release releases ausgabe ausgaben version versions έκδοση εκδόσεις",
	"claim":      "claim claims nachweis nachweise preuve preuves τεκμηρίωση τεκμηριώσεις",
})

var languages = names(map[string]string{
	"en": "en english englisch anglais αγγλικά", "de": "de german deutsch allemand γερμανικά",
	"fr": "fr french französisch français γαλλικά", "el": "el gr greek griechisch grec ελληνικά",
})

func names(of map[string]string) map[string]string {
	by := map[string]string{}
	for meaning, words := range of {
		for _, w := range strings.Fields(words) {
			by[Fold(w)] = meaning
		}
	}
	return by
}

var (
	yearFirst = regexp.MustCompile(`^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$`)
	dayFirst  = regexp.MustCompile(`^(\d{1,2})[./](\d{1,2})[./](\d{4})$`)
)

// readDay reads 2015, 2015-06, 2015-06-23, 23.6.2015 and 23/06/2015; a year or a month is its first day.
func readDay(word string) (time.Time, bool) {
	year, month, day := "", "1", "1"
	if m := yearFirst.FindStringSubmatch(word); m != nil {
		year = m[1]
		if m[2] != "" {
			month = m[2]
		}
		if m[3] != "" {
			day = m[3]
		}
	} else if m := dayFirst.FindStringSubmatch(word); m != nil {
		day, month, year = m[1], m[2], m[3]
	} else {
		return time.Time{}, false
	}
	y, _ := strconv.Atoi(year) // digits, as the patterns say
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return t, y >= 1 && t.Day() == d && int(t.Month()) == m
}

package harvest

import (
	"regexp"
	"strings"

	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/search"
)

// passing are words that people say whatever they speak of: verbs of saying and doing, numbers, days. Two sayings are not alike by them. By their roots in each language.
var passing = rootsOf(map[locale.Lang]string{
	locale.English: `one two three four five six seven eight nine ten first second third last next new old good better best bad big small long short same other another much many few little every each something anything nothing everything thing things
		say says said tell told ask asked asks answer answers talk speak call show shows shown see seen look looks find found know known think thought believe understand mean means meant want wants need needs like try tried use used uses using get gets got give gives gave given
		take takes took make makes made come comes came go goes went put let keep kept leave left bring run set turn work works help helps happen happens start begin end stop wait read write wrote written word words sentence line page number numbers question questions
		day days week weeks month months year years morning today tomorrow yesterday hour hours minute minutes time times way people person somebody anybody nobody everybody yes well right sure maybe perhaps really still already never always often sometimes even yet again today might must shall may
		here place part kind side point case state back open meeting thread reply thank thanks please agree disagree version draft today friday monday tuesday wednesday thursday saturday sunday`,
	locale.German: `eins zwei drei vier fünf sechs sieben acht neun zehn erste zweite dritte letzte nächste neu alt gut besser beste schlecht gross klein lang kurz gleich weniger wenig viele einige etwas nichts alles ding sache
		sagen sagt sagte gesagt reden redet fragen fragt frage fragen antwort antworten zeigen zeigt sehen sieht gesehen schauen finden findet wissen weiss wusste denken denkt glauben glaube verstehen meinen meint meine wollen brauchen braucht gebraucht nehmen nehme nimmt geben gebe gab gegeben
		machen macht gemacht tun tut getan kommen kommt kam gekommen gehen geht ging gegangen stehen steht stand liegen liegt lassen lasse lässt bleiben bleibt bringen bringt halten hält helfen hilft lesen liest schreiben schreibt geschrieben wort wörter satz sätze zeile seite zahl zahlen
		tag tage woche wochen monat jahr jahre morgen heute gestern stunde stunden minute uhr uhrzeit mal male weg leute mensch person jemand niemand bitte danke ja nein vielleicht wirklich immer nie oft genau eben gerade bereits dafür davon darum deshalb daran darauf dazu wohl ganz genug reicht reichen
		hier dort ort teil art fall punkt zurück offen treffen thema version entwurf montag dienstag mittwoch donnerstag freitag samstag sonntag unten oben statt trotzdem jeweils sowieso ohnehin dabei denen deren worin woran`,
	locale.French: `un deux trois quatre cinq six sept huit neuf dix premier deuxième dernier prochain nouveau nouvelle vieux bon bonne mieux mauvais grand petit long court autre autres chaque quelque quelques chose choses rien beaucoup peu
		dire dit dites parler parle demander demande répondre réponse montrer montre voir voit vu regarder trouver trouve savoir sait penser pense croire comprendre vouloir veut besoin prendre prend donner donne faire font venir vient aller va mettre met laisser reste tenir aider lire écrire écrit mot mots phrase ligne page nombre chiffre chiffres question questions
		jour jours semaine mois an ans année années matin aujourd hier demain heure heures minute fois gens personne oui non peut-être vraiment toujours jamais souvent déjà ici lieu partie cas point réunion merci version`,
	locale.Greek: `δύο δυο τρία τρεις τέσσερα πέντε έξι επτά εφτά οκτώ οχτώ εννέα δέκα πρώτος πρώτη πρώτο δεύτερο τελευταίο επόμενο νέο παλιό καλό καλή καλύτερα μεγάλο μικρό πολύ πολλά λίγο λίγα άλλο άλλα κάποιο κάποιος κάτι τίποτα όλα όλοι πράγμα
		λέω λέει λένε είπα είπε ειπώθηκε πω πει ρωτώ ρωτά ρωτούν ερώτηση απάντηση μιλώ μιλά δείχνω δείχνει βλέπω βλέπει δω δει βρίσκω βρίσκει ξέρω ξέρει ξέρουμε σκέφτομαι νομίζω πιστεύω θέλω θέλει θέλουμε χρειάζεται παίρνω πάρω δίνω δώσω δίνει κάνω κάνει κάναμε κάνουμε έγινε γίνεται γίνει έρχεται έρθει πάω πάει βάζω βάλει μένει μπορώ μπορεί μπορούμε γράφω γράψω γράψει λέξη λέξεις φράση πρόταση γραμμή σελίδα αριθμός αριθμοί
		μέρα μέρες εβδομάδα μήνας μήνες χρόνος χρόνια έτος πρωί σήμερα αύριο χθες ώρα ώρες φορά φορές άνθρωποι κόσμος κανείς ναι όχι ίσως πάντα ποτέ συχνά ήδη δίπλα μπροστά μόνο διαφωνώ συμφωνώ εκδοχή συνάντηση ευχαριστώ παρακαλώ ακόμη ακόμα τώρα τότε`,
})

func rootsOf(words map[locale.Lang]string) map[locale.Lang]map[string]bool {
	all := map[locale.Lang]map[string]bool{}
	for l, list := range words {
		all[l] = map[string]bool{}
		for _, w := range strings.Fields(list) {
			all[l][search.Root(l, search.Fold(w))] = true
		}
	}
	return all
}

// addressed are people who are spoken to by name, as a text shows them.
var addressed = regexp.MustCompile(`@\p{L}[\p{L}\p{M}-]*( \p{Lu}[\p{L}\p{M}-]*)*`)

// telling are what a text speaks of without whom it is said to and what is said in passing.
func telling(x search.Lexicon, l locale.Lang, text string) []search.Meant {
	var all []search.Meant
	for _, m := range x.Meant(l, addressed.ReplaceAllString(text, "")) {
		if !passing[l][m.Key] {
			all = append(all, m)
		}
	}
	return all
}

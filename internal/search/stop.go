package search

import "strings"

// stop are the folded words of the four languages that a query says in passing. The vectors keep them where PostgreSQL does: its Greek
// has no list, and words such as «été» (summer), "car" and "hat" are nobody's stop words here.
var stop = stopWords(
	// English
	`a about after again all also am an and any are as at be because been before being between both but by can could did do does doing done for from further had has have having
	he her here hers him his how i if in into is it its just me more most my no nor not now of off on once only or other our out over own please same she should so some such than that
	the their them then there these they this those through to too under until up very was we were what when where which while who whom why will with would you your`,
	// German
	`aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis bist da damit dann das dass dein deine dem den denn der des dich die dies diese
	diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas euch euer eure fur gegen gibt haben habe hatte hatten hier hin hinter ich ihm ihn
	ihnen ihr ihre im in indem ins ist ja jede jedem jeden jeder jedes jetzt kann kein keine konnen konnte man mehr mein meine mich mir mit muss nach nicht nichts noch nun nur ob oder
	ohne schon sehr sein seine sich sie sind so soll sollte sondern sonst uber um und uns unser unsere unter viel vom von vor war waren warum was weil welche welcher welches wenn wer
	werden werde wie wieder will wir wird wo wollen wurde zu zum zur zwar zwischen`,
	// French
	`a ai au aucun aussi autre aux avec avoir c ce cela ces cet cette ceux chez comme comment d dans de des du elle elles en encore entre est et etait etre eu eux fait il ils j je l la
	le les leur leurs lui m ma mais me meme mes moi mon n ne ni nos notre nous on ont ou par pas peut peuvent plus pour pourquoi qu quand que quel quelle quelles quels qui quoi s sa
	sans se ses si soit son sont sous sur t ta te tes toi ton tous tout toute toutes tres tu un une vers vos votre vous y`,
	// Greek
	`αλλά αλλα αν ανά αντί από απ αρα αυτά αυτές αυτή αυτό αυτοί αυτός αυτού αυτούς αυτών για γιατί δε δεν διά εαν είναι ειμαι εγώ εδώ εκεί εμείς εν ενώ επί εσείς εσύ ή ήταν η θα και
	κάθε καθώς κάτι κατά κι με μα μέσα μετά μέχρι μη μην μια μία μας μου να ναι ο οι όπου όπως όσο ότι όταν ό,τι ούτε πια πιο ποια ποιο ποιος ποιοι που πού πρέπει προς πως πώς πριν
	σαν σας σε στα στη στην στις στο στον στους στου στων σου συ τα τη την της τι τις το τον του τους τούς των τόσο τότε υπάρχει ως ωστόσο ένα ένας έναν έχει έχουν έχω`,
)

func stopWords(lists ...string) map[string]bool {
	words := map[string]bool{}
	for _, list := range lists {
		for _, w := range strings.Fields(list) {
			words[Fold(w)] = true
		}
	}
	return words
}

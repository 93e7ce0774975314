package meeting

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// LineForm is what a line of the minutes holds. The message "minutes.form.<form>" says each.
type LineForm string

// The five forms of a line.
const (
	SaidLine      LineForm = "said"
	DecidedLine   LineForm = "decided"
	TodoLine      LineForm = "todo"
	CriterionLine LineForm = "criterion"
	ParkedLine    LineForm = "parked"
)

// LineForms in the order in which people choose among them.
var LineForms = []LineForm{SaidLine, DecidedLine, TodoLine, CriterionLine, ParkedLine}

// MaxLine is how many characters a line may have.
const MaxLine = 2000

// lineWords open a line, in the four languages; case and accents do not count, and a hyphen is a space.
var lineWords = map[string]LineForm{
	"said": SaidLine, "gesagt": SaidLine, "dit": SaidLine, "ειπωθηκε": SaidLine, "ειπε": SaidLine,
	"decision": DecidedLine, "decided": DecidedLine, "entschieden": DecidedLine, "entscheid": DecidedLine, "entscheidung": DecidedLine, "beschluss": DecidedLine, "beschlossen": DecidedLine,
	"decide": DecidedLine, "αποφαση": DecidedLine, "αποφασιστηκε": DecidedLine,
	"action": TodoLine, "todo": TodoLine, "to do": TodoLine, "task": TodoLine, "zu tun": TodoLine, "aufgabe": TodoLine, "auftrag": TodoLine, "a faire": TodoLine, "tache": TodoLine,
	"ενεργεια": TodoLine, "εργασια": TodoLine,
	"criterion": CriterionLine, "kriterium": CriterionLine, "critere": CriterionLine, "κριτηριο": CriterionLine,
	"parked": ParkedLine, "geparkt": ParkedLine, "parkiert": ParkedLine, "reporte": ParkedLine, "εκκρεμει": ParkedLine, "εκκρεμοτητα": ParkedLine,
}

const longestWord = 40 // bytes before the colon in which a word of a line is looked for

// Caught is one line as somebody typed it, taken apart.
type Caught struct {
	Form   LineForm
	Body   string
	People []string   // after an @: who said it or asked for it, or who will do it
	Due    *time.Time // of what is to do
}

// ReadLine takes a typed line apart. A word at its beginning, as in "decision:", says its form; without one it has the form given.
// It is false for a line without words.
func ReadLine(form LineForm, text string) (Caught, bool) {
	text = strings.TrimSpace(text)
	if named, rest, ok := opened(text); ok {
		form, text = named, rest
	}
	c := Caught{Form: form, Body: text}
	switch form {
	case TodoLine:
		c.owners()
	case SaidLine, CriterionLine:
		if m := personAhead.FindStringSubmatch(c.Body); m != nil {
			if rest := strings.TrimLeft(c.Body[len(m[0]):], " ,:"); rest != "" {
				c.People, c.Body = []string{m[1]}, rest
			}
		}
	}
	return c, c.Body != ""
}

// opened reads the word that says what a line is, behind a list mark.
func opened(line string) (form LineForm, rest string, ok bool) {
	line = strings.TrimSpace(line)
	for _, mark := range []string{"- ", "* ", "• "} {
		line = strings.TrimSpace(strings.TrimPrefix(line, mark))
	}
	at := strings.IndexByte(line, ':')
	if at < 1 || at > longestWord {
		return "", "", false
	}
	form, ok = lineWords[folded(line[:at])]
	rest = strings.TrimSpace(line[at+1:])
	return form, rest, ok && rest != ""
}

// folded makes spellings of a word the same.
func folded(word string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ς':
			b.WriteRune('σ')
		case r == '-' || r == '_':
			b.WriteRune(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

const (
	aPerson = `@([\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*)`
	aDate   = `(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[./](\d{1,2})[./](\d{4}))`
	byADate = `(?i:by|until|due|bis(?: zum| am)?|d[’']ici(?: le| au)?|avant le|pour le|jusqu[’']au|ως(?: τις)?|έως(?: τις)?|μέχρι(?: τις)?)\s+` + aDate
)

var (
	personAhead = regexp.MustCompile(`^` + aPerson)
	personLast  = regexp.MustCompile(`(?:^|\s)` + aPerson + `[\s.,;]*$`)
	dateAhead   = regexp.MustCompile(`^` + byADate + `(?:[\s,;:–-]+|$)`)
	dateLast    = regexp.MustCompile(`(?:^|[\s,;(])` + byADate + `[\s.,;)]*$`)
	joined      = regexp.MustCompile(`^(?:\s*[,;&+]\s*|\s+(?i:and|und|et|και)\s+)@`)
)

// owners takes who will do it and by when off both ends of what is to do; what stands amid the words stays there.
func (c *Caught) owners() {
	ahead := c.Body
	for ahead != "" {
		if m := personAhead.FindStringSubmatch(ahead); m != nil {
			c.People = append(c.People, m[1])
			ahead = ahead[len(m[0]):]
			if next := joined.FindString(ahead); next != "" {
				ahead = ahead[len(next)-1:]
			}
		} else if m := dateAhead.FindStringSubmatch(ahead); m != nil && c.by(m[1:]) {
			ahead = ahead[len(m[0]):]
		} else {
			break
		}
		ahead = strings.TrimLeft(ahead, " ,:;")
	}
	last := ahead
	for last != "" {
		if at := dateLast.FindStringSubmatchIndex(last); at != nil && c.Due == nil && c.by(dateLast.FindStringSubmatch(last)[1:]) {
			last = strings.TrimRight(last[:at[0]], " ,;(")
		} else if at := personLast.FindStringSubmatchIndex(last); at != nil {
			c.People = append(c.People, last[at[2]:at[3]])
			last = strings.TrimRight(last[:at[0]], " ,;")
		} else {
			break
		}
	}
	if last != "" {
		c.Body = last
	}
}

// by notes the day that a date names, when there is such a day.
func (c *Caught) by(parts []string) bool {
	if parts[0] == "" {
		parts = []string{parts[5], parts[4], parts[3]}
	}
	day, ok := dayNamed(parts[0], parts[1], parts[2])
	if ok && c.Due == nil {
		c.Due = &day
	}
	return ok
}

func dayNamed(year, month, day string) (time.Time, bool) {
	y, _ := strconv.Atoi(year) // digits, and few
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	at := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return at, y >= 1970 && y <= 2200 && at.Day() == d && int(at.Month()) == m
}

var dateAlone = regexp.MustCompile(`^` + aDate + `$`)

// ReadDay reads a day as people type it: 2027-03-01, 1.3.2027 or 1/3/2027.
func ReadDay(typed string) (time.Time, bool) {
	m := dateAlone.FindStringSubmatch(strings.TrimSpace(typed))
	if m == nil {
		return time.Time{}, false
	}
	if m[1] == "" {
		return dayNamed(m[6], m[5], m[4])
	}
	return dayNamed(m[1], m[2], m[3])
}

// Lift takes the lines that say what they are ("decision: …") out of a text and leaves the rest as it was. What stands in a block of
// code, or is too long for a line, stays.
func Lift(text string) (rest string, lines []Caught) {
	var kept []string
	fence := ""
	for line := range strings.SplitSeq(text, "\n") {
		bare := strings.TrimSpace(line)
		if mark := fenceOf(bare); mark != "" && (fence == "" || strings.HasPrefix(mark, fence) && bare == mark) {
			if fence == "" {
				fence = mark
			} else {
				fence = ""
			}
		}
		if _, _, ok := opened(bare); ok && fence == "" {
			if c, ok := ReadLine(SaidLine, bare); ok && utf8.RuneCountInString(c.Body) <= MaxLine {
				lines = append(lines, c)
				continue
			}
		}
		kept = append(kept, line)
	}
	if len(lines) == 0 {
		return text, nil
	}
	return strings.Trim(strings.Join(kept, "\n"), "\n"), lines
}

// fenceOf is the row of marks that a line begins a block of code with, or ends one.
func fenceOf(line string) string {
	for _, c := range []string{"`", "~"} {
		if mark := line[:len(line)-len(strings.TrimLeft(line, c))]; len(mark) >= 3 {
			return mark
		}
	}
	return ""
}

package listing

import (
	"net/http"
	"strconv"
	"strings"
)

// bibEscapes write what TeX would act on. A brace is named, because BibTeX counts it even behind a backslash.
var bibEscapes = strings.NewReplacer(`\`, `{\textbackslash}`, `{`, `{\textbraceleft}`, `}`, `{\textbraceright}`, `%`, `\%`, `&`, `\&`, `$`, `\$`, `#`, `\#`, `_`, `\_`,
	`~`, `{\textasciitilde}`, `^`, `{\textasciicircum}`, `"`, `{\textquotedbl}`, `<`, `{\textless}`, `>`, `{\textgreater}`)

func bibText(text string) string { return bibEscapes.Replace(oneLine(text)) }

// bibAddress is an address that ends no field; it is printed as it stands.
var bibAddress = strings.NewReplacer(`\`, "%5C", "{", "%7B", "}", "%7D", " ", "%20", `"`, "%22")

func (a Author) bib() string {
	given, particle, family, ok := a.parted()
	if !ok || strings.Contains(" "+strings.ToLower(oneLine(a.Name))+" ", " and ") {
		return "{" + bibText(a.Name) + "}"
	}
	return strings.TrimSpace(bibText(particle)+" "+bibText(family)) + ", " + bibText(given)
}

// BibTeX of a work. Letters stay as they are, in UTF-8.
func (w Work) BibTeX() string {
	var authors []string
	for _, a := range w.Authors {
		authors = append(authors, a.bib())
	}
	kind, publisher := "misc", "howpublished"
	if w.Report {
		kind, publisher = "techreport", "institution"
	}
	fields := [][2]string{{"author", strings.Join(authors, " and ")}, {"title", "{" + bibText(w.Title) + "}"}, {"year", w.Issued.Format("2006")}, {"month", strings.ToLower(w.Issued.Format("Jan"))},
		{"type", bibText(w.Genre)}, {"number", bibText(w.Number)}, {publisher, "{" + bibText(strings.Trim(w.Community+", "+w.Programme, ", ")) + "}"}, {"version", bibText(w.Version)}, {"language", bibText(w.Lang)}, {"url", bibAddress.Replace(oneLine(w.URL))}}
	var b strings.Builder
	b.WriteString("@" + kind + "{" + w.Key)
	for _, f := range fields {
		switch {
		case f[1] == "" || f[1] == "{}":
		case f[0] == "month": // a word that BibTeX knows
			b.WriteString(",\n  month = " + f[1])
		default:
			b.WriteString(",\n  " + f[0] + " = {" + f[1] + "}")
		}
	}
	b.WriteString("\n}\n")
	return b.String()
}

// CSL is the work for citation programs, by the CSL-JSON schema 1.0.2.
func (w Work) CSL() map[string]any {
	kind := "webpage"
	if w.Report {
		kind = "report"
	}
	authors := []map[string]string{}
	for _, a := range w.Authors {
		given, particle, family, ok := a.parted()
		if !ok {
			authors = append(authors, map[string]string{"literal": oneLine(a.Name)})
			continue
		}
		one := map[string]string{"family": family, "given": given}
		if particle != "" {
			one["non-dropping-particle"] = particle
		}
		authors = append(authors, one)
	}
	return map[string]any{"id": w.Key, "type": kind, "author": authors, "title": oneLine(w.Title), "genre": oneLine(w.Genre), "number": w.Number, "version": w.Version, "publisher": oneLine(w.Community),
		"collection-title": oneLine(w.Programme), "language": w.Lang, "URL": w.URL, "issued": map[string]any{"date-parts": [][]int{{w.Issued.Year(), int(w.Issued.Month()), w.Issued.Day()}}}}
}

// Attached says under which name an answer is kept.
func Attached(w http.ResponseWriter, name string) {
	w.Header().Set("Content-Disposition", "attachment; filename="+strconv.Quote(name))
}

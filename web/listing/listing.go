// Package listing answers with lists for other programs: JSON, CSV and Atom.
package listing

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Most is how many rows one answer holds; a longer list says where it goes on.
const Most = 5000

// JSON answers with v.
func JSON(w http.ResponseWriter, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return err
	}
	return send(w, "application/json; charset=utf-8", b.Bytes())
}

// CSV answers with a table as RFC 4180 has it, named file for whoever saves it.
func CSV(w http.ResponseWriter, file string, header []string, rows [][]string) error {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	c.UseCRLF = true
	if err := c.Write(header); err != nil {
		return err
	}
	for _, row := range rows {
		safe := make([]string, len(row))
		for n, cell := range row {
			safe[n] = Cell(cell)
		}
		if err := c.Write(safe); err != nil {
			return err
		}
	}
	c.Flush()
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s.csv"`, file))
	return send(w, "text/csv; charset=utf-8; header=present", b.Bytes())
}

// Cell is a text that no spreadsheet takes for a formula: one that begins like one gets an apostrophe before it.
func Cell(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// Older says where a list goes on.
func Older(w http.ResponseWriter, address string) {
	if address != "" {
		w.Header().Add("Link", "<"+address+`>; rel="next"`)
	}
}

func send(w http.ResponseWriter, kind string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(body) // the reader may have gone: nothing to tell anybody
	return nil
}

// Feeds makes Atom feeds of the site at Base, such as https://koinon.example.org.
type Feeds struct{ Base string }

// Feed is a list of news, the newest first. Addresses are those of the site, beginning with "/".
type Feed struct {
	Self    string
	Page    string
	Title   string
	Lang    string
	Since   time.Time // its date while nothing is in it
	Entries []Entry
}

// Entry of a feed. Name never changes: with the day on which the entry was made it is its identity.
type Entry struct {
	Name    string // such as /c/basel/T-3
	Page    string
	Title   string
	Lang    string
	Author  string
	Summary string
	Tags    []string
	Made    time.Time
	Updated time.Time
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomEntry struct {
	Lang       string         `xml:"xml:lang,attr,omitempty"`
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Link       atomLink       `xml:"link"`
	Author     string         `xml:"author>name"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
}

type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

const stamp = "2006-01-02T15:04:05.000000Z" // RFC 3339, UTC

// Atom answers with a feed.
func (f Feeds) Atom(w http.ResponseWriter, feed Feed) error {
	host := f.Base[strings.LastIndexByte(f.Base, '/')+1:]
	host, _, _ = strings.Cut(host, ":")
	tag := func(made time.Time, name string) string {
		return "tag:" + host + "," + made.UTC().Format(time.DateOnly) + ":" + name
	}
	out := atomFeed{Lang: feed.Lang, ID: tag(feed.Since, feed.Page), Title: feed.Title,
		Links: []atomLink{{"self", "application/atom+xml", f.Base + feed.Self}, {"alternate", "text/html", f.Base + feed.Page}}}
	newest := feed.Since
	for _, e := range feed.Entries {
		if e.Updated.After(newest) {
			newest = e.Updated
		}
		entry := atomEntry{Lang: e.Lang, ID: tag(e.Made, e.Name), Title: e.Title, Link: atomLink{"alternate", "text/html", f.Base + e.Page}, Author: e.Author,
			Published: e.Made.UTC().Format(stamp), Updated: e.Updated.UTC().Format(stamp), Summary: e.Summary}
		for _, t := range e.Tags {
			entry.Categories = append(entry.Categories, atomCategory{t})
		}
		out.Entries = append(out.Entries, entry)
	}
	out.Updated = newest.UTC().Format(stamp)
	body, err := xml.MarshalIndent(out, "", " ")
	if err != nil {
		return err
	}
	return send(w, "application/atom+xml; charset=utf-8", append([]byte(xml.Header), append(body, '\n')...))
}

package criterion

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"urbanfluxes.eu/koinon/internal/fault"
)

// Bounds of a file of criteria.
const (
	MaxFileBytes = 2 << 20
	MaxFileRows  = 2000
)

// Columns that a file of criteria may have; only the first is required. The message "criteria.import.column.<column>" says each.
var Columns = []string{"statement", "why", "language", "audience", "category", "measure", "comparator", "target", "target_to", "unit", "products",
	"source_form", "source_item", "document", "url", "words", "speaker", "perspective", "organisation", "said_on"}

// Told are the columns of the export that say what came of a criterion: a file may have them, they are passed over.
var Told = []string{"number", "state", "agreed_on", "fulfilment", "stakeholder_n", "stakeholder_median", "scientist_n", "scientist_median", "asked_by", "active_at", "page"}

// Table is a file of criteria as it was read: each line with its cells by column.
type Table struct {
	Lines   []Line
	Guessed bool // it was neither UTF-8 nor UTF-16, and read as Windows-1252
}

// Line of a file of criteria.
type Line struct {
	At    int // in the file
	Cells map[string]string
	Few   bool // it has more or fewer cells than there are columns
}

// ReadTable reads a file of criteria: JSON, or CSV with commas, semicolons or tabs. What is wrong with the file as a whole is a problem of "files".
func ReadTable(raw []byte) (Table, error) {
	if len(raw) > MaxFileBytes {
		return Table{}, fault.One("files", "import-heavy", "max", MaxFileBytes>>20)
	}
	text, guessed, ok := decoded(raw)
	if !ok {
		return Table{}, fault.One("files", "import-encoding")
	}
	text = norm.NFC.String(text)
	t, err := readCSV, error(nil)
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		t = readJSON
	}
	var table Table
	if table.Lines, err = t(text); err != nil {
		return Table{}, err
	}
	table.Guessed = guessed
	switch n := len(table.Lines); {
	case n == 0:
		return Table{}, fault.One("files", "import-empty")
	case n > MaxFileRows:
		return Table{}, fault.One("files", "import-many", "max", MaxFileRows)
	}
	return table, nil
}

// decoded is the text of a file in UTF-8, UTF-16 with its mark, or Windows-1252, which any bytes could be: the reader is told.
func decoded(raw []byte) (text string, guessed, ok bool) {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		text = string(raw[3:])
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		plain, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(raw)
		if err != nil || len(raw)%2 != 0 {
			return "", false, false
		}
		text = string(plain)
	case utf8.Valid(raw):
		text = string(raw)
	default:
		plain, err := charmap.Windows1252.NewDecoder().Bytes(raw)
		if err != nil {
			return "", false, false
		}
		text, guessed = string(plain), true
	}
	odd := func(r rune) bool {
		return r == utf8.RuneError || r < ' ' && r != '\n' && r != '\r' && r != '\t' || r >= 0x7f && r < 0xa0
	}
	return text, guessed, utf8.ValidString(text) && !strings.ContainsFunc(text, odd)
}

// separator of a table is what stands most often in its first line.
func separator(text string) rune {
	first, _, _ := strings.Cut(text, "\n")
	best := ','
	for _, r := range ";\t" {
		if strings.Count(first, string(r)) > strings.Count(first, string(best)) {
			best = r
		}
	}
	return best
}

func readCSV(text string) ([]Line, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	var columns []string
	var all []Line
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		var broken *csv.ParseError
		if errors.As(err, &broken) {
			return nil, fault.One("files", "import-quotes", "line", broken.StartLine)
		}
		if err != nil {
			return nil, err
		}
		at, _ := r.FieldPos(0)
		if columns == nil {
			if columns, err = readColumns(cells); err != nil {
				return nil, err
			}
			continue
		}
		if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		if len(all) > MaxFileRows {
			return all, nil
		}
		line := Line{At: at, Cells: map[string]string{}, Few: len(cells) != len(columns)}
		for n, cell := range cells[:min(len(cells), len(columns))] {
			line.Cells[columns[n]] = unguarded(strings.TrimSpace(cell))
		}
		all = append(all, line)
	}
}

// unguarded takes away the apostrophe that keeps a spreadsheet from calculating a text.
func unguarded(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.ContainsRune("=+-@\t\r", rune(cell[1])) {
		return cell[1:]
	}
	return cell
}

func readColumns(cells []string) ([]string, error) {
	var in fault.Invalid
	columns := make([]string, len(cells))
	for n, cell := range cells {
		columns[n] = strings.ToLower(strings.TrimSpace(cell))
		in.Check(slices.Contains(Columns, columns[n]) || slices.Contains(Told, columns[n]), "files", "import-column", "name", short(cell))
		in.Check(!slices.Contains(columns[:n], columns[n]), "files", "import-twice", "name", short(cell))
	}
	in.Check(slices.Contains(columns, "statement"), "files", "import-no-statement")
	if len(in.Problems) > 5 {
		in.Problems = in.Problems[:5]
	}
	return columns, in.Err()
}

// short is the beginning of a text out of a file, to be named in a problem.
func short(text string) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return string(runes)
}

// readJSON takes a list of objects, or an object that has one as "criteria", as the export does.
func readJSON(text string) ([]Line, error) {
	var list []map[string]any
	var around struct{ Criteria []map[string]any }
	err := json.Unmarshal([]byte(text), &list)
	if err != nil {
		err = json.Unmarshal([]byte(text), &around)
		list = around.Criteria
	}
	if err != nil {
		return nil, fault.One("files", "import-json")
	}
	all := make([]Line, 0, len(list))
	for n, object := range list {
		if n > MaxFileRows {
			break
		}
		line := Line{At: n + 1, Cells: map[string]string{}}
		for name, value := range object {
			name = strings.ToLower(name)
			if !slices.Contains(Columns, name) {
				if !slices.Contains(Told, name) {
					return nil, fault.One("files", "import-column", "name", short(name))
				}
				continue
			}
			cell, ok := cellOf(value)
			if !ok {
				return nil, fault.One("files", "import-value", "line", line.At, "name", short(name))
			}
			line.Cells[name] = strings.TrimSpace(cell)
		}
		all = append(all, line)
	}
	return all, nil
}

func cellOf(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case float64:
		return Number(v), true
	case []any:
		var parts []string
		for _, part := range v {
			text, ok := part.(string)
			if !ok {
				return "", false
			}
			parts = append(parts, text)
		}
		return strings.Join(parts, "; "), true
	}
	return "", false
}

package criterion_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/text/encoding/unicode"

	"urbanfluxes.eu/koinon/internal/criterion"
	"urbanfluxes.eu/koinon/internal/fault"
	"urbanfluxes.eu/koinon/internal/locale"
	"urbanfluxes.eu/koinon/internal/postgres/testdb"
)

func TestFilesOfCriteriaThatCannotBeReadAreRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, want string }{
		"empty":        {"statement\n", "import-empty"},
		"no statement": {"why\nx\n", "import-no-statement"},
		"unknown":      {"statement,colour\nx,y\n", "import-column"},
		"twice":        {"statement,statement\nx,y\n", "import-twice"},
		"quotes":       {"statement\n\"x\n", "import-quotes"},
		"control":      {"statement\nx\x01\n", "import-encoding"},
		"nul":          {"s\x00t\x00", "import-encoding"},
		"half UTF-16":  {"\xff\xfes\x00t", "import-encoding"},
		"json":         {`{"criteria": 3}`, "import-json"},
		"json value":   {`[{"statement": {}}]`, "import-value"},
		"heavy":        {strings.Repeat("x", criterion.MaxFileBytes+1), "import-heavy"},
		"many":         {"statement\n" + strings.Repeat("x\n", criterion.MaxFileRows+1), "import-many"},
	} {
		_, err := criterion.ReadTable([]byte(c.file))
		if problems := fault.Problems(err); len(problems) == 0 || problems[0].Key != c.want {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}

func TestFilesAreReadInEveryUsualEncoding(t *testing.T) {
	t.Parallel()
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("statement;unit\nGrösse;m\n")
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"UTF-8": "statement\nGrösse\n", "with a mark": "\xef\xbb\xbfstatement\nGrösse\n", "UTF-16": wide, "Windows-1252": "statement\r\nGr\xf6sse\r\n"} {
		table, err := criterion.ReadTable([]byte(file))
		if err != nil || table.Lines[0].Cells["statement"] != "Grösse" || table.Guessed != (name == "Windows-1252") {
			t.Errorf("%s: %+v, %v", name, table, err)
		}
	}
}

func TestAFileOfCriteriaIsMadeWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := newTown(t, testdb.Tx(t))
	w.logs(t, w.coord, criterion.New{Statement: "Known already"})
	head := "statement,comparator,target,target_to,unit,category,products,source_item,said_on\n"
	for line, want := range map[string]string{
		"x,≤,many,,m,,,,":      "number",
		"x,≤,\"1,000\",,m,,,,": "number",
		"x,,5,,m,,,,":          "import-comparator",
		"x,between,5,2,m,,,,":  "above-target",
		"x,≤,5,9,m,,,,":        "import-between",
		"x,,,,m,,,,":           "import-unit-alone",
		"x,≤,5,,7,,,,":         "import-unit",
		"x,,,,,nonsense,,,":    "import-unknown",
		"x,,,,,,nonsense,,":    "import-unknown",
		"x,,,,,,,M-9,":         "import-unknown",
		"x,,,,,,,,yesterday":   "date",
		",≤,5,,m,,,,":          "required",
		"x,≤":                  "import-cells",
		"x,roughly,5,,m,,,,":   "choose",
	} {
		table, err := criterion.ReadTable([]byte(head + "fine,,,,,,,,\n" + line + "\n"))
		if err != nil {
			t.Fatal(err)
		}
		plan, err := w.store.PlanImport(context.Background(), w.simon, table, locale.English)
		if err != nil || plan.Faulty != 1 || plan.Lines[1].Line != 3 || plan.Lines[1].Problems[0].Key != want {
			t.Errorf("%s: got %+v, %v, want %s", line, plan.Lines[1], err, want)
		}
		if _, err := w.store.Import(context.Background(), w.simon, table, locale.English, uuid.New()); len(fault.Problems(err)) == 0 {
			t.Errorf("%s: got %v", line, err)
		}
	}
	if got := w.numbers(t, w.coord, criterion.Register{}); len(got) != 1 {
		t.Fatalf("faulty files made %v", got)
	}
	table, err := criterion.ReadTable([]byte(head + "known Already,,,,,,,,\nNew one,≤,\"0,5\",,K,scale,,,\nnew one,,,,,,,,\n'=sum(A1),,,,,,,,\n"))
	if err != nil {
		t.Fatal(err)
	}
	request := uuid.New()
	for range 2 {
		if _, err := w.store.Import(context.Background(), w.simon, table, locale.English, request); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.numbers(t, w.coord, criterion.Register{}); len(got) != 3 {
		t.Errorf("made %v, want two more", got)
	}
	page, err := w.store.Register(context.Background(), w.coord, criterion.Register{Words: "new one"})
	if err != nil || page.Rows[0].Target.Value != 0.5 || page.Rows[0].Category != "scale" {
		t.Errorf("got %+v, %v", page.Rows, err)
	}
}

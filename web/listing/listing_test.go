package listing_test

import (
	"encoding/csv"
	"net/http/httptest"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/listing"
)

func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	evil := []string{"=HYPERLINK(\"http://x\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"}
	w := httptest.NewRecorder()
	if err := listing.CSV(w, "x", []string{"a", "b", "c", "d", "e", "f"}, [][]string{evil, {"plain", "", "a=b", "ä", "two\nlines", `"quoted", with comma`}}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(w.Body.String())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for n, cell := range rows[1] {
		if !strings.HasPrefix(cell, "'") {
			t.Errorf("%q became %q", evil[n], cell)
		}
	}
	if got := strings.Join(rows[2], "|"); got != "plain||a=b|ä|two\nlines|\"quoted\", with comma" {
		t.Errorf("got %q", got)
	}
	if !strings.Contains(w.Body.String(), "\r\n") {
		t.Error("lines end otherwise than RFC 4180 says")
	}
}

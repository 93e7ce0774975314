package listing_test

import (
	"net/http/httptest"
	"testing"

	"github.com/xuri/excelize/v2"

	"urbanfluxes.eu/koinon/web/listing"
)

func TestASpreadsheetHoldsNoFormula(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	if err := listing.XLSX(w, "x", []string{"statement", "target"}, [][]string{{"=1+1", "0.5"}, {"plain", "=2"}}, map[string]bool{"target": true}); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	for cell, want := range map[string]string{"A2": "'=1+1", "B2": "0.5", "A3": "plain", "B3": "'=2"} {
		got, err := book.GetCellValue("Sheet1", cell)
		formula, _ := book.GetCellFormula("Sheet1", cell) // none is an empty one
		if err != nil || got != want || formula != "" {
			t.Errorf("%s: %q, formula %q, %v", cell, got, formula, err)
		}
	}
}

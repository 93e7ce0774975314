package members_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

func TestThePeopleTableRespectsPrivacyAndIsForMembers(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	if _, err := s.DB.Exec(t.Context(), `update account set name = '=cmd|''/c calc''!A1', email_for = 3, organisation_for = 3 where handle = 'jonas-wirz'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DB.Exec(t.Context(), `update account set email_for = 2 where handle = 'silvan-oesch'`); err != nil {
		t.Fatal(err)
	}
	got := s.As(t, "regula-ammann").Get("/c/basel/members.csv").Sees(t, 200, "silvan-oesch@example.org").Misses(t, "jonas-wirz@")
	rows, err := csv.NewReader(strings.NewReader(got.Body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, row := range rows {
		if strings.Contains(row[1], "=cmd") {
			found = strings.HasPrefix(row[1], "'=") && row[4] == "" && row[7] == ""
		}
	}
	if !found {
		t.Error("the row of somebody with a formula for a name is missing or says too much")
	}
	s.As(t, "regula-ammann").Get("/c/basel/members.json?perspective=scientist").Sees(t, 200, `"scientist"`).Misses(t, `"stakeholder"`)
	s.As(t, "eleni-markaki").Get("/c/basel/members.csv").Sees(t, 403)
	s.Stranger(t).Get("/c/basel/members.csv").Sees(t, 303)
}

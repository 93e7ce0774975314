package e2e_test

import (
	"testing"

	"urbanfluxes.eu/koinon/web/webtest"
)

// claimPages are those of a claim that waits for one of those who asked.
func claimPages(t *testing.T, s *webtest.Site) []look {
	t.Helper()
	release := s.Ask(t)
	claim := s.As(t, "lea-straumann").Post("/c/basel/criteria/900/claims/new", "release", release, "extent", "fully", "evidence", "Verglichen mit **42 Sensoren** in fünf Höfen.", "measured", "90", "unit", "m", "limits", "Nicht nachts.", "lang", "de").Sees(t, 303).To()
	s.As(t, "urs-dettwiler").Post(claim+"/answer", "edition", "1", "answer", "partly", "reason", "Nachts fehlt.", "lang", "de").Sees(t, 303)
	return []look{{"criterion-claimed", "", "/c/basel/criteria/900"}, {"claim-answer", "regula-ammann", claim}, {"claim-coordinator", "beat-hollenstein", claim}, {"claim-new", "eleni-markaki", "/c/basel/criteria/900/claims/new"}, {"claim-withdraw", "lea-straumann", claim + "/withdraw"}}
}

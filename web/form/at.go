package form

import (
	"net/http"
	"net/url"
	"strconv"

	"urbanfluxes.eu/koinon/internal/harvest"
)

// At is the place that the query of an address names, of words that become something.
func At(r *http.Request) harvest.At { return AtOf(r.URL.Query()) }

// AtOf is the place that a query names.
func AtOf(q url.Values) harvest.At {
	named := func(name string) int {
		n, err := strconv.ParseInt(q.Get(name), 10, 32)
		if err != nil || n < 0 {
			return 0
		}
		return int(n)
	}
	return harvest.At{Discussion: named("discussion"), Reply: named("reply"), Meeting: named("meeting"), Line: named("line"), Point: int64(named("point")), Note: named("note")}
}
